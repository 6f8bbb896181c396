"""The compiled table of states and moves that a subject prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a subject's compiled table; `state` may be `*`, any state without its own row."""

    state: str
    event: str
    action: str
    next: str
    rfc: str
    internal: bool


TABLE_COLUMNS = ("protocol", "state", "event", "action", "next", "rfc", "internal")


def parse_table(text: str) -> dict[str, tuple[TableRow, ...]]:
    """The rows by protocol from the TSV that a table tool such as mailc-table prints.

    text  a head line with TABLE_COLUMNS, then one row a line; `internal` is 0 or 1
    Raises ValueError with the line's number when a line is anything else.
    """
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != TABLE_COLUMNS:
        raise ValueError("line 1: the head must be " + " ".join(TABLE_COLUMNS))
    rows: dict[str, list[TableRow]] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(TABLE_COLUMNS) or cells[6] not in ("0", "1"):
            raise ValueError(
                f"line {number}: not {len(TABLE_COLUMNS)} columns with internal 0 or 1"
            )
        protocol, state, event, action, following, rfc, internal = cells
        rows.setdefault(protocol, []).append(
            TableRow(state, event, action, following, rfc, internal == "1")
        )
    return {protocol: tuple(found) for protocol, found in rows.items()}
