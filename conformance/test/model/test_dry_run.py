"""The model and the monitors agree with every linear trace, with no client involved.

Each trace has a dry run, exactly as it is written. The moves that the observer sees in
that log are the T: lines, and no monitor finds a violation: what the traces want is legal.
"""

from __future__ import annotations

import pytest

from conformance.catalogue import everything
from conformance.model.disagreement import disagreement
from conformance.model.dry_run import DryRun
from conformance.model.observer import predict
from conformance.monitors import judge
from fake_servers.trace.syntax import Trace

LINEAR = [trace for trace in everything() if trace.items]


def _agrees(trace: Trace, run: DryRun) -> bool:
    predicted = predict(trace.protocol, run.log)
    return disagreement(trace.protocol, predicted, run.moves) is None


@pytest.mark.parametrize("trace", LINEAR, ids=[trace.id for trace in LINEAR])
def test_model_and_monitors_agree_with_the_trace(trace: Trace) -> None:
    runs = [DryRun(trace, options=True), DryRun(trace, options=False)]
    if trace.moves_all:
        assert any(_agrees(trace, run) for run in runs)
    for run in runs:
        violations = judge(trace.protocol, run.log, trace)
        assert [(each.monitor, each.line, each.reason) for each in violations] == []


def test_there_are_traces() -> None:
    assert len(LINEAR) >= 100
