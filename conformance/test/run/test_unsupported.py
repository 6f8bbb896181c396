"""Cases that a client cannot be asked: settled without a play, with the features that they lack."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from conformance.run import loop, unsupported
from conformance.run.order import cases_of
from conformance.run.subject_run import Settings, SubjectRun
from conformance.subject.driver import DriverSubject
from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER, trace_of
from conformance.verdict import MISSING, Verdict

SILENT = FETCH + "on RETR#1: silence\nR: timeout\n"


@pytest.mark.parametrize(
    ("claims", "text", "missing"),
    [
        ("pop3 pop3.apop steps", APOP, ()),
        ("pop3 pop3.apop goals", FETCH + "R: ok\n", ()),
        ("pop3 pop3.apop steps", FETCH + "R: ok\n", ()),
        ("pop3 pop3.apop goals", APOP, ("steps",)),
        ("pop3", APOP, ("pop3.apop", "steps")),
        ("smtp goals", FETCH + "R: ok\n", ("pop3.apop", "pop3")),
        ("pop3 pop3.apop", FETCH + "R: ok\n", ("goals",)),
    ],
)
def test_a_case_lacks_exactly_these_features(
    claims: str, text: str, missing: tuple[str, ...]
) -> None:
    subject = DriverSubject("small", POP3_DRIVER)
    subject.features = frozenset(claims.split())
    found = unsupported.why(subject, trace_of(text), "whole")
    assert (found.missing if found else ()) == missing


def test_silence_in_real_time_lacks_no_feature_of_its_protocol() -> None:
    subject = DriverSubject("small", POP3_DRIVER)
    subject.features = frozenset({"pop3", "pop3.apop", "goals"})
    assert unsupported.why(subject, trace_of(SILENT), "whole") is None
    found = unsupported.why(subject, trace_of(SILENT), "octets")
    assert found is not None and found.missing == ()


def test_what_the_client_cannot_be_asked_is_settled_before_the_rest_is_played(
    tmp_path: Path,
) -> None:
    other = APOP.replace("pop3.apop.test", "pop3.apop.other").replace(
        "needs:   pop3", "needs:   pop3 pop3.utf8"
    )
    settings = Settings(f"cmd:{shlex.join(POP3_DRIVER)}", ("whole", "octets"), 1, tmp_path)
    subject_run = SubjectRun(settings)
    try:
        cases = cases_of([trace_of(other), trace_of(APOP)], settings.variants)
        settled, remaining = loop.settle(subject_run, cases)
        assert [(run.id, run.variant) for run in settled] == [
            ("pop3.apop.other", "whole"),
            ("pop3.apop.other", "octets"),
        ]
        assert {run.verdict for run in settled} == {Verdict.UNSUPPORTED}
        assert {tuple(run.details[MISSING]) for run in settled} == {("pop3.utf8",)}
        assert [trace.id for trace, _ in remaining] == ["pop3.apop.test"] * 2
    finally:
        subject_run.stop()
