"""One session with any server, line by line: what is said, and the class of each reply.

A conversation is a list of commands. `{apop}`, `{cram}`, `{plain}`, `{user}` and `{secret}` in a
command are made of the account and of what the server said last; `{wrong}` is a wrong secret. TLS
begins by itself after a reply that agrees to STLS or STARTTLS.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WAIT_S = 10.0
"""The longest wait for a line."""
LONGEST = 10_000
"""More lines than any reply here has."""
CLOSED = "closed"
WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a server listens, and who may log in there. With `tls`, TLS comes first."""

    protocol: str
    host: str
    port: int
    user: str
    secret: str
    ca: Path
    tls: bool = False
    lmtp: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """of        the class: `+OK`, `-ERR`, `+`, or the first digit; or CLOSED where no reply came
    offers    keywords of a listing of capabilities, sorted
    """

    command: str
    of: str
    is_multi: bool = False
    offers: tuple[str, ...] = ()
    text: str = ""


def converse(peer: Peer, commands: Sequence[str]) -> list[Reply]:
    """Hold one session; gives the greeting and a reply for each command, until one is CLOSED."""
    with Dialogue(peer) as dialogue:
        replies = [dialogue.read("CONNECT")]
        for command in commands:
            if replies[-1].of == CLOSED:
                break
            replies += dialogue.say(command)
        return replies


class Dialogue:
    """An open session."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._context = ssl.create_default_context(cafile=str(peer.ca))
        self._sock = socket.create_connection((peer.host, peer.port), WAIT_S)
        if peer.tls:
            self._secure()
        self._file = self._sock.makefile("rb")
        self._greeting = ""
        self._last = ""
        self._recipients = 0

    def __enter__(self) -> Dialogue:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._sock.close()

    def say(self, command: str) -> list[Reply]:
        """Send a command; gives its replies: LMTP has one for each recipient of a message."""
        filled = command.format(**self._values()).encode("utf-8") + b"\r\n"
        try:
            self._sock.sendall(filled)
        except OSError:
            return [Reply(command, CLOSED)]
        count = self._recipients if self._peer.lmtp and command.endswith("\r\n.") else 1
        replies = [self.read(command) for _ in range(count)]
        verb = command.partition(" ")[0]
        if verb in ("STLS", "STARTTLS") and replies[0].of in ("+OK", "2"):
            self._file.close()
            self._secure()
            self._file = self._sock.makefile("rb")
        if verb == "RCPT":
            self._recipients += replies[0].of == "2"
        elif verb in ("MAIL", "RSET"):
            self._recipients = 0
        return replies

    def read(self, command: str) -> Reply:
        """The next reply."""
        try:
            lines = self._pop3(command) if self._peer.protocol == "pop3" else self._smtp()
        except (OSError, ValueError):
            return Reply(command, CLOSED)
        first = lines[0]
        self._greeting = self._greeting or first
        self._last = first
        is_pop3 = self._peer.protocol == "pop3"
        of = first.split(" ")[0] if is_pop3 else first[:1]
        verb = command.split(" ")[0]
        offers: list[str] = []
        if verb == "CAPA":
            offers = [line.split(" ")[0].upper() for line in lines[1:]]
        elif verb in ("EHLO", "LHLO"):
            offers = [re.split("[ =]", line[4:])[0].upper() for line in lines[1:]]
        return Reply(command, of, len(lines) > 1, tuple(sorted(set(offers))), first)

    def _pop3(self, command: str) -> list[str]:
        """The lines of a reply; those of a listing without the last, which is a dot."""
        lines = [self._line()]
        verb, _, argument = command.partition(" ")
        is_listing = verb in ("CAPA", "RETR", "TOP") or verb in ("LIST", "UIDL") and not argument
        if not is_listing or not lines[0].startswith("+OK"):
            return lines
        while (line := self._line()) != "." and len(lines) < LONGEST:
            lines.append(line)
        return lines if len(lines) > 1 else [*lines, ""]

    def _smtp(self) -> list[str]:
        lines = [self._line()]
        while lines[-1][3:4] == "-" and len(lines) < LONGEST:
            lines.append(self._line())
        return lines

    def _line(self) -> str:
        """The next line; ValueError at the end of the connection."""
        line = self._file.readline(LONGEST)
        if not line.endswith(b"\r\n"):
            raise ValueError("the server closed the connection")
        return line[:-2].decode("utf-8", "replace")

    def _secure(self) -> None:
        self._sock = self._context.wrap_socket(self._sock, server_hostname=self._peer.host)

    def _values(self) -> dict[str, str]:
        """What the holes of a command stand for now."""
        user, secret = self._peer.user, self._peer.secret
        stamp = re.search("<[^>]*>", self._greeting)
        apop = hashlib.md5(((stamp.group() if stamp else "") + secret).encode()).hexdigest()
        words = self._last.split(" ")
        try:
            challenge = b64decode(words[-1], validate=True)
        except ValueError:
            challenge = b""
        cram = f"{user} {hmac.new(secret.encode(), challenge, 'md5').hexdigest()}"
        return {
            "user": user,
            "secret": secret,
            "wrong": WRONG,
            "apop": apop,
            "b64user": _b64(user),
            "b64secret": _b64(secret),
            "cram": _b64(cram),
            "plain": _b64(f"\0{user}\0{secret}"),
            "badplain": _b64(f"\0{user}\0{WRONG}"),
        }


def _b64(text: str) -> str:
    return b64encode(text.encode("utf-8")).decode("ascii")
