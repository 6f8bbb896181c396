"""Lays the table that a client was compiled with beside the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.model.table import PROTOCOLS, load

COLUMNS = ("protocol", "state", "event", "action", "next", "rfc", "internal")


class TableError(Exception):
    """What the client printed is no table; the message names line and fault."""


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """One row of a client's table; `internal` rows are choices that no wire shows."""

    protocol: str
    state: str
    event: str
    action: str
    next: str
    rfc: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """The rows that only one side has, as (protocol, state, event, next)."""

    only_model: tuple[tuple[str, str, str, str], ...]
    only_client: tuple[tuple[str, str, str, str], ...]

    @property
    def whole(self) -> bool:
        """Whether both sides have the same rows."""
        return not self.only_model and not self.only_client

    def sentences(self) -> list[str]:
        """One sentence a row."""
        return [
            f"{side}: {protocol} {state} {event} {following}"
            for side, rows in (
                ("only the model has", self.only_model),
                ("only the client has", self.only_client),
            )
            for protocol, state, event, following in rows
        ]


def parse(text: str) -> list[CompiledRow]:
    """The rows that `mailc-table` prints as TSV; raises TableError."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise TableError(f"line 1: the header must be {' '.join(COLUMNS)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise TableError(f"line {number}: a row has {len(COLUMNS)} columns")
        if cells[0] not in PROTOCOLS or cells[6] not in ("0", "1"):
            raise TableError(f"line {number}: unknown protocol or internal is not 0 or 1")
        rows.append(CompiledRow(*cells[:6], internal=cells[6] == "1"))
    return rows


def compare(rows: Sequence[CompiledRow]) -> Agreement:
    """Name the rows that only the model or only the client has, internal ones left out."""
    client = {(r.protocol, r.state, r.event, r.next) for r in rows if not r.internal}
    model = {
        (protocol, row.state, row.event, row.next)
        for protocol in PROTOCOLS
        for row in load(protocol).rows
    }
    return Agreement(tuple(sorted(model - client)), tuple(sorted(client - model)))
