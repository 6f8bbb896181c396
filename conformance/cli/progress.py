"""How far a run is, while it runs: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, TextIO

import pytest

from conformance.play.session import Session
from conformance.plugin import case_run_of, keep_log, workers
from conformance.plugin.items import SESSION, hook
from conformance.verdict import SEVERITY, CaseRun, Verdict

if TYPE_CHECKING:
    from conformance.cli.bar import Bar

REDRAW_S = 0.1
PLAIN_STEPS = 5


class Progress:
    """A plugin of a run of ours: gathers the results and shows the progress."""

    def __init__(self, session: Session, total: int) -> None:
        self.runs: list[CaseRun] = []
        self._session = session
        self._total = total
        self._out: TextIO = sys.stdout
        self._bar = _bar(self._out, total) if self._out.isatty() else None
        self._counts: Counter[Verdict] = Counter()
        self._drawn = 0.0
        self._told = 0

    @hook(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """The plugin of the traces plays with our session instead of one of its own."""
        config.stash[SESSION] = self._session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        run = case_run_of(report)
        if run is None:
            return
        keep_log(report, run, self._session)
        self.runs.append(run)
        self._counts[run.verdict] += 1
        if self._bar is not None:
            self._redraw(run, self._bar)
        else:
            self._tell(run)

    def pytest_sessionfinish(self) -> None:
        if self._session.settings.out_dir is not None:
            workers.finish(self._session.settings.out_dir)

    def pytest_internalerror(self, excrepr: object) -> None:
        self.end()
        print(excrepr, file=sys.stderr)

    def end(self) -> None:
        """Leave the terminal's line empty for what comes next."""
        if self._bar is not None:
            self._bar.end()

    def _redraw(self, run: CaseRun, bar: Bar) -> None:
        if self._session.standing(run).standing.unexpected:
            bar.tell(run)
        now = time.monotonic()
        if now - self._drawn < REDRAW_S and len(self.runs) < self._total:
            return
        self._drawn = now
        bar.update(len(self.runs), self._counts, run)

    def _tell(self, run: CaseRun) -> None:
        if self._session.standing(run).standing.unexpected:
            self._out.write(f"{run.verdict} {run.id} [{run.variant}]\n")
        step = len(self.runs) * PLAIN_STEPS // max(self._total, 1)
        if step > self._told:
            self._told = step
            self._out.write(self._line() + "\n")
        self._out.flush()

    def _line(self) -> str:
        told = " ".join(f"{self._counts[v]} {v}" for v in SEVERITY if self._counts[v])
        return f"{len(self.runs)}/{self._total} {told}"


def _bar(out: TextIO, total: int) -> Bar:
    from conformance.cli.bar import Bar

    return Bar(out, total)
