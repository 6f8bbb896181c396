"""One accepted connection: what a server sends and receives, octet by octet.

The package's docstring explains how reading, cuts, ends and the log work.
"""

from __future__ import annotations

import socket
import ssl
import time

from fake_servers.log import MOST_WEIGHT, EventLog, Kind
from fake_servers.wire.carrier import Carrier
from fake_servers.wire.delivery import Delivery
from fake_servers.wire.drain import LIMIT_MS
from fake_servers.wire.errors import EndOfStream, LineTooLong, Stopped, WireTimeout
from fake_servers.wire.writer import Writer

LINE_LIMIT = 65536
"""Default limit of one line of a client, in octets, CRLF included."""

DATA_LIMIT = 16 * 1024 * 1024
"""Default limit of one message that a client sends, in octets."""


class Wire:
    """A connection to the client under test.

    sock        an accepted socket, which the wire owns from now on
    connection  its number in the log, from 1
    delivery    how each write is cut, until `deliver` changes it
    timeout_s   the longest wait for the client in one call
    wake        a file descriptor that becomes readable when the server stops, or None
    """

    def __init__(
        self,
        sock: socket.socket,
        log: EventLog,
        connection: int,
        delivery: Delivery,
        timeout_s: float,
        wake: int | None = None,
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.timeout_s = timeout_s
        self.closed = False
        self._log = log
        self._carrier = Carrier(sock, log, connection, timeout_s, wake)
        self._writer = Writer(self._carrier, log, connection, delivery)
        self._half_closed = False
        self._received = bytearray()
        log.append(Kind.CONNECT, connection=connection)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ended(self) -> bool:
        """Whether the client's side has ended; the log says so."""
        return self._carrier.ended

    @property
    def client(self) -> str:
        """The common name of the client's certificate; empty if it has not shown one."""
        return self._carrier.client

    # -- to the client ------------------------------------------------------------

    def send(self, octets: bytes, line: int = 0) -> None:
        """Send `octets` in the pieces of the delivery variant; `line` goes into the log.

        Each piece leaves after the client has read the one before it. If the client does not
        read in time, the piece leaves all the same and its event is marked `undrained`. A
        variant that joins replies holds them back until `flush`, or until the server reads
        again. Raises EndOfStream or WireTimeout.
        """
        self._writer.send(octets, line)

    def flush(self) -> None:
        """Send in one write what a variant that joins replies has held back; raises as `send`."""
        self._writer.flush()

    def deliver(self, delivery: Delivery) -> None:
        """Cut what is sent from now on by another delivery variant; raises as `send`."""
        self._writer.deliver(delivery)

    def wait_drained(self, limit_ms: float = LIMIT_MS) -> bool:
        """Wait until the client has read all that was sent; False on timeout."""
        self._writer.flush_unless_gone()
        return self._carrier.drain.wait(limit_ms)

    def start_tls(self, context: ssl.SSLContext, line: int = 0) -> bool:
        """The server's side of a TLS handshake; False if it fails, and the log says why.

        Octets that came in the clear and were not taken are discarded (RFC 3207 section 4.2).
        After a failure nothing can be sent, and what the client sends is read and dropped
        until it closes; but if it goes on in the clear, those octets can be read. Raises as
        `flush`, and Stopped.
        """
        self.flush()
        self._received.clear()
        return self._carrier.start_tls(context, line)

    def read_all(self, line: int = 0) -> bool:
        """Read all that the client has written so far; False if that is nothing.

        Raises EndOfStream as `fill` does, unless octets came before the end.
        """
        self.flush()
        self._carrier.drain.wait_until_arrived()
        count = len(self._received)
        try:
            while self.fill(0.0, line):
                pass
        except EndOfStream:
            if len(self._received) == count:
                raise
        return len(self._received) > count

    def half_close(self, line: int = 0) -> None:
        """Send FIN and go on reading. The client sees the end of the stream."""
        self._writer.flush_unless_gone()
        self._log_end(Kind.EOF, line)
        self._carrier.send_close_notify()
        self._half_closed = True
        self._carrier.half_close()

    def close(self, line: int = 0, truncate: bool = False) -> None:
        """Close in order: the client reads everything before it sees the end.

        With `truncate` TLS is not closed before the connection is. This first reads what the client has sent, for the log, and because the kernel would
        answer unread octets with RST.
        """
        if self.closed:
            return
        if not self._half_closed:
            self._writer.flush_unless_gone()
        self._carrier.drain.wait()
        self._read_remaining()
        if self.closed:
            return
        if not self._half_closed:
            self._log_end(Kind.EOF, line)
            if not truncate:
                self._carrier.send_close_notify()
            self._carrier.drain.wait()
        self.closed = True
        self._carrier.shut()

    def reset(self, line: int = 0) -> None:
        """Close with RST once the client has read everything."""
        if self.closed:
            return
        self.wait_drained()
        self._log_end(Kind.RESET, line)
        self.closed = True
        self._carrier.shut(reset=True)

    # -- from the client ----------------------------------------------------------

    @property
    def received(self) -> bytes:
        """What the client sent and was not taken yet."""
        return bytes(self._received)

    def take(self, count: int) -> bytes:
        """Take up to `count` of the received octets."""
        octets = bytes(self._received[:count])
        del self._received[:count]
        return octets

    def has_news(self, timeout_s: float) -> bool:
        """Wait until there is something to read, or the client's side has ended.

        Nothing is read or logged. Raises Stopped.
        """
        return self.ended or self.closed or self._carrier.wait_readable(timeout_s)

    def fill(self, timeout_s: float | None = None, line: int = 0) -> bool:
        """Read once what the client sent; False if nothing came within `timeout_s`.

        Raises EndOfStream if the client has closed, or has sent more than any case needs;
        Stopped if the server is stopped.
        """
        if self.ended or self.closed:
            raise EndOfStream("the connection has ended")
        if self._log.weight > MOST_WEIGHT:
            raise self._refuse_flood(line)
        self.flush()
        if not self._carrier.wait_readable(self.timeout_s if timeout_s is None else timeout_s):
            return False
        if octets := self._carrier.receive(line):
            self._log.append(Kind.RX, connection=self.connection, octets=octets, line=line)
            self._received += octets
        return True

    def read_line(
        self,
        limit: int = LINE_LIMIT,
        line: int = 0,
        end: bytes = b"\r\n",
        timeout_s: float | None = None,
    ) -> bytes:
        """One line with its line ending; only `end` ends it.

        Raises EndOfStream, WireTimeout, or LineTooLong above `limit` octets; what came until
        then stays in `received`.
        """
        return self._read_until(end, limit, line, timeout_s)

    def read_data(self, limit: int = DATA_LIMIT, line: int = 0) -> bytes:
        """Message data with its final CRLF.CRLF (RFC 5321 section 4.1.1.4), still stuffed.

        If the first line is the lone dot, the message is empty. Raises as `read_line`.
        """
        while len(self._received) < 3:
            self._more(time.monotonic() + self.timeout_s, line)
        if self._received.startswith(b".\r\n"):
            return self.take(3)
        return self._read_until(b"\r\n.\r\n", limit, line, None)

    def wait_eof(self, timeout_s: float | None = None, line: int = 0) -> bool:
        """Wait until the client closes; False on timeout, or if it sends octets."""
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        try:
            while not self._received:
                if not self.fill(max(0.0, deadline - time.monotonic()), line):
                    return False
        except Stopped:
            raise
        except EndOfStream:
            return True
        return False

    # -- inside -------------------------------------------------------------------

    def _read_until(self, end: bytes, limit: int, line: int, timeout_s: float | None) -> bytes:
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        start = 0
        while True:
            at = self._received.find(end, start)
            length = at + len(end) if at >= 0 else len(self._received)
            if length > limit:
                raise LineTooLong(f"the client's line or message is longer than {limit} octets")
            if at >= 0:
                return self.take(length)
            start = max(0, len(self._received) - len(end) + 1)
            self._more(deadline, line)

    def _more(self, deadline: float, line: int) -> None:
        if not self.fill(max(0.0, deadline - time.monotonic()), line):
            raise WireTimeout("the client sends nothing in time")

    def _read_remaining(self) -> None:
        try:
            while self.fill(0.0):
                pass
        except EndOfStream:
            pass

    def _refuse_flood(self, line: int) -> EndOfStream:
        """Close with RST, so that the client cannot go on."""
        message = (
            f"the client sends more than {MOST_WEIGHT >> 20} MiB; the server reads no more of it"
        )
        self._log.append(Kind.NOTE, connection=self.connection, line=line, data={"text": message})
        self._log_end(Kind.RESET, line)
        self.closed = True
        self._carrier.shut(reset=True)
        return EndOfStream(message)

    def _log_end(self, kind: Kind, line: int) -> None:
        self._log.append(kind, connection=self.connection, line=line, data={"by": "server"})
