"""One run on several workers: its results.json and its logs are those of one worker."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.out_folder import clear_logs
from conformance.plugin import workers
from conformance.run import exit_status
from conformance.test.small_cases import APOP, POP3_DRIVER
from conformance.verdict import CaseRun, Verdict

ROOT = Path(__file__).parents[3]


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some cases, of which one draws and one fails, and a known failure."""
    project = tmp_path_factory.mktemp("project")
    (project / "cases").mkdir()
    for number in range(4):
        text = APOP.replace("pop3.apop.test", f"pop3.number-{number}")
        if number == 1:
            text = text.replace("<1896.697170952@dbc.mtview.ca.us>", "${timestamp t}")
            text = text.replace("c4c9334bac560ecc979e58001b3e22fb", "${apop $t tanstaaf}")
        (project / "cases" / f"{number}.trace").write_text(
            text.replace("22fb", "22fc") if number == 2 else text
        )
    (project / "pytest.ini").write_text("[pytest]\n")
    return project


def results(project: Path, *words: str) -> dict[str, Any]:
    """results.json of a run of pytest in the project, without the seconds; the logs lie there."""
    subject = f"--subject=cmd:{shlex.join(POP3_DRIVER)}"
    command = ("pytest", "-q", "-p", "conformance.plugin", subject, "--out=out", *words)
    return results_of(project, int(pytest.ExitCode.TESTS_FAILED), *command, str(project / "cases"))


def results_of(project: Path, status: int, *words: str) -> dict[str, Any]:
    """Those of a Python module that is run with these words and ends with this status."""
    shutil.rmtree(project / "out", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((project / "out/results.json").read_text("utf-8"))
    for row in found["cases"]:
        del row["seconds"]
    return found


def logs(project: Path) -> set[str]:
    return {path.name for path in (project / "out/log").iterdir()}


@pytest.fixture(name="alone", scope="module")
def _alone(project: Path) -> dict[str, Any]:
    """What one process finds."""
    found = results(project, "--seed=7")
    assert found["counts"]["PASS"] == 3 and found["counts"]["FAIL"] == 1
    assert len(found["cases"]) == 12
    return found


@pytest.mark.parametrize("words", [("-n2",), ("--dist=load", "--tx", "2*popen")])
def test_workers_here_find_the_same(
    project: Path, alone: dict[str, Any], words: tuple[str, ...]
) -> None:
    assert results(project, "--seed=7", *words) == alone
    assert logs(project) == {Path(row["log"]).name for row in alone["cases"]}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_without_pytest_finds_the_same(
    project: Path, alone: dict[str, Any], jobs: str
) -> None:
    subject = f"--subject=cmd:{shlex.join(POP3_DRIVER)}"
    files = sorted(path.relative_to(project).as_posix() for path in project.rglob("*.trace"))
    words = ("run", "--seed=7", "-j", jobs, subject, "--out=out", *files)
    assert results_of(project, exit_status.UNEXPECTED, "conformance", *words) == alone
    assert logs(project) == {Path(row["log"]).name for row in alone["cases"]}


def test_gateways_elsewhere_find_the_same_and_send_their_logs(
    project: Path, alone: dict[str, Any], tmp_path: Path
) -> None:
    """Each works in a folder of its own, from which that of the reports is not to be seen."""
    gateways = [f"--tx=popen//chdir={tmp_path / name}" for name in ("one", "two")]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    cases = f"--rsyncdir={project / 'cases'}"
    assert results(project, "--seed=7", "--dist=load", *gateways, cases) == alone
    assert logs(project) == {Path(row["log"]).name for row in alone["cases"]}
    for row in alone["cases"]:
        events = (project / "out" / row["log"]).read_text("utf-8").splitlines()
        assert json.loads(events[0])["kind"] == "call"
    assert not list(tmp_path.rglob("*.jsonl"))


def test_workers_share_the_seed_that_was_drawn(project: Path) -> None:
    found = results(project, "-n2")
    seeds = {row["rerun"].rpartition("--seed ")[2] for row in found["cases"]}
    assert seeds == {str(found["suite"]["seed"])}


def test_logs_of_an_earlier_run_go_away(tmp_path: Path) -> None:
    for name in ("old.jsonl", "kept.txt"):
        (tmp_path / "log").mkdir(exist_ok=True)
        (tmp_path / "log" / name).write_text("x")
    clear_logs(tmp_path)
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["kept.txt"]


def test_a_worker_that_sees_another_mark_is_out_of_reach(tmp_path: Path) -> None:
    seeds: dict[str, Any] = {}
    workers.brief(seeds, 5, tmp_path)
    assert workers.reaches(seeds, tmp_path) and workers.seed_of(seeds, None) == 5
    (tmp_path / "log" / ".run").write_text("of another run")
    assert not workers.reaches(seeds, tmp_path)
    workers.finish(tmp_path)
    assert not workers.reaches(seeds, tmp_path) and workers.seed_of({}, 9) == 9


def test_a_log_that_is_sent_cannot_leave_the_folder(tmp_path: Path) -> None:
    run = CaseRun("a", "whole", Verdict.PASS, log="../../evil.jsonl")
    workers.unpack(run, "x", tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*.jsonl")] == ["evil.jsonl"]
    assert (tmp_path / "out/log/evil.jsonl").is_file()
