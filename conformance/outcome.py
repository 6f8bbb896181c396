"""The end of a run: its reports and its exit status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.play.session import Session
    from conformance.verdict import CaseRun
    from fake_servers.trace.syntax import Trace

OK = 0
UNEXPECTED = 1
USAGE = 2
CANNOT_RUN = 3
NOTHING_SELECTED = 4
INTERRUPTED = 130
TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """SIGTERM has come: the run ends as by SIGINT, with the reports of what was done."""


def exit_status(runs: Iterable[CaseRun], unexpected: frozenset[tuple[str, str]]) -> int:
    """The status of a run that came to its end."""
    from conformance.verdict import Verdict

    found = list(runs)
    if not found:
        return NOTHING_SELECTED
    if any(run.verdict is Verdict.ERROR for run in found):
        return CANNOT_RUN
    return UNEXPECTED if unexpected else OK


def unexpected(session: Session, runs: Iterable[CaseRun]) -> frozenset[tuple[str, str]]:
    """Case and variant of each run whose verdict is not as expected."""
    return frozenset(
        (run.id, run.variant) for run in runs if session.standing(run).standing.unexpected
    )


def write_reports(
    session: Session, runs: Sequence[CaseRun], traces: Sequence[Trace]
) -> dict[str, Any]:
    """Write every report into the run's folder; gives the content of results.json."""
    from conformance import report
    from conformance.report.context import RunContext
    from conformance.requirements import load
    from conformance.subject import SubjectError

    settings = session.settings
    assert settings.out_dir is not None
    table_error = ""
    tables = None
    try:
        tables = session.tables
    except SubjectError as error:
        table_error = str(error)
    subject = session.subject
    context = RunContext(
        subject_name=subject.name,
        subject_version=subject.version,
        subject_level=subject.level,
        subject_features=tuple(sorted(subject.features)),
        variants=settings.variants,
        seed=settings.seed,
        traces=traces,
        register=load(),
        tables=tables,
        table_error=table_error,
        strict=settings.strict,
        expected=session.expectations.verdicts(),
        unexpected=unexpected(session, runs),
        out_dir_name=settings.out_dir,
    )
    return report.write(settings.out_dir, runs, context)
