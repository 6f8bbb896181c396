"""The action, the job of GitLab and the Containerfile: their shell runs as it is written."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="./mailspec setup test installs python3-yaml")

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    not (ROOT / "action.yml").is_file(), reason="the action is in the clone only"
)
FAILING = "smtp.goal.send-empty-message"
"""A case that python-stdlib is known to fail."""


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


def shell(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, as the runner starts it."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step of the action that runs mailspec, with these inputs."""
    values = {name: str(each.get("default", "")) for name, each in action()["inputs"].items()}
    values |= {"subject": "python-stdlib", **inputs}
    made = next(each for each in action()["runs"]["steps"] if each.get("id") == "run")
    env = {name: filled(text, values) for name, text in made["env"].items()}
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return shell(made["run"], folder, **env, **files)


def filled(text: str, inputs: dict[str, str]) -> str:
    text = text.replace("${{ github.action_path }}", str(ROOT))
    return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found[1]], text)


def test_the_action_has_the_form_of_a_composite_action() -> None:
    """docs.github.com, "Metadata syntax for GitHub Actions"."""
    found = action()
    assert set(found) == {"name", "description", "inputs", "outputs", "runs"}
    assert found["runs"]["using"] == "composite"
    for each in found["inputs"].values():
        assert set(each) <= {"description", "required", "default"} and each["description"]
        assert isinstance(each.get("default", ""), str)
    for each in found["runs"]["steps"]:
        assert set(each) <= {"name", "id", "if", "shell", "env", "run", "uses", "with"}
        assert ("run" in each) == ("shell" in each) != ("uses" in each)
        assert "${{" not in each.get("run", ""), "an input in a script could be a command"


def test_every_input_is_used_and_described() -> None:
    text, page = (ROOT / "action.yml").read_text("utf-8"), (ROOT / "docs/ci.md").read_text("utf-8")
    used = set(re.findall(r"inputs\.(\w+)", text))
    assert used == set(action()["inputs"])
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])} == used


def test_a_run_that_passes_leaves_its_reports(tmp_path: Path) -> None:
    done = step(tmp_path, cases="smtp.noop.* pop3.apop.rfc1939-login", out="the reports")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("index.html", "junit.xml", "results.sarif", "results.json", "summary.md"):
        assert (tmp_path / "the reports" / name).is_file()
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "results=the reports/results.json\n"
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert summary.startswith("# python") and "What changed" not in summary


def test_only_what_became_worse_fails_against_a_baseline(tmp_path: Path) -> None:
    none = tmp_path / "none.toml"
    none.write_text("")
    assert step(tmp_path, cases=FAILING, expect=str(none), out="old").returncode == 1
    baseline = str(tmp_path / "old" / "results.json")
    assert step(tmp_path, cases=FAILING, expect=str(none), baseline=baseline).returncode == 0
    results = json.loads(Path(baseline).read_text("utf-8"))
    for case in results["cases"]:
        case["verdict"] = case["wire"] = "PASS"
    better = tmp_path / "better.json"
    better.write_text(json.dumps(results))
    assert step(tmp_path, cases=FAILING, expect=str(none), baseline=str(better)).returncode == 1
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert "## What changed" in summary and FAILING in summary.partition("What changed")[2]


def test_a_client_that_is_not_there_is_the_exit_status(tmp_path: Path) -> None:
    assert step(tmp_path, subject="./no.toml").returncode == 2
    assert not (tmp_path / "GITHUB_STEP_SUMMARY").exists()


def test_reports_of_an_earlier_run_are_not_taken_for_those_of_this_one(tmp_path: Path) -> None:
    """The folder of the reports may come from a cache."""
    assert step(tmp_path, cases="smtp.noop.*").returncode == 0
    summary = tmp_path / "GITHUB_STEP_SUMMARY"
    summary.unlink()
    baseline = str(tmp_path / "mailspec-reports" / "results.json")
    done = step(tmp_path, subject="./no.toml", baseline=baseline)
    assert done.returncode == 2 and not summary.exists()
    (script,) = gitlab_job()["script"]
    env = gitlab_job()["variables"] | {"SUBJECT": "./no.toml", "BASELINE": baseline}
    done = shell(script.replace("/opt/mailspec", str(ROOT)), tmp_path, **env)
    assert done.returncode == 2 and "0 changes" not in done.stdout


def gitlab_job() -> dict[str, Any]:
    text = (ROOT / "docs/mailspec.gitlab-ci.yml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)["mailspec"]
    return loaded


def test_the_job_of_gitlab_runs_as_it_is_written(tmp_path: Path) -> None:
    job = gitlab_job()
    assert job["artifacts"]["reports"]["junit"] == "$OUT/junit.xml"
    (script,) = job["script"]
    env = job["variables"] | {"SUBJECT": "python-stdlib", "CASES": "smtp.noop.*"}
    done = shell(script.replace("/opt/mailspec", str(ROOT)), tmp_path, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "mailspec-reports" / "junit.xml").is_file()


def container() -> ModuleType:
    """.ci/container, which has no suffix."""
    loader = SourceFileLoader("container", str(ROOT / ".ci/container"))
    spec = importlib.util.spec_from_loader("container", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_container_copies_what_is_there_and_installs_the_dependencies() -> None:
    """The steps themselves are run by .ci/container, which needs root and a network."""
    text = (ROOT / "Containerfile").read_text("utf-8")
    steps = container().steps(text)
    assert [name for name, _ in steps][0] == "FROM" and steps[-1] == ("CMD", '["--help"]')
    for source in (word for name, rest in steps if name == "COPY" for word in rest.split()[:-1]):
        assert (ROOT / source).exists()
        assert f"!{source}" in (ROOT / ".containerignore").read_text("utf-8").splitlines()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = re.findall(r'"(\w+)>=', project.partition("dependencies = [")[2].partition("]")[0])
    assert all(f"python3-{name} " in text for name in wanted)
