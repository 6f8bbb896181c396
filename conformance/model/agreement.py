"""Compares the table that a client was compiled with to the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conformance.model.table import PROTOCOLS, load


class CompiledRow(Protocol):
    """A row of a client's table; internal rows are choices that do not show on the wire."""

    @property
    def state(self) -> str:
        """The state that it leaves."""

    @property
    def event(self) -> str:
        """What happens."""

    @property
    def next(self) -> str:
        """The state that follows."""

    @property
    def internal(self) -> bool:
        """Whether it is a choice of the client only."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The rows that only one of the two has, as (protocol, state, event, next)."""

    only_model: tuple[tuple[str, str, str, str], ...]
    only_client: tuple[tuple[str, str, str, str], ...]

    @property
    def whole(self) -> bool:
        """Whether both have the same rows."""
        return not self.only_model and not self.only_client

    def sentences(self) -> list[str]:
        """One sentence for each row."""
        return [
            f"{side}: {protocol} {state} {event} {following}"
            for side, rows in (
                ("only the model has", self.only_model),
                ("only the client has", self.only_client),
            )
            for protocol, state, event, following in rows
        ]


def compare(tables: Mapping[str, Sequence[CompiledRow]]) -> Agreement:
    """The rows that only the model or only the client has; internal rows are left out.

    tables  the client's rows by protocol; a protocol without an entry has no rows
    """
    client = {
        (protocol, row.state, row.event, row.next)
        for protocol, rows in tables.items()
        for row in rows
        if not row.internal
    }
    model = {
        (protocol, row.state, row.event, row.next)
        for protocol in PROTOCOLS
        for row in load(protocol).rows
    }
    return Agreement(tuple(sorted(model - client)), tuple(sorted(client - model)))
