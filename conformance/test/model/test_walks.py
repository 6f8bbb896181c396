"""Random walks over commands and server events: mailc goes where the model says.

Hypothesis chooses, by a fixed seed, and shrinks a walk that fails; what is left is written as
a trace into build/walks, which `mailspec run FILE` plays again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from conformance.families.walk import Walk, trace_of
from conformance.lint import files as lint_files
from conformance.model.table import PROTOCOLS
from conformance.run.subject_run import Settings, SubjectRun
from conformance.verdict import Verdict
from fake_servers.trace.parser import parse_text

FOLDER = Path(__file__).resolve().parents[3] / "build" / "walks"
WALKS = 60
STEPS = 14
CHOICES = st.integers(0, 20)


@pytest.fixture(scope="module")
def subject_run() -> Iterator[SubjectRun]:
    made = SubjectRun(Settings(seed=1, doctored=True))
    yield made
    made.stop()


def machine(protocol: str, subject_run: SubjectRun) -> type[RuleBasedStateMachine]:
    """The state machine of Hypothesis whose end is a case played against mailc."""

    class Walker(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.walk = Walk(protocol)

        @rule(choice=CHOICES)
        def step(self, choice: int) -> None:
            self.walk.step(choice)

        def teardown(self) -> None:
            self.walk.finish()
            path = FOLDER / protocol / f"{protocol}.walk.trace"
            trace = parse_text(self.walk.text(), path)
            run = subject_run.run_case(trace, "whole")
            if run.verdict is not Verdict.PASS:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self.walk.text(), encoding="utf-8")
            assert run.verdict is Verdict.PASS, f"{path}: {run.reason} {run.difference}"

    return Walker


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_mailc_walks_as_the_model(protocol: str, subject_run: SubjectRun) -> None:
    walker = seed(1939)(machine(protocol, subject_run))
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        walker,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("choices", [[], [0] * STEPS, [1, 2, 3, 20], [19, 5, 0, 7, 20]])
def test_a_walk_is_a_trace_that_lint_finds_nothing_in(protocol: str, choices: list[int]) -> None:
    trace, text = trace_of(protocol, choices, Path("walk.trace"))
    assert text.startswith(f"id: {protocol}.walk\n")
    assert [p.message for p in lint_files.check(trace) if p.token] == []
