"""`mailspec export`: linear traces as JSON vectors, for a replay that needs no trace parser.

conformance/vectors.schema.json describes the file. The same traces and the same seed give
the same octets.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.model.path_moves import PathMoves, path_moves
from conformance.ops import OPS
from conformance.run import batch, exit_status, select
from conformance.run.compare import LOGIN_OPS
from conformance.run.context import IDLE_TIMEOUT_MS
from conformance.subject.answer import to_json
from conformance.values import as_arguments
from fake_servers.scripted.steps import exchanges
from fake_servers.trace.error import TemplateError
from fake_servers.trace.syntax import (
    TLS_NAMES,
    Alternative,
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
from fake_servers.trace.template import Bindings

SCHEMA = 1
PATHS_MAX = 64
"""A trace with more ways through its groups than this is left out."""

MOST_INTEGER = 2**63 - 1
"""The largest number that is written as a number: JSON readers in C have no larger ones."""

ENDS = frozenset({"close", "reset", "half-close"})


class LeftOut(Exception):
    """Why a trace is not among the vectors."""


def vectors(traces: Iterable[Trace], seed: int) -> dict[str, Any]:
    """The whole file: every linear trace, and those that cannot be exported with the reason."""
    exported: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    for trace in sorted(traces, key=lambda each: each.id):
        if trace.goal is not None or trace.family:
            continue
        try:
            exported.append(_vector(trace, seed))
        except (LeftOut, TemplateError) as error:
            left_out.append({"id": trace.id, "reason": str(error)})
    return {"schema": SCHEMA, "seed": seed, "vectors": exported, "left_out": left_out}


def export(args: argparse.Namespace) -> int:
    """Write the vectors of these cases to a file or to the standard output."""
    made = vectors(select.select(args.patterns), args.seed)
    text = json.dumps(made, ensure_ascii=True, sort_keys=True, separators=(",", ":")) + "\n"
    if args.out is None:
        sys.stdout.write(text)
        return exit_status.OK
    try:
        args.out.write_text(text, "ascii")
    except OSError as error:
        print(f"mailspec: {args.out} cannot be written: {error.strerror}", file=sys.stderr)
        return exit_status.CANNOT_RUN
    count = len(made["vectors"])
    print(f"{count} vectors, {len(made['left_out'])} traces left out, seed {args.seed}")
    return exit_status.OK


def _pauses(trace: Trace) -> bool:
    """Whether the server waits between octets: a vector has no time, only cuts."""
    return any(isinstance(item, Directive) and item.name == "pause" for item in trace.items)


def _vector(trace: Trace, seed: int) -> dict[str, Any]:
    ways = list(itertools.islice(_ways(trace.items), PATHS_MAX + 1))
    if len(ways) > PATHS_MAX:
        raise LeftOut(f"more than {PATHS_MAX} ways lead through its groups")
    moves = [_moves(trace, way) for way in ways]
    return {
        "id": trace.id,
        "needs": sorted(trace.needs),
        "moves_all": all(each.are_all for each in moves),
        "strict": list(trace.strict),
        "cuttable": not (trace.excluded_variants & {"octets", "crlf"} or _pauses(trace)),
        "paths": [
            {"moves": [list(move) for move in each.moves], "steps": _steps(trace, way, seed)}
            for way, each in zip(ways, moves)
        ],
    }


def _moves(trace: Trace, items: tuple[Item, ...]) -> PathMoves:
    """The moves that the model predicts, or the `T:` lines of the trace if they say more."""
    listed = tuple((item.state, item.event, item.next) for item in items if isinstance(item, Move))
    predicted = path_moves(trace, items)
    moves = iter(predicted.moves)
    if all(move in moves for move in listed):
        return predicted
    return PathMoves(listed, trace.moves_all)


def _ways(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    """Every way through the groups, each as a timeline without groups."""
    at = next((i for i, item in enumerate(items) if isinstance(item, Group)), None)
    if at is None:
        yield items
        return
    group = items[at]
    assert isinstance(group, Group)
    for chosen in _choices(group):
        for remaining in _ways((*chosen, *items[at + 1 :])):
            yield (*items[:at], *remaining)


def _choices(group: Group) -> Iterator[tuple[Item, ...]]:
    if group.kind == "any":
        for order in itertools.permutations(exchanges(group.branches[0])):
            yield tuple(itertools.chain.from_iterable(order))
        return
    yield from group.branches
    if group.kind == "opt":
        yield ()


def _steps(trace: Trace, items: tuple[Item, ...], seed: int) -> list[dict[str, Any]]:
    """The steps of one way in order."""
    bindings = Bindings(seed, trace.id)
    if trace.uses_tls:
        for name in TLS_NAMES:
            bindings.bind(name, f"{name}.pem".encode())
    steps: list[dict[str, Any]] = []
    cut: int | None = None
    login = False
    for item in items:
        if isinstance(item, Directive) and item.name == "cut":
            cut = int(item.args[0])
        elif isinstance(item, Send):
            steps.append(to_json({"send": _text(bindings.render(item.template)[:cut])}))
            cut = None
        elif isinstance(item, Expect):
            steps.append(to_json({"expect": _text(bindings.render(item.template))}))
        elif isinstance(item, Call):
            login = item.op in LOGIN_OPS
            steps.append({"call": _request(trace, item, bindings)})
        elif isinstance(item, Result):
            steps.append({"result": _result(item, bindings, login)})
        elif isinstance(item, Directive):
            steps.extend(_directive(item))
    return steps


def _text(octets: bytes) -> str | bytes:
    """A string where the octets are UTF-8; to_json() makes base64 of the others."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets


def _request(trace: Trace, call: Call, bindings: Bindings) -> dict[str, Any]:
    """A call as a line of the driver protocol, without `seq`; port 1 means the server."""
    args = as_arguments(call.args, bindings)
    if call.op.endswith(".batch"):
        args["ops"] = batch.requests(args["ops"])
    if call.op.endswith(".connect"):
        timeout_ms = max(trace.timeout_ms, IDLE_TIMEOUT_MS)
        common = {"host": "127.0.0.1", "port": 1, "tls": "none", "policy": trace.policy}
        args = common | {"timeout_ms": timeout_ms} | args
    if call.op in OPS and OPS[call.op].message:
        args["message"] = b"" if call.data is None else bindings.render(call.data)
    return {"op": call.op} | to_json(args)


def _result(result: Result, bindings: Bindings, login: bool) -> dict[str, Any]:
    """All outcomes and what is judged with any of them; or the alternatives, each with its own."""
    alternatives = [_alternative(each, bindings, login) for each in result.alternatives()]
    if not result.bound:
        return alternatives[0]
    outcomes = sorted({name for each in alternatives for name in each["outcomes"]})
    return {"outcomes": outcomes, "value": {}, "alternatives": alternatives}


def _alternative(expected: Alternative, bindings: Bindings, login: bool) -> dict[str, Any]:
    outcomes = set(expected.outcomes)
    if login and outcomes & {"refused", "auth-failed"}:
        outcomes |= {"refused", "auth-failed"}
    values: dict[str, Any] = {name: bindings.value(each) for name, each in expected.values.items()}
    if expected.data is not None:
        values["data"] = bindings.render(expected.data)
    if "results" in values:
        values["results"] = [_batched(row) for row in values["results"]]
    return {"outcomes": sorted(outcomes), "value": to_json(_with_digits(values))}


def _with_digits(value: Any) -> Any:
    """Numbers from 2^63 as their digits, as drivers write them: not every reader has larger."""
    if isinstance(value, dict):
        return {name: _with_digits(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_digits(item) for item in value]
    return str(value) if isinstance(value, int) and value > MOST_INTEGER else value


def _batched(row: Any) -> dict[str, Any]:
    """One result of a batch, in the form of a driver's answer."""
    wanted, *pairs = [row] if isinstance(row, str) else row
    values = dict(zip(pairs[::2], pairs[1::2]))
    if isinstance(values.get("data"), str):
        values["data"] = values["data"].encode()
    return {"outcome": wanted, "value": to_json(_with_digits(values))}


def _directive(directive: Directive) -> Iterator[dict[str, Any]]:
    if directive.name in ENDS:
        yield {"end": directive.name}
    elif directive.name == "starttls":
        yield {"starttls": "".join(directive.args)}
    elif directive.name in ("accept", "pause"):
        yield {directive.name: True}
