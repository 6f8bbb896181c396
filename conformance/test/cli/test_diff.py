"""Two runs laid side by side: what CI reports when a client changes."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import diff, main
from conformance.report.results import build
from conformance.test.report.report_example import context, runs
from conformance.test.small_cases import POP3_DRIVER
from conformance.verdict import CaseRun, Verdict

GOOD = f"cmd:{shlex.join(POP3_DRIVER)}"


def results(**verdicts: tuple[Verdict, str]) -> dict[str, Any]:
    """The example's results, some cases of it in variant whole with another verdict."""

    def changed(run: CaseRun) -> CaseRun:
        key = run.id.replace(".", "_")
        if run.variant != "whole" or key not in verdicts:
            return run
        verdict, reason = verdicts[key]
        return replace(run, verdict=verdict, reason=reason)

    return build([changed(run) for run in runs()], context())


def lines(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.line() for change in diff.changes(old, new)]


def test_nothing_changed() -> None:
    assert not lines(results(), results())


def test_regressions_come_first_and_a_mend_is_told() -> None:
    new = results(
        pop3_good=(Verdict.PASS, ""),
        smtp_known=(Verdict.PASS, ""),
        smtp_legal=(Verdict.FAIL, "no blank"),
    )
    assert lines(results(), new) == [
        "smtp.legal [whole]  NON-STRICT -> FAIL  no blank",
        "smtp.known [whole]  FAIL -> PASS",
    ]


def test_another_way_of_failing_is_a_regression() -> None:
    found = list(diff.changes(results(), results(smtp_known=(Verdict.FAIL, "in a new way"))))
    assert [change.line() for change in found] == ["smtp.known [whole]  FAIL -> FAIL  in a new way"]
    assert found[0].is_regression


def test_a_case_that_went_is_a_change_and_no_regression() -> None:
    new = diff.only(results(), [run.id for run in runs() if run.id != "smtp.legal"])
    found = list(diff.changes(results(), new))
    assert [change.line() for change in found] == ["smtp.legal [whole]  NON-STRICT -> not played"]
    assert not found[0].is_regression


def test_the_command_is_1_only_if_something_got_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(results()), "utf-8")
    new.write_text(json.dumps(results(smtp_known=(Verdict.PASS, ""))), "utf-8")
    assert main(["diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out.endswith("1 change, 0 for the worse\n")
    assert main(["diff", str(new), str(old)]) == 1


@pytest.mark.parametrize("text", [None, "no JSON", "[]", "{}"])
def test_a_file_that_is_none_is_one_sentence(
    tmp_path: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.json"
    if text is not None:
        file.write_text(text, "utf-8")
    assert main(["run", "--subject", GOOD, "--baseline", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"mailspec: {file}")


def test_against_a_baseline_known_failures_are_no_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ["pop3.apop.rfc1939-login", "--variant", "whole"]
    bad = ["run", "--subject", f"{GOOD} upper-digest", *case]
    assert main([*bad, "--out", str(tmp_path / "bad")]) == 1
    baseline = ["--baseline", str(tmp_path / "bad/results.json")]
    capsys.readouterr()
    assert main([*bad, "--out", str(tmp_path / "again"), *baseline]) == 0
    assert capsys.readouterr().out.endswith(
        "\nPASS: nothing is worse than in the baseline; 1 of 1 judged case fails\n"
    )
    good = ["run", "--subject", GOOD, *case, "--out", str(tmp_path / "good")]
    assert main([*good, *baseline]) == 0
    assert "FAIL -> PASS" in capsys.readouterr().out
    baseline = ["--baseline", str(tmp_path / "good/results.json")]
    assert main([*bad, "--out", str(tmp_path / "worse"), *baseline]) == 1
    assert "\nFAIL: 1 change for the worse; 1 of 1 judged case fails\n" in capsys.readouterr().out
