"""The legal moves, read from pop3.tsv and smtp.tsv beside this module.

A row is a state, an event, the next state and the RFC section that allows it. A row with the
state `*` holds in every state in which a connection can fail, unless the state has a row of its
own for the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
PROTOCOLS = ("pop3", "smtp")
WILDCARD = "*"
START = "START"
ENDS = frozenset({"CLOSED", "FAILED"})
"""States that nothing leaves."""

CHOICES: Mapping[str, str] = MappingProxyType({"WAIT_EACH": "READY"})
"""From a state that waits for several replies to the one after the last: no octet shows it."""

_HEADER = ["state", "event", "next", "rfc"]


class ModelError(Exception):
    """The table is broken; the message names the file, the line and the fault."""


@dataclass(frozen=True, slots=True)
class Row:
    """One legal move, and the section of the RFC that allows it."""

    state: str
    event: str
    next: str
    rfc: str


class Model:
    """The rows of one protocol."""

    def __init__(self, protocol: str, rows: Iterable[Row]) -> None:
        """Raises ModelError for a second row of the same state and event."""
        self.protocol = protocol
        self.rows: tuple[Row, ...] = tuple(rows)
        self._by_pair: dict[tuple[str, str], Row] = {}
        for row in self.rows:
            if (row.state, row.event) in self._by_pair:
                raise ModelError(f"{protocol}: {row.state} {row.event} has two rows; remove one")
            self._by_pair[row.state, row.event] = row
        self.states = frozenset(
            state for row in self.rows for state in (row.state, row.next) if state != WILDCARD
        )
        self.events = frozenset(row.event for row in self.rows)

    def successor(self, state: str, event: str) -> Row | None:
        """The row for `event` in `state`, wildcard rows included, or None."""
        row = self._by_pair.get((state, event))
        if row is None and state in self.states and state not in ENDS and state != START:
            row = self._by_pair.get((WILDCARD, event))
        return row


def read(protocol: str, path: Path) -> Model:
    """The model in the TSV file `path`; raises ModelError."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split("\t")
        if number == 1:
            if cells != _HEADER:
                raise ModelError(f"{path.name}:1: the header must be {' '.join(_HEADER)}")
        elif len(cells) != len(_HEADER) or not all(cells):
            raise ModelError(f"{path.name}:{number}: a row must have {len(_HEADER)} filled columns")
        else:
            rows.append(Row(*cells))
    return Model(protocol, rows)


@cache
def load(protocol: str) -> Model:
    """The model of `pop3` or `smtp`, read once a process."""
    return read(protocol, FOLDER / f"{protocol}.tsv")
