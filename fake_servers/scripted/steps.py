"""A timeline as the server plays it: what each step waits for, what leaves in one write."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Union

from fake_servers.trace.syntax import (
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Move,
    Result,
    Send,
    Template,
)


@dataclass(frozen=True, slots=True)
class Write:
    """What leaves in one write: consecutive `S:` lines.

    line  that of the first
    cut   the number of octets that are sent; None for all
    """

    line: int
    templates: tuple[Template, ...]
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """An `R:` line: up to here the client must not send more than its `C:` lines."""

    line: int


Action = Union[Expect, Write, Directive, Group, Quiet]


@dataclass(frozen=True, slots=True)
class Step:
    """One action, and the `A:` or `R:` line that the caller must pass before it."""

    action: Action
    needs: int


def steps(items: Iterable[Item]) -> list[Step]:
    """The steps of a timeline, or of one branch of a group, in order."""
    found: list[Step] = []
    needs = 0
    cut: int | None = None
    joins = False
    for item in items:
        if isinstance(item, Move):
            continue
        if isinstance(item, (Call, Result)):
            needs, joins = item.line, False
            if isinstance(item, Result):
                found.append(Step(Quiet(item.line), needs))
        elif isinstance(item, Send):
            last = found[-1].action if joins else None
            if isinstance(last, Write):
                written = Write(last.line, (*last.templates, item.template))
                found[-1] = Step(written, needs)
            else:
                found.append(Step(Write(item.line, (item.template,), cut), needs))
            joins, cut = cut is None, None
        elif isinstance(item, Directive) and item.name == "cut":
            cut, joins = int(item.args[0]), False
        else:
            if isinstance(item, (Expect, Group)) and _ends_quietly(found, needs):
                found.pop()
            found.append(Step(item, needs))
            joins = False
    return found


def _ends_quietly(found: list[Step], needs: int) -> bool:
    """True right below an `R:` line: a `C:` line there takes what was sent before it."""
    return bool(found) and isinstance(found[-1].action, Quiet) and found[-1].needs == needs


def exchanges(items: Iterable[Item]) -> list[tuple[Item, ...]]:
    """The branch of an `any` group, split before each of its `C:` lines."""
    parts: list[list[Item]] = []
    for item in items:
        if isinstance(item, Expect):
            parts.append([])
        if not isinstance(item, Move):
            parts[-1].append(item)
    return [tuple(part) for part in parts]


def head(items: Iterable[Item]) -> Expect:
    """The `C:` line by which a branch or an exchange is recognised."""
    return next(item for item in items if isinstance(item, Expect))


def next_heads(todo: Iterable[Step]) -> list[Expect]:
    """The `C:` lines that may come next if these are the steps to come."""
    found: list[Expect] = []
    for step in todo:
        action = step.action
        if isinstance(action, Expect):
            return [*found, action]
        if isinstance(action, Group):
            parts = exchanges(action.branches[0]) if action.kind == "any" else action.branches
            found += [head(part) for part in parts]
            if action.kind != "opt":
                return found
    return found


def asks_for_more(todo: Iterable[Step], calls: Iterable[Call], after: Step) -> bool:
    """Whether the trace expects more of the client on this connection after the step `after`.

    A call that only closes and a group that may be left out do not count.
    """
    end = math.inf
    for step in todo:
        action = step.action
        if isinstance(action, Directive) and action.name == "accept":
            end = action.line
            break
        if isinstance(action, Expect) or (isinstance(action, Group) and action.kind != "opt"):
            return True
    start = max(after.action.line, after.needs)
    return any(start < call.line < end and not call.op.endswith(".close") for call in calls)


def expected_moves(items: Iterable[Item], taken: frozenset[int]) -> Iterator[Move]:
    """The `T:` lines in order; of groups, only those of the branches that the client took.

    `taken` has, for each of those branches, the line of its first item.
    """
    for item in items:
        if isinstance(item, Move):
            yield item
        elif isinstance(item, Group):
            for branch in item.branches:
                if branch[0].line in taken:
                    yield from expected_moves(branch, taken)
