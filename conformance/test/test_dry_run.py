"""The model and the monitors agree with every linear trace, with no client involved.

Each trace is played on paper, exactly as it is written. The moves that the observer sees in
that log are the T: lines, and no monitor convicts: what the traces want is legal.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import paths
from conformance.lint.files import find
from conformance.model.observer import disagreement, predict
from conformance.monitors import judge
from conformance.test.dry_run import Paper
from fake_servers.trace.parser import parse
from fake_servers.trace.syntax import Trace

FILES = [p for p in find([paths.traces()]) if "\ngoal:" not in p.read_text("utf-8")]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _agrees(trace: Trace, paper: Paper) -> bool:
    predicted = predict(trace.protocol, paper.log)
    return disagreement(trace.protocol, predicted, paper.moves) is None


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_model_and_monitors_agree_with_the_trace(path: Path) -> None:
    trace = parse(path)
    papers = [Paper(trace, options=True), Paper(trace, options=False)]
    if trace.moves_all:
        assert any(_agrees(trace, paper) for paper in papers)
    for paper in papers:
        convictions = judge(trace.protocol, paper.log, trace)
        assert [(each.monitor, each.line, each.reason) for each in convictions] == []


def test_there_are_traces() -> None:
    assert len(FILES) >= 100
