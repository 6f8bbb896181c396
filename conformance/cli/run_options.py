"""The options of `mailspec run`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from conformance.cli import listen_options
from conformance.run.subject_run import ALL, USUAL_VARIANTS
from fake_servers.wire.delivery import VARIANTS

MOST_JOBS = 64
RUNS_A_JOB = {0: 20, 1: 300}
"""By the level of the subject: about as many runs as take as long as to start a process. A command
takes much longer than a call of a driver.
"""
VARIANT_HELP = "run only this delivery variant, or all; can be repeated"
WITHOUT_HELP = (
    "act as if the client did not claim these features (names or GLOBs, with commas);"
    " 'steps' leaves the goals only; can be repeated"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of them."""
    parser.add_argument(
        "patterns",
        nargs="*",
        metavar="WHAT",
        help="ID, FAMILY/MEMBER, GLOB over ids, FILE.trace, FILE.trace::ID, id of a requirement or"
        " an attack, or rfc1939#7 (default: all)",
    )
    parser.add_argument(
        "--subject",
        metavar="SUBJECT",
        default="mailc",
        help="the client under test: NAME, FILE.toml or 'cmd:ARGV' of a driver (default: mailc)",
    )
    add_without(parser)
    parser.add_argument(
        "--variant",
        action="append",
        choices=[*VARIANTS, ALL],
        help=f"{VARIANT_HELP} (default: {' '.join(USUAL_VARIANTS)})",
    )
    parser.add_argument(
        "--expect", metavar="FILE", help="file of known failures, instead of the subject's own"
    )
    parser.add_argument("--strict", action="store_true", help="count NON-STRICT as a failure")
    parser.add_argument(
        "-j",
        dest="jobs",
        metavar="N",
        type=_jobs,
        help="processes, or auto (default: as many as help)",
    )
    parser.add_argument("--out", metavar="DIR", default="reports", help="folder for the reports")
    add_single_file(parser)
    parser.add_argument("--seed", type=int, help="seed of the drawn values, to repeat a run")
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show every RFC section and every failure",
    )
    parser.add_argument("--profile", action="store_true", help="show the slowest cases")
    listen_options.add_arguments(parser)
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="OLD.json",
        help="results.json of an earlier run; only what got worse is a failure",
    )


def add_single_file(parser: argparse.ArgumentParser) -> None:
    """The option that puts all pages into one file."""
    parser.add_argument(
        "--single-file",
        action="store_true",
        help="write the pages as one HTML file, index.html, instead of a folder of pages",
    )


def add_without(parser: argparse.ArgumentParser) -> None:
    """The option that leaves out features."""
    parser.add_argument(
        "--without",
        action="extend",
        default=[],
        metavar="FEATURE",
        type=_features,
        help=WITHOUT_HELP,
    )


def _features(text: str) -> tuple[str, ...]:
    from conformance import features

    try:
        return features.listed(text)
    except features.UnknownFeature as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _jobs(text: str) -> int:
    if text == "auto":
        return processors()
    if not (text.isdecimal() and 1 <= int(text) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(
            f"must be auto or a number from 1 to {MOST_JOBS}, not {text!r}"
        )
    return int(text)


def processors() -> int:
    """How many processes can work at once."""
    return min(len(os.sched_getaffinity(0)), MOST_JOBS)


def usual_jobs(total: int, level: int) -> int:
    """The number of processes for so many runs if the user gives none."""
    return max(1, min(processors(), total // RUNS_A_JOB[level]))
