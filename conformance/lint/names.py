"""Names of templates: each is bound before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.lint.problem import Problem
from fake_servers.trace.functions import SIGNATURES
from fake_servers.trace.syntax import (
    Call,
    Expect,
    Func,
    Group,
    Item,
    Name,
    Result,
    Send,
    Template,
    Trace,
    Value,
)


class _Bound:
    """The names that have a value so far."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._names: set[str] = set()

    def use(self, template: Template | None, line: int, binds: bool) -> Iterator[Problem]:
        """Take in a template; with `binds` a free name is bound, else it is a problem."""
        for part in template or ():
            if isinstance(part, Name):
                if binds:
                    self._names.add(part.name)
                elif part.name not in self._names:
                    message = "the name has no value yet; C: lines and drawing functions bind names"
                    yield Problem(self._trace.path, line, f"${part.name}", message)
            elif isinstance(part, Func):
                yield from self._function(part, line)

    def _function(self, function: Func, line: int) -> Iterator[Problem]:
        signature = SIGNATURES.get(function.name)
        if signature is not None and signature.draws and function.args:
            first = b"".join(part for part in function.args[0] if isinstance(part, bytes))
            self._names.add(first.decode("utf-8", "replace"))
        for argument in function.args:
            yield from self.use(argument, line, binds=False)

    def value(self, value: Value | None, line: int) -> Iterator[Problem]:
        """Take in a value, the items of a list in their order."""
        if isinstance(value, list):
            for item in value:
                yield from self.value(item, line)
        elif isinstance(value, tuple):
            yield from self.use(value, line, binds=False)

    def values(self, values: Iterable[Value], line: int) -> Iterator[Problem]:
        """Take in several values."""
        for value in values:
            yield from self.value(value, line)


def check(trace: Trace) -> Iterator[Problem]:
    """Names that are used before they have a value."""
    bound = _Bound(trace)
    goal = trace.goal
    if goal is None:
        yield from _items(trace.items, bound)
        return
    yield from bound.values([*goal.args.values(), *goal.server.values()], goal.line)
    for message in goal.messages:
        yield from bound.use(message, goal.line, binds=False)
    for override in goal.overrides:
        for action in override.actions:
            if isinstance(action, Send):
                yield from bound.use(action.template, override.line, binds=False)
    yield from bound.values(goal.result.values.values(), goal.result.line)
    yield from bound.use(goal.result.data, goal.result.line, binds=False)


def _items(items: Iterable[Item], bound: _Bound) -> Iterator[Problem]:
    for item in items:
        if isinstance(item, Call):
            yield from bound.values(item.args.values(), item.line)
            yield from bound.use(item.data, item.line, binds=False)
        elif isinstance(item, Result):
            yield from bound.values(item.values.values(), item.line)
            yield from bound.use(item.data, item.line, binds=False)
        elif isinstance(item, (Expect, Send)):
            yield from bound.use(item.template, item.line, binds=isinstance(item, Expect))
        elif isinstance(item, Group):
            for branch in item.branches:
                yield from _items(branch, bound)
