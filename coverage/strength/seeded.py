"""Runs the suite on mailc with one bug in it, which the suite must find."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.run import exit_status
from conformance.verdict import FAILURES, SEVERITY, Verdict
from strength.bug import Bug
from strength.build_tree import ROOT, BuildTree, Trouble, Unbuildable

TARGETS = ("mailc-driver", "mailc-table")
SUBJECT = """\
name = "mailc"
title = "mailc with a seeded bug"
driver = ["{driver}"]
table = ["{table}"]
"""
SECONDS = 300
SEED = "1"


@dataclass(frozen=True, slots=True)
class Detection:
    """What the suite found of one bug.

    found_by  the requirement that was found broken, empty if none of the right ones was
    cases     the cases that failed for that requirement
    others    the other requirements that were found broken, if found_by is empty
    fault     one sentence that says why there are no verdicts, otherwise empty
    """

    bug: Bug
    found_by: str = ""
    cases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    fault: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "name": self.bug.name,
            "title": self.bug.title,
            "breaks": self.bug.breaks.id,
            "rfc": self.bug.breaks.source,
            "found_by": self.found_by,
            "cases": list(self.cases),
            "others": list(self.others),
            "fault": self.fault,
        }


def play(bug: Bug, tree: BuildTree) -> Detection:
    """Builds mailc with the bug; runs the cases that should find it, then all. Raises BugError."""
    tree.change(bug.texts())
    try:
        tree.build(*TARGETS)
    except Unbuildable as error:
        return Detection(bug, fault=f"mailc with it cannot be built:\n{error}")
    detection = _judge(bug, tree, bug.expected_broken)
    return detection if detection.found_by else _judge(bug, tree, ())


def play_sound(tree: BuildTree) -> None:
    """Builds the unchanged mailc and runs one case, so that later findings are due to the bugs."""
    tree.change({})
    try:
        tree.build(*TARGETS)
    except Unbuildable as error:
        raise Trouble(f"mailc cannot be built:\n{error}") from error


def _judge(bug: Bug, tree: BuildTree, patterns: Sequence[str]) -> Detection:
    reports = tree.folder / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    subject = tree.folder / "mailc.toml"
    programs = {"driver": tree.program(TARGETS[0]), "table": tree.program(TARGETS[1])}
    subject.write_text(SUBJECT.format(**programs), "utf-8")
    command = [sys.executable, "-P", "-m", "conformance", "run", "--subject", str(subject)]
    command += ["--seed", SEED, "-j", "1", "--out", str(reports), *patterns]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Detection(bug, fault=f"the run did not finish within {SECONDS} s")
    if done.returncode not in (exit_status.OK, exit_status.UNEXPECTED):
        output = (done.stderr or done.stdout).strip()
        return Detection(bug, fault=f"the run ended with exit status {done.returncode}:\n{output}")
    return read_results(bug, reports / "results.json")


def read_results(bug: Bug, results: Path) -> Detection:
    """What the results of a run on mailc with the bug show."""
    loaded = json.loads(results.read_text("utf-8"))
    rows = {row["id"]: row for row in loaded["requirements"]}
    broken = [name for name, row in rows.items() if _is_broken(row)]
    for name in bug.expected_broken:
        if name in broken:
            return Detection(bug, found_by=name, cases=_cases(loaded["cases"], name))
    return Detection(bug, others=tuple(broken))


def _is_broken(row: Mapping[str, Any]) -> bool:
    """Whether the verdict is a failure, or NON-STRICT if that is all that a violation earns."""
    verdict = Verdict(row["verdict"])
    return verdict in FAILURES or (verdict is Verdict.NON_STRICT and row["breach"] == verdict)


def _cases(found: Sequence[Mapping[str, Any]], requirement: str) -> tuple[str, ...]:
    """The cases that prove a requirement and that the client did not meet."""
    failed = {
        row["id"]
        for row in found
        if requirement in row["requirements"]
        and SEVERITY.index(Verdict(row["verdict"])) < SEVERITY.index(Verdict.INFO)
    }
    return tuple(sorted(failed))
