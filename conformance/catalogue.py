"""The suite's own cases, read from their files. Nothing here checks a file."""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from pathlib import Path

from conformance import paths
from fake_servers.trace import cases
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_file
from fake_servers.trace.parser import read as read_text
from fake_servers.trace.syntax import Trace


@functools.cache
def read(path: Path) -> tuple[Trace, ...]:
    """The cases of one file; a file is read once in a process. Raises TraceError."""
    return tuple(parse_file(path))


def everything() -> list[Trace]:
    """Every trace of the suite, in the order of their files; raises TraceError."""
    return [trace for path in _texts(paths.traces()) for trace in read(path)]


def find(name: str) -> Trace | None:
    """The case with this id, or None; raises TraceError.

    Only files whose text has an id that can be this one are read.
    """
    for path, written in _id_lines(paths.traces()).items():
        if any(_may_be(each, name) for each in written):
            for trace in read(path):
                if trace.id == name:
                    return trace
    return None


_ID_LINE = re.compile(r"^[ \t]*id:(.*)$", re.MULTILINE)
_HOLE = re.compile(r"\\\{[a-z0-9_\\-]+\\\}")


def _may_be(written: str, name: str) -> bool:
    """Whether an id in a file, which may have holes, can become this one."""
    if "{" not in written:
        return written.strip() == name
    return re.fullmatch(_HOLE.sub(".*", re.escape(written.strip())), name) is not None


@functools.cache
def _texts(folder: Path) -> dict[Path, str]:
    """The files below a folder, each with its text, in order."""
    return {path: read_text(path) for path in sorted(folder.rglob("*.trace"))}


@functools.cache
def _id_lines(folder: Path) -> dict[Path, list[str]]:
    """The files below a folder, each with the values of its `id:` lines."""
    return {path: _ID_LINE.findall(text) for path, text in _texts(folder).items()}


def ids() -> list[str]:
    """The ids of all cases, sorted. The rest is not read, and a broken file has no ids."""
    found: list[str] = []
    for path, text in _texts(paths.traces()).items():
        with suppress(TraceError):
            found += cases.ids(path, text)
    return sorted(found)
