"""The moves of a linear trace against the protocol model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.lint.problem import Problem
from conformance.model.table import CHOICES, ENDS, START, Model, load
from fake_servers.trace.syntax import Group, Item, Move, Trace

States = frozenset[str]
"""The states that a client can be in: each branch that it may take leads to one of them."""


def check(trace: Trace) -> Iterator[Problem]:
    """Moves that the model does not have, and with `moves: all` moves that do not follow."""
    if trace.moves_all and not any(_moves(trace.items)):
        line = trace.header_lines.get("moves", 1)
        yield Problem(
            trace.path, line, "all", "moves: all needs T: lines, but there are no T: lines", False
        )
    problems: list[Problem] = []
    _walk(trace, load(trace.protocol), trace.items, frozenset({START}), problems)
    yield from problems


def _walk(
    trace: Trace, model: Model, items: Iterable[Item], states: States, problems: list[Problem]
) -> States:
    """Follow the moves from `states`; returns the states to which they lead."""
    for item in items:
        if isinstance(item, Move):
            _check(trace, model, item, states, problems)
            states = frozenset({item.next})
        elif isinstance(item, Group):
            ends = [_walk(trace, model, branch, states, problems) for branch in item.branches]
            states = frozenset().union(*ends, states if item.kind == "opt" else ())
    return states


def _check(trace: Trace, model: Model, move: Move, states: States, problems: list[Problem]) -> None:
    row = model.successor(move.state, move.event)
    if row is None:
        token = f"{move.state} {move.event}"
        problems.append(Problem(trace.path, move.line, token, "the model has no such move", False))
    elif row.next != move.next:
        message = f"in the model this move leads to {row.next}"
        problems.append(Problem(trace.path, move.line, move.next, message, False))
    reachable = {START} if move.event == "CONNECTED" else {_after(state) for state in states}
    reachable |= {CHOICES[state] for state in states if state in CHOICES}
    if trace.moves_all and move.state not in reachable:
        message = f"this move does not follow: the client is in {' or '.join(sorted(reachable))}"
        problems.append(Problem(trace.path, move.line, move.state, message, False))


def _after(state: str) -> str:
    """The state from which the next move starts: START if the session has ended."""
    return START if state in ENDS else state


def _moves(items: Iterable[Item]) -> Iterator[Move]:
    for item in items:
        if isinstance(item, Move):
            yield item
        elif isinstance(item, Group):
            for branch in item.branches:
                yield from _moves(branch)
