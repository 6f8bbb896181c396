"""The bench: listens, gives each connection a session and a thread, and ends all of them."""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from conformance.serve import place
from conformance.serve.door import HandDoor
from conformance.serve.sessions import Judgement, Session, Sessions
from conformance.serve.turn import Address, Stand, Turn
from conformance.verdict import Verdict
from fake_servers import threads
from fake_servers.listen_address import listen_address
from fake_servers.log import Kind
from fake_servers.server import Server

MOST_AT_ONCE = 64
"""So many sessions are served at once. For one more, the one that was silent longest ends."""

MOST_ENDING = 2 * MOST_AT_ONCE
"""With so many sessions that are being ended, no connection is accepted until some are over."""

END_S = 5.0
"""The longest wait for the sessions when the bench is stopped."""

_REFUSED_S = 0.1
"""The wait after a connection that the system could not give."""

_CROWD = "this session was silent longest and ended: there are {} at once"


class _Play:
    """A session that is being served, as the thread that accepts connections knows it."""

    def __init__(self, stand: Stand, turn: Turn, session: Session, peer: str) -> None:
        self.stand = stand
        self.turn = turn
        self.session = session
        self.peer = peer
        self.door = HandDoor(turn.connections)
        self.server: Server | None = None
        self.is_ending = False

    def waits_for(self, stand: Stand, peer: str) -> bool:
        """Whether a new connection belongs to it: its case wants more than one, and the one before
        is over.
        """
        if stand is not self.stand or peer != self.peer or not self.door.has_room:
            return False
        ends = (Kind.EOF, Kind.RESET)
        return any(e.kind in ends and e.connection == self.door.handed for e in self.session.log)


class Bench:
    """Serves stands until it is stopped.

    sessions   what happens and has happened
    addresses  where the stands can be reached, in their order; known after `open`
    """

    def __init__(self, stands: Sequence[Stand], sessions: Sessions | None = None) -> None:
        self.sessions = sessions or Sessions()
        self.addresses: list[Address] = []
        self._stands = tuple(stands)
        self._listeners: list[tuple[socket.socket, Stand]] = []
        self._plays: list[_Play] = []
        self._jobs: list[threads.Job] = []
        self._lock = threading.Lock()
        self._turns: dict[int, int] = {}
        self._over, self._tell_over = os.pipe()
        self._first: Session | None = None

    def __enter__(self) -> Bench:
        """Listen everywhere; raises place.CannotListen."""
        with ExitStack() as stack:
            stack.callback(self._close)
            for stand in self._stands:
                listener = place.listen(stand.place)
                self._listeners.append((listener, stand))
                host, port = listener.getsockname()[:2]
                shown = listen_address().advertise or host
                self.addresses.append(
                    Address(stand.name, stand.protocol, shown, port, stand.has_tls)
                )
            stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, *, once: bool = False) -> Session | None:
        """Accept until the first session is over, which is returned; for ever without `once`.

        It is the main thread that should call this: the user's interrupt ends it.
        """
        with selectors.DefaultSelector() as selector:
            for listener, stand in self._listeners:
                selector.register(listener, selectors.EVENT_READ, stand)
            selector.register(self._over, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.data is None:
                        os.read(self._over, 512)
                    elif isinstance(key.fileobj, socket.socket):
                        self._accept(key.fileobj, key.data)
                if once and self._first is not None:
                    return self._first

    def stop(self) -> None:
        """End every session and listen no more; may be called twice."""
        self._close_listeners()
        deadline = time.monotonic() + END_S
        for play in self._live():
            self._interrupt(play)
        for job in self._jobs:
            job.join(max(0.0, deadline - time.monotonic()))
        if all(job.is_done for job in self._jobs):
            self._close()

    # -- the thread that accepts --------------------------------------------------

    def _accept(self, listener: socket.socket, stand: Stand) -> None:
        try:
            sock, address = listener.accept()
        except BlockingIOError:
            return
        except OSError:  # the client is gone already, or this process has no descriptor left
            time.sleep(_REFUSED_S)
            return
        peer = str(address[0])
        if self._belongs_to_one(stand, peer, sock, address):
            return
        self._make_room()
        number = self._turns[id(stand)] = self._turns.get(id(stand), 0) + 1
        turn = stand.next(number)
        session = self.sessions.begin(turn.service, turn.protocol, turn.case, _shown(address))
        play = _Play(stand, turn, session, peer)
        play.door.hand(sock, address)
        with self._lock:
            self._plays.append(play)
        self._count_jobs()
        self._jobs.append(threads.start(self._play, play))

    def _belongs_to_one(self, stand: Stand, peer: str, sock: socket.socket, address: Any) -> bool:
        """Whether it was handed to a session that waits for it."""
        with self._lock:  # the door of a session that is over is closed after it was removed
            play = next((each for each in self._plays if each.waits_for(stand, peer)), None)
            if play is not None:
                play.door.hand(sock, address)
        return play is not None

    def _make_room(self) -> None:
        """End the session that was silent longest, if there are as many as there may be."""
        live = [play for play in self._live() if not play.is_ending]
        if len(live) >= MOST_AT_ONCE:
            oldest = min(live, key=lambda play: play.session.last_ns)
            oldest.session.log.append(Kind.NOTE, data={"text": _CROWD.format(MOST_AT_ONCE)})
            self._interrupt(oldest)
        deadline = time.monotonic() + END_S
        while self._count_jobs() >= MOST_ENDING and time.monotonic() < deadline:
            time.sleep(_REFUSED_S)

    def _count_jobs(self) -> int:
        self._jobs = [job for job in self._jobs if not job.is_done]
        return len(self._jobs)

    def _live(self) -> list[_Play]:
        with self._lock:
            return list(self._plays)

    def _interrupt(self, play: _Play) -> None:
        with self._lock:
            play.is_ending = True
            if play in self._plays and play.server is not None:
                play.server.interrupt()

    # -- the thread of a session --------------------------------------------------

    def _play(self, play: _Play) -> None:
        judgement = Judgement(Verdict.ERROR, note="the server could not be started")
        try:
            judgement = self._serve(play)
        except Exception as error:  # pylint: disable=broad-except
            judgement = Judgement(
                Verdict.ERROR, note=f"the suite failed: {type(error).__name__}: {error}"
            )
        finally:
            play.door.close()
            self._remove(play)
            self.sessions.end(play.session, judgement)
            self._first = self._first or play.session
            os.write(self._tell_over, b"!")

    def _serve(self, play: _Play) -> Judgement:
        server = play.turn.open(play.session, play.door)
        try:
            with self._lock:
                play.server = server
                if play.is_ending:
                    server.interrupt()
            server.serve_here()
        finally:
            self._remove(play)
            server.stop()
        return play.turn.judge(play.session, server)

    def _remove(self, play: _Play) -> None:
        """From now on nobody interrupts its server, whose descriptors are about to be closed."""
        with self._lock:
            if play in self._plays:
                self._plays.remove(play)

    # -- the end ------------------------------------------------------------------

    def _close_listeners(self) -> None:
        for listener, _ in self._listeners:
            listener.close()
        self._listeners.clear()

    def _close(self) -> None:
        self._close_listeners()
        for descriptor in (self._over, self._tell_over):
            if descriptor >= 0:
                os.close(descriptor)
        self._over = self._tell_over = -1


def _shown(address: Any) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
