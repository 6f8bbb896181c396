"""Tables: the rows below a timeline, each of which fills its holes and makes a case.

`rows:` begins a table, `rows: NAME` takes one of tables.txt, which the language brings along.
A cell may have holes for other columns itself.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fake_servers.trace.error import TraceError
from fake_servers.trace.fill import HOLE, KEY, KEYS_OF_ROWS, Row, whole_cells
from fake_servers.trace.lines import Line, first_word

NAMED = Path(__file__).with_name("tables.txt")
"""The tables of the language."""

MOST_COMBINED = 1 << 16
"""So many combinations of rows are looked at."""

_COLUMN = re.compile(r"[a-z][a-z0-9_-]*")
_RULE = re.compile(r":?-{3,}:?")
_CELL = re.compile(r"((?:\\\||[^|])*)\|")


@dataclass(slots=True)
class Source:
    """The lines of a table as they stand in the file; `title` is that of `rows:`."""

    title: Line
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read; `name` is empty for one that stands in the file.

    `head` is the line of the columns.
    """

    title: Line
    name: str
    head: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def is_title(text: str) -> bool:
    """Whether a line begins a table."""
    return text.startswith("rows:") and text[5:6] in ("", " ", "\t")


def read(path: Path, source: Source) -> Table:
    """A table with its cells; raises TraceError."""
    name = source.title.text[len("rows:") :].strip()
    if not name:
        return _read(path, source, "")
    if name not in named():
        known = ", ".join(named())
        message = f"there is no such table; those of the language are {known}"
        raise TraceError(path, source.title.number, name, message)
    own = [line for line in source.lines if line.text and line.text[0] != "#"]
    if own:
        message = "a table of the language has no rows here"
        raise TraceError(path, own[0].number, "|", message)
    table = named()[name]
    return replace(table, title=source.title)


@functools.cache
def named() -> dict[str, Table]:
    """The tables of the language by their names."""
    sources: list[Source] = []
    for number, text in enumerate(NAMED.read_text("utf-8").splitlines(), 1):
        line = Line(number, text.strip())
        if is_title(line.text):
            sources.append(Source(line))
        elif line.text and not line.text.startswith("#"):
            sources[-1].lines.append(line)
    tables = {}
    for source in sources:
        name = source.title.text[len("rows:") :].strip()
        table = _read(NAMED, source, name)
        rows = tuple(Row(0, row.cells) for row in table.rows)
        tables[name] = replace(table, rows=rows)
    return tables


def _read(path: Path, source: Source, name: str) -> Table:
    own = [line for line in source.lines if line.text and line.text[0] != "#"]
    if not own:
        raise TraceError(path, source.title.number, "rows:", "the table has no columns")
    head, *lines = own
    columns = cells_of(path, head)
    for column in columns:
        if not _COLUMN.fullmatch(column):
            message = "a column is named by a lower-case word"
            raise TraceError(path, head.number, column, message)
        if columns.count(column) > 1:
            raise TraceError(path, head.number, column, "two columns have this name")
    if not lines:
        raise TraceError(path, head.number, "|", "the table has no row below its columns")
    rows = tuple(_row(path, line, columns) for line in lines)
    return Table(source.title, name, head.number, columns, rows)


def _row(path: Path, line: Line, columns: Sequence[str]) -> Row:
    cells = cells_of(path, line)
    if len(cells) != len(columns):
        token = cells[min(len(cells), len(columns)) - 1]
        message = f"the row has {len(cells)} cells, the table {len(columns)} columns"
        raise TraceError(path, line.number, token, message)
    if all(_RULE.fullmatch(cell) for cell in cells):
        message = "the columns stand right above the rows, without a rule between them"
        raise TraceError(path, line.number, cells[0], message)
    return Row(line.number, dict(zip(columns, cells)))


def cells_of(path: Path, line: Line) -> tuple[str, ...]:
    """The cells of `| a | b |`."""
    text = line.text.rstrip(" \t")
    if not text.startswith("|"):
        token = first_word(text)
        message = "a row begins with |, the next case with id:; a timeline stands above its tables"
        raise TraceError(path, line.number, token, message)
    if len(text) == 1 or not text.endswith("|") or text.endswith("\\|"):
        token = text.rpartition("|")[2].strip(" \t")
        raise TraceError(path, line.number, token, "a row ends with |")
    return tuple(cell.replace("\\|", "|").strip(" \t") for cell in _CELL.findall(text, 1))


def check_columns(path: Path, lines: Iterable[Line], tables: Sequence[Table]) -> None:
    """Raise TraceError for a column of the file's own tables that nothing uses."""
    used = {name for line in lines if line.text[:1] != "#" for name in HOLE.findall(line.text)}
    inner = (cell for table in tables for row in table.rows for cell in row.cells.values())
    used.update(name for cell in inner for name in HOLE.findall(cell))
    missing = KEYS_OF_ROWS - {found[1] for line in lines if (found := KEY.match(line.text))}
    for table in tables:
        others = {column for other in tables if other is not table for column in other.columns}
        for column in table.columns:
            if not table.name and column not in used | missing | others:
                raise TraceError(path, table.head, column, "nothing uses this column")


def check_id(path: Path, header: Iterable[Line], tables: Sequence[Table]) -> None:
    """Raise TraceError for a hole of the id that no column fills."""
    columns = {column for table in tables for column in table.columns}
    for line in header:
        holes = HOLE.finditer(line.text) if line.text.startswith("id:") else ()
        for hole in holes:
            if hole[1] not in columns:
                message = "no column has this name"
                if not tables:
                    message = "there is no table for this hole; rows: below the timeline begins one"
                raise TraceError(path, line.number, hole[0], message)


def combined(path: Path, tables: Sequence[Table]) -> Iterator[Row]:
    """Each combination of the tables' rows, the first table outermost.

    Tables that share a column are joined by it. The row's line is that of the first table that
    stands in the file.
    """
    found: list[tuple[Row, ...]] = [()]
    for nth, table in enumerate(tables):
        others = {column for other in tables[:nth] for column in other.columns}
        found = _joined(path, found, table, [name for name in table.columns if name in others])
    taken = {id(row) for rows in found for row in rows}
    for table in tables:
        for row in table.rows:
            if row.number and id(row) not in taken:
                message = "no row of the other tables fits to this one"
                raise TraceError(path, row.number, next(iter(row.cells.values())), message)
    for rows in found:
        number = next((row.number for row in rows if row.number), tables[0].title.number)
        cells = {name: cell for row in rows for name, cell in row.cells.items()}
        yield Row(number, whole_cells(path, number, cells))


def _joined(
    path: Path, found: Sequence[tuple[Row, ...]], table: Table, shared: Sequence[str]
) -> list[tuple[Row, ...]]:
    """What was found with each row of a table that has the same cells in the shared columns."""
    if not shared and len(found) * len(table.rows) > MOST_COMBINED:
        message = f"the tables have more than {MOST_COMBINED} combinations"
        raise TraceError(path, table.title.number, "rows:", message)
    by_key: dict[tuple[str, ...], list[Row]] = {}
    for row in table.rows:
        by_key.setdefault(tuple(row.cells[name] for name in shared), []).append(row)
    joined: list[tuple[Row, ...]] = []
    for before in found:
        cells = {name: cell for row in before for name, cell in row.cells.items()} if shared else {}
        joined += [(*before, row) for row in by_key.get(tuple(cells[name] for name in shared), [])]
        if len(joined) > MOST_COMBINED:
            message = f"the tables have more than {MOST_COMBINED} combinations"
            raise TraceError(path, table.title.number, "rows:", message)
    return joined
