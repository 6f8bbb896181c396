"""The exit statuses of the command line, and which of them a run has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.run.subject_run import SubjectRun
    from conformance.verdict import CaseRun

OK = 0
UNEXPECTED = 1
USAGE = 2
CANNOT_RUN = 3
NOTHING_SELECTED = 4
INTERRUPTED = 130
TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """SIGTERM has come: the run ends as by SIGINT, with the reports of what was done."""


def of_run(runs: Iterable[CaseRun], unexpected: frozenset[tuple[str, str]]) -> int:
    """The status of a run that came to its end."""
    from conformance.verdict import Verdict

    found = list(runs)
    if not found:
        return NOTHING_SELECTED
    if any(run.verdict is Verdict.ERROR for run in found):
        return CANNOT_RUN
    return UNEXPECTED if unexpected else OK


def unexpected(subject_run: SubjectRun, runs: Iterable[CaseRun]) -> frozenset[tuple[str, str]]:
    """Case and variant of each run whose verdict is not as expected."""
    return frozenset(
        (run.id, run.variant) for run in runs if subject_run.standing(run).standing.unexpected
    )
