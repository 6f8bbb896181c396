"""Carries the octets of a wire: over a socket, and over TLS once a handshake has succeeded."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time

from fake_servers.log import EventLog, Kind
from fake_servers.wire.drain import Drain
from fake_servers.wire.errors import EndOfStream, Stopped, WireError, WireTimeout
from fake_servers.wire.tls_channel import HANDSHAKE_RECORD, SecureChannel

HANDSHAKE_LIMIT = 256 * 1024
"""The most octets that a client may send before its TLS handshake is done."""

_CHUNK = 65536
READS_AFTER_STOP = 128
"""What a client sent before the server was stopped is read: more than its kernel keeps for it. A
client that never pauses is not heard any longer."""
_LINGER_0 = struct.pack("ii", 1, 0)


class Carrier:
    """Owns the socket of one connection; logs its ends and its TLS handshakes.

    ended   the client's side has ended, and the log says so
    client  the common name of the client's certificate; empty if it has not shown one
    """

    def __init__(
        self,
        sock: socket.socket,
        log: EventLog,
        connection: int,
        timeout_s: float,
        wake: int | None,
    ) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)  # only our own polls wait, so that every wait is bounded
        self.ended = False
        self.client = ""
        self.drain = Drain(sock)
        self._connection = connection
        self._timeout_s = timeout_s
        self._log = log
        self._sock = sock
        self._secure: SecureChannel | None = None
        self._is_deaf = False
        self._ready = b""  # came with the handshake, or instead of one
        self._wake = wake
        self._reads_after_stop = 0
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        if wake is not None:
            self._poll.register(wake, select.POLLIN)

    # -- octets -------------------------------------------------------------------

    def send(self, octets: bytes, line: int) -> None:
        """One system call with these octets, or with the TLS record that carries them.

        Raises EndOfStream or WireTimeout.
        """
        if self._is_deaf:
            raise EndOfStream("the TLS handshake failed")
        self._push(self._secure.encrypt(octets) if self._secure else octets, line)

    def wait_readable(self, wait_s: float) -> bool:
        """Wait until `receive` has octets or an end to give; raises Stopped."""
        if self._ready or self._is_at_end():
            return True
        ready = [fd for fd, _ in self._poll.poll(wait_s * 1000)]
        if self._wake in ready:
            self._reads_after_stop += 1
        if self._sock.fileno() in ready and self._reads_after_stop <= READS_AFTER_STOP:
            return True
        if ready:
            raise Stopped("the server was stopped")
        return False

    def receive(self, line: int) -> bytes:
        """What one system call gives; empty if it held only TLS's own records.

        Raises EndOfStream, also at the client's close_notify.
        """
        if self._ready:
            octets, self._ready = self._ready, b""
            return octets
        if self._is_at_end():
            raise self._end(line)
        octets = self._pull(line)
        if self._is_deaf:
            return b""
        return self._decrypt(self._secure, octets, line) if self._secure else octets

    # -- TLS ----------------------------------------------------------------------

    def start_tls(self, context: ssl.SSLContext, line: int) -> bool:
        """The server's side of a handshake; see Wire.start_tls. Raises Stopped."""
        channel = SecureChannel(context)
        stopped: Stopped | None = None
        try:
            reason = self._shake_hands(channel, line)
        except WireError as error:
            reason = str(error)
            stopped = error if isinstance(error, Stopped) else None
        data = {"result": "failed" if reason else "up", "version": channel.version, "by": "server"}
        if reason:
            data["reason"] = reason
        self._log.append(Kind.TLS, connection=self._connection, line=line, data=data)
        if stopped:
            raise stopped
        if reason:
            self._is_deaf = not self._ready
        else:
            self._secure, self.client = channel, channel.client
            self._ready = self._decrypt(channel, b"", line)
        return not reason

    def _shake_hands(self, channel: SecureChannel, line: int) -> str:
        """Why the handshake failed; empty if it succeeded. Raises WireError."""
        deadline = time.monotonic() + self._timeout_s
        count = 0
        while True:
            try:
                done = channel.handshake()
            except ssl.SSLError as error:
                self._push(channel.pending(), line)
                return error.reason or "the handshake failed"
            self._push(channel.pending(), line)
            if done:
                return ""
            if not self.wait_readable(max(0.0, deadline - time.monotonic())):
                return "the client does not complete the handshake in time"
            records = self._pull(line)
            if not records:
                continue
            if count == 0 and records[0] != HANDSHAKE_RECORD:
                self._ready = records
                return "the client goes on in the clear"
            count += len(records)
            if count > HANDSHAKE_LIMIT:
                return f"the client sends more than {HANDSHAKE_LIMIT >> 10} KiB in its handshake"
            channel.feed(records)

    def _decrypt(self, secure: SecureChannel, records: bytes, line: int) -> bytes:
        secure.feed(records)
        try:
            octets = secure.decrypt()
        except ssl.SSLError:
            self._note_reset(line)
            raise EndOfStream("the client sent a TLS record that cannot be decrypted") from None
        if reply := secure.pending():
            self._push(reply, line)
        return octets

    # -- the end ------------------------------------------------------------------

    def send_close_notify(self) -> None:
        """Say by close_notify that nothing more will be sent; without TLS do nothing."""
        if self._secure is None:
            return
        try:
            self._push(self._secure.close_notify(), 0)
        except WireError:
            pass

    def half_close(self) -> None:
        """Send FIN and go on receiving."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.ended = True

    def shut(self, reset: bool = False) -> None:
        """Close the socket; with `reset` by RST (SO_LINGER 0)."""
        self.drain.close()
        if reset:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        self._sock.close()

    # -- inside -------------------------------------------------------------------

    def _push(self, octets: bytes, line: int) -> None:
        try:
            left = self._send_some(octets)
            while left:
                self._wait_writable()
                left = self._send_some(left)
        except OSError:
            self._note_reset(line)
            raise EndOfStream("the client reset the connection") from None
        self.drain.sent(len(octets))

    def _send_some(self, octets: bytes) -> bytes:
        """Send what the kernel takes now; gives the rest."""
        try:
            return octets[self._sock.send(octets) :]
        except BlockingIOError:
            return octets

    def _wait_writable(self) -> None:
        """Raises WireTimeout if the client reads nothing for `timeout_s`, and Stopped."""
        poll = select.poll()
        poll.register(self._sock, select.POLLOUT)
        if self._wake is not None:
            poll.register(self._wake, select.POLLIN)
        ready = [fd for fd, _ in poll.poll(self._timeout_s * 1000)]
        if not ready:
            raise WireTimeout("the client does not read")
        if self._sock.fileno() not in ready:
            raise Stopped("the server was stopped")

    def _pull(self, line: int) -> bytes:
        """What one system call gives; empty if it would have to wait."""
        try:
            octets = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            self._note_reset(line)
            raise EndOfStream("the client reset the connection") from None
        if not octets:
            raise self._end(line)
        self._log.weigh(len(octets))
        return octets

    def _is_at_end(self) -> bool:
        return self._secure is not None and self._secure.ended and not self.ended

    def _end(self, line: int) -> EndOfStream:
        """Log the end of the client's side; the caller raises what this gives."""
        self._note_end(Kind.EOF, line)
        return EndOfStream("the client closed the connection")

    def _note_reset(self, line: int) -> None:
        self._note_end(Kind.RESET, line)

    def _note_end(self, kind: Kind, line: int) -> None:
        if not self.ended:
            self.ended = True
            self._log.append(kind, connection=self._connection, line=line, data={"by": "client"})
