"""From the text of a file to its cases: splits the file, fills the rows in, puts the preludes in.

Each step gives plain lines that know where in the file they stand; the parser reads the lines of
one case and knows nothing of tables and preludes.

    text -> blocks (here) -> rows filled in (rows) -> prelude put in (prelude) -> Case
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

from fake_servers.trace import prelude, rows
from fake_servers.trace.error import TraceError
from fake_servers.trace.fill import fill, fill_header
from fake_servers.trace.header import is_header
from fake_servers.trace.lines import Line
from fake_servers.trace.syntax import Origin

MOST_CASES = 4096
"""Most cases of one file: tables multiply."""

MOST_CHARACTERS = 32 << 20
"""Of all cases of a file together."""

_IS_WHOLE = ("begin:", "family:")
"""Header keys with which a case needs no body."""


@dataclass(frozen=True, slots=True)
class Case:
    """The lines of one complete case, and where they come from.

    Comments and blank lines are among them; `begin:` and `rows:` are not.
    """

    lines: tuple[Line, ...]
    origin: Origin

    @property
    def id(self) -> str:
        """What stands behind `id:`, empty where that is missing."""
        found = (line.text[3:].strip() for line in self.lines if line.text.startswith("id:"))
        return next(found, "")

    @property
    def text(self) -> str:
        """The case as a trace of its own, with the comments right above it."""
        texts = [line.text for line in self.lines]
        first = next((at for at, text in enumerate(texts) if text and text[0] != "#"), 0)
        while first and texts[first - 1]:
            first -= 1
        return "\n".join(texts[first:]).strip("\n") + "\n"


@dataclass(slots=True)
class Block:
    """What stands between one `id:` and the next: a case, or a timeline with tables."""

    header: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    tables: list[rows.Source] = field(default_factory=list)
    is_whole: bool = False

    def add(self, comments: Iterable[Line]) -> None:
        """Comments and blank lines that follow what stands in the block so far."""
        last = self.tables[-1].lines if self.tables else self.body or self.header
        last.extend(comments)


def split(path: Path, text: str) -> list[Block]:
    """The blocks of a file in order, at least one; raises TraceError.

    Comments belong to what follows them; those between two blocks that follow the first without a
    blank line belong to it.
    """
    blocks = [Block()]
    gap: list[Line] = []
    in_header = True
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith("\r"):
            raise TraceError(path, number, "\\r", "a line of a trace ends in LF alone")
        line = line.lstrip(" \t")
        if not line or line[0] == "#":
            gap.append(Line(number, line))
            continue
        block = blocks[-1]
        if line.startswith("id:") and (block.is_whole or block.body or block.tables):
            comments = list(takewhile(lambda each: each.text, gap))
            block.add(comments)
            del gap[: len(comments)]
            block, in_header = Block(), True
            blocks.append(block)
        in_header = in_header and line[0] != "|" and is_header(line)
        if line[0] == "r" and rows.is_title(line):
            if not block.header:
                message = "a table stands below the timeline of its case"
                raise TraceError(path, number, "rows:", message)
            block.add(gap)
            block.tables.append(rows.Source(Line(number, line)))
            in_header = False
        elif block.tables:
            block.tables[-1].lines += [*gap, Line(number, line)]
        elif in_header:
            block.header += [*gap, Line(number, line)]
            block.is_whole = block.is_whole or line.startswith(_IS_WHOLE)
        else:
            block.body += [*gap, Line(number, line)]
        gap.clear()
    blocks[-1].add(gap)
    return blocks


def expand(path: Path, block: Block) -> Iterator[Case]:
    """The cases of a block, one for each row of its tables; raises TraceError."""
    tables = [rows.read(path, source) for source in block.tables]
    rows.check_id(path, block.header, tables)
    if not tables:
        yield _case(path, block.header, block.body, 0)
        return
    rows.check_columns(path, [*block.header, *block.body], tables)
    for row in rows.combined(path, tables):
        header = fill_header(block.header, row)
        yield _case(path, header, fill(block.body, row), row.number)


class TooLarge(TraceError):
    """A file has too many cases, or too long ones; no more of it is read."""


class Size:
    """How many cases of a file there have been, and how long they are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cases = self._characters = 0

    def held(self, found: Iterable[Case]) -> Iterator[Case]:
        """The cases; raises TooLarge at the first that is too much."""
        for case in found:
            self._cases += 1
            self._characters += sum(len(line.text) for line in case.lines) + len(case.lines)
            message = ""
            if self._cases > MOST_CASES:
                message = f"a file has at most {MOST_CASES} cases"
            elif self._characters > MOST_CHARACTERS:
                message = f"the cases of a file have at most {MOST_CHARACTERS} characters"
            if message:
                line = case.origin.row or case.lines[0].number
                raise TooLarge(self._path, line, case.id, message)
            yield case


def cases(path: Path, text: str) -> list[Case]:
    """All cases of a file; raises TraceError."""
    size = Size(path)
    found = [case for block in split(path, text) for case in size.held(expand(path, block))]
    if len(found) == 1:
        return found
    return [replace(case, origin=replace(case.origin, shares_file=True)) for case in found]


def ids(path: Path, text: str) -> Iterator[str]:
    """The ids of all cases of a file, without a look at anything else; raises TraceError."""
    for block in split(path, text):
        lines = [line for line in block.header if line.text.startswith("id:")]
        if block.tables and any("{" in line.text for line in lines):
            tables = [rows.read(path, source) for source in block.tables]
            filled: Iterable[list[Line]] = (fill(lines, row) for row in rows.combined(path, tables))
        else:
            filled = [lines]
        for case in filled:
            yield from (line.text[3:].strip() for line in case)


def _case(path: Path, header: list[Line], body: list[Line], row: int) -> Case:
    try:
        lines, origin = prelude.put_in(path, header, body, row)
    except TraceError as error:
        raise of_row(error, row) from None
    return Case(tuple(lines), origin)


def of_row(error: TraceError, row: int) -> TraceError:
    """The error with the row of the table that the case is made from."""
    if not row:
        return error
    return TraceError(error.path, error.line, error.token, f"{error.message}; row at line {row}")
