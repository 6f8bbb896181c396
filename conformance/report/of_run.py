"""The reports of a run that has just ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance import report
from conformance.report.context import RunContext
from conformance.requirements import load
from conformance.run import exit_status
from conformance.run.subject_run import SubjectRun
from conformance.subject import SubjectError
from conformance.verdict import CaseRun


def write_reports(
    subject_run: SubjectRun,
    runs: Sequence[CaseRun],
    proves: Mapping[str, Sequence[str]],
    interrupted: bool = False,
    one_file: bool = False,
) -> dict[str, Any]:
    """Write every report into the run's folder; gives the content of results.json.

    proves       the requirements that each case proves, by its id
    one_file     the pages are one HTML file
    interrupted  the run was ended before it had played all of its cases
    """
    settings = subject_run.settings
    assert settings.out_dir is not None
    table_error = ""
    tables = None
    try:
        tables = subject_run.tables
    except SubjectError as error:
        table_error = str(error)
    subject = subject_run.subject
    context = RunContext(
        subject_name=subject.name,
        subject_version=subject.version,
        subject_level=subject.level,
        subject_features=tuple(sorted(subject.features)),
        variants=subject_run.variants,
        seed=settings.seed,
        proves=proves,
        register=load(),
        tables=tables,
        table_error=table_error,
        strict=settings.strict,
        interrupted=interrupted,
        expected=subject_run.expectations.verdicts(),
        unexpected=exit_status.unexpected(subject_run, runs),
        variants_left_out=subject_run.left_out,
        out_dir_name=settings.out_dir,
        subject_without=tuple(sorted(subject.claimed & subject.without)),
    )
    return report.write(settings.out_dir, runs, context, one_file)
