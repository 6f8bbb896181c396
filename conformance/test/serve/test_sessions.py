"""The store of sessions: what it tells, and that it stays small."""

from __future__ import annotations

import pytest

from conformance.serve import sessions as room
from conformance.serve.sessions import Judgement, Session, Sessions
from conformance.verdict import Verdict
from fake_servers.log import Event, Kind


class Heard:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def began(self, session: Session) -> None:
        self.told.append(f"began {session.number} {session.name}")

    def happened(self, session: Session, event: Event) -> None:
        self.told.append(f"{event.kind} {session.number} {event.octets.decode()}")

    def ended(self, session: Session) -> None:
        assert session.judgement is not None
        self.told.append(f"ended {session.number} {session.judgement.verdict}")


def _begin(store: Sessions, case: str = "") -> Session:
    return store.begin("smtp", "smtp", case, "127.0.0.1:50000")


def test_a_listener_hears_beginning_octets_and_end() -> None:
    store, heard = Sessions(), Heard()
    stop = store.listen(heard)
    session = _begin(store, "smtp.noop.plain")
    session.log.append(Kind.RX, connection=1, octets=b"NOOP\r\n")
    store.end(session, Judgement(Verdict.PASS))
    stop()
    _begin(store)
    assert heard.told == ["began 1 smtp.noop.plain", "rx 1 NOOP\r\n", "ended 1 PASS"]
    assert (store.begun, store.verdicts) == (2, {Verdict.PASS: 1})


def test_a_session_shows_its_conversation_while_it_lasts_and_afterwards() -> None:
    store = Sessions()
    session = _begin(store)
    session.log.append(Kind.TX, connection=1, octets=b"220 ready\r\n")
    live = session.steps()
    store.end(session, Judgement(Verdict.PASS))
    assert [step.text for step in live] == [["220 ready"]]
    assert session.steps() == live and not session.is_live and session.seconds is not None
    assert len(session.log) == 0


def test_old_sessions_are_forgotten() -> None:
    store = Sessions()
    for _ in range(room.MOST_KEPT + 3):
        store.end(_begin(store), Judgement(Verdict.PASS))
    assert [each.number for each in store.all()] == list(range(4, room.MOST_KEPT + 4))
    assert store.get(3) is None and store.get(4) is not None


def test_a_log_that_is_full_takes_no_more_and_gives_its_room_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "SESSION_OCTETS", 24_000)
    monkeypatch.setattr(room, "ALL_OCTETS", 240_000)
    store = Sessions()
    session = _begin(store)
    flood = b"x" * (room.SESSION_OCTETS // 4)
    for _ in range(10):
        session.log.append(Kind.RX, connection=1, octets=flood)
    assert len(session.log) == 3 and session.log.weight < room.SESSION_OCTETS
    for _ in range(room.ALL_OCTETS // room.SESSION_OCTETS):
        other = _begin(store)
        for _ in range(3):
            other.log.append(Kind.RX, connection=1, octets=flood)
    last = _begin(store)
    assert sum(each.log.weight for each in store.all()) <= room.ALL_OCTETS
    for each in store.all():
        if each is not last:
            store.end(each, Judgement(Verdict.PASS))
    last.log.append(Kind.RX, connection=1, octets=flood)
    assert len(last.log) == 1 and len(session.lines()) <= room.KEPT_OCTETS
