"""The options of `mailspec run`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from conformance.cli import listen_options
from conformance.run.subject_run import ALL, USUAL_VARIANTS
from fake_servers.wire.delivery import VARIANTS

MOST_JOBS = 64
RUNS_A_JOB = 300
VARIANT_HELP = "only this delivery variant, or all; may be given more than once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of them."""
    parser.add_argument(
        "patterns",
        nargs="*",
        metavar="WHAT",
        help="ID, GLOB over ids, FILE.trace, FILE.trace::ID, id of a requirement, or rfc1939#7",
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
    listen_options.add_arguments(parser)
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="OLD.json",
        help="results.json of an earlier run: only what got worse since is a failure",
    )


def _jobs(text: str) -> int:
    if text == "auto":
        return processors()
    if not (text.isdecimal() and 1 <= int(text) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_JOBS} or auto, not {text!r}")
    return int(text)


def processors() -> int:
    """How many processes this process may have at once."""
    return min(len(os.sched_getaffinity(0)), MOST_JOBS)


def usual_jobs(total: int) -> int:
    """A process costs as much to start as RUNS_A_JOB runs of a small driver."""
    return max(1, min(processors(), total // RUNS_A_JOB))
