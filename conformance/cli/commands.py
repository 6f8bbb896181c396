"""The short commands: doctor, lint."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.cli.arguments import Unusable
from conformance.cli.lists import print_json
from conformance.doctor import PROTOCOLS, DoctorFinding
from conformance.run import exit_status
from conformance.run.subject_run import Settings, SubjectRun
from conformance.subject import Subject


def doctor(args: argparse.Namespace) -> int:
    """Examine one subject."""
    subject_run = SubjectRun(Settings(subject=args.subject, without=tuple(args.without)))
    try:
        findings = subject_run.findings(args.protocol or PROTOCOLS)
        notes = subject_run.notes(args.protocol or PROTOCOLS)
        subject = subject_run.subject
    finally:
        subject_run.stop()
    if args.json:
        print_json(_examination(subject, findings, notes))
    else:
        _tell_examination(subject, findings, notes)
    return exit_status.CANNOT_RUN if findings else exit_status.OK


def _examination(
    subject: Subject, findings: Sequence[DoctorFinding], notes: Sequence[DoctorFinding]
) -> dict[str, Any]:
    """The document that `doctor --json` prints."""
    return {
        "subject": {
            "name": subject.name,
            "version": subject.version,
            "level": subject.level,
            "features": sorted(subject.features),
            "without": sorted(subject.claimed & subject.without),
        },
        "fit": not findings,
        "findings": [finding.to_dict() for finding in findings],
        "notes": [note.to_dict() for note in notes],
    }


def _tell_examination(
    subject: Subject, findings: Sequence[DoctorFinding], notes: Sequence[DoctorFinding]
) -> None:
    for finding in findings:
        where = "in goals" if finding.goals_only else "everywhere"
        spoilt = f"{' '.join(finding.features) or 'all of it'} {where}"
        print(f"ERROR {subject.name}: {finding.sentence}")
        print(f"  it rests on {finding.requirement}; not fit: {spoilt}")
    for note in notes:
        print(f"note {subject.name}: {note}")
    if not findings:
        print(f"{subject.name} is fit: {' '.join(sorted(subject.features))}")


def lint(args: argparse.Namespace) -> int:
    """Prints every fault of these traces that shows without a client."""
    from conformance.lint import lint as find_problems

    files = [Path(name) for name in args.files] or [paths.traces()]
    for path in files:
        if not path.exists():
            raise Unusable(f"{path} cannot be read: no such file or directory")
    problems = find_problems(files)
    for problem in problems:
        print(problem)
    return exit_status.UNEXPECTED if problems else exit_status.OK
