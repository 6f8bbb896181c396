"""The temporary folders of a run: all of them lie in one, and that one is gone at the end.

A worker's folder lies in that of the process that started it. A process that was killed leaves
its folder behind; the next one that needs a folder finds that nobody holds it, and removes it.
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
"""In the environment of a worker: the folder of the process that started it."""

REMOVE_S = 60.0
"""So long may it take to remove a folder that a client has made hard to remove."""

_LOCK = ".held"
_making = threading.Lock()


def make(purpose: str) -> Path:
    """A new empty folder, which its owner alone may read; gone with this process at the latest."""
    return Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=root()))


@contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """One for the time of a block."""
    made = make(purpose)
    try:
        yield made
    finally:
        remove(made)


def remove(folder: Path) -> None:
    """Remove one before its time, whatever a client has done to it: closed what is in it to
    everybody, or nested it deeper than Python recurses.
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


def share() -> None:
    """Have the processes that are started from now on make their folders in that of this one."""
    os.environ[PARENT] = str(root())


def root() -> Path:
    """The folder of this process."""
    with _making:
        return _root(os.getpid())


@cache
def _root(pid: int) -> Path:
    """`pid` is this process: one that was forked from another has a folder of its own."""
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
    """Lock the folder until this process ends; the lock is in place before it can be found."""
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
            pass  # it is held
        finally:
            os.close(file)
