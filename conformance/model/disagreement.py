"""Compares the moves that a client reports with those that the wire implies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.model.observer import NOWHERE, Predicted
from conformance.model.table import START, Model, load

Move = tuple[str, str, str]
"""State, event and next state."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The first difference between prediction and report; None means no further move.

    index  the place in the client's report, from 0
    seq    the event that shows the predicted move, or None
    """

    index: int
    predicted: Move | None
    reported: Move | None
    seq: int | None


def disagreement(
    protocol: str, predicted: Sequence[Predicted], reported: Sequence[Move]
) -> Disagreement | None:
    """The first difference between the moves on the wire and in the client's report, or None.

    `reported` are the client's moves (state, event, next) without its internal ones.
    """
    model = load(protocol)
    at = 0
    is_missing = False
    for place, move in enumerate(predicted):
        state = move.state
        if state == START:
            is_missing = move.lost and not _has(reported[at:], predicted[place:])
        if is_missing:
            continue
        if move.unseen and at < len(reported) and _is_own(model, state, reported[at]):
            state = reported[at][2]
            at += 1
        row = model.successor(state, move.event)
        expected = (state, move.event, row.next if row is not None else NOWHERE)
        if move.alternative and at < len(reported) and reported[at][1] == move.alternative:
            expected = (state, move.alternative, expected[2])
        if move.optional and (at >= len(reported) or reported[at][0] == START):
            continue
        if at >= len(reported) or tuple(reported[at]) != expected:
            return Disagreement(
                at, expected, reported[at] if at < len(reported) else None, move.seq
            )
        at += 1
    return Disagreement(at, None, reported[at], None) if at < len(reported) else None


def _has(reported: Sequence[Move], predicted: Sequence[Predicted]) -> bool:
    """Whether the report begins with the moves of the first connection of the prediction."""
    ends = (at for at, move in enumerate(predicted) if at and move.state == START)
    moves = [(move.state, move.event, move.next) for move in predicted[: next(ends, None)]]
    return list(reported[: len(moves)]) == moves


def _is_own(model: Model, state: str, move: Move) -> bool:
    """Whether the move is a command, response or end of data that the model allows here."""
    row = model.successor(state, move[1])
    own = move[1].startswith(("CMD_", "END_OF_DATA")) or move[1] in ("RESPONSE", "CANCEL")
    return own and row is not None and move == (state, move[1], row.next)
