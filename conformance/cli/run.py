"""`mailspec run`: runs cases against a subject and reports."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.cli import diff, listen_options
from conformance.cli.arguments import Unusable
from conformance.cli.run_options import usual_jobs
from conformance.cli.signals import ended_by_sigterm
from conformance.doctor.finding import DoctorFinding
from conformance.out_folder import FolderError, claimed_for_run
from conformance.report.text import plural
from conformance.run import ending, exit_status, select
from conformance.run.order import Case, cases_of
from conformance.run.subject_run import Settings, SubjectRun, draw_seed, variants_of
from conformance.verdict import CaseRun
from fake_servers.listen_address import listen_address
from fake_servers.trace.syntax import Trace


def run(args: argparse.Namespace) -> int:
    """Runs the selected cases; returns the exit status. Raises the errors that cli.main reports."""
    with ended_by_sigterm():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    listen_options.apply(args)
    if not listen_address().is_default:
        if args.jobs not in (None, 1):
            raise Unusable("--listen, --advertise and --port need a single process: leave out -j")
        args.jobs = 1
    settings = _settings(args)
    traces = select.select(args.patterns)
    for trace in traces:
        select.check_proves(trace)
    baseline = None if args.baseline is None else diff.read(args.baseline)
    subject_run = SubjectRun(settings)
    try:
        if subject_run.subject.is_single and args.jobs not in (None, 1):
            raise Unusable(f"there is only one {subject_run.subject.name}: leave out -j")
        findings = subject_run.findings(sorted({trace.protocol for trace in traces}))
        if findings and _say_findings(subject_run, findings, traces):
            return exit_status.CANNOT_RUN
        _check_expectations(subject_run, args.patterns, traces)
        _say_left_out(subject_run)
        cases = cases_of(traces, subject_run.variants)
        if not cases:
            raise select.NothingSelected("none of these cases runs in that variant")
        subject_run.settings = replace(settings, doctored=True, findings=tuple(findings))
        with claimed_for_run(Path(args.out).resolve(), _name(args)):
            return _play(subject_run, cases, traces, baseline, args)
    finally:
        subject_run.stop()


def _settings(args: argparse.Namespace) -> Settings:
    return Settings(
        subject=args.subject,
        variants=variants_of(args.variant),
        seed=draw_seed() if args.seed is None else args.seed,
        out_dir=Path(args.out).resolve(),
        strict=args.strict,
        without=tuple(args.without),
        expect=None if args.expect is None else Path(args.expect).resolve(),
    )


def _check_expectations(
    subject_run: SubjectRun, patterns: Sequence[str], traces: Sequence[Trace]
) -> None:
    """Refuses known failures whose case does not exist: they hide nothing and mislead."""
    unknown = subject_run.expectations.unknown([ending.ID, *(trace.id for trace in traces)])
    if unknown and not patterns:
        raise Unusable(f"the expectations name {unknown[0]}, but no case has this id")


def _say_left_out(subject_run: SubjectRun) -> None:
    for variant, reason in subject_run.left_out.items():
        print(f"mailspec: the variant {variant} is left out: {reason}", file=sys.stderr)


def _say_findings(
    subject_run: SubjectRun, findings: Sequence[DoctorFinding], traces: Sequence[Trace]
) -> bool:
    """Prints what is not fit; returns whether no case is left to judge."""
    variants = subject_run.settings.variants
    claimed = [trace for trace in traces if subject_run.claims(trace)]
    spoilt = [each for each in claimed if all(subject_run.unfit(each, v) for v in variants)]
    is_hopeless = bool(claimed) and len(spoilt) == len(claimed)
    name = subject_run.subject.name
    if is_hopeless:
        message = f"{name} is not fit for a run, so there are no verdicts:"
    elif spoilt:
        count = f"{len(spoilt)} of {plural(len(traces), 'case')}"
        message = f"{name} is not fit for {count}, ERROR each:"
    else:
        message = f"{name} is fit for these cases, but not for everything that it claims:"
    print(f"mailspec: {message}", file=sys.stderr)
    for finding in findings:
        print(f"  ERROR {finding}", file=sys.stderr)
    return is_hopeless


def _name(args: argparse.Namespace) -> str:
    """How an error of another run names this one, which is using the folder of the reports."""
    return shlex.join(["mailspec", "run", "--subject", args.subject, *args.patterns])


def _play(
    subject_run: SubjectRun,
    cases: Sequence[Case],
    traces: Sequence[Trace],
    baseline: Mapping[str, Any] | None,
    args: argparse.Namespace,
) -> int:
    """Play the cases, report them, and give the exit status."""
    results, status, complaint = _results(subject_run, cases, args.jobs)
    results += _end_subject(subject_run)
    if not results:
        return status or exit_status.NOTHING_SELECTED
    is_interrupted = bool(complaint) or status != exit_status.OK
    status = status or exit_status.of_run(results, exit_status.unexpected(subject_run, results))
    found = _write_reports(subject_run, results, traces, args, is_interrupted)
    worse = None
    if baseline is not None and status in (exit_status.OK, exit_status.UNEXPECTED):
        worse = diff.tell(diff.only(baseline, (trace.id for trace in traces)), found)
        status = exit_status.UNEXPECTED if worse else exit_status.OK
    assert subject_run.settings.out_dir is not None
    _show(found, args, paths.shown(subject_run.settings.out_dir), worse)
    if complaint:
        raise FolderError(complaint)
    return status


def _results(
    subject_run: SubjectRun, cases: Sequence[Case], jobs: int | None
) -> tuple[list[CaseRun], int, str]:
    """The results; the exit status of a run that was interrupted, else OK; and why it was given
    up, a sentence or nothing.
    """
    from conformance.cli.progress import Progress
    from conformance.run import loop

    results, remaining = loop.settle(subject_run, cases)
    progress = Progress(subject_run, len(remaining))
    status = exit_status.OK
    try:
        processes = jobs or _usual_jobs(subject_run, len(remaining))
        with closing(loop.play(subject_run, remaining, processes)) as played:
            for result in played:
                progress.add(result)
                if progress.complaint:
                    break
    except exit_status.Terminated:
        status = exit_status.TERMINATED
    except KeyboardInterrupt:
        status = exit_status.INTERRUPTED
    finally:
        progress.end()
    return [*results, *progress.results], status, progress.complaint


def _usual_jobs(subject_run: SubjectRun, total: int) -> int:
    subject = subject_run.subject
    return 1 if subject.is_single else usual_jobs(total, subject.level)


def _end_subject(subject_run: SubjectRun) -> list[CaseRun]:
    """Ends the subject; faults that show only then count, too."""
    found = subject_run.finish()
    for remark in found.remarks(subject_run.subject.name):
        print(f"mailspec: {remark}", file=sys.stderr)
    return found.runs()


def _write_reports(
    subject_run: SubjectRun,
    results: Sequence[CaseRun],
    traces: Sequence[Trace],
    args: argparse.Namespace,
    is_interrupted: bool,
) -> dict[str, Any]:
    """Writes the reports. If they cannot be written, prints the end of the run all the same."""
    from conformance.report import of_run

    proves = {trace.id: trace.proves for trace in traces}
    try:
        return of_run.write_reports(subject_run, results, proves, is_interrupted, args.single_file)
    except FolderError as error:
        if error.results is not None:
            _show(error.results, args, "")
        raise


def _show(
    results: Mapping[str, Any], args: argparse.Namespace, out_dir: str, worse: int | None = None
) -> None:
    """Prints the end of the run; the last line is its verdict."""
    from conformance.report import terminal

    if args.profile:
        print(terminal.slowest(results))
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(terminal.summary(results, colour, out_dir, args.verbose, worse), end="")
