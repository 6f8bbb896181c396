"""The short commands: doctor, new-subject, lint."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.cli.lists import print_json
from conformance.doctor import PROTOCOLS, DoctorFinding
from conformance.run import exit_status
from conformance.run.subject_run import Settings, SubjectRun
from conformance.subject import Subject, SubjectError, spec

NEW_SUBJECT = """\
# A client that is a command: one session a run. conformance/subject.schema.json has every key.
name = "{name}"
version = ["{name}", "--version"]
features = ["goals", "pop3", "pop3.user"]

# Arguments: {{host}} {{port}} {{user}} {{secret}} {{login}} {{n}} {{dir}} {{timeout_s}} {{timeout_ms}}
[goal."pop3.fetch"]
argv = ["{name}", "--host", "{{host}}", "--port", "{{port}}", "--message", "{{n}}", "--out", "{{dir}}/{{n}}.eml"]
login = {{ user = "plain" }}
login_args = ["--user", "{{user}}", "--password", "{{secret}}"]
data = "{{dir}}/{{n}}.eml"

# What each exit status means; 126, 127 and signals are never the client's own.
[exit]
0 = "ok"
other = "failed"

# A library is plugged in by a program that answers JSON lines: driver = ["./my-driver"] in place of
# features, goal and exit. conformance/driver.schema.json has every line of that protocol.
"""


def doctor(args: argparse.Namespace) -> int:
    """Examine one subject."""
    subject_run = SubjectRun(Settings(subject=args.subject, without=tuple(args.without)))
    try:
        findings = subject_run.findings(args.protocol or PROTOCOLS)
        subject = subject_run.subject
    finally:
        subject_run.stop()
    if args.json:
        print_json(_examination(subject, findings))
    else:
        _tell_examination(subject, findings)
    return exit_status.CANNOT_RUN if findings else exit_status.OK


def _examination(subject: Subject, findings: Sequence[DoctorFinding]) -> dict[str, Any]:
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
    }


def _tell_examination(subject: Subject, findings: Sequence[DoctorFinding]) -> None:
    for finding in findings:
        where = "in goals" if finding.goals_only else "everywhere"
        spoilt = f"{' '.join(finding.features) or 'all of it'} {where}"
        print(f"ERROR {subject.name}: {finding.sentence}")
        print(f"  it rests on {finding.requirement}; not fit: {spoilt}")
    if not findings:
        print(f"{subject.name} is fit: {' '.join(sorted(subject.features))}")


def new_subject(args: argparse.Namespace) -> int:
    """Writes a TOML file to start from."""
    path = Path(args.name if args.name.endswith(".toml") else f"{args.name}.toml")
    if path.exists():
        raise SubjectError(f"{path} is there already; nothing was written")
    try:
        path.write_text(NEW_SUBJECT.format(name=path.stem), "utf-8")
    except OSError as error:
        raise SubjectError(f"{path} cannot be written: {error.strerror}") from error
    spec(str(path.resolve()))
    print(f"{path} is written; edit it, then: {paths.command()} doctor --subject {_as_file(path)}")
    return exit_status.OK


def _as_file(path: Path) -> str:
    """The path in a form that cannot be read as a name."""
    return str(path) if path.is_absolute() else f"./{path}"


def lint(args: argparse.Namespace) -> int:
    """Prints every fault of these traces that shows without a client."""
    from conformance.lint import lint as find_problems

    files = [Path(name) for name in args.files] or [paths.traces()]
    problems = find_problems(files)
    for problem in problems:
        print(problem)
    return exit_status.UNEXPECTED if problems else exit_status.OK
