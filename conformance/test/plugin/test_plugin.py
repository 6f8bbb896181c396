"""The pytest plugin: what pytest counts each verdict as, in one process and in several."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER

ROOT = Path(__file__).parents[3]


def case(name: str, text: str) -> tuple[str, str]:
    return name, text.replace("pop3.apop.test", f"pop3.{name}").replace(
        "pop3.goal.test", f"pop3.{name}"
    )


WRONG_SECRET = FETCH.replace("secret=tanstaaf", "secret=wrong")
CASES = dict(
    [
        case("passes", APOP),
        case("fails", APOP.replace("22fb", "22fc")),
        case("is-known", APOP.replace("22fb", "22fd")),
        case("unsupported", APOP.replace("pop3 pop3.apop", "pop3.utf8")),
        case("inconclusive", WRONG_SECRET + 'on RETR#1: reply "-ERR"\nR: auth-failed|refused\n'),
        case("errs", FETCH.replace("n=[1]", "n=[99]") + "R: refused\n"),
        case("non-strict", APOP.replace("count=2", "count=3").replace("7-APOP-02", "3-STATE-03")),
    ]
)
KNOWN = """\
[[case]]
id = "pop3.is-known"
verdict = "FAIL"
match = "sends something other"
reason = "a known failure"
"""


@pytest.fixture(name="folder", scope="module")
def a_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    for name, text in CASES.items():
        (folder / f"{name}.trace").write_text(text, "utf-8")
    (folder / "known.toml").write_text(KNOWN)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def run_pytest(folder: Path, *words: str) -> str:
    """The output of pytest over the folder; the plugin is asked for by its name."""
    command = [sys.executable, "-m", "pytest", "-p", "conformance.plugin", "-rA", "--seed", "1"]
    subject = ["--subject", f"cmd:{shlex.join(POP3_DRIVER)}", "--variant", "whole"]
    known = ["--expect", str(folder / "known.toml")]
    done = subprocess.run(
        [*command, *subject, *known, *words, str(folder)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.stdout + done.stderr


def outcomes(output: str) -> dict[str, str]:
    """pytest's word for each case, from its short summary."""
    found = {}
    for line in output.splitlines():
        word, _, remaining = line.partition(" ")
        if word in ("PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED"):
            name = next((name for name in CASES if f"{name}.trace" in remaining), None)
            if name is not None:
                found[name] = word
    return found


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_each_verdict_has_its_outcome(folder: Path, words: list[str]) -> None:
    output = run_pytest(folder, *words)
    assert outcomes(output) == {
        "passes": "PASSED",
        "non-strict": "PASSED",
        "fails": "FAILED",
        "errs": "ERROR",
        "is-known": "XFAIL",
        "unsupported": "SKIPPED",
        "inconclusive": "SKIPPED",
    }
    assert "7 cases: 1 ERROR, 2 FAIL, 1 NON-STRICT, 1 PASS, 1 INCONCLUSIVE, 1 UNSUPPORTED" in output
    assert "fails.trace:14" in output and "^ octet 42" in output


def test_strictness_a_name_and_reports_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    words = ["--strict-verdicts", "-k", "strict", "--out", str(tmp_path)]
    assert outcomes(run_pytest(folder, *words)) == {"non-strict": "FAILED"}
    results = json.loads((tmp_path / "results.json").read_text())
    assert [row["verdict"] for row in results["cases"]] == ["NON-STRICT"]


def test_features_can_be_left_out(folder: Path, tmp_path: Path) -> None:
    words = ["--without", "pop3.apop,moves", "-k", "passes", "--out", str(tmp_path)]
    assert outcomes(run_pytest(folder, *words)) == {"passes": "SKIPPED"}
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["subject"]["without"] == ["moves", "pop3.apop"]


def test_an_unknown_feature_is_a_usage_error(folder: Path) -> None:
    printed = run_pytest(folder, "--without", "pop3.apopp")
    assert "--without: there is no feature 'pop3.apopp'; did you mean pop3.apop?" in printed


def test_a_broken_trace_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.trace").write_text("id: pop3.broken\nX: y\n")
    output = run_pytest(tmp_path, "--expect", str(folder / "known.toml"))
    assert "broken.trace:2: " in output
    assert "Traceback" not in output


def test_an_unknown_subject_is_a_usage_error(folder: Path) -> None:
    assert "there is no subject 'nobody'" in run_pytest(folder, "--subject", "nobody")
