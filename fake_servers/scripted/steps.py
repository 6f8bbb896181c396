"""A timeline as the server plays it: what it waits for, what it writes at once."""

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
    """What leaves in one write: the `S:` lines between which nothing stands.

    line  of the first
    cut   only so many octets of it are sent; None for all
    """

    line: int
    templates: tuple[Template, ...]
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """An `R:` line: by then the client may not have sent more than its `C:` lines."""

    line: int


Action = Union[Expect, Write, Directive, Group, Quiet]


@dataclass(frozen=True, slots=True)
class Step:
    """One action, and the `A:` or `R:` line that the caller must have passed before it."""

    action: Action
    needs: int


def steps(items: Iterable[Item]) -> list[Step]:
    """The steps of a timeline, or of one branch of a group, in order."""
    steps: list[Step] = []
    needs = 0
    cut: int | None = None
    joins = False
    for item in items:
        if isinstance(item, Move):
            continue
        if isinstance(item, (Call, Result)):
            needs, joins = item.line, False
            if isinstance(item, Result):
                steps.append(Step(Quiet(item.line), needs))
        elif isinstance(item, Send):
            last = steps[-1].action if joins else None
            if isinstance(last, Write):
                written = Write(last.line, (*last.templates, item.template))
                steps[-1] = Step(written, needs)
            else:
                steps.append(Step(Write(item.line, (item.template,), cut), needs))
            joins, cut = cut is None, None
        elif isinstance(item, Directive) and item.name == "cut":
            cut, joins = int(item.args[0]), False
        else:
            if isinstance(item, (Expect, Group)) and _ends_quietly(steps, needs):
                steps.pop()
            steps.append(Step(item, needs))
            joins = False
    return steps


def _ends_quietly(steps: list[Step], needs: int) -> bool:
    """True right below an `R:` line: a `C:` line there takes what was sent before it."""
    return bool(steps) and isinstance(steps[-1].action, Quiet) and steps[-1].needs == needs


def exchanges(items: Iterable[Item]) -> list[tuple[Item, ...]]:
    """The branch of an `any` group, cut before each of its `C:` lines."""
    parts: list[list[Item]] = []
    for item in items:
        if isinstance(item, Expect):
            parts.append([])
        if not isinstance(item, Move):
            parts[-1].append(item)
    return [tuple(part) for part in parts]


def head(items: Iterable[Item]) -> Expect:
    """The `C:` line by which a branch or an exchange is known."""
    return next(item for item in items if isinstance(item, Expect))


def next_heads(todo: Iterable[Step]) -> list[Expect]:
    """The lines of the client that may come next, where these steps are still to be played."""
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
    """Whether more is wanted of the client on this connection behind the step `after`.

    A call that only closes and a group that may be left out are nothing to stay for.
    """
    end = math.inf
    for step in todo:
        action = step.action
        if isinstance(action, Directive) and action.name == "accept":
            end = action.line
            break
        if isinstance(action, Expect) or (isinstance(action, Group) and action.kind != "opt"):
            return True
    begun = max(after.action.line, after.needs)
    return any(begun < call.line < end and not call.op.endswith(".close") for call in calls)


def expected_moves(items: Iterable[Item], taken: frozenset[int]) -> Iterator[Move]:
    """The `T:` lines in order, those of groups only for the branches that were taken.

    `taken` holds, for each branch that the client took, the line of its first item.
    """
    for item in items:
        if isinstance(item, Move):
            yield item
        elif isinstance(item, Group):
            for branch in item.branches:
                if branch[0].line in taken:
                    yield from expected_moves(branch, taken)
