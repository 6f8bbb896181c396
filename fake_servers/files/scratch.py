"""The temporary folders of a run: all are in one folder, which is removed at the end.

A worker's folder is in the folder of the process that started it. A process that was killed
leaves its folder behind; the next process that needs one sees that nobody holds the lock in it,
and removes it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "mailspec-"
PARENT = "MAILSPEC_SCRATCH"
"""The environment variable that gives a worker the folder of the process that started it."""

REMOVE_S = 60.0
"""The longest time to remove a folder that a client has made hard to remove."""

_LOCK = ".held"
_making = threading.Lock()


def make(purpose: str) -> Path:
    """A new empty folder that only its owner may read; removed when this process ends, if not
    before.
    """
    return Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=root()))


@contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """A new folder for the duration of a `with` block."""
    made = make(purpose)
    try:
        yield made
    finally:
        remove(made)


def remove(folder: Path) -> None:
    """Remove a folder now, whatever a client has done to it: taken away all permissions, or
    nested folders deeper than Python recurses.
    """
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for words in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run(
                    [*words, "--", folder],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=REMOVE_S,
                    check=False,
                )


@contextmanager
def shared() -> Iterator[None]:
    """Let the processes that are started meanwhile make their folders in that of this one."""
    before = os.environ.get(PARENT)
    os.environ[PARENT] = str(root())
    try:
        yield
    finally:
        os.environ.pop(PARENT, None)
        if before is not None:
            os.environ[PARENT] = before


def root() -> Path:
    """The folder of this process."""
    with _making:
        return _root(os.getpid())


@cache
def _root(pid: int) -> Path:
    """`pid` is this process: a forked process gets a folder of its own."""
    parent = os.environ.get(PARENT, "")
    if parent and os.path.isdir(parent) and os.access(parent, os.W_OK):
        folder = tempfile.mkdtemp(prefix=f"worker-{pid}-", dir=parent)
    else:
        _remove_abandoned(Path(tempfile.gettempdir()))
        folder = tempfile.mkdtemp(prefix=PREFIX)
    _hold(Path(folder))
    atexit.register(_remove_own, pid, Path(folder))
    return Path(folder)


def _hold(folder: Path) -> None:
    """Lock the folder until this process ends. The lock file is locked before it has its name."""
    file = os.open(folder / ".new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.rename(folder / ".new", folder / _LOCK)


def _remove_own(pid: int, folder: Path) -> None:
    if os.getpid() == pid:
        remove(folder)


def _remove_abandoned(where: Path) -> None:
    """Folders of processes that were killed; only of this user, as only those can be opened."""
    for lock in where.glob(f"{PREFIX}*/{_LOCK}"):
        try:
            file = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if os.fstat(file).st_uid == os.getuid():
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(lock.parent)
        except OSError:
            pass  # another process holds it
        finally:
            os.close(file)
