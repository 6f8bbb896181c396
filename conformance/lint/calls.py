"""Calls and results of a linear trace: ops, arguments, outcomes, values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from conformance.lint.problem import Problem
from conformance.ops import IN_ORDER, OPS, OUTCOMES, Op
from fake_servers.trace.syntax import Call, Result, Trace, Value


def check(trace: Trace) -> Iterator[Problem]:
    """Every call is one that a client can be asked for, every result one that it can give."""
    op: Op | None = None
    for item in trace.items:
        if isinstance(item, Call):
            op = OPS.get(item.op)
            yield from _call(trace, item, op)
        elif isinstance(item, Result):
            yield from result(trace, item, op)


def _call(trace: Trace, call: Call, op: Op | None) -> Iterator[Problem]:
    if op is None:
        yield Problem(trace.path, call.line, call.op, "there is no such op")
        return
    if not call.op.startswith(f"{trace.protocol}."):
        message = f"an op of another protocol than {trace.protocol}"
        yield Problem(trace.path, call.line, call.op, message)
    if op.feature and op.feature not in trace.needs:
        message = f"the op needs the feature {op.feature}; name it in needs"
        yield Problem(trace.path, call.line, call.op, message)
    yield from _mechanism(trace, call)
    given = dict(call.args)
    if call.data is not None and op.message:
        given["message"] = call.data
    yield from arguments(trace, call.line, given, op)
    yield from _batch(trace, call)
    if call.data is not None and not op.message:
        yield Problem(trace.path, call.line, call.op, "no D: lines belong to this op")


def _mechanism(trace: Trace, call: Call) -> Iterator[Problem]:
    """AUTH by a named mechanism needs its feature; one without a feature of its own is raw."""
    if call.op.rpartition(".")[2] != "auth":
        return
    prefix = f"{trace.protocol}.auth."
    if not any(feature.startswith(prefix) for feature in trace.needs):
        message = f"AUTH needs a feature {prefix}MECHANISM; name it in needs"
        yield Problem(trace.path, call.line, call.op, message)


def _batch(trace: Trace, call: Call) -> Iterator[Problem]:
    """The ops of a batch, each a list of its name and its arguments."""
    rows = call.args.get("ops", [])
    for row in rows if isinstance(rows, list) else [rows]:
        name, *given = row if isinstance(row, list) and row else [row]
        op = _text(name)
        if op not in OPS or not op.startswith("pop3.") or op in ("pop3.connect", "pop3.batch"):
            yield Problem(trace.path, call.line, op, "this is no op of a batch")
        elif len(given) > len(IN_ORDER.get(op, ())):
            yield Problem(trace.path, call.line, op, "the op has too many arguments")


def _text(value: Value) -> str:
    """A bare word; "" for anything else."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], bytes):
        return value[0].decode()
    return ""


def arguments(trace: Trace, line: int, given: Mapping[str, Value], op: Op) -> Iterator[Problem]:
    """Arguments that the op does not have, or must have and are not given."""
    names = {name.removesuffix("_b64") for name in given}
    for name in given:
        if name.removesuffix("_b64") not in op.args:
            yield _unknown(trace, line, name, "argument", op.args)
    for name in sorted(op.required - names):
        yield Problem(trace.path, line, name, "the argument is missing")


def result(trace: Trace, item: Result, op: Op | None) -> Iterator[Problem]:
    """Outcomes that do not exist, and values that the op does not give."""
    for outcome in item.outcomes:
        if outcome not in OUTCOMES:
            yield _unknown(trace, item.line, outcome, "outcome", OUTCOMES)
    if op is None:
        return
    for name in item.values:
        if name.removesuffix("_b64") not in op.values:
            yield _unknown(trace, item.line, name, "value", op.values)
    if item.data is not None and not op.data:
        yield Problem(trace.path, item.line, "D:", "this op gives no octets of a message")


def _unknown(trace: Trace, line: int, token: str, what: str, known: Iterable[str]) -> Problem:
    names = ", ".join(sorted(known)) or "none"
    return Problem(trace.path, line, token, f"there is no such {what} here; there are: {names}")
