"""Every `$name` of a trace has a value when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fake_servers.trace.error import TraceError
from fake_servers.trace.functions import SIGNATURES
from fake_servers.trace.syntax import (
    TLS_NAMES,
    Call,
    Expect,
    Func,
    Goal,
    Group,
    Item,
    Name,
    Result,
    Send,
    Template,
    Trace,
    Value,
)


def check_names(trace: Trace) -> None:
    """Raise TraceError at the first name that is used before anything gives it a value."""
    bound = set(TLS_NAMES) if trace.uses_tls else set()
    parts = _of_goal(trace.goal) if trace.goal else _of_items(trace.items)
    for line, template, binds in parts:
        if binds:
            bound.update(part.name for part in template if isinstance(part, Name))
        for name in _used(template, bound):
            if name not in bound:
                message = "the name has no value yet; a C: line, random or timestamp gives it one"
                raise TraceError(trace.path, line, f"${name}", message)


def _used(template: Template, bound: set[str]) -> Iterator[str]:
    """The names in a template, in order; a drawing function binds its own on the way."""
    for part in template:
        if isinstance(part, Name):
            yield part.name
        elif isinstance(part, Func):
            if SIGNATURES[part.name].draws and isinstance(part.args[0][0], bytes):
                bound.add(part.args[0][0].decode())
            for arg in part.args:
                yield from _used(arg, bound)


_Part = tuple[int, Template, bool]
"""The line of a template, the template, and whether its free names are bound by it."""


def _of_items(items: Iterable[Item]) -> Iterator[_Part]:
    for item in items:
        if isinstance(item, Expect):
            yield item.line, item.template, True
        elif isinstance(item, Send):
            yield item.line, item.template, False
        elif isinstance(item, Call):
            yield from _of_values(item.line, item.args, item.data)
        elif isinstance(item, Result):
            yield from _of_result(item)
        elif isinstance(item, Group):
            for branch in item.branches:
                yield from _of_items(branch)


def _of_goal(goal: Goal) -> Iterator[_Part]:
    yield from _of_values(goal.line, goal.args, None)
    yield from _of_values(goal.line, goal.server, None)
    for message in goal.messages:
        yield goal.line, message, False
    for override in goal.overrides:
        yield from _of_items(override.actions)
    yield from _of_result(goal.result)


def _of_result(result: Result) -> Iterator[_Part]:
    for each in result.alternatives():
        yield from _of_values(result.line, each.values, each.data)


def _of_values(line: int, values: dict[str, Value], data: Template | None) -> Iterator[_Part]:
    for value in values.values():
        yield from _of_value(line, value)
    if data is not None:
        yield line, data, False


def _of_value(line: int, value: Value) -> Iterator[_Part]:
    if isinstance(value, list):
        for item in value:
            yield from _of_value(line, item)
    elif isinstance(value, tuple):
        yield line, value, False
