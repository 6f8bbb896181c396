"""The wire gives and takes exactly the octets, in exactly the pieces."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fake_servers.log import EventLog, Kind
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import VARIANTS
from fake_servers.wire.errors import EndOfStream, LineTooLong, WireTimeout
from fake_servers.wire.writer import UNREAD_PIECES


@contextmanager
def connection(
    variant: str = "whole", timeout_s: float = 2.0, host: str = "127.0.0.1"
) -> Iterator[tuple[Wire, socket.socket, EventLog]]:
    """A wire, the client's socket and the log of both."""
    log = EventLog()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        with socket.create_connection(listener.getsockname()[:2]) as client:
            accepted, _ = listener.accept()
            client.settimeout(2.0)
            with Wire(accepted, log, 1, VARIANTS[variant], timeout_s) as wire:
                yield wire, client, log


def reads_while(client: socket.socket, send: Callable[[], None], count: int) -> list[bytes]:
    """What each recv of the client gives, until `count` octets came, while `send` runs."""
    reads: list[bytes] = []

    def read() -> None:
        while sum(map(len, reads)) < count and (octets := client.recv(65536)):
            reads.append(octets)

    reader = threading.Thread(target=read)
    reader.start()
    send()
    reader.join()
    return reads


def kinds(log: EventLog) -> list[Kind]:
    """The kinds of all events, in order."""
    return [event.kind for event in log]


@pytest.mark.parametrize("octets", [b"QUIT\r\n", b"\r\n", b" \tQUIT \x00\xff\r\n", b"a\rb\nc\r\n"])
def test_a_line_is_given_octet_for_octet(octets: bytes) -> None:
    """Only CRLF ends a line, and nothing of it is stripped or decoded."""
    with connection() as (wire, client, _):
        client.sendall(octets + b"rest")
        assert wire.read_line() == octets
        assert wire.received in (b"", b"rest"[: len(wire.received)])


def test_a_bare_lf_ends_no_line() -> None:
    """A line that ends in a bare LF times out and stays in `received`."""
    with connection(timeout_s=0.02) as (wire, client, _):
        client.sendall(b"QUIT\n")
        with pytest.raises(WireTimeout):
            wire.read_line()
        assert wire.received == b"QUIT\n"


def test_a_line_beyond_the_limit_is_refused() -> None:
    """The limit counts the CRLF too."""
    with connection() as (wire, client, _):
        client.sendall(b"NOOP\r\nNOOP1\r\n")
        assert wire.read_line(limit=6) == b"NOOP\r\n"
        with pytest.raises(LineTooLong):
            wire.read_line(limit=6)


@pytest.mark.parametrize(
    "octets", [b".\r\n", b"\r\n.\r\n", b"a\r\n..\r\n.\r\n", b".a\r\n\n.\n\r\n.\r\n"]
)
def test_data_ends_at_the_lone_dot_only(octets: bytes) -> None:
    """RFC 5321 section 4.1.1.4: CRLF.CRLF, or the dot line at once for no data."""
    with connection() as (wire, client, _):
        client.sendall(octets + b"QUIT\r\n")
        assert wire.read_data() == octets
        assert wire.read_line() == b"QUIT\r\n"


def test_the_end_of_the_client_is_seen_and_logged() -> None:
    """A FIN of the client is EndOfStream for a reader and True for wait_eof."""
    with connection() as (wire, client, log):
        client.sendall(b"QU")
        client.shutdown(socket.SHUT_WR)
        with pytest.raises(EndOfStream):
            wire.read_line()
        assert wire.received == b"QU"
        assert wire.take(2) == b"QU"
        assert wire.wait_eof()
        assert kinds(log) == [Kind.CONNECT, Kind.RX, Kind.EOF]
        assert list(log)[-1].data == {"by": "client"}


def test_octets_instead_of_the_end_are_no_end() -> None:
    """wait_eof leaves octets that came instead of an end."""
    with connection() as (wire, client, _):
        client.sendall(b"X")
        assert not wire.wait_eof()
        assert wire.received == b"X"


def has_ipv6() -> bool:
    """Whether this machine has the loopback address ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


WITHOUT_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=WITHOUT_IPV6)])
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_each_piece_is_a_read_of_its_own(variant: str, host: str) -> None:
    """The client, reading as much as it can, gets just the pieces of the variant."""
    octets = b"+OK hello\r\nline\r\n.\r\n"
    pieces = VARIANTS[variant].pieces(octets)

    def send() -> None:
        wire.send(octets, line=7)
        wire.flush()

    with connection(variant, host=host) as (wire, client, log):
        reads = reads_while(client, send, len(octets))
        events = [event for event in log if event.kind is Kind.TX]
    assert [event.octets for event in events] == pieces
    assert {event.line for event in events} == {7}
    if VARIANTS[variant].pauses:
        pieces, reads = [b"".join(pieces)], [b"".join(reads)]
    assert reads == pieces


def test_replies_are_joined_until_the_server_listens() -> None:
    """In the variant `coalesced`: one write, each reply with its own line in the log."""
    with connection("coalesced") as (wire, client, log):
        wire.send(b"+OK one\r\n", line=3)
        wire.send(b"+OK two\r\n", line=4)
        assert kinds(log) == [Kind.CONNECT]
        assert not wire.fill(0.0)
        assert client.recv(100) == b"+OK one\r\n+OK two\r\n"
        assert [event.line for event in log if event.kind is Kind.TX] == [3, 4]
        wire.send(b"+OK bye\r\n")
        wire.close()
        assert client.recv(100) == b"+OK bye\r\n"


def test_a_dribble_pauses_twenty_times_at_most() -> None:
    """Over the whole connection, so that a long conversation does not take longer."""
    with connection("dribble") as (wire, client, log):
        begin = time.monotonic()
        for _ in range(16):
            wire.send(b"x" * 50)
        pieces = [event.octets for event in log if event.kind is Kind.TX]
        assert 0.02 <= time.monotonic() - begin < 1
        assert {len(piece) for piece in pieces} == {1, 2, 3, 4, 5}
        assert b"".join(reads_while(client, wire.flush, 800)) == b"x" * 800


def test_a_client_that_does_not_read_does_not_stop_the_server() -> None:
    """The write ends within its bound, and pieces that left too early are marked."""
    with connection("octets") as (wire, client, log):
        wire.send(b"x" * 100)
        events = [event for event in log if event.kind is Kind.TX]
        assert b"".join(event.octets for event in events) == b"x" * 100
        assert len(events) == 1 + UNREAD_PIECES
        assert "undrained" not in events[0].data
        assert all(event.data["undrained"] for event in events[1:])
        assert events[-1].ns - events[0].ns < 1_000_000_000


def test_close_comes_after_all_octets() -> None:
    """The client reads everything, then the end of the stream, never a reset."""
    with connection() as (wire, client, log):
        client.sendall(b"unread\r\n")
        wire.send(b"+OK\r\n")
        wire.close(line=3)
        assert client.recv(100) == b"+OK\r\n"
        assert client.recv(100) == b""
        last = list(log)[-1]
        assert (last.kind, last.line, last.data) == (Kind.EOF, 3, {"by": "server"})
        assert b"unread\r\n" in [event.octets for event in log]


def test_reset_is_a_reset() -> None:
    """SO_LINGER 0: the client gets ECONNRESET."""
    with connection() as (wire, client, log):
        wire.reset()
        with pytest.raises(ConnectionResetError):
            client.recv(100)
        assert kinds(log) == [Kind.CONNECT, Kind.RESET]


def test_half_close_ends_one_direction() -> None:
    """The client sees the end and can still be heard."""
    with connection() as (wire, client, _):
        wire.half_close()
        assert client.recv(100) == b""
        client.sendall(b"QUIT\r\n")
        assert wire.read_line() == b"QUIT\r\n"


def test_sending_to_a_client_that_is_gone_ends_the_stream() -> None:
    """A reset by the client is EndOfStream for a writer, logged once."""
    with connection() as (wire, client, log):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        with pytest.raises(EndOfStream):
            wire.send(b"+OK\r\n")
        with pytest.raises(EndOfStream):
            wire.fill()
        assert kinds(log).count(Kind.RESET) == 1
