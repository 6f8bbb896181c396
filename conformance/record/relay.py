"""Stands between a client and a server, and keeps what they send to each other.

TLS ends here on both sides: the client sees a certificate of ours, the server is its own.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from dataclasses import dataclass

from conformance.record.recording import Recording, Side
from fake_servers.wire.tls_channel import SecureChannel

READ = 65536
CONNECT_S = 10.0
"""The longest time for a connection, a TLS handshake or one write."""

IDLE_S = 600.0
"""A session ends if neither side sends anything for this long."""


class RelayError(Exception):
    """Why no session came about; a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Tls:
    """What TLS needs.

    to_client    shows a certificate to the client
    to_server    decides which certificate of the server is good
    server_name  what that certificate must be for
    implicit     TLS begins with the connection
    """

    to_client: ssl.SSLContext
    to_server: ssl.SSLContext
    server_name: str
    implicit: bool = False


class _End:
    """One of the two connections, in the clear or over TLS."""

    def __init__(self, sock: socket.socket, name: str) -> None:
        sock.settimeout(CONNECT_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self._name = name
        self._channel: SecureChannel | None = None

    def receive(self) -> bytes | None:
        """What has come; None at the end. Raises OSError."""
        octets = self.sock.recv(READ)
        if not octets:
            return None
        if self._channel is None:
            return octets
        self._channel.feed(octets)
        plain = self._channel.decrypt()
        return None if self._channel.ended and not plain else plain

    def send(self, octets: bytes) -> None:
        """Send all of it; raises OSError."""
        self.sock.sendall(self._channel.encrypt(octets) if self._channel else octets)

    def send_end(self) -> None:
        """Say that nothing more comes; raises OSError."""
        if self._channel is not None:
            self.sock.sendall(self._channel.close_notify())
        self.sock.shutdown(socket.SHUT_WR)

    def secure(self, channel: SecureChannel) -> bytes:
        """The handshake; returns what came behind it. Raises RelayError."""
        deadline = time.monotonic() + CONNECT_S
        try:
            while not channel.handshake():
                self.sock.sendall(channel.pending())
                if time.monotonic() > deadline or not (records := self.sock.recv(READ)):
                    raise RelayError(f"the {self._name} does not complete the TLS handshake")
                channel.feed(records)
            self.sock.sendall(channel.pending())
            self._channel = channel
            return channel.decrypt()
        except ssl.SSLCertVerificationError as error:
            raise RelayError(
                f"the certificate of the {self._name} is not good: {error.verify_message};"
                " --server-ca FILE names the authority to trust, --no-verify trusts any"
            ) from None
        except OSError as error:
            self._say(channel)
            late = (
                "no answer in time" if isinstance(error, TimeoutError) else "the connection ended"
            )
            reason = getattr(error, "reason", "") or error.strerror or late
            raise RelayError(f"TLS with the {self._name} fails: {reason}") from None

    def _say(self, channel: SecureChannel) -> None:
        """Send the alert that says why the handshake failed."""
        try:
            self.sock.sendall(channel.pending())
        except OSError:
            pass


class Recorder:
    """Listens for one client and connects it to the server.

    host, port  where the client must connect
    """

    def __init__(self, target: tuple[str, int], listen: str, tls: Tls, port: int = 0) -> None:
        """Raises OSError if it cannot listen."""
        self._target = target
        self._tls = tls
        family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        self._listener = socket.create_server((listen, port), family=family)
        self.host, self.port = self._listener.getsockname()[:2]

    def record(self, wait_s: float = IDLE_S) -> Recording:
        """Relay one session to its end; raises RelayError."""
        with self._listener:
            self._listener.settimeout(wait_s)
            try:
                client, _ = self._listener.accept()
            except OSError:
                raise RelayError(f"no client connected within {wait_s:g} s") from None
        with client, self._connect() as server:
            relay = _Relay(_End(client, "client"), _End(server, "server"), self._tls, wait_s)
            relay.run()
        relay.recording.end()
        return relay.recording

    def _connect(self) -> socket.socket:
        try:
            return socket.create_connection(self._target, CONNECT_S)
        except OSError as error:
            where = "{} port {}".format(*self._target)
            raise RelayError(f"{where} cannot be reached: {error.strerror or error}") from None


class _Relay:
    """Passes on what each side sends, until both have closed or neither sends for long."""

    def __init__(self, client: _End, server: _End, tls: Tls, wait_s: float) -> None:
        self.recording = Recording(tls.implicit)
        self._client, self._server = client, server
        self._tls = tls
        self._wait_s = wait_s

    def run(self) -> None:
        """Raises RelayError if TLS cannot begin."""
        if self._tls.implicit:
            self._secure(b"")
        open_sides = {Side.CLIENT: self._client, Side.SERVER: self._server}
        while open_sides:
            by_socket = {end.sock: side for side, end in open_sides.items()}
            ready, _, _ = select.select(list(by_socket), [], [], self._wait_s)
            if not ready:
                self.recording.notes.append(f"neither side sent anything for {self._wait_s:g} s")
                return
            for sock in ready:
                side = by_socket[sock]
                if not self._pass_on(side):
                    self.recording.closed = self.recording.closed or side
                    del open_sides[side]

    def _pass_on(self, side: Side) -> bool:
        """Read once and pass it on; False at the end of this side."""
        is_client = side is Side.CLIENT
        end, other = self._ends(is_client)
        try:
            octets = end.receive()
            if octets is None:
                other.send_end()
                return False
            if octets and self.recording.add(side, octets):
                self._secure(octets)
            elif octets:
                other.send(octets)
        except OSError:
            return self._broken(other)
        return True

    def _ends(self, from_client: bool) -> tuple[_End, _End]:
        ends = self._client, self._server
        return ends if from_client else ends[::-1]

    def _broken(self, other: _End) -> bool:
        """This side reset the connection, or the other took nothing more."""
        try:
            other.send_end()
        except OSError:
            pass
        return False

    def _secure(self, go_ahead: bytes) -> None:
        """Begin TLS on both sides; the client hears of it once it is up to the server."""
        name = self._tls.server_name
        behind = self._server.secure(SecureChannel(self._tls.to_server, name))
        if go_ahead:
            self._client.send(go_ahead)
        early = self._client.secure(SecureChannel(self._tls.to_client))
        if go_ahead:
            self.recording.secured()
        for side, octets in ((Side.SERVER, behind), (Side.CLIENT, early)):
            if octets:
                self.recording.add(side, octets)
                self._ends(side is Side.CLIENT)[1].send(octets)
