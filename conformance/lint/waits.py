"""Places of a linear trace where client and server would wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.lint.problem import Problem
from fake_servers.trace.syntax import (
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Move,
    Result,
    Send,
    Trace,
)

_GIVES_UP = frozenset({"timeout", "io-error"})
"""Outcomes of a client that waited in vain."""


def check(trace: Trace) -> Iterator[Problem]:
    """An `R:` above the server line for which its call waits: each would wait for the other."""
    calls = [at for at, item in enumerate(trace.items) if isinstance(item, Call)]
    for begin, end in zip(calls, [*calls[1:], len(trace.items)]):
        call = trace.items[begin]
        assert isinstance(call, Call)
        items = trace.items[begin + 1 : end]
        at = next(at for at, item in enumerate(items) if isinstance(item, Result))
        result = items[at]
        assert isinstance(result, Result)
        if _waits(call, items[:at]) and _speaks(items[at + 1 :]) and not _gives_up(result):
            message = (
                f"{call.op} waits for a server line that comes only after this line;"
                " move the R: line below it"
            )
            yield Problem(trace.path, result.line, "R:", message)


def _gives_up(result: Result) -> bool:
    return bool(_GIVES_UP & set(result.outcomes))


def _waits(call: Call, items: Iterable[Item]) -> bool:
    """Whether the server still owes the client a reply where its call must end."""
    wire = [item for item in items if not isinstance(item, Move)]
    if not wire:
        return call.op.endswith(".connect")
    return not call.op.endswith(".close") and _is_owed(wire[-1])


def _is_owed(item: Item) -> bool:
    if isinstance(item, Group):
        ends = [[each for each in branch if not isinstance(each, Move)] for branch in item.branches]
        return any(_is_owed(end[-1]) for end in ends)
    return isinstance(item, Expect)


def _speaks(items: Iterable[Item]) -> bool:
    """Whether the server is the next to send."""
    for item in items:
        if not isinstance(item, Move):
            return isinstance(item, (Send, Directive))
    return False
