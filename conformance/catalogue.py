"""The cases that come with the suite, read from their files. Nothing here judges a file."""

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
    """The case with this id, None where there is none; raises TraceError.

    Only files are read in whose text an id stands that may be this one.
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
    """Whether an id as it is written, maybe with holes, can stand for this one."""
    if "{" not in written:
        return written.strip() == name
    return re.fullmatch(_HOLE.sub(".*", re.escape(written.strip())), name) is not None


@functools.cache
def _texts(folder: Path) -> dict[Path, str]:
    """The files below a folder with their text, in order."""
    return {path: read_text(path) for path in sorted(folder.rglob("*.trace"))}


@functools.cache
def _id_lines(folder: Path) -> dict[Path, list[str]]:
    """The files below a folder with what stands behind their `id:`."""
    return {path: _ID_LINE.findall(text) for path, text in _texts(folder).items()}


def ids() -> list[str]:
    """The ids of all cases, sorted, without a look at the rest; a broken file has none."""
    found: list[str] = []
    for path, text in _texts(paths.traces()).items():
        with suppress(TraceError):
            found += cases.ids(path, text)
    return sorted(found)
