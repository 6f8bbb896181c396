"""The transcripts of a case on its page: tabs, the failing line, messages as text."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.report import case_page, results, transcript, view
from conformance.report.transcript import Step
from conformance.test.report import report_example as example
from conformance.test.report.test_report_html import Page, wire


def digest(tmp_path: Path, **changes: Any) -> list[case_page.Tab]:
    """The tabs of the case whose digest is wrong in `octets`; `changes` are those of `whole`."""
    example.write_logs(tmp_path)
    other = {"verdict": example.DIGEST.verdict, **changes, "variant": "whole"}
    runs = [example.DIGEST, dataclasses.replace(example.DIGEST, **other)]
    (case,) = view.cases(results.build(runs, example.context()))
    return case_page.tabs(tmp_path, case)


def test_variants_that_went_the_same_way_share_a_tab(tmp_path: Path) -> None:
    (tab,) = digest(tmp_path)
    assert [row["variant"] for row in tab.rows] == ["octets", "whole"]


def test_variants_that_differ_have_a_tab_each_the_worst_first(tmp_path: Path) -> None:
    good, bad = example.runs()[3].verdict, example.DIGEST.verdict
    tabs = digest(tmp_path, verdict=good, difference=None, reason="")
    assert [(tab.row["verdict"], tab.here is None) for tab in tabs] == [(bad, False), (good, True)]


def test_a_variant_without_a_log_has_no_tab(tmp_path: Path) -> None:
    assert [len(tab.rows) for tab in digest(tmp_path, log=None)] == [1]


def row(actual: str, line: int = 12) -> dict[str, Any]:
    difference = {"file": "x.trace", "line": line, "octet": None, "expected": "", "actual": actual}
    return {"difference": difference}


STEPS = [
    Step("caller", 0, 10, ["pop3.user"]),
    Step("client", 1, 11, ["USER a"]),
    Step("server", 2, 12, ["+OK"]),
    Step("client", 3, 0, ["one", "tw\\x00o"], octets=b"one\r\ntw\0o\r\n"),
    Step("caller", 4, 10, ["→ ok"]),
    Step("client", 5, 0, ["QUIT"]),
    Step("client", 6, 0, ["", "."], octets=b"\r\n.\r\n"),
    Step("client", 7, 0, ["RSET"]),
    Step("link", 8, 0, []),
]


@pytest.mark.parametrize(
    ("actual", "line", "here"),
    [
        (r"USER a\r\n", 11, 1),
        (r"USER a\r\n", 99, 1),
        (r"[9 octets cut]tw\x00o\r\n", 99, 3),
        (r"\r\n", 99, 6),
        (r"USE", 99, 1),
        ("R: ok", 99, 4),
        ("(nothing)", 12, 2),
        ("from=a", 10, 4),
        ("from=a", 99, 4),
    ],
)
def test_the_step_is_found_by_line_and_by_what_the_client_did(
    actual: str, line: int, here: int
) -> None:
    assert case_page.failing(STEPS, row(actual, line)) == here


def test_without_a_difference_or_a_step_nothing_is_marked() -> None:
    assert case_page.failing(STEPS, {"difference": None}) is None
    assert case_page.failing([], row("R: ok")) is None
    assert case_page.failing([], row("(nothing)")) is None


def test_the_failing_line_has_a_mark_and_the_difference_below(tmp_path: Path) -> None:
    (tab,) = digest(tmp_path)
    html = str(case_page.talk_rows(tab))
    Page(f"<table>{html}</table>")
    marked = html.partition('class="client here"')[2]
    assert "<mark>APOP a 0F</mark>" in marked.partition("</tr>")[0]
    assert html.count("here") == 1 and html.count("<mark>") == 1
    assert "expected  APOP a 0f" in marked.partition('class="differs"')[2].partition("</tr>")[0]


def test_a_line_of_many_is_marked_alone() -> None:
    tab = case_page.Tab((row(r"tw\x00o\r\n"),), STEPS, 3)
    assert "one\n<mark>tw\\x00o</mark>" in str(case_page.talk_rows(tab))


def step(octets: bytes) -> Step:
    event = {**wire("rx", ""), "octets_b64": base64.b64encode(octets).decode()}
    (found,) = transcript.steps([event])
    return found


def test_octets_are_text_and_exact_on_demand() -> None:
    found = step("Subject: é $\\\r\n\r\nbare\nend\xff".encode("latin-1"))
    assert found.text == ["Subject: \\xE9 $\\", "", r"bare\n", r"end\xFF"]
    assert step("é\r\n".encode()).text == ["é"]
    html = str(case_page.talk_rows(case_page.Tab((), [found], None)))
    assert "<summary>26 octets</summary>" in html
    exact = [r"Subject: \xe9 $$\\\r\n", r"\r\n", r"bare\n", r"end\xff"]
    assert "<pre>" + "\n".join(exact) + "</pre>" in html


def test_a_plain_line_has_no_octets_to_unfold() -> None:
    assert step(b"QUIT\r\n").octets == b""
    assert step(b"QUIT").octets == b"QUIT" and step(b"QUIT\n").octets == b"QUIT\n"


def test_a_long_text_is_bounded_with_its_octets() -> None:
    found = step(b"x" * 78 + b"\r\n" + b"y\r\n" * 100_000)
    assert len(found.octets) == transcript.SHOWN_OCTETS and found.size == 300_080
    html = str(case_page.talk_rows(case_page.Tab((), [found], None)))
    assert "295984 more in the log" in html and len(html) < 20_000


def call(kind: str, data: dict[str, Any]) -> Step:
    (found,) = transcript.steps([{"kind": kind, "ns": 1, "connection": 0, "data": data}])
    return found


def test_messages_are_shown_as_text_and_not_among_the_arguments() -> None:
    encoded = base64.b64encode(b"Subject: <b>\r\n\r\n.\xe9\r\n").decode()
    asked = call("call", {"op": "smtp.send", "args": {"to": ["a"], "message_b64": encoded}})
    assert asked.text == ['smtp.send to=["a"]']
    assert [(body.name, body.text) for body in asked.bodies] == [
        ("message", ["Subject: <b>", "", r".\xE9"])
    ]
    given = call("return", {"outcome": "ok", "value": {"messages": [[1, ""], [7, "é\r\n"]]}})
    assert [(body.name, body.text, body.size) for body in given.bodies] == [
        ("message 1", [], 0),
        ("message 7", ["é"], 4),
    ]
    html = str(case_page.talk_rows(case_page.Tab((), [asked, given], None)))
    assert "Subject: &lt;b&gt;" in html and ">empty</span>" in html


@pytest.mark.parametrize("value", [3, None, [3], [[]], [[1]], "", {"a": 1}])
def test_an_odd_value_of_a_log_is_no_message(value: Any) -> None:
    call("return", {"outcome": "ok", "value": {"messages": value, "data": value}})
    call("return", {"outcome": "ok", "value": value})
    call("call", {"op": "x", "args": {"message": value}})


def test_base64_that_is_none_is_said_on_the_page(tmp_path: Path) -> None:
    event = {"kind": "call", "ns": 1, "connection": 0, "data": {"args": {"message_b64": "YWJ"}}}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(event), "utf-8")
    with pytest.raises(ValueError):
        transcript.load(path)
