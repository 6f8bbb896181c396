"""`--without`: a run that acts as if the client did not claim some features."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from conformance import doctor, features
from conformance.cli import main
from conformance.run.case import Runner
from conformance.subject.driver import DriverSubject
from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER, trace_of
from conformance.verdict import Verdict

CLIENT = f"cmd:{shlex.join(POP3_DRIVER)}"
GOAL = FETCH + "R: ok\n"


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> list[str]:
    """A linear case and a goal case."""
    for name, text in (("step", APOP), ("goal", GOAL)):
        (tmp_path / f"{name}.trace").write_text(text, "utf-8")
    return [str(tmp_path / "step.trace"), str(tmp_path / "goal.trace")]


def run(out: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the results."""
    status = main(["run", "--subject", CLIENT, "--seed", "1", "--out", str(out), *words])
    file = out / "results.json"
    return status, json.loads(file.read_text("utf-8")) if file.is_file() else {}


def verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {row["id"].split(".")[1]: row["verdict"] for row in results["cases"]}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_without_steps_the_goals_are_played_by_ops(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    words = ["--variant", "whole", "-j", jobs, "--without", "steps,moves"]
    status, results = run(tmp_path / "out", *words, *files)
    assert status == 0
    assert verdicts(results) == {"apop": "UNSUPPORTED", "goal": "PASS"}
    assert results["subject"]["without"] == ["moves", "steps"]
    assert not {"steps", "moves"} & set(results["subject"]["features"])
    assert {row["moves"] for row in results["cases"]} == {None}
    assert all("run --subject" in row["rerun"] for row in results["cases"])
    assert all(" --without steps,moves " in row["rerun"] for row in results["cases"])
    assert "features left out: moves steps" in capsys.readouterr().out


def test_a_usual_run_leaves_nothing_out(tmp_path: Path, files: list[str]) -> None:
    status, results = run(tmp_path / "out", "--variant", "whole", *files)
    assert (status, verdicts(results)) == (0, {"apop": "PASS", "goal": "PASS"})
    assert results["subject"]["without"] == []
    assert not any("--without" in row["rerun"] for row in results["cases"])


def test_globs_and_several_options_add_up(tmp_path: Path, files: list[str]) -> None:
    words = ["--without", "pop3.ap*", "--without", "moves , pop3.utf8"]
    status, results = run(tmp_path / "out", "--variant", "whole", *words, *files)
    assert status == 0
    assert verdicts(results) == {"apop": "UNSUPPORTED", "goal": "UNSUPPORTED"}
    assert results["subject"]["without"] == ["moves", "pop3.apop"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("step", "there is no feature 'step'; did you mean steps?"),
        ("steps,pop3.apopp", "there is no feature 'pop3.apopp'; did you mean pop3.apop?"),
        ("smtp.nothing.*", "there is no feature 'smtp.nothing.*'"),
        ("steps,", "there is no feature ''"),
    ],
)
@pytest.mark.parametrize("command", ["run", "doctor"])
def test_an_unknown_name_is_one_sentence(
    capsys: pytest.CaptureFixture[str], command: str, name: str, message: str
) -> None:
    assert main([command, "--without", name]) == 2
    printed = capsys.readouterr().err
    assert message in printed and printed.count("\n") == 1


def test_a_client_that_is_left_nothing_cannot_be_asked(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, results = run(tmp_path / "out", "--without", "steps,goals", *files)
    assert (status, results) == (3, {})
    assert "neither steps nor goals" in capsys.readouterr().err


def without(*names: str, bug: str = "") -> DriverSubject:
    """The small driver, not started."""
    subject = DriverSubject("small", (*POP3_DRIVER, bug) if bug else POP3_DRIVER)
    subject.without = features.matching(names)
    return subject


def test_a_driver_that_is_started_again_claims_no_more() -> None:
    subject = without("moves", "pop3.capa")
    try:
        subject.start()
        before = subject.features
        subject.restart()
        subject.start()
        assert subject.features == before == subject.claimed - {"moves", "pop3.capa"}
    finally:
        subject.stop()


def test_goals_made_of_ops_find_what_goals_can_show() -> None:
    subject = without("steps", "moves", bug="ok-for-err")
    try:
        subject.start()
        refused = FETCH + 'on RETR#1: reply "-ERR gone"\nR: refused\n'
        assert Runner(subject, 1).run_case(trace_of(refused), "whole").verdict is Verdict.FAIL
    finally:
        subject.stop()


def test_the_doctor_examines_goals_made_of_ops() -> None:
    subject = without("steps", bug="claims=pop3.auth.plain")
    try:
        subject.start()
        (finding,) = doctor.examine(subject)
    finally:
        subject.stop()
    assert finding.sentence.startswith("pop3.fetch login=auth answers unsupported")
    assert finding.features == ("pop3.auth.plain",) and finding.goals_only


def test_the_doctor_reports_what_was_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--subject", CLIENT, "--without", "steps", "--json"]) == 0
    subject = json.loads(capsys.readouterr().out)["subject"]
    assert subject["without"] == ["steps"] and "steps" not in subject["features"]
