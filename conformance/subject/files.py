"""Reads what a client left in its folder, which may be anything."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

MOST_OCTETS = 16 * 1024 * 1024
"""How much of a file is read. No message of a case is as long, so a difference shows."""

MOST_SEARCHED = 1 << 20
"""How much of a file is searched for secrets."""

MOST_ENTRIES = 1000
MOST_DEPTH = 8
"""How many files and folders, and how deep, a client's folder is searched."""

_CHUNK = 1 << 20
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFLNK: "it is a symbolic link",
}


def inside(folder: Path, path: str) -> tuple[str, ...] | None:
    """The names on the way from `folder` to a file in it; None for any other path."""
    for begin in (folder, folder.resolve()):
        if path.startswith(f"{begin}/") and "\0" not in path:
            names = tuple(n for n in path[len(str(begin)) :].split("/") if n not in ("", "."))
            return names if names and ".." not in names else None
    return None


def read_file(folder: Path, names: Sequence[str], limit: int = MOST_OCTETS) -> bytes:
    """The octets of a regular file in `folder`, at most `limit`.

    Follows no link, never blocks, and opens only files and folders. Raises OSError; its `strerror`
    says what is wrong.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, name in enumerate(names):
            is_last = number == len(names) - 1
            below = _open_in(fd, name, 0 if is_last else os.O_DIRECTORY)
            os.close(fd)
            fd = below
        return _read(fd, limit)
    finally:
        os.close(fd)


def walk(folder: Path) -> Iterator[tuple[tuple[str, ...], os.stat_result]]:
    """The regular files in `folder` and below, by name, with what stat says of each.

    Follows no link and leaves out what cannot be read. Looks at MOST_ENTRIES entries at most.
    """
    waiting: list[tuple[str, ...]] = [()]
    looked_at = 0
    while waiting and looked_at < MOST_ENTRIES:
        names = waiting.pop()
        try:
            with os.scandir(folder.joinpath(*names)) as entries:
                found = sorted(islice(entries, MOST_ENTRIES), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in found:
            looked_at += 1
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False) and len(names) < MOST_DEPTH:
                    waiting.append((*names, entry.name))
                elif entry.is_file(follow_symlinks=False):
                    yield (*names, entry.name), entry.stat(follow_symlinks=False)


def _open_in(fd: int, name: str, flags: int) -> int:
    """Checks the type first, because opening a device already uses it."""
    kind = stat.S_IFMT(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
    wanted = stat.S_IFDIR if flags else stat.S_IFREG
    if kind != wanted:
        problem = _KINDS.get(kind, "it is not a folder" if flags else "it is not a file")
        raise OSError(errno.EINVAL, problem)
    return os.open(name, _OPEN | flags, dir_fd=fd)


def _read(fd: int, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    octets = bytearray()
    while len(octets) < limit and (chunk := os.read(fd, min(_CHUNK, limit - len(octets)))):
        octets += chunk
    return bytes(octets)
