"""How far a run is, while it runs: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, TextIO

import pytest

from conformance.out_folder import cannot_write
from conformance.plugin import case_run_of, keep_log, workers
from conformance.plugin.items import SUBJECT_RUN, hook
from conformance.run import exit_status
from conformance.run.subject_run import SubjectRun
from conformance.verdict import SEVERITY, UNWRITTEN, CaseRun, Verdict

if TYPE_CHECKING:
    from conformance.cli.bar import Bar

REDRAW_S = 0.1
PLAIN_STEPS = 5
FAILURES_REPORTED = 20
"""So many are told while the run goes on; the end of the run has them all by cause."""


class Progress:
    """A plugin of a run of ours: gathers the results and shows the progress.

    was_terminated  it was ended by SIGTERM
    complaint  why the run was stopped, a sentence: what it finds cannot be written
    """

    def __init__(self, subject_run: SubjectRun, total: int) -> None:
        self.runs: list[CaseRun] = []
        self._subject_run = subject_run
        self._total = total
        self._out: TextIO = sys.stdout
        self._bar = _bar(self._out, total) if self._out.isatty() else None
        self._counts: Counter[Verdict] = Counter()
        self._drawn = 0.0
        self._reported = 0
        self._failures_reported = 0
        self.complaint = ""
        self.was_terminated = False
        self._pytest: pytest.Session | None = None

    @hook(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """The plugin of the traces plays with our session instead of one of its own."""
        config.stash[SUBJECT_RUN] = self._subject_run

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._pytest = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        run = case_run_of(report)
        if run is None:
            return
        try:
            keep_log(report, run, self._subject_run)
        except OSError as error:
            assert self._subject_run.settings.out_dir is not None
            self._stop(str(cannot_write(self._subject_run.settings.out_dir, error)))
        if UNWRITTEN in run.details:
            self._stop(run.details[UNWRITTEN])
        self.runs.append(run)
        self._counts[run.verdict] += 1
        if self._bar is not None:
            self._redraw(run, self._bar)
        else:
            self._tell(run)

    def pytest_sessionfinish(self) -> None:
        if self._subject_run.settings.out_dir is not None:
            workers.finish(self._subject_run.settings.out_dir)

    def _stop(self, complaint: str) -> None:
        """Play nothing more: a run whose logs are lost is worth nothing."""
        if self.complaint or self._pytest is None:
            return
        self.complaint = complaint
        workers_of = self._pytest.config.pluginmanager.getplugin("dsession")
        (workers_of or self._pytest).shouldstop = complaint

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.was_terminated = excinfo.errisinstance(exit_status.Terminated)

    def pytest_internalerror(self, excrepr: object) -> None:
        self.end()
        print(excrepr, file=sys.stderr)

    def end(self) -> None:
        """Leave the terminal's line empty for what comes next."""
        if self._bar is not None:
            self._bar.end()

    def _redraw(self, run: CaseRun, bar: Bar) -> None:
        if self._is_reported(run):
            bar.tell(run)
        now = time.monotonic()
        if now - self._drawn < REDRAW_S and len(self.runs) < self._total:
            return
        self._drawn = now
        bar.update(len(self.runs), self._counts, run)

    def _tell(self, run: CaseRun) -> None:
        lines = [f"{run.verdict} {run.id} [{run.variant}]"] if self._is_reported(run) else []
        step = len(self.runs) * PLAIN_STEPS // max(self._total, 1)
        if step > self._reported:
            self._reported = step
            lines.append(self._line())
        try:
            self._out.write("".join(line + "\n" for line in lines))
            self._out.flush()
        except OSError:
            self._out = io.StringIO()  # nobody reads on; the end of the run says so

    def _is_reported(self, run: CaseRun) -> bool:
        """Whether a run is told at once: the first ones that are not as expected."""
        unexpected = self._subject_run.standing(run).standing.unexpected
        self._failures_reported += unexpected
        return unexpected and self._failures_reported <= FAILURES_REPORTED

    def _line(self) -> str:
        text = " ".join(f"{self._counts[v]} {v}" for v in SEVERITY if self._counts[v])
        return f"{len(self.runs)}/{self._total} {text}"


def _bar(out: TextIO, total: int) -> Bar:
    from conformance.cli.bar import Bar

    return Bar(out, total)
