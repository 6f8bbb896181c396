"""A subject that is not fit for everything is judged by the rest."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import doctor
from conformance.cli import main
from conformance.doctor import DoctorFinding
from conformance.subject import load
from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER, driver, trace_of

APOP_CASE = "pop3.apop.rfc1939-login"
UIDL_CASE = "pop3.uidl.one-closed"


def subject(claims: str) -> str:
    """The small POP3 client, which claims more than it can."""
    return "cmd:" + shlex.join([*POP3_DRIVER, f"claims={claims}"])


def run(out: Path, claims: str, *words: str) -> tuple[int, dict[str, Any]]:
    """The status of a run and its results.json, {} where there is none."""
    status = main(["run", "--subject", subject(claims), "--out", str(out), *words])
    results = out / "results.json"
    return status, json.loads(results.read_text("utf-8")) if results.is_file() else {}


def test_only_the_protocols_that_are_asked_for_are_examined() -> None:
    with driver(POP3_DRIVER, "claims=pop3.uidl,smtp") as small:
        [found] = doctor.examine(small, ["pop3"])
        assert found.features == ("pop3.uidl",)
        assert found.requirement == "driver.schema.json, pop3.uidl"
        assert "pop3.uidl answers unsupported although the server does everything right" in str(
            found
        )
        both = doctor.examine(small)
    assert [each.features for each in both] == [("pop3.uidl",), ("smtp",)]


def test_each_op_that_fails_is_told_and_not_only_the_first() -> None:
    with driver(POP3_DRIVER, "claims=pop3.list,pop3.uidl,pop3.user,tls.starttls") as small:
        found = doctor.examine(small, ["pop3"])
    spoilt = {each.features for each in found}
    assert spoilt >= {("pop3.user",), ("pop3.list",), ("pop3.uidl",), ("tls.starttls",)}
    assert ("pop3",) not in spoilt


def test_what_is_not_fit_is_an_error_and_the_rest_has_its_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = (APOP_CASE, UIDL_CASE, "pop3.top.no-lines")
    words = (*cases, "--variant", "whole")
    for jobs in ("1", "2"):
        claims = "pop3.uidl,pop3.user,smtp"
        status, results = run(tmp_path / jobs, claims, *words, "-j", jobs)
        assert status == 3
        rows = {row["id"]: row for row in results["cases"]}
        verdicts = [rows[case]["verdict"] for case in cases]
        assert verdicts == ["PASS", "ERROR", "UNSUPPORTED"]
        assert rows[UIDL_CASE]["reason"].startswith("doctor: pop3.user answers unsupported")
        printed = capsys.readouterr().err
        assert "is not fit for 1 of 3 cases, ERROR each" in printed
        assert "smtp" not in printed


def test_a_feature_that_no_case_needs_spoils_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, results = run(tmp_path, "pop3.uidl", APOP_CASE)
    assert status == 0
    assert results["counts"]["PASS"] == 1
    assert (
        "is fit for these cases, but not for everything that it claims" in capsys.readouterr().err
    )


def test_without_a_case_that_can_be_judged_nothing_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, results = run(tmp_path, "smtp", "smtp.noop.answers", "smtp.goal.send")
    assert (status, results) == (3, {})
    assert "is not fit for a run, so there are no verdicts" in capsys.readouterr().err


def test_doctor_prints_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["doctor", "--json", "--protocol", "pop3", "--subject", subject("pop3.uidl,smtp")]
    assert main(words) == 3
    printed = json.loads(capsys.readouterr().out)
    assert (printed["schema"], printed["fit"], printed["subject"]["name"]) == (1, False, "small")
    [found] = printed["findings"]
    assert found["features"] == ["pop3.uidl"]
    assert main(["doctor", "--json", "--subject", "cmd:" + shlex.join(POP3_DRIVER)]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_doctor_names_what_each_finding_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--subject", subject("pop3.uidl,smtp")]) == 3
    printed = capsys.readouterr().out
    assert "it rests on driver.schema.json, pop3.uidl; not fit: pop3.uidl" in printed
    assert "it rests on driver.schema.json, smtp.connect; not fit: smtp" in printed


@pytest.mark.parametrize(
    ("finding", "linear", "goal"),
    [
        (DoctorFinding("x", "y"), True, True),
        (DoctorFinding("x", "y", ("pop3",)), True, True),
        (DoctorFinding("x", "y", ("pop3.apop",), goals_only=True), False, True),
        (DoctorFinding("x", "y", ("pop3.apop",), "smtp"), False, False),
        (DoctorFinding("x", "y", ("pop3.uidl",)), False, False),
    ],
)
def test_a_finding_spoils_the_cases_that_need_its_features(
    finding: DoctorFinding, linear: bool, goal: bool
) -> None:
    assert finding.spoils(trace_of(APOP), "whole") == linear
    assert finding.spoils(trace_of(FETCH + "R: ok\n"), "whole") == goal


def test_a_finding_about_tls_spoils_the_variant_tls() -> None:
    about_tls = DoctorFinding("x", "y", ("tls.implicit",), "pop3")
    assert about_tls.spoils(trace_of(APOP), "tls")
    assert not about_tls.spoils(trace_of(APOP), "whole")


LOCK_STEP = """
import json, smtplib, sys
smtp = None
for line in sys.stdin:
    row = json.loads(line)
    op, outcome = row.get("op"), "ok"
    if row.get("cmd") == "hello":
        features = ["steps", "smtp", "smtp.pipelining"]
        print(json.dumps({"name": "lock", "version": "1", "features": features}), flush=True)
        continue
    if row.get("cmd") == "bye":
        break
    try:
        if op == "smtp.connect":
            smtp = smtplib.SMTP(timeout=row["timeout_ms"] / 1000)
            outcome = "ok" if smtp.connect(row["host"], row["port"])[0] == 220 else "refused"
        elif op == "smtp.ehlo":
            outcome = "ok" if smtp.ehlo(row["name"])[0] == 250 else "refused"
        elif op == "smtp.mail":
            smtp.mail(row["from"])
        elif op == "smtp.rcpt":
            smtp.rcpt(row["to"])
        elif op == "smtp.data":
            smtp.data(b"x")
        elif op == "smtp.send":
            smtp.sendmail(row["from"], row["to"], "x")
        elif op in ("smtp.quit", "smtp.close"):
            smtp.close()
        else:
            outcome = "unsupported"
    except TimeoutError:
        outcome = "timeout"
    except (OSError, smtplib.SMTPException):
        outcome = "io-error"
    print(json.dumps({"seq": row["seq"], "outcome": outcome}), flush=True)
"""


def test_a_client_that_claims_pipelining_and_waits_is_told_and_not_accused(tmp_path: Path) -> None:
    script = tmp_path / "lock_step.py"
    script.write_text(LOCK_STEP, "utf-8")
    with driver((sys.executable, str(script))) as waiting:
        [found] = [each for each in doctor.examine(waiting, ["smtp"]) if not each.is_note]
    assert found.features == ("smtp.pipelining",)
    assert "does not send MAIL, RCPT, DATA before the first reply" in found.sentence
    assert "RFC 2920" in found.requirement


def test_an_argument_without_a_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(
        'name = "small"\nfeatures = ["goals", "smtp"]\nexit = { 0 = "ok" }\n'
        '[goal."smtp.send"]\nargv = ["true", "{host}", "{port}", "{from}", "{to}", "{message}"]\n'
    )
    small = load(str(path))
    try:
        [found] = doctor.examine(small, ["smtp"])
    finally:
        small.stop()
    reason = "answers unsupported, because its TOML file has no place for name, although"
    assert reason in str(found)
