"""Checks a trace's requests and expected values against driver.schema.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.doctor.lines import errors, schema
from conformance.lint.problem import Problem
from conformance.subject.answer import to_json
from conformance.values import as_arguments, notation
from fake_servers.trace.syntax import Result, Template, Trace, Value
from fake_servers.trace.template import Bindings

_HOLE = b"eA=="
"""A text, also legal as base64, in the place of what only a run knows."""


class _Placeholders(Bindings):
    """Gives every hole the same octets."""

    def render(self, template: Template) -> bytes:
        return b"".join(part if isinstance(part, bytes) else _HOLE for part in template)


def arguments(
    trace: Trace, line: int, name: str, given: Mapping[str, Value], kind: str = ""
) -> Iterator[Problem]:
    """Arguments whose value or type the schema of this op does not allow.

    `kind` is `goal_` for goals.
    calls.arguments() reports names that are unknown or missing.
    """
    row = to_json(as_arguments(given, _Placeholders(0, trace.id)))
    for error in errors(row, f"{kind}args", name):
        path = list(error.absolute_path)
        if not path:
            continue
        argument = str(path[0])
        message = f"driver.schema.json does not allow this argument: {error.message[:200]}"
        if isinstance(row[argument], list) and error.validator_value == "string" and len(path) == 1:
            message = _is_no_text(argument, row[argument])
        yield Problem(trace.path, line, argument, message)


def result(trace: Trace, expected: Result, name: str, kind: str = "") -> Iterator[Problem]:
    """Lists that are expected where an answer cannot have a list."""
    for each in expected.alternatives():
        yield from _values(trace, expected.line, name, each.values, kind)


def _values(
    trace: Trace, line: int, name: str, given: Mapping[str, Value], kind: str
) -> Iterator[Problem]:
    known = schema()["$defs"][f"{kind}values"].get(name, {}).get("properties", {})
    for value, wanted in given.items():
        if isinstance(wanted, list) and "array" not in str(known.get(value, "array")):
            shown = _Placeholders(0, trace.id).value(wanted)
            yield Problem(trace.path, line, value, _is_no_text(value, shown))


def _is_no_text(name: str, value: Any) -> str:
    quoted = notation(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'this is a list, but must be a text; quote it: {name}="{quoted}"'
