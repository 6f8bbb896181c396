"""Answers held against `R:` lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.run.compare import compare
from conformance.subject.answer import Answer
from conformance.verdict import Verdict
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Result
from fake_servers.trace.template import Bindings


def _result(line: str) -> Result:
    text = f"id: pop3.one\ntitle: One\n\nA: pop3.uidl\n{line}\n"
    result = parse_text(text, Path("one.trace")).items[-1]
    assert isinstance(result, Result)
    return result


def _reason(line: str, outcome: str, values: dict[str, Any], *, login: bool = False) -> str:
    answer = Answer(outcome, values)
    found = compare(_result(line), answer, Bindings(1, "x"), Verdict.FAIL, login=login)
    return found.reason if found else ""


def test_a_value_that_a_library_does_not_tell_is_not_judged() -> None:
    for name in ("lines", "mech", "code"):
        line = f"R: ok {name}=7"
        assert _reason(line, "ok", {}) == _reason(line, "ok", {name: None}) == ""
        assert _reason(line, "ok", {name: 8}) == f"the value {name} differs"


@pytest.mark.parametrize(
    ("outcome", "values", "reason"),
    [
        ("ok", {"items": [[1, "x"]]}, ""),
        ("ok", {"items": [[1, "y"]]}, "the value items differs"),
        ("ok", {}, "the value items differs"),
        ("protocol-error", {}, ""),
        ("protocol-error", {"items": [[1, "y"]]}, ""),
        ("refused", {"code": 2}, ""),
        ("refused", {"code": 3}, "the value code differs"),
        ("failed", {}, ""),
        ("timeout", {}, "the outcome is timeout, not ok or protocol-error or refused"),
    ],
)
def test_a_value_is_judged_with_its_outcome_only(
    outcome: str, values: dict[str, Any], reason: str
) -> None:
    line = "R: ok items=[[1, x]] | protocol-error | refused code=2"
    assert _reason(line, outcome, values) == reason


def test_an_outcome_may_have_one_value_or_another() -> None:
    line = "R: ok count=1 | ok count=2"
    assert [_reason(line, "ok", {"count": n}) for n in (1, 2, 3)] == [
        "",
        "",
        "the value count differs",
    ]


def test_a_refused_login_may_have_either_name() -> None:
    line = "R: ok n=1 | refused n=2"
    assert not _reason(line, "auth-failed", {"n": 2}, login=True)
    assert _reason(line, "auth-failed", {"n": 2})


def test_lines_of_a_message_belong_to_the_first_alternative() -> None:
    line = "R: ok | protocol-error\nD: one"
    assert not _reason(line, "ok", {"data": "one\r\n"})
    assert not _reason(line, "protocol-error", {})
    assert "the message differs" in _reason(line, "ok", {"data": "two\r\n"})


def test_without_alternatives_values_are_judged_whatever_the_outcome() -> None:
    line = "R: ok|protocol-error items=[]"
    assert not _reason(line, "protocol-error", {"items": []})
    assert _reason(line, "protocol-error", {}) == "the value items differs"


def test_the_order_of_what_is_offered_or_listed_has_no_meaning() -> None:
    line = "R: ok items=[[2, x], [10, y]]"
    assert _reason(line, "ok", {"items": [[10, b"y"], [2, "x"]]}) == ""
    assert _reason(line, "ok", {"items": [[2, "y"], [10, "x"]]}) == "the value items differs"
    assert _reason(line, "ok", {"items": [[2, "x"]]}) == "the value items differs"
    line = 'R: ok caps=[[SIZE, ""], [AUTH, PLAIN]]'
    assert _reason(line, "ok", {"caps": [["AUTH", "PLAIN"], ["SIZE", ""]]}) == ""
    assert _reason(line, "ok", {"caps": [["AUTH", "PLAIN"]]}) == "the value caps differs"


def test_a_library_may_keep_to_itself_what_the_server_offers() -> None:
    assert _reason('R: ok caps=[[SIZE, ""]]', "ok", {}) == ""
