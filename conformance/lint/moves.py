"""The moves of a linear trace against the protocol model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.lint.problem import Problem
from conformance.model.table import CHOICES, ENDS, START, load
from fake_servers.trace.syntax import Group, Item, Move, Trace


def check(trace: Trace) -> Iterator[Problem]:
    """Moves that the model has not, and with `moves: all` breaks in their path."""
    model = load(trace.protocol)
    moves = list(_moves(trace.items))
    if trace.moves_all and not moves:
        line = trace.header_lines.get("moves", 1)
        yield Problem(trace.path, line, "all", "all moves are promised and none is listed")
    state = START
    for move in moves:
        row = model.successor(move.state, move.event)
        if row is None:
            token = f"{move.state} {move.event}"
            yield Problem(trace.path, move.line, token, "the model has no such move")
        elif row.next != move.next:
            message = f"by the model this move leads to {row.next}"
            yield Problem(trace.path, move.line, move.next, message)
        reconnects = state in ENDS or move.event == "CONNECTED"
        chosen = move.state == CHOICES.get(state)
        if trace.moves_all and not chosen and move.state != (START if reconnects else state):
            message = f"a break in the path: the client is in {START if reconnects else state}"
            yield Problem(trace.path, move.line, move.state, message)
        state = move.next


def _moves(items: Iterable[Item]) -> Iterator[Move]:
    for item in items:
        if isinstance(item, Move):
            yield item
        elif isinstance(item, Group):
            for branch in item.branches:
                yield from _moves(branch)
