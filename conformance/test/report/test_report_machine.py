"""The drawings of the state machines."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import report
from conformance.model.table import PROTOCOLS, WILDCARD
from conformance.report import draw_machines, machine, results, view
from conformance.test.report import report_example as example

AGAIN = "the model has changed: run `python3 -m conformance.report.draw_machines`"


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


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_drawing_has_the_moves_of_the_model_and_no_others(protocol: str) -> None:
    text = (draw_machines.FOLDER / f"{protocol}.svg").read_text("utf-8")
    drawn = [tuple(found.split()) for found in re.findall(r'data-move="([^"]*)"', text)]
    assert drawn == draw_machines.moves(protocol), AGAIN
    names = {draw_machines.ANY_STATE if s == WILDCARD else s for m in drawn for s in (m[0], m[2])}
    assert set(re.findall(r">([^<]+)</text></g>", text)) == names, AGAIN


@pytest.mark.skipif(
    shutil.which("dot") is None, reason="graphviz is not installed: ./mailspec setup ci"
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_command_draws_the_same_again(protocol: str) -> None:
    version = subprocess.run(["dot", "-V"], capture_output=True, text=True, check=True).stderr
    if "version 2.4" not in version:
        pytest.skip(f"the drawings are of Graphviz 2.4x, and this is {version.strip()}")
    text = (draw_machines.FOLDER / f"{protocol}.svg").read_text("utf-8")
    assert draw_machines.draw(protocol) == text, AGAIN


def test_the_drawings_do_not_depend_on_fonts() -> None:
    source = draw_machines._source(draw_machines.moves("pop3"))
    assert "fixedsize=true" in source and 'label=""' in source and "fontname" not in source


def test_drawing_without_dot_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert draw_machines.main() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "install graphviz" in line


def test_each_edge_has_its_colour_and_leads_to_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")  # a report needs no program
    example.write_logs(tmp_path)
    report.write(tmp_path, example.runs(), example.context())
    text = (tmp_path / "moves-pop3.html").read_text("utf-8")
    edges = re.findall(r'<g class="edge (\w+)" id="edge(\d+)"><a href="#move(\d+)">', text)
    assert sorted(edges) == [("pass", "0", "0"), ("pass", "2", "2"), ("untaken", "1", "1")]
    assert text.count('class="edge absent"') == len(draw_machines.moves("pop3")) - 3
    row = text.partition('<tr id="move0">')[2].partition("</tr>")[0]
    assert 'href="cases/pop3.good.html"' in row


def test_an_internal_move_of_any_name_is_the_choice_of_the_model() -> None:
    row = {"state": "WAIT_EACH", "event": "MINE", "next": "READY", "internal": True, "cases": []}
    svg, remark = machine.picture("smtp", [machine.Move(0, row, None, ())])
    assert 'class="edge untaken" id="edge0"' in svg and remark == ""


def test_names_of_a_table_are_not_markup() -> None:
    evil = {**moves()[0].row, "state": "<b>", "next": '"><script>'}
    svg, remark = machine.picture("pop3", [moves()[0], machine.Move(1, evil, None, ())])
    assert "<b>" not in svg and "<script>" not in svg
    assert remark == "1 move of the table is not drawn: the model has no such move."


def test_a_table_of_other_moves_is_not_drawn() -> None:
    other = machine.Move(0, {**moves()[0].row, "state": "OTHER"}, None, ())
    assert machine.picture("pop3", [other]) == (
        "",
        "The moves of this table are not those of the model, so there is only the table.",
    )
    svg, remark = machine.picture("../smtp\x1b", moves())
    assert svg == "" and r"no drawing for ../smtp\x1B" in remark
