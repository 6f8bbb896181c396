"""driver.schema.json has every op and goal, with the same names as the suite's own table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from conformance.doctor.lines import fault, schema
from conformance.ops import GOALS, OPS, OUTCOMES, Op

DEFINITIONS = schema()["$defs"]
SUITE_OWN = {"seq", "op", "goal"}


def plain(names: Mapping[str, Any]) -> set[str]:
    """The names without the forms that stand for the same thing."""
    forms = ("_b64", "_path")
    found = set(names) - SUITE_OWN
    return {name.removesuffix(next((f for f in forms if name.endswith(f)), "")) for name in found}


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_it_knows_every_outcome() -> None:
    assert set(DEFINITIONS["outcome"]["enum"]) == OUTCOMES


@pytest.mark.parametrize(("kind", "ops"), [("", OPS), ("goal_", GOALS)])
def test_it_has_the_arguments_and_values_of_each_op(kind: str, ops: Mapping[str, Op]) -> None:
    requests, values = DEFINITIONS[f"{kind}args"], DEFINITIONS[f"{kind}values"]
    assert set(requests) == set(values) == set(ops)
    for name, op in ops.items():
        assert plain(requests[name]["properties"]) == op.args, name
        assert plain(values[name]["properties"]) == op.values, name


CONNECT = {
    "host": "127.0.0.1",
    "port": 41233,
    "tls": "none",
    "policy": "clear",
    "timeout_ms": 400,
}


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"cmd": "hello", "proto": 1, "dir": "/tmp"}, "hello"),
        ({"name": "x", "version": "1", "features": ["steps"], "limits": {"line": 9}}, "welcome"),
        ({"cmd": "advance", "ms": 400}, "advance"),
        ({"seq": 1, "op": "pop3.connect", **CONNECT}, "request"),
        ({"seq": 1, "op": "smtp.mail", "from_b64": "YQ==", "params": ["SIZE=1"]}, "request"),
        ({"seq": 1, "op": "smtp.data", "message_path": "/tmp/m"}, "request"),
        ({"seq": 1, "goal": "pop3.fetch", "login": "own", "n": "all", **CONNECT}, "goal_request"),
        ({"seq": 1, "outcome": "ok", "value": {}, "moves": [["A", "B", "C"]]}, "answer"),
        ({"seq": 1, "outcome": "refused", "code": 550, "temporary": False}, "answer"),
    ],
)
def test_good_lines_are_valid(row: dict[str, Any], place: str) -> None:
    assert fault(row, place) == ""
    jsonschema.Draft202012Validator(schema()).validate(row)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"name": "x", "version": "", "features": []}, "welcome"),
        ({"seq": 1, "op": "pop3.retr"}, "request"),
        ({"seq": 1, "op": "pop3.retr", "n": 1, "extra": 2}, "request"),
        ({"seq": 1, "op": "smtp.mail", "from": "a", "from_b64": "YQ=="}, "request"),
        ({"seq": 1, "outcome": "fine"}, "answer"),
        ({"outcome": "ok"}, "answer"),
        ({"seq": 1, "outcome": "ok", "moves": [["A", "B"]]}, "answer"),
    ],
)
def test_bad_lines_are_not(row: dict[str, Any], place: str) -> None:
    assert fault(row, place)
