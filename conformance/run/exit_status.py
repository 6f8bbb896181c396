"""The exit statuses of the command line, and the choice of one for a run."""

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
    """SIGTERM was received: the run ends as with SIGINT, with reports of the cases so far."""


def of_run(runs: Iterable[CaseRun], unexpected: frozenset[tuple[str, str]]) -> int:
    """The exit status of a run that played all of its cases."""
    from conformance.verdict import Verdict

    found = list(runs)
    if not found:
        return NOTHING_SELECTED
    if any(run.verdict is Verdict.ERROR for run in found):
        return CANNOT_RUN
    return UNEXPECTED if unexpected else OK


def unexpected(subject_run: SubjectRun, runs: Iterable[CaseRun]) -> frozenset[tuple[str, str]]:
    """The case and the variant of each run whose verdict is not as expected."""
    return frozenset(
        (run.id, run.variant) for run in runs if subject_run.standing(run).standing.unexpected
    )
