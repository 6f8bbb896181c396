"""A POP3 maildrop, and one session's view of it (RFC 1939 sections 4 to 6)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

GRACE_S = 0.2
"""How long to wait for the lock: a session that has just ended may not have released it yet."""


class MessageGone(Exception):
    """The octets of a message cannot be read any more."""


class Message(Protocol):
    """One message of a maildrop."""

    @property
    def octets(self) -> bytes:
        """With CRLF at the end of each line; raises MessageGone."""

    @property
    def uid(self) -> bytes:
        """The unique-id (RFC 1939 section 7)."""

    @property
    def size(self) -> int:
        """The number of octets; each CRLF counts as two, stuffed dots do not count."""


@dataclass(frozen=True, slots=True)
class MemoryMessage:
    """A message whose octets are in memory."""

    octets: bytes
    uid: bytes

    @property
    def size(self) -> int:
        return len(self.octets)


class Maildrop:
    """The messages that are left, in order, for all sessions of a server.

    last_logins  when each user last logged in, by the monotonic clock, in seconds

    A message without a last CRLF gets one, because POP3 cannot send it otherwise.
    """

    def __init__(self, messages: Iterable[bytes]) -> None:
        self._messages: list[Message] = [
            MemoryMessage(with_last_crlf(octets), _unique_id(index, octets))
            for index, octets in enumerate(messages, start=1)
        ]
        self.last_logins: dict[bytes, float] = {}
        self._lock = threading.Lock()

    @property
    def messages(self) -> Sequence[Message]:
        """The messages that a session would find now."""
        return self._messages

    def replace(self, messages: Iterable[Message]) -> None:
        """Let the maildrop have these messages."""
        self._messages = list(messages)

    def lock(self, wait_s: float = GRACE_S) -> bool:
        """Take the exclusive lock (RFC 1939 section 4); False if another session has it."""
        return self._lock.acquire(timeout=wait_s)

    def unlock(self) -> None:
        """Release the lock."""
        self._lock.release()

    def remove(self, messages: Iterable[Message]) -> None:
        """Remove these messages for good."""
        uids = {message.uid for message in messages}
        self.replace(message for message in self._messages if message.uid not in uids)


class View:
    """The maildrop as one session numbers it, with the session's deletion marks."""

    def __init__(self, maildrop: Maildrop) -> None:
        self._maildrop = maildrop
        self._messages = tuple(maildrop.messages)
        self._marked: set[int] = set()

    @property
    def all(self) -> Sequence[Message]:
        """Every message, also those that are marked."""
        return self._messages

    def listing(self) -> list[tuple[int, Message]]:
        """Number and message of each one that is not marked as deleted."""
        return [
            (number, message)
            for number, message in enumerate(self._messages, start=1)
            if number not in self._marked
        ]

    def get(self, number: int) -> Message | None:
        """The message with this number; None if it does not exist or is marked as deleted."""
        if number in self._marked or not 1 <= number <= len(self._messages):
            return None
        return self._messages[number - 1]

    @property
    def has_marks(self) -> bool:
        """Whether any message is marked as deleted."""
        return bool(self._marked)

    def mark(self, number: int) -> None:
        """Mark a message as deleted; `commit` will remove it."""
        self._marked.add(number)

    def reset(self) -> None:
        """Unmark all."""
        self._marked.clear()

    def commit(self) -> None:
        """The UPDATE state: remove the marked messages."""
        self._maildrop.remove(
            self._messages[number - 1]
            for number in self._marked
            if 1 <= number <= len(self._messages)
        )
        self._marked.clear()


def top(octets: bytes, body_lines: int) -> bytes:
    """The header, the blank line and the first `body_lines` lines of the body."""
    if octets.startswith(b"\r\n"):
        header, blank, body = b"", b"\r\n", octets[2:]
    else:
        header, blank, body = octets.partition(b"\r\n\r\n")
    lines = body.split(b"\r\n", body_lines)
    remaining = lines[body_lines] if len(lines) > body_lines else b""
    return header + blank + body[: len(body) - len(remaining)]


def with_last_crlf(octets: bytes) -> bytes:
    """The message as POP3 can send it."""
    return octets if not octets or octets.endswith(b"\r\n") else octets + b"\r\n"


def _unique_id(index: int, octets: bytes) -> bytes:
    """1 to 70 printable octets, the same in each session, different in each message (section 7)."""
    return hashlib.sha256(b"%d " % index + octets).hexdigest()[:24].encode("ascii")
