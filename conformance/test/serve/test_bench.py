"""Many sessions, hostile clients, cases by turns: the bench goes on."""

from __future__ import annotations

import poplib
import select
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from conformance.serve import bench as room
from conformance.serve.bench import Bench
from conformance.serve.cases import CaseStand, choose
from conformance.serve.place import Place
from conformance.serve.services import Offer, ServiceStand
from conformance.serve.sessions import Session
from conformance.serve.store import Store
from conformance.serve.turn import Stand
from conformance.test.serve.served import served
from conformance.verdict import Verdict
from fake_servers.log import Event

HERE = Place("127.0.0.1", 0)
MOST_S = 30.0


class Ends:
    """A listener that tests wait on."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self._changed = threading.Condition()

    def began(self, session: Session) -> None:
        ...

    def happened(self, session: Session, event: Event) -> None:
        ...

    def ended(self, session: Session) -> None:
        with self._changed:
            self.sessions.append(session)
            self._changed.notify_all()

    def wait(self, count: int) -> list[Session]:
        """The sessions, in the order of their ends, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sessions) >= count, MOST_S)
            return list(self.sessions)


@contextmanager
def running(stand: Stand) -> Iterator[tuple[int, Ends]]:
    """A bench in a thread of its own: its port, and what has ended."""
    ends = Ends()
    with Bench([stand]) as bench:
        bench.sessions.listen(ends)
        thread = threading.Thread(target=_run, args=(bench,), daemon=True)
        thread.start()
        yield bench.addresses[0].port, ends
        bench.stop()
        assert all(not session.is_live for session in bench.sessions.all())


def _run(bench: Bench) -> None:
    try:
        bench.run()
    except (OSError, ValueError):
        pass  # the test has stopped it


def service(name: str) -> ServiceStand:
    return ServiceStand(name, HERE, Offer({b"test": b"test"}), Store(), seed=1)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), MOST_S)


def verdict(session: Session) -> Verdict:
    assert session.judgement is not None
    return session.judgement.verdict


def test_sessions_are_served_side_by_side() -> None:
    with running(service("smtp")) as (port, ends):
        with ExitStack() as stack:
            clients = [
                stack.enter_context(smtplib.SMTP("127.0.0.1", port, timeout=MOST_S))
                for _ in range(10)
            ]
            for client in reversed(clients):
                client.sendmail("a@example.org", ["b@example.org"], b"x\r\n")
        found = ends.wait(10)
    assert {verdict(each) for each in found} == {Verdict.PASS}
    assert sorted(each.number for each in found) == list(range(1, 11))


def test_one_too_many_ends_the_one_that_was_silent_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 3)
    with running(service("pop3")) as (port, ends), ExitStack() as stack:
        socks = []
        for _ in range(3):
            socks.append(stack.enter_context(connect(port)))
            assert socks[-1].recv(100).startswith(b"+OK")
        socks[0].sendall(b"CAPA\r\n")
        assert socks[0].recv(100).startswith(b"+OK")
        client = poplib.POP3("127.0.0.1", port, timeout=MOST_S)
        (ended,) = ends.wait(1)
        assert ended.number == 2 and "silent longest" in str(ended.steps())
        client.quit()


def test_garbage_and_floods_stop_nothing() -> None:
    with running(service("smtp")) as (port, ends):
        with connect(port) as garbage:
            garbage.sendall(bytes(range(256)) * 4 + b"\r\n")
            garbage.recv(1000)
        with connect(port) as flood:
            flood.setblocking(False)
            _pour(flood, 32 << 20)
            with smtplib.SMTP("127.0.0.1", port, timeout=MOST_S) as client:
                client.noop()
        found = {each.number: each for each in ends.wait(3)}
    assert verdict(found[1]) is Verdict.FAIL
    assert found[2].judgement is not None and found[2].judgement.note.startswith("the session is")
    assert verdict(found[3]) is Verdict.PASS


def _pour(sock: socket.socket, octets: int) -> None:
    """Send so much without a line end."""
    chunk = b"x" * 65536
    while octets > 0:
        assert select.select([], [sock], [], MOST_S)[1], "the server reads nothing more"
        octets -= sock.send(chunk)


def test_a_client_that_floods_for_ever_does_not_hold_the_end_up() -> None:
    with running(service("smtp")) as (port, ends):
        flood = connect(port)
        pouring = threading.Thread(target=_pour_for_ever, args=(flood,), daemon=True)
        pouring.start()
        assert flood.recv(100).startswith(b"220")
    ends.wait(1)
    pouring.join(MOST_S)
    flood.close()
    assert not pouring.is_alive()


def _pour_for_ever(sock: socket.socket) -> None:
    try:
        while True:
            sock.sendall(b"x" * 65536)
    except OSError:
        pass


def test_each_session_gets_the_next_case() -> None:
    cases = choose(["pop3.goal.fetch-by-password", "pop3.goal.fetch-by-apop"])
    ids = [case.id for case in cases]
    with running(CaseStand(cases, HERE, seed=1, variant="whole")) as (port, ends):
        for _ in range(3):
            with connect(port) as client:
                assert client.recv(100).startswith(b"+OK")
                client.sendall(b"QUIT\r\n")
                client.recv(100)
        found = sorted(ends.wait(3), key=lambda each: each.number)
    assert [each.case for each in found] == [*ids, ids[0]]


def test_members_of_a_family_take_turns() -> None:
    assert len(choose(["smtp.family.no-row"])) > 100
    (one,) = choose(["smtp.family.no-row/data-in-greeted"])
    assert one.id == "smtp.family.no-row/data-in-greeted" and one.items


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("pop3.goal.retr-cut-in-body", "the client left before RETR#1, which this case bends"),
        (
            "pop3.goal.fetch-by-password",
            "the client left before RETR, and the server gave no reason",
        ),
    ],
)
def test_a_client_that_leaves_before_the_point_has_not_passed(case: str, reason: str) -> None:
    with served(case, "--once") as server:
        with connect(server.ports["case"]) as client:
            client.recv(100)
            client.sendall(b"QUIT\r\n")
            client.recv(100)
        output = server.wait()
    assert f"INCONCLUSIVE {case}" in output and reason in output
    assert server.process.returncode == 1
