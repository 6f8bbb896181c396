"""The one layout of traces: columns, blank lines, and each line as layout_line has it.

Only what means nothing changes: the formatted text parses to the same cases.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fake_servers.trace import cases, rows
from fake_servers.trace.layout_line import laid_out
from fake_servers.trace.lines import Line
from fake_servers.trace.parser import parse_case
from fake_servers.trace.syntax import Trace

_PLACES = frozenset({"line", "path", "header_lines", "origin"})


class LayoutFault(Exception):
    """The formatted text would mean something else: a fault of the formatter itself."""


def formatted(text: str, path: Path) -> str:
    """A file in its one layout; raises TraceError where the text is no trace."""
    before = _meanings(text, path)
    parts = ["\n".join(_block(path, block)) + "\n" for block in cases.split(path, text)]
    made = "\n\n".join(parts)
    if _meanings(made, path) != before:
        raise LayoutFault(f"{path}: the formatted trace would be another one; it is left as it is")
    return made


def _meanings(text: str, path: Path) -> list[Any]:
    return [meaning(parse_case(path, case)) for case in cases.cases(path, text)]


def meaning(trace: Trace) -> Any:
    """All of a trace but where it stands: its file and the numbers of its lines."""
    return _meaning(trace)


def _meaning(part: Any) -> Any:
    if dataclasses.is_dataclass(part):
        names = [field.name for field in dataclasses.fields(part) if field.name not in _PLACES]
        return (type(part).__name__, *(_meaning(getattr(part, name)) for name in names))
    if isinstance(part, (tuple, list)):
        return [_meaning(item) for item in part]
    if isinstance(part, dict):
        return {key: _meaning(value) for key, value in part.items()}
    return part


def _block(path: Path, block: cases.Block) -> Iterator[str]:
    """A case or a table: prose, the header without blank lines, the timeline, the rows."""
    yield from _header(path, block.header)
    is_first = True
    has_gap = True
    for line in block.body:
        if line.text:
            if has_gap or is_first:
                yield ""
            is_first = False
            yield laid_out(line.text, path, line.number, in_header=False)
        has_gap = not line.text
    for source in block.tables:
        yield ""
        yield " ".join(source.title.text.split())
        yield from _table(path, source.lines)


def _header(path: Path, header: Sequence[Line]) -> Iterator[str]:
    """Paragraphs of prose above `id:` stay apart."""
    is_prose, has_gap = True, False
    found = False
    for line in header:
        if line.text:
            if has_gap and is_prose and found:
                yield ""
            found = True
            is_prose = is_prose and line.text.startswith("#")
            yield laid_out(line.text, path, line.number, in_header=True)
        has_gap = not line.text


def _table(path: Path, lines: Sequence[Line]) -> Iterator[str]:
    """The rows with their cells below each other; comments stay between them."""
    found = [
        line.text if line.text.startswith("#") else rows.cells_of(path, line)
        for line in lines
        if line.text
    ]
    cells = [
        [cell.replace("|", "\\|") for cell in row] for row in found if not isinstance(row, str)
    ]
    widths = [max(map(len, column)) for column in zip(*cells)]
    laid = iter(cells)
    for row in found:
        if isinstance(row, str):
            yield row
        else:
            padded = [f"{cell:<{width}}" for cell, width in zip(next(laid), widths)]
            yield f"| {' | '.join(padded)} |"
