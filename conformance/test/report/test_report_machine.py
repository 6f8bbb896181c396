"""The drawings of the state machines."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.report import machine, results, view
from conformance.test.report import report_example as example

has_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def moves() -> list[machine.Move]:
    """Those of the example's POP3 table."""
    found = results.build(example.runs(), example.context())
    cases = {case.id: case for case in view.cases(found)}
    return machine.moves(found["transitions"]["pop3"], cases)


def test_a_move_has_the_verdict_of_its_worst_case() -> None:
    taken = {move.row["event"]: (move.css, move.summary) for move in moves()}
    assert taken == {
        "CONNECTED": ("pass", "1 PASS"),
        "GREETING_OK": ("untaken", "no case took it"),
        "EOF": ("pass", "1 PASS"),
    }
    row = {**moves()[0].row, "cases": ["smtp.evil", "pop3.good", "pop3.digest"]}
    cases = {each.id: each for each in view.cases(results.build(example.runs(), example.context()))}
    (move,) = machine.moves({"rows": [row]}, cases)
    assert [case.id for case in move.cases] == ["smtp.evil", "pop3.digest", "pop3.good"]
    assert (move.css, move.summary) == ("crash", "1 CRASH, 1 FAIL, 1 PASS")


@has_dot
def test_each_edge_has_its_colour_and_leads_to_its_row(tmp_path: Path) -> None:
    example.write_logs(tmp_path)
    report.write(tmp_path, example.runs(), example.context())
    text = (tmp_path / "moves-pop3.html").read_text("utf-8")
    edges = re.findall(r'<g id="edge(\d+)" class="edge (\w+)">', text)
    assert sorted(edges) == [("0", "pass"), ("1", "untaken"), ("2", "pass")]
    for number, _ in edges:
        assert f'xlink:href="#move{number}"' in text and f'<tr id="move{number}">' in text
    row = text.partition('<tr id="move0">')[2].partition("</tr>")[0]
    assert 'href="cases/pop3.good.html"' in row


@has_dot
def test_names_of_a_table_are_neither_markup_nor_escapes() -> None:
    evil = {**moves()[0].row, "state": '"]; evil [label="', "next": r"<b>\N&", "event": "\x1b\n"}
    svg, reason = machine.Drawing([machine.Move(0, evil, None, ())]).take()
    assert reason == "" and svg.count('class="node"') == 2
    assert "<b>" not in svg and "evil [label=" in svg
    assert r"&lt;b&gt;\N&amp;" in svg and r"\x1B\n" in svg


def page(tmp_path: Path) -> str:
    report.write(tmp_path, example.runs(), example.context())
    return (tmp_path / "moves-pop3.html").read_text("utf-8")


def test_without_dot_there_is_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    text = page(tmp_path)
    assert "Graphviz is not installed here" in text and "<svg" not in text
    assert '<tr id="move2">' in text


@pytest.mark.parametrize("script", ["exit 1", "echo nothing", "exec 0<&-; echo x; exit 3"])
def test_a_dot_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "dot").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert "Graphviz" in page(tmp_path)


def test_a_table_without_end_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    many: list[Any] = moves() * machine.MOST_ROWS
    svg, reason = machine.Drawing(many).take()
    assert svg == "" and "more than 1000 rows" in reason
