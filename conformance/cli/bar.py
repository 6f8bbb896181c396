"""The progress bar of a run on a terminal. A run that writes to a pipe does not import this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column
from rich.text import Text

from conformance.report.colours import STYLES
from conformance.report.text import one_line
from conformance.verdict import SEVERITY, CaseRun, Verdict


class Bar:
    """One line that update() draws again and end() removes."""

    def __init__(self, out: TextIO, total: int) -> None:
        self._console = Console(file=out, highlight=False)
        word = TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1))
        self._progress = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            word,
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            expand=True,
        )
        self._task = self._progress.add_task("", total=total)
        self._progress.start()

    def update(self, done: int, counts: Mapping[Verdict, int], run: CaseRun) -> None:
        """Draw it."""
        line = Text()
        for verdict in SEVERITY:
            if counts.get(verdict):
                line.append(f"{counts[verdict]} {verdict} ", style=STYLES[verdict])
        line.append(one_line(run.id), style="dim")
        self._progress.update(self._task, completed=done, description=line.markup)
        self._progress.refresh()

    def show(self, run: CaseRun) -> None:
        """Prints a line above the bar."""
        line = Text(f"{run.verdict} ", style=STYLES[run.verdict])
        self._console.print(line + Text(f"{run.id} [{run.variant}]", style="default"))

    def end(self) -> None:
        """Removes the bar from the terminal."""
        self._progress.stop()
