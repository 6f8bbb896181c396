"""A mailbox of the user's own, a Maildir or an mbox file, as messages that POP3 can send.

The octets of a message stay in its file: only sizes and unique-ids are in memory. Line ends of the
file system become CRLF. Nothing is written, unless messages are to be removed for good.
"""

from __future__ import annotations

import hashlib
import mailbox
import os
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fake_servers.files import inputs
from fake_servers.reactive.maildrop import Message, MessageGone, with_last_crlf

MOST_OCTETS = 64 * inputs.MIB
"""The longest message that is served."""

_FOLDERS = ("new", "cur")


class BadMailbox(Exception):
    """The mailbox cannot be served; the message is a sentence for the user."""


class Box(Protocol):
    """A mailbox."""

    def scan(self) -> Sequence[Message]:
        """The messages that are there now, the oldest first; raises OSError."""

    def remove(self, uids: Collection[bytes]) -> None:
        """Remove these messages for good; raises OSError."""

    def close(self) -> None:
        """It is not used any more."""


def to_crlf(octets: bytes) -> bytes:
    """The message with CRLF at the end of each line, also of the last one."""
    return with_last_crlf(octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


# -- Maildir ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MaildirMessage:
    """A message of a Maildir. Other programs may move it from `new` to `cur` meanwhile."""

    folder: Path
    path: Path
    uid: bytes
    size: int

    @property
    def octets(self) -> bytes:
        for path in (self.path, *_of_name(self.folder, _unique(self.path.name))):
            try:
                return to_crlf(inputs.read(path, MOST_OCTETS))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise MessageGone(str(error)) from None
        raise MessageGone(f"{self.path} is gone")


class MaildirBox:
    """A Maildir. The unique-id of a message is made of its name, without the flags.

    unreadable  the files that are left out, and why
    """

    def __init__(self, folder: Path) -> None:
        """Raises BadMailbox."""
        if not all((folder / name).is_dir() for name in _FOLDERS):
            raise BadMailbox(f"{folder} is no Maildir: it needs the folders new and cur")
        self._folder = folder
        self._sizes: dict[tuple[str, int, int], int] = {}
        self.unreadable: dict[Path, str] = {}

    def scan(self) -> list[Message]:
        """The messages by the time in their names."""
        sizes, self._sizes, self.unreadable = self._sizes, {}, {}
        found: list[Message] = []
        for path in sorted(_files(self._folder), key=lambda path: _age(path.name)):
            try:
                stat = path.stat()
                key = (_unique(path.name), stat.st_size, stat.st_mtime_ns)
                size = sizes[key] if key in sizes else len(to_crlf(inputs.read(path, MOST_OCTETS)))
            except OSError as error:
                self.unreadable[path] = error.strerror or str(error)
                continue
            self._sizes[key] = size
            uid = hashlib.sha256(os.fsencode(key[0])).hexdigest()[:32].encode()
            found.append(MaildirMessage(self._folder, path, uid, size))
        return found

    def remove(self, uids: Collection[bytes]) -> None:
        """Remove the files."""
        for message in self.scan():
            if message.uid in uids and isinstance(message, MaildirMessage):
                for path in (message.path, *_of_name(self._folder, _unique(message.path.name))):
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is open."""


def _files(folder: Path) -> Iterator[Path]:
    """The regular files that are messages; dead links, pipes and hidden files are none."""
    for name in _FOLDERS:
        with os.scandir(folder / name) as entries:
            yield from (
                Path(entry.path)
                for entry in entries
                if entry.is_file() and not entry.name.startswith(".")
            )


def _of_name(folder: Path, unique: str) -> list[Path]:
    return [path for path in _files(folder) if _unique(path.name) == unique]


def _unique(name: str) -> str:
    return name.partition(":")[0]


def _age(name: str) -> tuple[int, str]:
    """Names begin with the second of the delivery."""
    second = name.partition(".")[0]
    return (int(second) if second.isascii() and second.isdecimal() else 0, name)


# -- mbox ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MboxMessage:
    """A message of an mbox file, which is read again when the message is asked for."""

    box: MboxBox
    key: str
    uid: bytes
    size: int

    @property
    def octets(self) -> bytes:
        return self.box.octets(self)


class MboxBox:
    """An mbox file. The unique-id of a message is made of all its octets and its From line.

    A `>From ` in a message stays as it is: the file does not tell what it was before.
    """

    def __init__(self, path: Path) -> None:
        """Raises BadMailbox."""
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._messages: list[Message] = []
        self._open: mailbox.mbox | None = None
        try:
            if not path.is_file():
                raise BadMailbox(f"{path} is no mbox file")
            with open(path, "rb") as file:
                start = file.read(5)
        except OSError as error:
            raise BadMailbox(f"{path} cannot be read: {error.strerror}") from None
        if start not in (b"", b"From "):
            raise BadMailbox(f"{path} is no mbox file: it does not begin with a From line")

    def scan(self) -> list[Message]:
        """The messages in the order of the file."""
        with self._lock:
            stat = self._path.stat()
            seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if seen != self._seen:
                self.close()
                self._open = mailbox.mbox(self._path, create=False)
                self._messages = [
                    MboxMessage(self, key, uid, size) for key, uid, size in _tally(self._open)
                ]
                self._seen = seen
            return list(self._messages)

    def octets(self, message: MboxMessage) -> bytes:
        """The octets; raises MessageGone where the file has others in that place now."""
        with self._lock:
            try:
                assert self._open is not None
                whole = self._open.get_bytes(message.key, from_=True)
            except (OSError, KeyError) as error:
                raise MessageGone(str(error)) from None
        if not message.uid.startswith(_hash(whole)):
            raise MessageGone(f"{self._path} has changed")
        return _text(whole)

    def remove(self, uids: Collection[bytes]) -> None:
        """Write the file anew without these messages, under the locks that mail programs use."""
        with self._lock:
            box = mailbox.mbox(self._path, create=False)
            try:
                box.lock()
                for key in [key for key, uid, _ in _tally(box) if uid in uids]:
                    box.remove(key)
                box.flush()
            except mailbox.Error as error:
                raise OSError(0, f"it cannot be changed now ({error})", str(self._path)) from None
            finally:
                box.close()

    def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.close()


def _tally(box: mailbox.mbox) -> Iterator[tuple[str, bytes, int]]:
    """Key, unique-id and size of each message; identical ones are told apart by a number."""
    twins: Counter[bytes] = Counter()
    for key in box.keys():
        whole = box.get_bytes(key, from_=True)
        name = _hash(whole)
        twins[name] += 1
        uid = name if twins[name] == 1 else b"%s.%d" % (name, twins[name])
        yield key, uid, len(_text(whole))


def _hash(whole: bytes) -> bytes:
    return hashlib.sha256(whole).hexdigest()[:32].encode()


def _text(whole: bytes) -> bytes:
    """The message below its From line."""
    return to_crlf(whole.partition(b"\n")[2])
