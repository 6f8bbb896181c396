"""Calls and results of a linear trace: ops, arguments, outcomes, values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from conformance.lint import request, waits
from conformance.lint.problem import Problem
from conformance.ops import IN_ORDER, OPS, OUTCOMES, Op
from fake_servers.trace.syntax import Call, Result, Trace, Value


def check(trace: Trace) -> Iterator[Problem]:
    """Calls that no client can be asked for, and results that no client can give."""
    name = ""
    op: Op | None = None
    yield from waits.check(trace)
    for item in trace.items:
        if isinstance(item, Call):
            name, op = item.op, OPS.get(item.op)
            yield from _call(trace, item, op)
        elif isinstance(item, Result):
            yield from result(trace, item, op)
            yield from request.result(trace, item, name)


def _call(trace: Trace, call: Call, op: Op | None) -> Iterator[Problem]:
    if op is None:
        yield Problem(trace.path, call.line, call.op, "there is no such op")
        return
    if not call.op.startswith(f"{trace.protocol}."):
        message = f"the op is of another protocol; the case's is {trace.protocol}"
        yield Problem(trace.path, call.line, call.op, message)
    yield from _mechanism(trace, call)
    if call.op == "pop3.user" and not {"secret", "secret_b64"} & set(call.args):
        if "pop3.user-alone" not in trace.needs:
            message = "pop3.user without secret needs the feature pop3.user-alone"
            yield Problem(trace.path, call.line, "secret", message)
    given = dict(call.args)
    if call.data is not None and op.message:
        given["message"] = call.data
    yield from arguments(trace, call.line, given, op)
    if call.op != "pop3.batch":
        yield from request.arguments(trace, call.line, call.op, call.args)
    yield from _batch(trace, call)
    if call.data is not None and not op.message:
        yield Problem(trace.path, call.line, call.op, "this op takes no D: lines; remove them")


def _mechanism(trace: Trace, call: Call) -> Iterator[Problem]:
    """AUTH must have one mechanism, or several in order."""
    if call.op.rpartition(".")[2] != "auth":
        return
    given = {"mech", "mech_b64", "mechs"} & set(call.args)
    if len(given) != 1:
        message = "AUTH needs either mech, or mechs in the caller's order of preference"
        yield Problem(trace.path, call.line, "mech", message)


def _batch(trace: Trace, call: Call) -> Iterator[Problem]:
    """The ops of a batch, each a list of its name and its arguments."""
    rows = call.args.get("ops", [])
    for row in rows if isinstance(rows, list) else [rows]:
        name, *given = row if isinstance(row, list) and row else [row]
        op = _text(name)
        if op not in OPS or not op.startswith("pop3.") or op in ("pop3.connect", "pop3.batch"):
            yield Problem(trace.path, call.line, op, "a batch cannot have this op")
        elif len(given) > len(IN_ORDER.get(op, ())):
            yield Problem(trace.path, call.line, op, "the op has too many arguments")
        elif len(given) < len(OPS[op].required):
            yield Problem(trace.path, call.line, op, "an argument of the op is missing")


def _text(value: Value) -> str:
    """A bare word; "" for anything else."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], bytes):
        return value[0].decode()
    return ""


def arguments(trace: Trace, line: int, given: Mapping[str, Value], op: Op) -> Iterator[Problem]:
    """Arguments that the op does not have, and required ones that are missing."""
    names = {name.removesuffix("_b64") for name in given}
    for name in given:
        if name.removesuffix("_b64") not in op.args:
            yield _unknown(trace, line, name, "argument", op.args)
    for name in sorted(op.required - names):
        yield Problem(trace.path, line, name, "the argument is missing")


def result(trace: Trace, item: Result, op: Op | None) -> Iterator[Problem]:
    """Outcomes that do not exist, and values that the op does not return."""
    for outcome in item.outcomes:
        if outcome not in OUTCOMES:
            yield _unknown(trace, item.line, outcome, "outcome", OUTCOMES)
    if op is None:
        return
    for name in dict.fromkeys(name for each in item.alternatives() for name in each.values):
        if name.removesuffix("_b64") not in op.values:
            yield _unknown(trace, item.line, name, "value", op.values)
    if item.alternatives()[0].data is not None and not op.data:
        yield Problem(
            trace.path, item.line, "D:", "this op returns no message; remove the D: lines"
        )


def _unknown(trace: Trace, line: int, token: str, what: str, known: Iterable[str]) -> Problem:
    names = ", ".join(sorted(known)) or "none"
    return Problem(trace.path, line, token, f"there is no such {what} here; known: {names}")
