"""A scripted server plays its trace and reports exactly where a client departs from it."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from fake_servers.finding import END, NOTHING
from fake_servers.log import EventLog, Kind
from fake_servers.scripted.server import ScriptedServer
from fake_servers.test.scripted.scripted_client import (
    GREETING,
    HEAD,
    NOOP,
    Act,
    Client,
    greeted,
    noop,
    nothing,
    play,
)
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS


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
        (b"DELE 1\r\n", 0, "DELE 1\\r\\n"),
        (b"NOOP\n", 4, "NOOP\\n"),
        (b"NOOPS\r\n", 4, "NOOPS\\r\\n"),
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
    """Without a timeout: once the call has returned, nothing more will come."""
    begin = time.monotonic()
    (finding,) = play(GREETING + NOOP, greeted, nothing).findings
    assert time.monotonic() - begin < 1
    assert (finding.line, finding.octet, finding.actual) == (9, None, NOTHING)
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
    """The client closes in place of a line."""
    (finding,) = play(GREETING + NOOP, greeted, Client.close).findings
    assert (finding.line, finding.octet, finding.actual) == (9, None, END)
    assert finding.reason == "the client closed the connection instead"


@pytest.mark.parametrize("more, line", [("", 6), ("A: pop3.noop\nR: rejected-locally\n", 8)])
def test_octets_that_no_line_expects_are_found(more: str, line: int) -> None:
    """At the end of the trace, too."""

    def chatty(client: Client) -> None:
        greeted(client)
        client.say(b"NOOP\r\n")

    acts: list[Act] = [chatty] if more == "" else [greeted, lambda client: client.say(b"NOOP\r\n")]
    (finding,) = play(GREETING + more, *acts).findings
    assert finding.expected == NOTHING
    assert (finding.line, finding.actual) == (line, "NOOP\\r\\n")


def test_octets_beyond_a_call_are_found_while_the_client_waits_for_an_answer() -> None:
    """The server closes at once, so that the client does not time out."""

    def data(client: Client) -> None:
        client.say(b"DATA\r\n")
        client.hear_end()

    timeline = GREETING + "A: smtp.data\nR: rejected-locally\n" + NOOP.replace("pop3", "smtp")
    (finding,) = play(timeline, greeted, data, nothing).findings
    assert (finding.line, finding.actual) == (8, "DATA\\r\\n")


def test_a_line_below_a_result_takes_what_was_sent_before_it() -> None:
    """QUIT may leave with the failed call or after it."""

    def leaves(client: Client) -> None:
        client.say(b"NOOP\r\n")
        client.hear(b"huh\r\n")
        client.say(b"QUIT\r\n")

    timeline = GREETING + "A: pop3.noop\nC: NOOP\nS: huh\nR: protocol-error\nopt {\nC: QUIT\n}\n"
    played = play(timeline, greeted, leaves)
    assert (played.findings, played.server.taken) == ([], {13})


def test_another_connection_is_found() -> None:
    """The trace has one connection; a second is a difference."""

    def twice(client: Client) -> None:
        address = client.sock.getpeername()
        greeted(client)
        client.close()
        client.sock = socket.create_connection(address)

    (finding,) = play(GREETING, twice).findings
    assert finding.reason == "the client opens a connection that the trace does not have"


def test_items_below_a_result_wait_for_the_client() -> None:
    """A close below an R: line comes after the client has returned, not before."""
    timeline = GREETING + NOOP + "= close\nA: pop3.stat\nopt {\n  C: STAT\n}\nR: io-error\n"
    played = play(timeline, greeted, noop, Client.hear_end)
    assert played.findings == []
    assert played.server.taken == set()


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
    """The client must close; octets before that are a difference."""
    timeline = GREETING + "A: pop3.close\nR: ok\n= expect-eof\n"
    assert play(timeline, greeted, Client.close).findings == []

    def chatty(client: Client) -> None:
        client.say(b"QUIT\r\n")
        client.close()

    (finding,) = play(timeline, greeted, chatty).findings
    assert (finding.line, finding.actual) == (8, "QUIT\\r\\n")


def test_silence_is_told_once_all_was_read() -> None:
    """on_silence comes when the client has read the greeting, so that its clock may go on."""
    trace = parse_text(
        f"{HEAD}\nA: pop3.connect\nS: +OK re\n= silence\nR: timeout\n", Path("one.trace")
    )
    server = ScriptedServer(trace, EventLog(), VARIANTS["octets"], Bindings(1, trace.id))
    silences: list[bool] = []
    server.on_silence = lambda: silences.append(True)
    with server:
        server.caller_enters(5)
        client = Client(server.port)
        client.hear(b"+OK re\r\n")
        assert server.wait_for_server(8)
        assert silences == [True]
        server.caller_leaves(8)
        client.close()
    assert server.findings == []


def test_accept_takes_a_further_connection() -> None:
    """The trace goes on with the second one; the log distinguishes them."""
    timeline = GREETING + "A: pop3.connect\n= accept\nS: +OK again\nR: ok\n"

    def again(client: Client) -> None:
        address = client.sock.getpeername()
        client.close()
        client.sock = socket.create_connection(address)
        client.hear(b"+OK again\r\n")

    played = play(timeline, greeted, again)
    assert played.findings == []
    assert [e.connection for e in played.log if e.kind is Kind.CONNECT] == [1, 2]


def test_without_a_caller_the_wire_gives_the_pace() -> None:
    """As `mailspec serve` plays a trace for a client that nobody calls."""
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
