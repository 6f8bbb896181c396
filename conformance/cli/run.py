"""`mailspec run`: play cases against a subject and report."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import paths
from conformance.cli import diff
from conformance.doctor.finding import DoctorFinding
from conformance.out_folder import FolderError, cannot_write, claimed
from conformance.report.text import plural
from conformance.run import ending, exit_status, select
from conformance.run.subject_run import (
    ALL,
    USUAL_VARIANTS,
    Settings,
    SubjectRun,
    draw_seed,
    variants_of,
)
from conformance.verdict import CaseRun
from fake_servers.files import scratch
from fake_servers.listen_address import LOOPBACK, ListenAddress, listen_address, set_listen_address
from fake_servers.trace.syntax import Trace
from fake_servers.wire.delivery import VARIANTS

if TYPE_CHECKING:
    from conformance.cli.progress import Progress

QUIET_PLUGINS = (
    "terminal",
    "cacheprovider",
    "capture",
    "logging",
    "warnings",
    "threadexception",
    "unraisableexception",
    "faulthandler",
    "junitxml",
    "doctest",
    "unittest",
    "nose",
    "pastebin",
    "stepwise",
)
"""Parts of pytest that a run of ours does without: each costs time at every case."""


MOST_JOBS = 64
RUNS_A_JOB = 300
EVERY_ADDRESS = ("0.0.0.0", "::")
VARIANT_HELP = "only this delivery variant, or all; may be given more than once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `run`."""
    parser.add_argument(
        "patterns",
        nargs="*",
        metavar="WHAT",
        help="ID, GLOB over ids, FILE.trace, id of a requirement, or rfc1939#7",
    )
    parser.add_argument(
        "--subject",
        metavar="SUBJECT",
        default="mailc",
        help="the client under test: NAME, FILE.toml or 'cmd:ARGV' of a driver (default: mailc)",
    )
    parser.add_argument(
        "--variant",
        action="append",
        choices=[*VARIANTS, ALL],
        help=f"{VARIANT_HELP} (default: {' '.join(USUAL_VARIANTS)})",
    )
    parser.add_argument(
        "--expect", metavar="FILE", help="known failures, in place of the subject's"
    )
    parser.add_argument("--strict", action="store_true", help="NON-STRICT is a failure")
    parser.add_argument(
        "-j", dest="jobs", metavar="N", type=_jobs, help="processes (default: as many as pay)"
    )
    parser.add_argument("--out", metavar="DIR", default="reports", help="folder of the reports")
    parser.add_argument("--seed", type=int, help="repeat what this seed drew")
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show every RFC section and every failure, not a screen of them",
    )
    parser.add_argument("--profile", action="store_true", help="show the slowest cases")
    add_listen_arguments(parser)
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="OLD.json",
        help="results.json of an earlier run: only what got worse since is a failure",
    )


def add_listen_arguments(parser: argparse.ArgumentParser) -> None:
    """The options for a client on another machine or on a board."""
    parser.add_argument(
        "--listen", metavar="ADDR", default=LOOPBACK, help="address of the servers (loopback)"
    )
    parser.add_argument("--advertise", metavar="HOST", default="", help="what the client is told")
    parser.add_argument(
        "--port",
        metavar="N",
        type=port_number,
        default=0,
        help="the servers' one port (a free one each)",
    )


def apply_listen_options(args: argparse.Namespace) -> None:
    """Open every server where the options say; raises Unusable."""
    address = ListenAddress(args.listen, args.advertise, args.port)
    if address.is_default:
        return
    try:
        family = socket.AF_INET6 if ":" in address.listen else socket.AF_INET
        socket.create_server((address.listen, address.port), family=family).close()
    except OSError as error:
        where = f"{address.listen} port {address.port}" if address.port else address.listen
        raise Unusable(f"no server can listen on {where}: {error.strerror}") from None
    if address.listen in EVERY_ADDRESS and not address.advertise:
        raise Unusable(
            f"--listen {address.listen} needs --advertise HOST, which the client is told"
        )
    if address.listen != LOOPBACK:
        message = "any machine that reaches this one can talk to the servers of this run"
        print(f"mailspec: {message}, on {address.listen}", file=sys.stderr)
    set_listen_address(address)


def port_number(text: str) -> int:
    """A port from the command line."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a number from 1 to 65535, not {text!r}")
    return int(text)


class Unusable(Exception):
    """An argument that cannot be followed; the message is a sentence for the user."""


def _jobs(text: str) -> int:
    if text == "auto":
        return processors()
    if not (text.isdecimal() and 1 <= int(text) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_JOBS} or auto, not {text!r}")
    return int(text)


def processors() -> int:
    """How many processes this process may have at once."""
    return min(len(os.sched_getaffinity(0)), MOST_JOBS)


def _usual_jobs(total: int) -> int:
    """A process costs as much to start as RUNS_A_JOB runs of a small driver."""
    return max(1, min(processors(), total // RUNS_A_JOB))


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM raises exit_status.Terminated, as SIGINT raises KeyboardInterrupt."""

    def end(number: int, frame: object) -> None:
        raise exit_status.Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(args: argparse.Namespace) -> int:
    """Play the selected cases; gives the exit status. Raises what cli.main has sentences for."""
    with _ended_by_sigterm():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    apply_listen_options(args)
    if not listen_address().is_default:
        if args.jobs not in (None, 1):
            raise Unusable("--listen, --advertise and --port go with one process; leave -j out")
        args.jobs = 1
    variants = variants_of(args.variant)
    traces = select.select(args.patterns)
    for trace in traces:
        select.check_proves(trace)
    baseline = None if args.baseline is None else diff.read(args.baseline)
    out_dir = Path(args.out).resolve()
    settings = Settings(
        subject=args.subject,
        variants=variants,
        seed=draw_seed() if args.seed is None else args.seed,
        out_dir=out_dir,
        strict=args.strict,
        expect=None if args.expect is None else Path(args.expect).resolve(),
    )
    subject_run = SubjectRun(settings)
    try:
        findings = subject_run.findings(sorted({trace.protocol for trace in traces}))
        if findings and _tell_findings(subject_run, findings, traces):
            return exit_status.CANNOT_RUN
        _check_expectations(subject_run, args.patterns, traces)
        variants = _played(subject_run, variants)
        total = sum(not trace.excludes(v) for trace in traces for v in variants)
        if total == 0:
            raise select.NothingSelected("none of these cases is played in that variant")
        subject_run.settings = replace(
            settings, variants=variants, doctored=True, findings=tuple(findings)
        )
        jobs = args.jobs or _usual_jobs(total)
        with claimed(out_dir, _reported_of(args)):
            return _play(subject_run, traces, total, jobs, baseline, args)
    finally:
        subject_run.stop()


def _check_expectations(
    subject_run: SubjectRun, patterns: Sequence[str], traces: Sequence[Trace]
) -> None:
    """Known failures of cases that there are none of would hide nothing and mislead."""
    unknown = subject_run.expectations.unknown([ending.ID, *(trace.id for trace in traces)])
    if unknown and not patterns:
        raise Unusable(f"the expectations name {unknown[0]}, and no case has this id")


def _played(subject_run: SubjectRun, variants: Sequence[str]) -> tuple[str, ...]:
    """The variants that can be played; says of each other one why it is left out."""
    reasons = {variant: subject_run.leaves_out(variant) for variant in variants}
    for variant, reason in reasons.items():
        if reason:
            print(f"mailspec: the variant {variant} is left out: {reason}", file=sys.stderr)
    return tuple(variant for variant, reason in reasons.items() if not reason)


def _tell_findings(
    subject_run: SubjectRun, findings: Sequence[DoctorFinding], traces: Sequence[Trace]
) -> bool:
    """Say what is not fit; whether that leaves no case to be judged."""
    variants = subject_run.settings.variants
    claimed = [trace for trace in traces if subject_run.claims(trace)]
    spoilt = [each for each in claimed if all(subject_run.unfit(each, v) for v in variants)]
    is_hopeless = bool(claimed) and len(spoilt) == len(claimed)
    name = subject_run.subject.name
    if is_hopeless:
        message = f"{name} is not fit for a run, so there are no verdicts:"
    elif spoilt:
        message = (
            f"{name} is not fit for {len(spoilt)} of {plural(len(traces), 'case')}, ERROR each:"
        )
    else:
        message = f"{name} is fit for these cases, but not for all that it claims:"
    print(f"mailspec: {message}", file=sys.stderr)
    for finding in findings:
        print(f"  ERROR {finding}", file=sys.stderr)
    return is_hopeless


def _reported_of(args: argparse.Namespace) -> str:
    """How another run names this one, which holds the folder of the reports."""
    return shlex.join(["mailspec", "run", "--subject", args.subject, *args.patterns])


def _play(
    subject_run: SubjectRun,
    traces: Sequence[Trace],
    total: int,
    jobs: int,
    baseline: Mapping[str, Any] | None,
    args: argparse.Namespace,
) -> int:
    from conformance.cli.progress import Progress
    from conformance.plugin import workers

    settings = subject_run.settings
    assert settings.out_dir is not None
    try:
        workers.clear(settings.out_dir)
    except OSError as error:
        raise cannot_write(settings.out_dir, error) from None
    progress = Progress(subject_run, total)
    status = _pytest(subject_run, traces, jobs, progress)
    progress.end()
    lost = total - len(progress.runs)
    _take_ending(subject_run, progress.runs)
    if not progress.runs:
        return status or exit_status.NOTHING_SELECTED
    results = _report(subject_run, progress.runs, traces, args)
    if progress.complaint:
        raise FolderError(progress.complaint)
    if status == exit_status.OK and lost:
        print(f"mailspec: {lost} of {total} runs gave no result", file=sys.stderr)
        return exit_status.CANNOT_RUN
    if status != exit_status.OK:
        return status
    broken = exit_status.unexpected(subject_run, progress.runs)
    status = exit_status.of_run(progress.runs, broken)
    if baseline is None or status == exit_status.CANNOT_RUN:
        return status
    return diff.tell(diff.only(baseline, (trace.id for trace in traces)), results)


def _take_ending(subject_run: SubjectRun, runs: list[CaseRun]) -> None:
    """End the subject: what shows only then counts as well."""
    found = subject_run.finish()
    for remark in found.remarks(subject_run.subject.name):
        print(f"mailspec: {remark}", file=sys.stderr)
    runs += found.runs()


def _report(
    subject_run: SubjectRun,
    runs: Sequence[CaseRun],
    traces: Sequence[Trace],
    args: argparse.Namespace,
) -> dict[str, Any]:
    """Write the reports and show the end of the run, which is shown also where they cannot be."""
    out_dir = subject_run.settings.out_dir
    assert out_dir is not None
    from conformance.report import of_run

    try:
        results = of_run.write_reports(subject_run, runs, traces)
    except FolderError as error:
        if error.results is not None:
            _show(error.results, args, "")
        raise
    _show(results, args, paths.shown(out_dir))
    return results


def _show(results: Mapping[str, Any], args: argparse.Namespace, out_dir: str) -> None:
    from conformance.report import terminal

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(terminal.summary(results, colour, out_dir, args.verbose), end="")
    if args.profile:
        print(terminal.slowest(results), end="")


def _node_ids(traces: Sequence[Trace]) -> list[str]:
    """A file where all of its cases are result, else each case of it."""
    by_file: dict[Path, list[Trace]] = {}
    for trace in traces:
        by_file.setdefault(trace.path, []).append(trace)
    words = []
    for path, chosen in by_file.items():
        is_whole = len(chosen) == len(select.read(path))
        file = str(path.resolve())
        words += [file] if is_whole else [f"{file}::{trace.id}" for trace in chosen]
    return words


def _pytest(subject_run: SubjectRun, traces: Sequence[Trace], jobs: int, progress: Progress) -> int:
    """Let pytest play the cases, in this process or in several; gives our exit status."""
    import pytest

    settings = subject_run.settings
    folder = paths.traces()
    argv = ["-c", os.devnull, "--rootdir", str(folder), "--noconftest"]
    argv += ["-p", "conformance.plugin", "-p", "conformance.plugin.brief"]
    argv += [word for name in QUIET_PLUGINS for word in ("-p", f"no:{name}")]
    argv += ["--subject", settings.subject, "--seed", str(settings.seed)]
    argv += ["--doctored", json.dumps([each.to_dict() for each in settings.findings])]
    argv += ["--out", str(settings.out_dir)] + (["--strict-verdicts"] if settings.strict else [])
    argv += [] if settings.expect is None else ["--expect", str(settings.expect)]
    argv += [word for name in settings.variants for word in ("--variant", name)]
    if jobs > 1:
        scratch.share()
        argv += ["-p", "xdist.plugin", "-n", str(jobs)]
        argv += ["--basetemp", str(scratch.root() / "pytest")]  # else it stays behind in /tmp
    argv += _node_ids(traces)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    code = pytest.main(argv, plugins=[progress])
    if code == pytest.ExitCode.INTERRUPTED:
        return exit_status.TERMINATED if progress.was_terminated else exit_status.INTERRUPTED
    finished = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return exit_status.OK if code in finished else exit_status.CANNOT_RUN
