"""What a run shows of itself while it runs."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest

from conformance.cli.progress import Progress
from conformance.run.expect import Expectations
from conformance.run.subject_run import Settings, SubjectRun
from conformance.verdict import CaseRun, Verdict

ESCAPE = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")


class Screen(io.StringIO):
    """A stream that may say that it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, total: int = 10) -> str:
    """The output of `total` runs of which the third fails."""
    screen = Screen(terminal=terminal)
    monkeypatch.setattr("sys.stdout", screen)
    subject_run = SubjectRun(Settings())
    subject_run.expectations = Expectations()
    progress = Progress(subject_run, total)
    for number in range(total):
        verdict = Verdict.FAIL if number == 2 else Verdict.PASS
        progress.add(CaseRun(f"pop3.case-{number}", "whole", verdict))
    progress.end()
    assert len(progress.results) == total
    return screen.getvalue()


def test_a_pipe_gets_nothing_of_a_run_that_is_soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.cli.progress.PLAIN_S", 1000.0)
    assert shown(monkeypatch, terminal=False) == "FAIL pop3.case-2 [whole]\n"


def test_a_pipe_gets_plain_lines_and_each_failure_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.cli.progress.PLAIN_S", 0.0)
    lines = shown(monkeypatch, terminal=False).splitlines()
    assert lines == [
        "2/10 2 PASS",
        "FAIL pop3.case-2 [whole]",
        "4/10 1 FAIL 3 PASS",
        "6/10 1 FAIL 5 PASS",
        "8/10 1 FAIL 7 PASS",
        "10/10 1 FAIL 9 PASS",
    ]


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = shown(monkeypatch, terminal=True)
    plain = [ESCAPE.sub("", part) for part in re.split(r"[\r\n]", text)]
    assert "FAIL pop3.case-2 [whole]" in [part.strip() for part in plain]
    last = [part for part in plain if "10/10" in part][-1]
    assert last.endswith("1 FAIL 9 PASS pop3.case-9".ljust(len(last) - last.index("1 FAIL")))
    assert all(len(part) <= 70 for part in plain)
    assert text.endswith("\x1b[2K")
    assert "\x1b[31m" in text and "\x1b[32m" in text


def test_a_pipe_does_not_import_what_draws_the_bar() -> None:
    code = "import conformance.cli.progress, conformance.cli, sys; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
