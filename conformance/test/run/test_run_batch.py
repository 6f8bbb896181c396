"""Batches as traces write them, and the results that are laid beside them."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.run import batch
from conformance.run.compare import compare, equal
from conformance.subject.answer import Answer
from conformance.verdict import Verdict
from fake_servers.trace.syntax import Result, Value
from fake_servers.trace.template import Bindings

RESULTS: list[dict[str, Any]] = [
    {"outcome": "ok", "value": {"count": 2, "octets": 320}},
    {"outcome": "refused", "value": {}},
    {"outcome": "ok", "value": {"data_b64": "eA0K"}},
]


def test_arguments_stand_in_order() -> None:
    rows: list[list[Any]] = [["pop3.stat"], ["pop3.retr", 1], ["pop3.top", 1, 10]]
    assert batch.requests(rows) == [
        {"op": "pop3.stat"},
        {"op": "pop3.retr", "n": 1},
        {"op": "pop3.top", "n": 1, "lines": 10},
    ]


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        (["ok", "refused", "ok"], True),
        ([["ok", "count", 2], "refused", ["ok", "data", "x\r\n"]], True),
        ([["ok", "count", 3], "refused", "ok"], False),
        (["ok", "ok", "ok"], False),
        (["ok", "refused"], False),
    ],
)
def test_results(wanted: list[Any], met: bool) -> None:
    assert batch.met(wanted, RESULTS, equal) is met


def word(text: str) -> tuple[bytes]:
    return (text.encode(),)


def _compare(name: str, wanted: Value, actual: object) -> str:
    result = Result(3, ("ok",), {name: wanted}, None)
    answer = Answer("ok", {name: actual})
    found = compare(result, answer, Bindings(1, "x"), Verdict.FAIL, login=False)
    return f"{found.expected} / {found.actual}" if found else ""


def test_a_result_that_differs_is_shown_as_a_trace_writes_it() -> None:
    assert _compare("results", [word("ok"), word("ok"), word("ok")], RESULTS) == (
        "R: results=[ok, ok, ok] / R: results=[[ok, count, 2, octets, 320], [refused], [ok]]"
    )


def test_of_a_recipient_the_given_columns_count() -> None:
    rows = [["a@b", "ok", 250, None], ["c@d", "refused", 550, "5.1.1"]]
    assert not _compare(
        "rcpt", [[word("a@b"), word("ok")], [word("c@d"), word("refused"), 550]], rows
    )
    assert _compare("rcpt", [[word("a@b"), word("ok")]], rows)
    assert _compare("rcpt", [[word("a@b"), word("refused")], [word("c@d"), word("refused")]], rows)
