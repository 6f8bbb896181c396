"""Fills the holes of a timeline, and of cells, from one row of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fake_servers.trace.error import TraceError
from fake_servers.trace.header import KEYS
from fake_servers.trace.lines import Line
from fake_servers.trace.scan import NESTING_LIMIT

MOST_CHARACTERS = 1 << 20
"""No line that is filled is nearly as long."""

HOLE = re.compile(r"\{([a-z][a-z0-9_-]*)\}")
KEY = re.compile(r"([a-z_]+):")
_WHOLE_LINE = re.compile(r"\{([a-z][a-z0-9_-]*)\}[ \t]*")

KEYS_OF_ROWS = frozenset(KEYS) - {"id"}
"""Header keys whose lines a column of the same name stands for, where the header has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is its line, 0 in a named table."""

    number: int
    cells: dict[str, str]


def whole_cells(path: Path, number: int, cells: Mapping[str, str]) -> dict[str, str]:
    """The cells with their own holes filled: a hole in a cell takes another column's cell."""
    whole = {name: cell for name, cell in cells.items() if "{" not in cell}

    def fill_cell(name: str, within: tuple[str, ...]) -> str:
        if name in within or len(within) > NESTING_LIMIT:
            message = "the cell has a hole for its own column"
            if name not in within:
                message = f"cells have holes at most {NESTING_LIMIT} deep"
            raise TraceError(path, number, f"{{{name}}}", message)
        if name not in whole:
            whole[name] = _substituted(
                cells[name], lambda key: fill_cell(key, (*within, name)) if key in cells else None
            )
            if len(whole[name]) > MOST_CHARACTERS:
                message = f"the cell is filled with more than {MOST_CHARACTERS} characters"
                raise TraceError(path, number, f"{{{name}}}", message)
        return whole[name]

    for name in cells:
        if name not in whole:
            fill_cell(name, ())
    return whole


def _substituted(text: str, cell_of: Callable[[str], str | None]) -> str:
    """The text with its holes filled, or cut where that makes it too long; None leaves a hole."""
    parts: list[str] = []
    size = at = 0
    for hole in HOLE.finditer(text):
        cell = cell_of(hole[1])
        parts += [text[at : hole.start()], hole[0] if cell is None else cell]
        size += len(parts[-1]) + len(parts[-2])
        at = hole.end()
        if size > MOST_CHARACTERS:
            break
    return "".join([*parts, text[at:]])


def fill_header(header: Sequence[Line], row: Row) -> list[Line]:
    """The header of one row; lines that a cell leaves without a value vanish."""
    given = {found[1] for line in header if (found := KEY.match(line.text))}
    made = []
    for line in header:
        made.append(line)
        if line.text.startswith("id:"):
            own = [name for name in row.cells if name in KEYS_OF_ROWS and name not in given]
            made += [Line(line.number, f"{name + ':':<8} {{{name}}}") for name in own]
    return [
        filled
        for line in made
        if (filled := _filled(line, row)) is line or not _has_no_value(filled.text)
    ]


def _has_no_value(text: str) -> bool:
    found = KEY.match(text)
    return found is not None and not text[found.end() :].strip()


def fill(lines: Iterable[Line], row: Row) -> list[Line]:
    """The lines of one row; a line that is nothing but a hole vanishes with an empty cell."""
    found = []
    for line in lines:
        filled = _filled(line, row)
        if filled.text or not _WHOLE_LINE.fullmatch(line.text):
            found.append(filled)
    return found


def _filled(line: Line, row: Row) -> Line:
    """The line with its holes filled; the line itself where it has none."""
    if "{" not in line.text:
        return line
    cells = row.cells
    text = _substituted(line.text, cells.get)
    if text == line.text:
        return line
    if line.text.endswith("}") and text.endswith((" ", "\t")):
        text = text.rstrip(" \t")
    return Line(line.number, text.lstrip(" \t"))
