"""coverage/measure.py: its arithmetic, its floors, the two kinds of lcov."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "coverage" / "measure.py"
pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="coverage/ is not installed")


@pytest.fixture(name="measure")
def _measure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module that writes into a folder of the test."""
    found = importlib.util.spec_from_file_location("measure_under_test", SCRIPT)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    monkeypatch.setitem(sys.modules, "measure_under_test", module)
    found.loader.exec_module(module)
    monkeypatch.setattr(module, "BUILD", tmp_path)
    return module


def test_a_percentage_is_never_rounded_up(measure: ModuleType) -> None:
    assert measure.percent(1999, 2000) == 99.9
    assert measure.percent(2000, 2000) == 100.0
    assert measure.percent(0, 0) == 0.0


def test_a_figure_below_its_floor_is_named(measure: ModuleType) -> None:
    floors = measure.Figures(lines=80.0, branches=60.0, rows=131, requirements=170)
    same = measure.Figures(lines=80.0, branches=60.0, rows=131, requirements=170)
    less = measure.Figures(lines=79.9, branches=99.0, rows=130, requirements=170)
    assert same.below(floors) == []
    assert less.below(floors) == ["lines", "rows"]


def test_the_floors_are_figures(measure: ModuleType) -> None:
    floors = measure.Figures(**json.loads(measure.FLOORS.read_text("utf-8")))
    assert 0 < floors.lines <= 100 and 0 < floors.branches <= 100


@pytest.mark.parametrize(
    ("message", "option"),
    [
        ("lcov: LCOV version 1.16", "lcov_branch_coverage=1"),
        ("lcov: LCOV version 2.0-1", "branch_coverage=1"),
    ],
)
def test_the_version_of_lcov_is_asked_for(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch, message: str, option: str
) -> None:
    monkeypatch.setattr(measure, "tool", lambda *command: message)
    assert measure.branch_option() == ["--rc", option]


def test_a_missing_tool_is_one_sentence(measure: ModuleType) -> None:
    with pytest.raises(measure.Trouble, match="^there is no no-such-tool: "):
        measure.tool("no-such-tool", "--version")


def test_a_row_that_nothing_took_is_told(measure: ModuleType) -> None:
    row = {"state": "*", "event": "EOF", "next": "FAILED", "rfc": "RFC 1939 section 3"}
    machine = {"rows": [row | {"cases": ["pop3.x"]}, row | {"cases": []}], "hit": [0]}
    assert measure.write_moves({"transitions": {"pop3": machine}}) == (1, 2)
    text = (measure.BUILD / "moves.md").read_text("utf-8")
    assert "## pop3: 1 of 2 taken" in text
    assert r"| \* | EOF | FAILED | RFC 1939 section 3 | **not taken** |" in text


def test_a_requirement_counts_once_a_case_judged_it(measure: ModuleType) -> None:
    rows = [
        {"id": "RFC1939-7-APOP-01", "verdict": "FAIL"},
        {"id": "RFC1939-7-APOP-02", "verdict": "UNSUPPORTED"},
    ]
    judged, wanted = measure.write_requirements({"requirements": rows})
    assert judged == 1 < wanted
    text = (measure.BUILD / "requirements.md").read_text("utf-8")
    assert "| RFC1939-7-APOP-01 | FAIL |" in text
    assert "| RFC1939-7-APOP-02 | **not judged** |" in text
