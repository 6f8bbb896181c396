"""How far a run is, while it runs: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, TextIO

from conformance.run.subject_run import SubjectRun
from conformance.verdict import SEVERITY, UNWRITTEN, CaseRun, Verdict

if TYPE_CHECKING:
    from conformance.cli.bar import Bar

REDRAW_S = 0.1
PLAIN_STEPS = 5
PLAIN_S = 15.0
"""In a pipe a run gets a line a fifth, unless the last line is younger than this."""
FAILURES_SHOWN = 20
"""The most that are shown while the run goes on; its end has all of them by cause."""


class Progress:
    """Gathers the results of a run and shows how far it is.

    results    of the cases that were played until now
    complaint  a sentence where an event log could not be written: the run is worth nothing then
    """

    def __init__(self, subject_run: SubjectRun, total: int) -> None:
        self.results: list[CaseRun] = []
        self.complaint = ""
        self._subject_run = subject_run
        self._total = total
        self._out: TextIO = sys.stdout
        self._bar = _bar(self._out, total) if self._out.isatty() else None
        self._counts: Counter[Verdict] = Counter()
        self._drawn = 0.0
        self._told = time.monotonic()
        self._step = 0
        self._failures_shown = 0

    def add(self, result: CaseRun) -> None:
        """Keep one more result and show it."""
        self.complaint = self.complaint or result.details.get(UNWRITTEN, "")
        self.results.append(result)
        if result.verdict is not Verdict.UNSUPPORTED:
            self._counts[result.verdict] += 1
        if self._bar is not None:
            self._redraw(result, self._bar)
        else:
            self._print(result)

    def end(self) -> None:
        """Clears the line of the terminal for what comes next."""
        if self._bar is not None:
            self._bar.end()

    def _redraw(self, result: CaseRun, bar: Bar) -> None:
        if self._is_shown(result):
            bar.show(result)
        now = time.monotonic()
        if now - self._drawn < REDRAW_S and len(self.results) < self._total:
            return
        self._drawn = now
        bar.update(len(self.results), self._counts, result)

    def _print(self, result: CaseRun) -> None:
        lines = [f"{result.verdict} {result.id} [{result.variant}]"]
        lines = lines if self._is_shown(result) else []
        step = len(self.results) * PLAIN_STEPS // max(self._total, 1)
        now = time.monotonic()
        if step > self._step and now >= self._told + PLAIN_S:
            self._step, self._told = step, now
            lines.append(self._line())
        try:
            self._out.write("".join(line + "\n" for line in lines))
            self._out.flush()
        except OSError:
            self._out = io.StringIO()  # nobody reads on; the end of the run says so

    def _is_shown(self, result: CaseRun) -> bool:
        """Whether a result is shown at once: the first ones that are not as expected."""
        unexpected = self._subject_run.standing(result).standing.unexpected
        self._failures_shown += unexpected
        return unexpected and self._failures_shown <= FAILURES_SHOWN

    def _line(self) -> str:
        counts = " ".join(f"{self._counts[v]} {v}" for v in SEVERITY if self._counts[v])
        return f"{len(self.results)}/{self._total} {counts}"


def _bar(out: TextIO, total: int) -> Bar:
    from conformance.cli.bar import Bar

    return Bar(out, total)
