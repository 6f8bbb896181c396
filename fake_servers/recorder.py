"""Records a session between a client and a server, by relaying it."""

from __future__ import annotations

import re
import select
import socket
from dataclasses import dataclass, field

from fake_servers.trace.notation import show

READ = 65536
MOST_OCTETS = 4 * 1024 * 1024
"""The longest session that is recorded; what follows is relayed but not recorded."""

CONNECT_S = 10.0
IDLE_S = 600.0
"""A session ends if neither side sends anything for this long."""

CLIENT, SERVER = "C", "S"
_TLS_COMMANDS = (b"STLS\r\n", b"STARTTLS\r\n")
_GO_AHEAD = (b"+OK", b"220")
_LINE = re.compile(rb".*?\r\n|.+", re.DOTALL)


@dataclass(slots=True)
class Recording:
    """What both sides sent, in order.

    parts   side and octets; sides alternate
    closed  the side that closed first; empty if neither did
    notes   sentences about what is missing
    """

    parts: list[tuple[str, bytearray]] = field(default_factory=list)
    closed: str = ""
    notes: list[str] = field(default_factory=list)
    _size: int = 0
    _is_over: bool = False

    def add(self, side: str, octets: bytes) -> None:
        """One side sent these octets."""
        if self._is_over:
            return
        self._size += len(octets)
        if self._size > MOST_OCTETS:
            self._end(f"the session is longer than {MOST_OCTETS} octets; the rest is not recorded")
            return
        if self.parts and self.parts[-1][0] == side:
            self.parts[-1][1].extend(octets)
        else:
            self.parts.append((side, bytearray(octets)))
        if self._goes_over_to_tls():
            self._end("from here on the session is encrypted and is not recorded")

    def _end(self, note: str) -> None:
        self.notes.append(note)
        self._is_over = True

    def _goes_over_to_tls(self) -> bool:
        if len(self.parts) < 2 or self.parts[-1][0] != SERVER:
            return False
        asked, answered = self.parts[-2][1].upper(), self.parts[-1][1]
        return asked.endswith(_TLS_COMMANDS) and answered.startswith(_GO_AHEAD)

    @property
    def protocol(self) -> str:
        """`pop3` or `smtp`, by the greeting."""
        greeted = next((octets for side, octets in self.parts if side == SERVER), b"")
        return "pop3" if greeted.startswith((b"+OK", b"-ERR")) else "smtp"

    def trace(self, name: str, title: str) -> str:
        """The text of a trace: its `C:` and `S:` lines, and which side closed."""
        lines = [f"id:      {name}", f"title:   {title}", ""]
        for side, octets in self.parts:
            lines += [_written(side, line) for line in _lines(bytes(octets))]
        lines += [f"# {note}" for note in self.notes]
        if self.closed and not self._is_over:
            lines.append("= close" if self.closed == SERVER else "= expect-eof")
        return "\n".join(lines) + "\n"


def _lines(octets: bytes) -> list[bytes]:
    """The octets, split after each CRLF; the last part may lack its CRLF."""
    return _LINE.findall(octets)


def _written(side: str, line: bytes) -> str:
    """One line in the notation of traces: as text if possible, else with escapes."""
    text = line.removesuffix(b"\r\n")
    is_plain = line.endswith(b"\r\n") and all(0x20 <= octet < 0x7F for octet in text)
    if is_plain and not text.endswith(b" "):
        return f"{side}: {text.decode('ascii').replace('$', '$$')}".rstrip()
    shown = show(line)
    return f"{side}| " + (f"{shown[:-1]}\\x20" if shown.endswith(" ") else shown)


class Recorder:
    """Listens for one client and connects it to the server.

    host, port  where the client must connect
    """

    def __init__(self, target: tuple[str, int], listen: str, port: int = 0) -> None:
        """Raises OSError if it cannot listen."""
        self._target = target
        family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        self._listener = socket.create_server((listen, port), family=family)
        self.host, self.port = self._listener.getsockname()[:2]

    def record(self, wait_s: float = IDLE_S) -> Recording:
        """Relay one session to its end; raises OSError, and TimeoutError if no client connects."""
        recording = Recording()
        with self._listener:
            self._listener.settimeout(wait_s)
            client, _ = self._listener.accept()
        with client, socket.create_connection(self._target, CONNECT_S) as server:
            for sock in (client, server):
                sock.settimeout(CONNECT_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _relay(client, server, recording, wait_s)
        return recording


def _relay(
    client: socket.socket, server: socket.socket, recording: Recording, wait_s: float
) -> None:
    """Pass on what each side sends, until both have closed or neither sends for long."""
    sides = {client: (CLIENT, server), server: (SERVER, client)}
    while sides:
        ready, _, _ = select.select(list(sides), [], [], wait_s)
        if not ready:
            recording.notes.append(f"neither side sent anything for {wait_s:g} s")
            return
        for sock in ready:
            side, other = sides[sock]
            try:
                octets = sock.recv(READ)
                if octets:
                    recording.add(side, octets)
                    other.sendall(octets)
                    continue
                other.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            recording.closed = recording.closed or side
            del sides[sock]
