"""The folder of the reports. One run at a time has it; errors are one sentence for the user."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.verdict import LOGS

LOCK = ".lock"
"""A file in the folder. It stays there; only a run that has locked it keeps others out."""

RUN_MARK = ".run"
"""A file in the folder of the event logs. It shows a process whether it has the same folder as the
process of the run.
"""

_HOLDER_MAX = 400


def write(path: Path, text: str | bytes) -> None:
    """Write a whole file or nothing, whatever was in its place: a pipe, a link, a file."""
    octets = text.encode("utf-8") if isinstance(text, str) else text
    new = path.with_name(f".{path.name[:100]}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(file, "wb", 0) as stream:
            left = memoryview(octets)
            while left:
                left = left[stream.write(left) :]
        os.replace(new, path)
    except OSError as error:
        new.unlink(missing_ok=True)
        error.filename = str(path)
        raise


def write_new(path: Path, octets: bytes) -> None:
    """Write a new file, whole or not at all. It takes half the system calls of write(), which is
    used if the file exists already.
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        write(path, octets)
        return
    try:
        with os.fdopen(file, "wb", 0) as stream:
            left = memoryview(octets)
            while left:
                left = left[stream.write(left) :]
    except OSError as error:
        path.unlink(missing_ok=True)
        error.filename = str(path)
        raise


def file_name(case_id: str) -> str:
    """What the files of a case are called: all lie in one folder, though an id may have slashes.

    No id of a trace has an underscore, so two cases never share a name.
    """
    return case_id.replace("/", "_")


class FolderError(Exception):
    """The reports cannot be written, or another run is writing them; the message is one sentence.

    results  the content of results.json, if the run had played all of its cases
    """

    def __init__(self, sentence: str, results: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.results = results


def cannot_write(out_dir: Path, error: OSError) -> FolderError:
    """The error with a sentence for what the system reported."""
    reason = error.strerror or str(error)
    place = "" if error.filename is None else _below(out_dir, str(error.filename))
    return FolderError(f"the reports cannot be written to {out_dir}{place}: {reason}")


def _below(out_dir: Path, name: str) -> str:
    path = Path(name)
    inside = path.is_relative_to(out_dir) and path != out_dir
    return f" ({path.relative_to(out_dir)})" if inside else ""


@contextmanager
def claimed(out_dir: Path, holder: str) -> Iterator[None]:
    """Make the folder if it does not exist, and keep every other run out of it.

    The kernel holds the lock: it is released when the process ends, in whatever way.

    holder  how another run names this one in its message
    Raises FolderError.
    """
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        lock = open(out_dir / LOCK, "r+b" if (out_dir / LOCK).exists() else "w+b", 0)
    except OSError as error:
        raise cannot_write(out_dir, error) from None
    with lock:
        _take(lock, out_dir)
        try:
            lock.truncate(0)
            lock.write(f"{os.getpid()} {holder}".encode("utf-8", "replace")[:_HOLDER_MAX])
        except OSError as error:
            raise cannot_write(out_dir, error) from None
        yield


@contextmanager
def claimed_for_run(out_dir: Path, holder: str) -> Iterator[None]:
    """Claim the folder until the end of a run, and remove the event logs of an earlier run.

    Raises FolderError.
    """
    with claimed(out_dir, holder):
        try:
            clear_logs(out_dir)
        except OSError as error:
            raise cannot_write(out_dir, error) from None
        yield


def clear_logs(out_dir: Path) -> None:
    """Remove the event logs and the mark of an earlier run; raises OSError."""
    folder = out_dir / LOGS
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*folder.glob("*.jsonl"), *folder.glob(".*.new"), folder / RUN_MARK):
        path.unlink(missing_ok=True)


def _take(lock: Any, out_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        number, _, what = lock.read(_HOLDER_MAX).decode("utf-8", "replace").partition(" ")
        who = f"process {number} ({what})" if number.isdecimal() else "another process"
        raise FolderError(
            f"{who} is writing its reports to {out_dir}:"
            " wait for its end, or name another folder with --out"
        ) from None
    except OSError:
        pass  # a file system without locks: the user must not start two runs
