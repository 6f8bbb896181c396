"""An independent SMTP server for delivery end to end: aiosmtpd, in an event loop of its own.

aiosmtpd accepts what the RFCs forbid (bare LF after a command, blanks at odd places), so every
octet is logged as it comes, before aiosmtpd sees it. Its Controller cannot bind port 0, so the
listening socket is made here.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Mapping
from types import TracebackType

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from fake_servers.log import EventLog, Kind
from fake_servers.reactive.smtp import Delivered

WAIT_S = 5.0
"""The longest wait for the loop to start or to stop."""

SIZE_LIMIT = 64 * 1024 * 1024
"""The largest message that is accepted, in octets."""


class AiosmtpdPeer:
    """A well-behaved SMTP server on a free port of the loopback interface.

    users      name and secret; if there are any, AUTH PLAIN and LOGIN are offered
    port       bound from the start
    delivered  the accepted messages in order, as aiosmtpd decoded them: without the stuffed
               dots and the final dot, otherwise unchanged
    log        raw input, replies, start and end of each connection
    """

    def __init__(
        self,
        log: EventLog | None = None,
        users: Mapping[bytes, bytes] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.log = EventLog() if log is None else log
        self.delivered: list[Delivered] = []
        self.host = host
        self._users = users or {}
        self._socket = socket.create_server((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._connections: list[_LoggedSmtp] = []

    def __enter__(self) -> AiosmtpdPeer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start to accept connections; returns once the server does."""
        self._thread.start()
        if not self._ready.wait(WAIT_S):
            raise RuntimeError(f"aiosmtpd did not start within {WAIT_S:g} s")

    def stop(self) -> None:
        """End every connection and the loop; may be called twice, or before start()."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(WAIT_S)
        self._socket.close()
        self._loop.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: a message is complete."""
        content = envelope.original_content
        assert content is not None, "decode_data is off, and DATA has ended"
        self.delivered.append(
            Delivered(
                (envelope.mail_from or "").encode("utf-8", "surrogateescape"),
                tuple(address.encode("utf-8", "surrogateescape") for address in envelope.rcpt_tos),
                content,
            )
        )
        return "250 message accepted"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.create_server(self._accept, sock=self._socket)
        server = self._loop.run_until_complete(listening)
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._end())

    async def _end(self) -> None:
        """Close all connections and let their tasks finish."""
        for connection in self._connections:
            connection.end()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def _accept(self) -> _LoggedSmtp:
        connection = _LoggedSmtp(self, len(self._connections) + 1, self._loop, self._users)
        self._connections.append(connection)
        return connection


class _LoggedSmtp(SMTP):
    """aiosmtpd's protocol, which logs each event before aiosmtpd acts on it."""

    def __init__(
        self,
        peer: AiosmtpdPeer,
        number: int,
        loop: asyncio.AbstractEventLoop,
        users: Mapping[bytes, bytes],
    ) -> None:
        self._log = peer.log
        self._number = number
        self._users = users
        super().__init__(
            peer,
            hostname="mail.example.org",
            ident="ready",
            data_size_limit=SIZE_LIMIT,
            decode_data=False,
            auth_require_tls=not users,
            authenticator=self._check,
            loop=loop,
        )

    def end(self) -> None:
        """Close the connection if it is still open."""
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._log.append(Kind.CONNECT, connection=self._number)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._log.append(Kind.RX, connection=self._number, octets=bytes(data))
        super().data_received(data)

    def eof_received(self) -> bool:
        self._log.append(Kind.EOF, connection=self._number, data={"by": "client"})
        return bool(super().eof_received())

    async def push(self, status: str | bytes) -> None:
        """Through this aiosmtpd sends every reply; `status` lacks its last CRLF."""
        octets = status.encode("ascii") if isinstance(status, str) else status
        self._log.append(Kind.TX, connection=self._number, octets=octets + b"\r\n")
        await super().push(octets)

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: object
    ) -> AuthResult:
        right = isinstance(auth, LoginPassword) and self._users.get(auth.login) == auth.password
        return AuthResult(success=right, handled=False)
