"""A scripted server plays its trace and tells exactly where a client leaves it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fake_servers.delivery import VARIANTS
from fake_servers.finding import Finding
from fake_servers.log import EventLog, Kind
from fake_servers.scripted import NotAvailable, ScriptedServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings

HEAD = "id: pop3.test.one\ntitle: one\ntimeout: 100\n"


class Client:
    """A client that does what a test tells it: octets out, octets in."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), 3.0)

    def say(self, octets: bytes) -> None:
        """Send octets as they are."""
        self.sock.sendall(octets)

    def hear(self, octets: bytes) -> None:
        """Read so many octets; they must be these."""
        heard = b""
        while len(heard) < len(octets) and (more := self.sock.recv(len(octets) - len(heard))):
            heard += more
        assert heard == octets

    def hear_end(self) -> None:
        """The server must have closed."""
        assert self.sock.recv(1) == b""

    def close(self) -> None:
        """End the connection."""
        self.sock.close()


Act = Callable[[Client], None]


@dataclass
class Played:
    """What is left of a case."""

    server: ScriptedServer
    log: EventLog

    @property
    def findings(self) -> list[Finding]:
        """The server's findings; a failure of the server itself is raised."""
        if self.server.failure is not None:
            raise self.server.failure
        return self.server.findings


def play(timeline: str, *acts: Act, variant: str = "whole", paced: bool = True) -> Played:
    """Play a timeline; each act is what the client does in one call, connecting in the first."""
    trace = parse_text(f"{HEAD}\n{timeline}", Path("one.trace"))
    log = EventLog()
    server = ScriptedServer(trace, log, VARIANTS[variant], Bindings(1, trace.id), paced=paced)
    calls = [item.line for item in trace.items if type(item).__name__ == "Call"]
    client: Client | None = None
    with server:
        for line, act in zip(calls, acts, strict=True):
            assert server.wait_for_server(line)
            server.caller_enters(line)
            client = client or Client(server.port)
            act(client)
            server.caller_leaves(line)
    if client is not None:
        client.close()
    return Played(server, log)


def nothing(_: Client) -> None:
    """A call without any traffic."""


GREETING = "A: pop3.connect\nS: +OK ready\nR: ok\n"


def greeted(client: Client) -> None:
    """The client's side of GREETING."""
    client.hear(b"+OK ready\r\n")


NOOP = "A: pop3.noop\nC: NOOP\nS: +OK\nR: ok\n"


def noop(client: Client) -> None:
    """The client's side of NOOP."""
    client.say(b"NOOP\r\n")
    client.hear(b"+OK\r\n")


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_a_client_that_follows_the_trace_has_no_findings(variant: str) -> None:
    """The plain case, in every delivery variant, with the trace's lines in the log."""
    played = play(GREETING + NOOP, greeted, noop, variant=variant)
    assert played.findings == []
    sent = [event for event in played.log if event.kind is Kind.TX]
    assert b"".join(event.octets for event in sent) == b"+OK ready\r\n+OK\r\n"
    assert {event.line for event in sent} == {6, 10}
    assert {event.line for event in played.log if event.kind is Kind.RX} == {9}


@pytest.mark.parametrize(
    "octets, at, actual",
    [
        (b"QUIT\r\n", 0, "QUIT\\r\\n"),
        (b"NOOP\n", 4, "NOOP\\n"),
        (b"NOOP \r\n", 4, "NOOP \\r\\n"),
        (b"NOO\r\n", 3, "NOO\\r\\n"),
        (b"NOOP", 4, "NOOP"),
    ],
)
def test_other_octets_are_found_at_the_first_that_differs(
    octets: bytes, at: int, actual: str
) -> None:
    """The finding has line, octet and both sides in the notation; the connection is closed."""

    def act(client: Client) -> None:
        client.say(octets)
        if not octets.endswith(b"\n"):
            return
        client.hear_end()

    played = play(GREETING + NOOP, greeted, act)
    (finding,) = played.findings
    assert (finding.line, finding.octet, finding.info) == (9, at, False)
    assert (finding.expected, finding.actual) == ("NOOP\\r\\n", actual)


def test_a_silent_client_is_found_as_soon_as_it_has_answered() -> None:
    """Not after a time-out: the call's answer says that nothing more will come."""
    begin = time.monotonic()
    (finding,) = play(GREETING + NOOP, greeted, nothing).findings
    assert time.monotonic() - begin < 1
    assert (finding.line, finding.octet, finding.actual) == (9, None, "")
    assert finding.reason == "the client does not send it"


def test_octets_that_the_clients_kernel_holds_back_are_waited_for() -> None:
    """Two small writes without TCP_NODELAY: the second leaves only after an acknowledgement."""

    def two_writes(client: Client) -> None:
        client.say(b"NOOP\r\n")
        client.say(b"STAT\r\n")

    timeline = GREETING + "A: pop3.batch\nC: NOOP\nC: STAT\nR: ok\n"
    assert play(timeline, greeted, two_writes).findings == []
    (finding,) = play(GREETING + "A: pop3.noop\nC: NOOP\nR: ok\n", greeted, two_writes).findings
    assert finding.actual == "STAT\\r\\n"


def test_a_client_that_closes_instead_is_found() -> None:
    """The end of the stream in place of a line."""
    (finding,) = play(GREETING + NOOP, greeted, Client.close).findings
    assert finding.line == 9
    assert finding.reason == "the client closed the connection instead"


@pytest.mark.parametrize("more, line", [("", 6), ("A: pop3.noop\nR: rejected-locally\n", 8)])
def test_octets_that_no_line_expects_are_found(more: str, line: int) -> None:
    """At the end of the trace, too."""

    def chatty(client: Client) -> None:
        greeted(client)
        client.say(b"NOOP\r\n")

    acts: list[Act] = [chatty] if more == "" else [greeted, lambda client: client.say(b"NOOP\r\n")]
    (finding,) = play(GREETING + more, *acts).findings
    assert (finding.line, finding.actual) == (line, "NOOP\\r\\n")


def test_another_connection_is_found() -> None:
    """The trace has one connection; a second is a difference."""

    def twice(client: Client) -> None:
        address = client.sock.getpeername()
        greeted(client)
        client.close()
        client.sock = socket.create_connection(address)

    (finding,) = play(GREETING, twice).findings
    assert finding.reason == "the client connects once more than the trace"


@pytest.mark.parametrize(
    "expected, sent, at",
    [
        ("NOOP", b"noop\r\n", 0),
        ("MAIL FROM:<a@b.c> SIZE=1", b"MAIL From:<a@b.c> SIZE=1\r\n", 6),
        ("RCPT TO:<a@b.c> NOTIFY=NEVER", b"RCPT TO:<a@b.c> Notify=NEVER\r\n", 17),
        ("AUTH PLAIN =", b"AUTH plain =\r\n", 5),
    ],
)
def test_case_of_a_keyword_is_info(expected: str, sent: bytes, at: int) -> None:
    """RFC 5321 section 2.4: the session goes on."""

    def act(client: Client) -> None:
        client.say(sent)
        client.hear(b"+OK\r\n")

    played = play(GREETING + f"A: pop3.noop\nC: {expected}\nS: +OK\nR: ok\n", greeted, act)
    (finding,) = played.findings
    assert (finding.info, finding.line, finding.octet) == (True, 9, at)


@pytest.mark.parametrize(
    "expected, sent, at",
    [
        ("MAIL FROM:<a@b.c>", b"MAIL FROM:<A@b.c>\r\n", 11),
        ("MAIL FROM:<a@b.c> BODY=7BIT", b"MAIL FROM:<a@b.c> BODY=7bit\r\n", 24),
        ("AUTH PLAIN AbC=", b"AUTH PLAIN abC=\r\n", 11),
        ("APOP u c4c9", b"APOP u C4C9\r\n", 7),
        ("USER Joe", b"USER joe\r\n", 5),
    ],
)
def test_case_of_a_value_is_a_difference(expected: str, sent: bytes, at: int) -> None:
    """Octet by octet where no RFC frees the case."""
    timeline = GREETING + f"A: pop3.noop\nC: {expected}\nR: ok\n"
    (finding,) = play(timeline, greeted, lambda client: client.say(sent)).findings
    assert (finding.info, finding.line, finding.octet) == (False, 9, at)


def test_message_and_response_lines_compare_octet_by_octet() -> None:
    """A message line that looks like a verb is none, nor is a response in base64."""

    def in_data(client: Client) -> None:
        client.say(b"DATA\r\n")
        client.hear(b"354 go\r\n")
        client.say(b"noop\r\n.\r\n")

    timeline = GREETING + "A: smtp.data\nC: DATA\nS: 354 go\nC: NOOP\nC: .\nS: 250 OK\nR: ok\n"
    (finding,) = play(timeline, greeted, in_data).findings
    assert (finding.info, finding.line, finding.octet) == (False, 11, 0)

    def challenged(client: Client) -> None:
        client.say(b"AUTH LOGIN\r\n")
        client.hear(b"334 x\r\n")
        client.say(b"noop\r\n")

    timeline = GREETING + "A: smtp.auth\nC: AUTH LOGIN\nS: 334 x\nC: NOOP\nS: 235 OK\nR: ok\n"
    (finding,) = play(timeline, greeted, challenged).findings
    assert (finding.info, finding.line) == (False, 11)


def test_a_free_name_is_bound_and_then_compared() -> None:
    """`$name` takes what comes first and wants the same afterwards."""
    timeline = (
        GREETING + "A: smtp.ehlo\nC: EHLO $me\nS: 250 hello $me\nR: ok\n"
        "A: smtp.helo\nC: HELO $me\nR: ok\n"
    )

    def ehlo(client: Client) -> None:
        client.say(b"EHLO box\r\n")
        client.hear(b"250 hello box\r\n")

    good = play(timeline, greeted, ehlo, lambda client: client.say(b"HELO box\r\n"))
    assert good.findings == []
    (finding,) = play(timeline, greeted, ehlo, lambda client: client.say(b"HELO bag\r\n")).findings
    assert (finding.line, finding.octet, finding.expected) == (13, 6, "HELO box\\r\\n")


def test_items_below_a_result_wait_for_the_client() -> None:
    """The server's close after R: comes after the client has answered, not before."""
    timeline = GREETING + NOOP + "= close\nA: pop3.stat\nopt {\n  C: STAT\n}\nR: io-error\n"
    played = play(timeline, greeted, noop, Client.hear_end)
    assert played.findings == []
    assert played.server.taken == set()


OPTIONAL = GREETING + "A: pop3.quit\nopt {\n  C: NOOP\n  S: +OK\n}\nC: QUIT\nS: +OK bye\nR: ok\n"


def leave(client: Client) -> None:
    """QUIT and its answer."""
    client.say(b"QUIT\r\n")
    client.hear(b"+OK bye\r\n")


def test_opt_may_come_or_not() -> None:
    """Both ways are the trace; which was taken is told."""
    assert play(OPTIONAL, greeted, leave).server.taken == set()

    def both(client: Client) -> None:
        noop(client)
        leave(client)

    played = play(OPTIONAL, greeted, both)
    assert (played.findings, played.server.taken) == ([], {10})


def test_alt_takes_one_of_its_branches() -> None:
    """The branch is known by its first C: line; another line is a difference."""
    timeline = (
        GREETING + "A: pop3.stat\nalt {\n  C: STAT\n  S: +OK 0 0\n} {\n  C: LIST\n  S: +OK\n"
        "  S: .\n}\nR: ok\n"
    )

    def listing(client: Client) -> None:
        client.say(b"LIST\r\n")
        client.hear(b"+OK\r\n.\r\n")

    played = play(timeline, greeted, listing)
    assert (played.findings, played.server.taken) == ([], {13})
    (finding,) = play(timeline, greeted, lambda client: client.say(b"LAST\r\n")).findings
    assert (finding.line, finding.octet, finding.expected) == (13, 1, "LIST\\r\\n")


def test_any_takes_its_exchanges_in_each_order() -> None:
    """Each exchange once."""
    timeline = (
        GREETING + "A: smtp.send\nany {\n  C: RCPT TO:<a>\n  S: 250 a\n  C: RCPT TO:<b>\n"
        "  S: 250 b\n}\nR: ok\n"
    )

    def backwards(client: Client) -> None:
        for name in (b"b", b"a"):
            client.say(b"RCPT TO:<%s>\r\n" % name)
            client.hear(b"250 %s\r\n" % name)

    assert play(timeline, greeted, backwards).findings == []

    def twice(client: Client) -> None:
        client.say(b"RCPT TO:<a>\r\nRCPT TO:<a>\r\n")
        client.hear(b"250 a\r\n")

    (finding,) = play(timeline, greeted, twice).findings
    assert (finding.line, finding.octet) == (12, 9)


def test_cut_sends_the_first_octets_only() -> None:
    """`= cut 3`, then the end."""

    def cut(client: Client) -> None:
        client.say(b"NOOP\r\n")
        client.hear(b"+OK")
        client.hear_end()

    timeline = GREETING + "A: pop3.noop\nC: NOOP\n= cut 3\nS: +OK 1 2\n= close\nR: io-error\n"
    assert play(timeline, greeted, cut).findings == []


def test_reset_and_half_close() -> None:
    """Both are what the client's kernel says they are."""

    def is_reset(client: Client) -> None:
        client.say(b"NOOP\r\n")
        with pytest.raises(ConnectionResetError):
            client.sock.recv(1)

    timeline = GREETING + "A: pop3.noop\nC: NOOP\n= reset\nR: io-error\n"
    assert play(timeline, greeted, is_reset).findings == []

    def is_heard(client: Client) -> None:
        client.hear_end()
        client.say(b"NOOP\r\n")

    timeline = GREETING + "A: pop3.noop\n= half-close\nC: NOOP\nR: io-error\n"
    assert play(timeline, greeted, is_heard).findings == []


def test_expect_eof() -> None:
    """The client must close; octets before are a difference."""
    timeline = GREETING + "A: pop3.close\nR: ok\n= expect-eof\n"
    assert play(timeline, greeted, Client.close).findings == []

    def chatty(client: Client) -> None:
        client.say(b"QUIT\r\n")
        client.close()

    (finding,) = play(timeline, greeted, chatty).findings
    assert (finding.line, finding.actual) == (10, "QUIT\\r\\n")


def test_silence_is_told_once_all_was_read() -> None:
    """on_silence comes when the client has read the greeting, so that its clock may go on."""
    trace = parse_text(
        f"{HEAD}\nA: pop3.connect\nS: +OK re\n= silence\nR: timeout\n", Path("one.trace")
    )
    server = ScriptedServer(trace, EventLog(), VARIANTS["octets"], Bindings(1, trace.id))
    told: list[bool] = []
    server.on_silence = lambda: told.append(True)
    with server:
        server.caller_enters(5)
        client = Client(server.port)
        client.hear(b"+OK re\r\n")
        assert server.wait_for_server(8)
        assert told == [True]
        server.caller_leaves(8)
        client.close()
    assert server.findings == []


def test_accept_takes_a_further_connection() -> None:
    """The trace goes on on it; the log tells them apart."""
    timeline = GREETING + "A: pop3.connect\n= accept\nS: +OK again\nR: ok\n"

    def again(client: Client) -> None:
        address = client.sock.getpeername()
        client.close()
        client.sock = socket.create_connection(address)
        client.hear(b"+OK again\r\n")

    played = play(timeline, greeted, again)
    assert played.findings == []
    assert [e.connection for e in played.log if e.kind is Kind.CONNECT] == [1, 2]


def test_starttls_is_not_available() -> None:
    """The suite's shortcoming, never a finding against the client."""
    played = play(GREETING + "A: pop3.stls\n= starttls\nR: ok\n", greeted, nothing)
    with pytest.raises(NotAvailable, match="starttls"):
        played.findings


def test_without_a_caller_the_wire_gives_the_pace() -> None:
    """As `mailspec serve` plays a trace for somebody's client."""
    trace = parse_text(f"{HEAD}\n{GREETING}{NOOP}", Path("one.trace"))
    server = ScriptedServer(
        trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id), paced=False
    )
    with server:
        client = Client(server.port)
        greeted(client)
        noop(client)
        assert server.wait_for_server(99)
        client.close()
    assert server.findings == []
