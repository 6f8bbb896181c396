"""What is happening on the bench and what happened, in bounded memory, for whoever listens."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from conformance.finding import JudgedFinding
from conformance.report import transcript
from conformance.verdict import Verdict
from fake_servers.log import EVENT_WEIGHT, Event, EventLog, Kind

MOST_KEPT = 200
"""This many sessions that have ended are kept; older ones are forgotten."""

KEPT_OCTETS = 256 * 1024
"""Of the log of a session that has ended, this much is kept; the middle of a longer one is left
out."""

SESSION_OCTETS = 24 * 1024 * 1024
"""The log of a live session ends after this much: what follows is served, but not judged."""

ALL_OCTETS = 256 * 1024 * 1024
"""The same for the logs of all live sessions together."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of a session that has ended.

    findings  the reasons, those of the conversation first
    places    for each finding `FILE:LINE` of its trace, or the empty string
    note      why not all of it could be judged, or the empty string
    """

    verdict: Verdict
    findings: tuple[JudgedFinding, ...] = ()
    places: tuple[str, ...] = ()
    note: str = ""


class Session:
    """One session of a client: of a well-behaved server one connection, of a case all of its own.

    number     from 1, in the order of arrival
    service    `pop3`, `pop3s`, `smtp`, `submission`, `smtps` or `lmtp`; of a case its protocol
    protocol   `pop3` or `smtp`
    case       the id of the case, empty for a well-behaved server
    peer       address and port of the client
    began      the time of arrival, in UTC
    log        the events so far; a session that has ended has none of its own any more
    seconds    how long it took; None while it lasts
    judgement  the verdict; None while it lasts
    last_ns    when something happened last, by the monotonic clock
    """

    def __init__(
        self, sessions: Sessions, number: int, service: str, protocol: str, case: str, peer: str
    ) -> None:
        self.number = number
        self.service = service
        self.protocol = protocol
        self.case = case
        self.peer = peer
        self.began = datetime.now(UTC)
        self.log: EventLog = SessionLog(sessions, self)
        self.seconds: float | None = None
        self.judgement: Judgement | None = None
        self.last_ns = time.monotonic_ns()
        self._start = time.monotonic()
        self._kept = b""

    @property
    def is_live(self) -> bool:
        """Whether it has not ended yet."""
        return self.judgement is None

    @property
    def name(self) -> str:
        """What is served: the id of the case, or the service."""
        return self.case or self.service

    def lines(self) -> bytes:
        """The events as JSON lines, about KEPT_OCTETS at most; a note marks what is left out."""
        log = self.log  # before is_live: close() takes it away last
        return log.to_lines(KEPT_OCTETS) if self.is_live else self._kept

    def steps(self) -> list[transcript.Step]:
        """The conversation so far, as the pages of a report show it."""
        rows = (json.loads(line) for line in self.lines().decode().split("\n") if line)
        return transcript.steps(rows)

    def close(self, judgement: Judgement) -> None:
        """It has ended: keep what fits of its log. Called by `Sessions.end` alone."""
        self._kept = self.log.to_lines(KEPT_OCTETS)
        self.seconds = time.monotonic() - self._start
        self.judgement = judgement
        self.log = EventLog()


class Listener(Protocol):
    """Hears of every session. The servers' threads call it, so it returns soon and raises nothing."""

    def began(self, session: Session) -> None:
        """A client has connected."""

    def happened(self, session: Session, event: Event) -> None:
        """One more event: octets in one direction, TLS, an end, a note."""

    def ended(self, session: Session) -> None:
        """It is over and has its verdict."""


class Sessions:
    """The sessions that are live, and the last MOST_KEPT of those that have ended.

    begun     how many have begun
    verdicts  how many have ended with each verdict
    """

    def __init__(self) -> None:
        self.begun = 0
        self.verdicts: Counter[Verdict] = Counter()
        self._live: dict[int, Session] = {}
        self._over: deque[Session] = deque(maxlen=MOST_KEPT)
        self._listeners: tuple[Listener, ...] = ()
        self._weight = 0
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell this listener from now on; gives a function that ends it."""
        with self._lock:
            self._listeners += (listener,)
        return lambda: self._forget(listener)

    def all(self) -> list[Session]:
        """Every session that is known, by number: those that have ended, and the live ones."""
        with self._lock:
            return sorted([*self._over, *self._live.values()], key=lambda each: each.number)

    def get(self, number: int) -> Session | None:
        """The session with this number; None if it never was or is forgotten."""
        return next((each for each in self.all() if each.number == number), None)

    def begin(self, service: str, protocol: str, case: str, peer: str) -> Session:
        """A client has connected."""
        with self._lock:
            self.begun += 1
            session = Session(self, self.begun, service, protocol, case, peer)
            self._live[session.number] = session
        for listener in self._listeners:
            listener.began(session)
        return session

    def end(self, session: Session, judgement: Judgement) -> None:
        """The session is over."""
        weight = session.log.weight
        session.close(judgement)
        with self._lock:
            self._weight -= weight
            del self._live[session.number]
            self._over.append(session)
            self.verdicts[judgement.verdict] += 1
        for listener in self._listeners:
            listener.ended(session)

    def tell(self, session: Session, event: Event) -> None:
        """An event was logged."""
        for listener in self._listeners:
            listener.happened(session, event)

    def grants(self, weight: int) -> bool:
        """Whether the logs of all live sessions may grow by this much; if so, they have."""
        with self._lock:
            if self._weight + weight > ALL_OCTETS:
                return False
            self._weight += weight
            return True

    def _forget(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each is not listener)


class SessionLog(EventLog):
    """The log of one session. It takes no more when it is full, and the session goes on.

    weight   octets of the events, plus EVENT_WEIGHT each
    is_full  what came later is missing
    """

    def __init__(self, sessions: Sessions, session: Session) -> None:
        super().__init__()
        self.is_full = False
        self._sessions = sessions
        self._session = session

    def append(
        self,
        kind: Kind,
        *,
        connection: int = 0,
        octets: bytes = b"",
        line: int = 0,
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        """Add one event and tell the listeners, unless the log is full."""
        self._session.last_ns = time.monotonic_ns()
        if not self.is_full:
            weight = len(octets) + EVENT_WEIGHT
            if self.weight + weight <= SESSION_OCTETS and self._sessions.grants(weight):
                super().weigh(len(octets))
                event = super().append(
                    kind, connection=connection, octets=octets, line=line, data=data
                )
                self._sessions.tell(self._session, event)
                return event
            self.is_full = True
        return Event(len(self), 0, connection, kind, octets, line, data or {})

    def weigh(self, octets: int) -> None:
        """What a client sends is no reason to end its session: the log alone is bounded."""
