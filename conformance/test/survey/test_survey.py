"""The table over many clients: what it counts, what it leaves out, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.report.results import build
from conformance.run import exit_status, select
from conformance.run.expect import Expectations, Expected
from conformance.subject import names
from conformance.survey import clients, page, standing
from conformance.survey.clients import LeftOut
from conformance.test.report.report_example import context, runs
from conformance.verdict import Verdict

CASE = "smtp.goal.send-empty-message"


def results(**verdicts: Verdict) -> dict[str, Any]:
    """The example's results, some cases with another verdict in variant whole."""
    changed = [
        (
            replace(run, verdict=verdicts[run.id.replace(".", "_")])
            if run.variant == "whole" and run.id.replace(".", "_") in verdicts
            else run
        )
        for run in runs()
    ]
    return build(changed, context())


def stand(known: Expectations = Expectations(), **more: Any) -> standing.Standing:
    return standing.read(results(), known, title="An example", seconds=1.0, **more)


def test_only_judged_cases_count() -> None:
    found = stand()
    every = {row["id"] for row in results()["cases"]}
    undecided = ("UNSUPPORTED", "INCONCLUSIVE", "ERROR")
    left_out = sum(found.counts[Verdict(name)] for name in undecided)
    assert left_out and found.total == len(every) - left_out
    assert sum(found.judged) == found.total


@pytest.mark.parametrize(
    ("ids", "grain"),
    [
        (["smtp.goal.a", "smtp.goal.b/c", "smtp.family.cut"], "sessions"),
        (["smtp.data.a", "smtp.family.cut"], "steps"),
        (["smtp.data.a", "pop3.goal.a"], "sessions and steps"),
    ],
)
def test_the_grain_is_that_of_the_cases_that_were_judged(ids: list[str], grain: str) -> None:
    told = results()
    row = next(row for row in told["cases"] if row["verdict"] == "PASS")
    told["cases"] = [row | {"id": each} for each in ids]
    told["cases"].append(row | {"id": "smtp.other.x", "verdict": "UNSUPPORTED"})
    found = standing.read(told, Expectations(), title="An example", seconds=1.0)
    assert found.grain == grain


def test_a_failure_has_the_reason_of_the_known_failures() -> None:
    entry = Expected("smtp.known", Verdict.FAIL, "", "RFC 5321 section 2.3.8: lines end in CRLF")
    reasons = {cause.reason for cause in stand(Expectations((entry,))).causes}
    assert entry.reason in reasons
    assert any(reason.endswith("not explained yet)") for reason in reasons)


def test_a_second_run_is_compared_verdict_by_verdict() -> None:
    assert stand().changed is None
    assert stand(again=results()).changed == ()
    assert stand(again=results(smtp_known=Verdict.PASS)).changed == ("smtp.known",)
    chance = Expected("smtp.known", Verdict.FAIL, "x", "a race of the client", sometimes=True)
    assert stand(Expectations((chance,)), again=results(smtp_known=Verdict.PASS)).changed == ()


def test_the_pages_name_each_client_and_what_is_left_out() -> None:
    suite = {"version": "1", "variants": ["whole"], "cases": 5}
    odd = replace(stand(), name="odd", version="a|b\n" + "long " * 40)
    for kind in ("md", "html"):
        text = page.render(kind, [odd], [LeftOut("gone", "there is no <gone>")], suite)
        assert "gone (there is no" in text and "odd" in text
    table = next(line for line in page.render("md", [odd], [], suite).splitlines() if "odd" in line)
    assert table.count("|") - table.count("\\|") == 12
    assert "<gone>" not in page.render("html", [odd], [LeftOut("x", "<gone>")], suite)


def test_a_survey_is_about_the_clients_of_others() -> None:
    assert set(clients.OWN) <= set(names())
    assert set(clients.names()) == set(names()) - set(clients.OWN)


def test_what_was_withdrawn_is_still_asked() -> None:
    rows = page.withdrawn()
    assert rows == sorted(rows, key=itemgetter("id")) and rows
    for row in rows:
        assert {"id", "date", "reason"} == set(row) and "RFC" in row["reason"]
        assert select.select([row["id"]]), row["id"]


def test_one_client_twice_on_one_case(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = ["survey", "python-stdlib", "--cases", CASE, "--variant", "whole", "--twice"]
    assert main([*asked, "--out", str(out), "--pages", str(tmp_path)]) == exit_status.OK
    told = capfd.readouterr().out
    assert "python-stdlib: 1 of 1 judged case fails" in told
    assert "0 changed in the second run" in told
    first = json.loads((out / "runs/python-stdlib/results.json").read_text("utf-8"))
    assert [row["id"] for row in first["cases"]] == [CASE]
    text = (tmp_path / "clients.md").read_text("utf-8")
    assert "RFC 5321 section 4.1.1.4" in text
    assert (out / "index.html").is_file() and (tmp_path / "clients.html").is_file()


def test_a_client_that_is_missing_is_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("MAILSPEC_PACKAGES", str(tmp_path / "none"))
    assert main(["survey", "mpop", "--out", str(tmp_path / "out")]) == exit_status.CANNOT_RUN
    told = capfd.readouterr()
    assert told.out == "mpop: left out: mpop is not installed: there is no mpop (package mpop)\n"
    assert "setup clients" in told.err


def test_a_client_that_does_not_exist_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", "nobody"]) == exit_status.USAGE
    assert capfd.readouterr().err.startswith("mailspec: there is no subject 'nobody'; there are ")
