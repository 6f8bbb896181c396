"""The model and the monitors agree with every linear trace, with no client involved.

Each trace is played on paper, exactly as it is written. The moves that the observer sees in
that log are the T: lines, and no monitor convicts: what the traces want is legal.
"""

from __future__ import annotations

import pytest

from conformance.model.observer import disagreement, predict
from conformance.monitors import judge
from conformance.run.select import everything
from conformance.test.dry_run import Paper
from fake_servers.trace.syntax import Trace

LINEAR = [trace for trace in everything() if trace.items]


def _agrees(trace: Trace, paper: Paper) -> bool:
    predicted = predict(trace.protocol, paper.log)
    return disagreement(trace.protocol, predicted, paper.moves) is None


@pytest.mark.parametrize("trace", LINEAR, ids=[trace.id for trace in LINEAR])
def test_model_and_monitors_agree_with_the_trace(trace: Trace) -> None:
    papers = [Paper(trace, options=True), Paper(trace, options=False)]
    if trace.moves_all:
        assert any(_agrees(trace, paper) for paper in papers)
    for paper in papers:
        convictions = judge(trace.protocol, paper.log, trace)
        assert [(each.monitor, each.line, each.reason) for each in convictions] == []


def test_there_are_traces() -> None:
    assert len(LINEAR) >= 100
