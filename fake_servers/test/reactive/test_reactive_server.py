"""The reactive servers on a socket: independent clients, raw octets, every way to bend them."""

from __future__ import annotations

import poplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fake_servers.auth import digests
from fake_servers.log import EventLog, Kind
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.error import TraceError
from fake_servers.trace.syntax import (
    Directive,
    Func,
    Goal,
    Name,
    Override,
    Result,
    Send,
    Template,
    Trace,
    Value,
)
from fake_servers.trace.template import Bindings
from fake_servers.wire import certificates
from fake_servers.wire.delivery import VARIANTS

MESSAGES: tuple[Template, ...] = (
    (b"Subject: one\r\n\r\n.dot\r\n..\r\n",),
    (b"",),
    (b"Subject: big\r\n\r\n" + b".0123456789abcdef\r\n" * 5000,),
)
WORDS: dict[str, list[Value]] = {
    "caps": [(b"TOP",), (b"UIDL",), (b"USER",)],
    "sasl": [(b"PLAIN",), (b"LOGIN",), (b"CRAM-MD5",)],
}
USERS: Value = [[(b"mrose",), (b"tanstaaf",)]]


def goal_case(
    protocol: str,
    *overrides: Override,
    server: dict[str, Value] | None = None,
    args: dict[str, Value] | None = None,
) -> Trace:
    """A goal case of `protocol` with the server that these tests talk to."""
    caps: list[Value] = WORDS["caps"] if protocol == "pop3" else [(b"SIZE 1000000",)]
    offered: dict[str, Value] = {"users": USERS, "caps": caps, "sasl": WORDS["sasl"]}
    goal = Goal(
        line=6,
        name=f"{protocol}.goal",
        args=args or {},
        server=offered if server is None else server,
        messages=MESSAGES,
        overrides=overrides,
        result=Result(20, ("ok",), {}),
    )
    return Trace(
        path=Path("case.trace"),
        id=f"{protocol}.goal.test",
        title="",
        proves=(),
        needs=(),
        moves_all=False,
        excluded_variants=frozenset(),
        exclusion_reason="",
        policy="clear",
        timeout_ms=400,
        goal=goal,
        header_lines={"server": 7},
    )


def on(command: str, *actions: Send | Directive, nth: int = 1) -> Override:
    return Override(9, command, nth, actions)


def reply(octets: bytes) -> Send:
    return Send(9, (octets + b"\r\n",), raw=False)


def do(name: str, *args: str) -> Directive:
    return Directive(9, name, args)


@contextmanager
def running(trace: Trace, variant: str = "whole", seed: int = 1) -> Iterator[ReactiveServer]:
    """The server of a case; fails the test if one of its threads failed."""
    server = open_server(trace, EventLog(), VARIANTS[variant], Bindings(seed, trace.id))
    with server:
        yield server
    if server.failure:
        raise server.failure


class Raw:
    """A client that sends octets as they are."""

    def __init__(self, server: ReactiveServer) -> None:
        self.sock = socket.create_connection((server.host, server.port), timeout=5)
        self.file = self.sock.makefile("rb")

    def ask(self, octets: bytes) -> bytes:
        """Send octets as they are; the next line of the server."""
        self.sock.sendall(octets)
        return self.file.readline()

    def remaining(self) -> bytes:
        """What still comes until the server closes."""
        return self.file.read()

    def close(self) -> None:
        self.file.close()
        self.sock.close()


@contextmanager
def raw(server: ReactiveServer) -> Iterator[Raw]:
    client = Raw(server)
    try:
        yield client
    finally:
        client.close()


def popper(server: ReactiveServer, variant: str) -> poplib.POP3:
    if VARIANTS[variant].tls:
        context = ssl.create_default_context(cafile=str(certificates.ca_file()))
        return poplib.POP3_SSL(server.host, server.port, timeout=5, context=context)
    return poplib.POP3(server.host, server.port, timeout=5)


def sender(server: ReactiveServer, variant: str) -> smtplib.SMTP:
    if VARIANTS[variant].tls:
        context = ssl.create_default_context(cafile=str(certificates.ca_file()))
        return smtplib.SMTP_SSL(server.host, server.port, timeout=5, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=5)


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_poplib_fetches_every_octet(variant: str) -> None:
    with running(goal_case("pop3"), variant) as server:
        client = popper(server, variant)
        client.apop("mrose", "tanstaaf")
        assert client.stat()[0] == 3
        for number, template in enumerate(MESSAGES, start=1):
            lines = client.retr(number)[1]
            assert (b"".join(line + b"\r\n" for line in lines),) == template
        client.dele(1)
        client.quit()
    assert server.logins == [("APOP", b"mrose")]
    assert len(server.maildrop.messages) == 2


def test_poplib_by_user_and_pass_over_several_connections() -> None:
    with running(goal_case("pop3")) as server:
        uids = []
        for _ in range(2):
            client = poplib.POP3(server.host, server.port, timeout=5)
            client.user("mrose")
            client.pass_("tanstaaf")
            uids.append(client.uidl()[1])
            client.dele(2)
            client.close()
    assert uids[0] == uids[1]
    assert len(server.maildrop.messages) == 3


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_smtplib_delivers_every_octet(variant: str) -> None:
    body = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n" + b"x" * 900 + b"\r\n"
    with running(goal_case("smtp"), variant) as server:
        client = sender(server, variant)
        client.login("mrose", "tanstaaf")
        for _ in range(2):
            assert client.sendmail("a@b.example", ["c@d.example", "e@f.example"], body) == {}
        client.quit()
    assert [delivered.octets for delivered in server.delivered] == [body, body]
    assert server.delivered[0].mail_from == b"a@b.example"
    assert server.delivered[0].rcpt_to == (b"c@d.example", b"e@f.example")
    assert server.logins == [("CRAM-MD5", b"mrose")]


def test_timestamps_are_new_in_each_connection_and_equal_in_each_run() -> None:
    greetings = []
    for seed in (1, 1, 2):
        with running(goal_case("pop3"), seed=seed) as server:
            for _ in range(2):
                with raw(server) as client:
                    greetings.append(client.ask(b""))
    assert greetings[:2] == greetings[2:4]
    assert len(set(greetings)) == 4


def test_a_session_of_raw_octets_is_logged_as_it_was() -> None:
    with running(goal_case("pop3")) as server:
        with raw(server) as client:
            timestamp = client.ask(b"").split()[-1]
            assert client.ask(b"NOOP\n").startswith(b"-ERR")
            assert client.ask(b"\x00\xff\r\n").startswith(b"-ERR")
            assert client.ask(b"x" * 300 + b"\r\n").startswith(b"-ERR")
            digest = digests.apop(timestamp, b"tanstaaf")
            assert client.ask(b"APOP mrose " + digest + b"\r\n").startswith(b"+OK")
            assert client.ask(b"QUIT\r\nNOOP\r\n").startswith(b"+OK")
            assert client.remaining() == b""
    received = b"".join(event.octets for event in server.log if event.kind is Kind.RX)
    expected = b"NOOP\n\x00\xff\r\n" + b"x" * 300 + b"\r\nAPOP mrose " + digest
    assert received == expected + b"\r\nQUIT\r\nNOOP\r\n"
    assert [event.data["by"] for event in server.log if event.kind is Kind.EOF] == [
        "server",
        "client",
    ]


def test_commands_that_come_together_are_answered_in_order() -> None:
    lines = b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.x\r\n.\r\nQUIT\r\n"
    with running(goal_case("smtp", server={})) as server:
        with raw(server) as client:
            client.sock.sendall(lines)
            codes = [line[:3] for line in client.remaining().splitlines()]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"221"]
    assert server.delivered[0].octets == b"x\r\n"


@pytest.mark.parametrize(
    ("actions", "received"),
    [
        ((reply(b"-ERR no"), do("close")), b"-ERR no\r\n"),
        ((do("close"),), b""),
        ((do("half-close"),), b""),
        ((do("cut", "2"), do("close")), b"+O"),
        ((do("cut", "6"), do("half-close")), b"+OK\r\nT"),
        ((reply(b"+OK\r\nX\r\n."), do("pause", "1"), do("close")), b"+OK\r\nX\r\n.\r\n"),
    ],
)
def test_bending_a_reply(actions: tuple[Send | Directive, ...], received: bytes) -> None:
    with running(goal_case("pop3", on("CAPA", *actions))) as server:
        with raw(server) as client:
            client.ask(b"")
            client.sock.sendall(b"CAPA\r\n")
            assert client.remaining() == received
    bent = [event for event in server.log if event.kind is Kind.TX and event.line == 9]
    assert b"".join(event.octets for event in bent) == received


def test_a_reset() -> None:
    with running(goal_case("smtp", on("EHLO", do("reset")))) as server:
        with raw(server) as client:
            client.ask(b"")
            with pytest.raises(ConnectionResetError):
                client.ask(b"EHLO c\r\n")


def test_only_the_counted_point_is_bent() -> None:
    with running(goal_case("smtp", on("NOOP", reply(b"451 later"), nth=2))) as server:
        codes = []
        for _ in range(2):
            with raw(server) as client:
                client.ask(b"")
                codes += [client.ask(b"NOOP\r\n")[:3], client.ask(b"noop\r\n")[:3]]
    assert codes == [b"250", b"451", b"250", b"250"]
    assert server.reached == {9}


def test_a_point_that_no_client_reached_is_not_reached() -> None:
    with running(goal_case("smtp", on("NOOP", do("close")))) as server:
        with raw(server) as client:
            client.ask(b"")
    assert server.reached == set()


@pytest.mark.parametrize("action", [do("close"), reply(b"554 no")])
def test_the_greeting_and_the_final_dot_can_be_bent(action: Send | Directive) -> None:
    overrides = on("CONNECT", action), on("DOT", reply(b"451 later"))
    lines = b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n"
    with running(goal_case("smtp", *overrides, server={})) as server:
        with raw(server) as client:
            assert client.ask(b"") == (b"554 no\r\n" if isinstance(action, Send) else b"")
        with raw(server) as client:
            client.sock.sendall(lines)
            codes = [line[:3] for line in client.remaining().splitlines()]
    assert codes[-2:] == [b"451", b"221"]
    assert server.delivered == []


def test_silence_says_so_once_and_goes_on_reading() -> None:
    said: list[str] = []
    with running(goal_case("pop3", on("CAPA", do("cut", "3"), do("silence")))) as server:
        server.on_silence = lambda: said.append("silence")
        with raw(server) as client:
            client.ask(b"")
            client.sock.sendall(b"CAPA\r\n")
            assert client.file.read(3) == b"+OK"
            client.sock.sendall(b"QUIT\r\n")
            client.sock.shutdown(socket.SHUT_WR)
            assert client.remaining() == b""
    assert said == ["silence"]
    assert [event.octets for event in server.log if event.kind is Kind.RX][-1] == b"QUIT\r\n"


def test_an_override_draws_from_the_bindings() -> None:
    timestamp = Send(9, (b"+OK ", Func("timestamp", ((b"ts",),)), b"\r\n"), raw=False)
    with running(goal_case("pop3", on("CONNECT", timestamp))) as server:
        with raw(server) as client:
            greeted = client.ask(b"").split()[1]
            digest = digests.apop(greeted, b"tanstaaf")
            assert client.ask(b"APOP mrose " + digest + b"\r\n").startswith(b"+OK")


def test_the_server_knows_what_the_goal_draws() -> None:
    drawn: Template = (Func("random", ((b"SECRET",), (b"20",))),)
    users: Value = [[(b"mrose",), (Name("SECRET"),)]]
    trace = goal_case("pop3", server={"users": users}, args={"secret": drawn})
    bindings = Bindings(1, trace.id)
    with open_server(trace, EventLog(), VARIANTS["whole"], bindings) as server:
        client = poplib.POP3(server.host, server.port, timeout=5)
        client.apop("mrose", bindings.render(drawn).decode())
        client.quit()
    assert server.logins == [("APOP", b"mrose")]


def test_a_case_that_cannot_be_followed_names_its_line() -> None:
    for trace, line in (
        (goal_case("pop3", on("CAPA", do("starttls"))), 9),
        (goal_case("pop3", server={"xyzzy": (b"1",)}), 7),
    ):
        with pytest.raises(TraceError) as caught:
            open_server(trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id))
        assert caught.value.line == line


def test_a_pause_ends_when_the_server_stops() -> None:
    bent = on("CONNECT", reply(b"+OK wait"), do("pause", "999999"))
    with running(goal_case("pop3", bent)) as server:
        with raw(server) as client:
            assert client.ask(b"") == b"+OK wait\r\n"
            server.stop()
            assert client.remaining() == b""
