"""The moves that the model predicts for one way through a linear trace."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.model.dry_run import DryRun
from conformance.model.observer import NOWHERE, Predicted, predict
from fake_servers.trace.syntax import Item, Result, Trace

MOST_COMBINED = 64
"""The most combinations of outcomes that are tried; with more, nothing is predicted."""

Names = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PathMoves:
    """Moves in order; `are_all`: the client makes no others, apart from internal ones."""

    moves: tuple[Names, ...]
    are_all: bool


def path_moves(trace: Trace, items: Sequence[Item]) -> PathMoves:
    """The moves of every client that keeps to these items, whichever of the outcomes it gives.

    items  a timeline without groups
    """
    ways = list(itertools.islice(_with_one_outcome(items), MOST_COMBINED + 1))
    if len(ways) > MOST_COMBINED:
        return PathMoves((), False)
    predicted = [_predicted(replace(trace, items=way)) for way in ways]
    first = predicted[0]
    same = [each.moves == first.moves for each in predicted]
    if all(same):
        return PathMoves(first.moves, all(each.are_all for each in predicted))
    common = itertools.takewhile(
        lambda moves: len(set(moves)) == 1, zip(*(each.moves for each in predicted))
    )
    return PathMoves(tuple(moves[0] for moves in common), False)


def _with_one_outcome(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """The items once for each combination of the outcomes that their results allow."""
    choices: list[list[Item]] = [
        list(item.each_outcome()) if isinstance(item, Result) else [item] for item in items
    ]
    return itertools.product(*choices)


def _predicted(trace: Trace) -> PathMoves:
    """The moves before the first one that a client may leave out or replace on the same octets."""
    moves = predict(trace.protocol, DryRun(trace, options=True).log)
    certain = list(
        itertools.takewhile(
            lambda move: not (move.alternative or move.optional or move.next == NOWHERE), moves
        )
    )
    are_all = len(certain) == len(moves) and not any(move.unseen for move in moves)
    return PathMoves(tuple(map(_names, certain)), are_all)


def _names(move: Predicted) -> Names:
    return move.state, move.event, move.next
