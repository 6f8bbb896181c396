"""Compares the moves that a client reports with those of the trace and of the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.finding import Axis, JudgedFinding
from conformance.model import disagreement, observer
from conformance.model.replies import BAD
from conformance.subject.answer import Move
from conformance.verdict import Verdict
from fake_servers.log import Event
from fake_servers.scripted.steps import expected_moves
from fake_servers.trace import syntax

Reported = Sequence[tuple[Move, int]]
"""Moves without internal ones, each with the line of the call that reported it."""
NO_MOVE: Move = ("", "", "")


def compare_listed(
    trace: syntax.Trace, taken: frozenset[int], reported: Reported
) -> JudgedFinding | None:
    """The first difference between the `T:` lines and the moves.

    With `moves: all` both lists must be the same; otherwise the moves must contain the lines in
    their order. `taken` says which branches of groups count.
    """
    listed = list(expected_moves(trace.items, taken))
    if trace.moves_all:
        return _compare_all(listed, reported)
    remaining = iter(move for move, _ in reported)
    for item in listed:
        if _names(item) not in remaining:
            return _part(item.line, _show(_names(item)), "(not among the moves)")
    return None


def _compare_all(listed: Sequence[syntax.Move], reported: Reported) -> JudgedFinding | None:
    for item, (move, _) in zip(listed, reported):
        if _names(item) != move:
            return _part(item.line, _show(_names(item)), _show(move))
    if len(listed) > len(reported):
        item = listed[len(reported)]
        return _part(item.line, _show(_names(item)), "(no more moves)")
    if len(reported) > len(listed):
        move, line = reported[len(listed)]
        last = listed[-1].line if listed else 0
        return _part(max(line, last), "(no more T: lines)", _show(move))
    return None


def compare_predicted(
    trace: syntax.Trace, events: Iterable[Event], reported: Reported
) -> JudgedFinding | None:
    """The first difference between the moves and those that the octets on the wire imply.

    If the difference is whether a reply is malformed, the case says how bad that is. The model
    has no row for some commands that an RFC allows, such as NOOP within a transaction. Behind
    such a command it no longer knows the client's state.
    """
    protocol = trace.protocol
    log = list(events)
    moves = [move for move, _ in reported]
    parted = disagreement.disagreement(protocol, observer.predict(protocol, log), moves)
    if parted is None or _is_free(log, parted):
        return None
    at = min(parted.index, len(reported) - 1)
    line = reported[at][1] if reported else 0
    is_lenience = (parted.predicted or NO_MOVE)[1] == BAD or (parted.reported or NO_MOVE)[1] == BAD
    forbidden = parted.predicted is not None and parted.predicted[2] == observer.NOWHERE
    return JudgedFinding(
        (
            "the wire shows a move that the protocol does not allow"
            if forbidden
            else f"move {parted.index + 1} of the client is not the move that the wire implies"
        ),
        line,
        "(no more moves)" if parted.predicted is None else _show(parted.predicted),
        "(no more moves)" if parted.reported is None else _show(parted.reported),
        axis=Axis.MOVES,
        verdict=Verdict(trace.breach) if trace.breach and is_lenience else Verdict.FAIL,
    )


def _is_free(events: Sequence[Event], parted: disagreement.Disagreement) -> bool:
    """Whether the model does not allow a move that the server accepted as legal."""
    if parted.predicted is None or parted.predicted[2] != observer.NOWHERE:
        return False
    command = parted.predicted[1].removeprefix("CMD_")
    return any(command == event.data.get("extra") for event in events)


def _part(line: int, expected: str, actual: str) -> JudgedFinding:
    reason = "the moves of the client differ from the T: lines"
    return JudgedFinding(reason, line, expected, actual, axis=Axis.MOVES, verdict=Verdict.FAIL)


def _names(item: syntax.Move) -> Move:
    return (item.state, item.event, item.next)


def _show(move: Move) -> str:
    return "T: " + " ".join(move)
