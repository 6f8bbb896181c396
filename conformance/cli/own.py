"""The commands that need a clone: test, coverage, strength, setup. They import late."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from conformance import paths
from conformance.cli.run_options import MOST_JOBS, processors
from conformance.run import exit_status

SETUPS = ("run", "page", "mailc", "mbedtls", "board", "test", "ci", "clients", "servers")
STRENGTH_OUT = paths.PACKAGE.parent / "build" / "strength"
GRAINS = ("steps", "goals")
USUAL_LIMIT = 200
Add = Callable[[str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]


def add_commands(add: Add) -> None:
    """Their arguments. main() passes the arguments of `test` on unchanged."""
    tested = add("test", test)
    tested.add_argument("words", nargs="*", metavar="ARGUMENT", help="argument for pytest")
    measured = add("coverage", coverage)
    measured.add_argument(
        "--floors", action="store_true", help="only check that no floor was lowered"
    )
    _add_strength(add("strength", strength))
    installed = add("setup", setup)
    installed.add_argument(
        "kind", nargs="?", choices=SETUPS, help="what to set up for (default: mailc)"
    )
    installed.add_argument("--yes", action="store_true", help="do not ask before sudo")


def _add_strength(made: argparse.ArgumentParser) -> None:
    made.add_argument("names", nargs="*", metavar="BUG", help="only these bugs; names or GLOBs")
    made.add_argument("--bugs", action="store_true", help="only the seeded bugs")
    made.add_argument(
        "--grain", choices=GRAINS, help="look for the bugs in this grain only (default: both)"
    )
    made.add_argument("--mutants", action="store_true", help="only the mutants")
    made.add_argument(
        "--limit",
        type=_count,
        default=USUAL_LIMIT,
        metavar="N",
        help=f"at most N mutants (default: {USUAL_LIMIT}); 0 means all",
    )
    made.add_argument(
        "--seed", type=int, default=1, metavar="N", help="chooses the mutants (default: 1)"
    )
    made.add_argument("--jobs", type=_jobs, default=processors(), metavar="N", help="processes")
    made.add_argument(
        "--out",
        type=Path,
        default=STRENGTH_OUT,
        metavar="DIR",
        help="folder for builds and results",
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MOST_JOBS}, not {text!r}")
    return int(text)


def test(args: argparse.Namespace) -> int:
    """ctest of client/, then pytest."""
    from conformance.cli import own_tests

    return own_tests.main(args.words)


def coverage(args: argparse.Namespace) -> int:
    """What the run on mailc covers."""
    root = paths.PACKAGE.parent
    script = root / "coverage" / "measure.py"
    if not script.is_file():
        print("mailspec coverage: this needs a clone of the repository", file=sys.stderr)
        return exit_status.CANNOT_RUN
    command = [sys.executable, "-P", str(script), *(["--floors"] if args.floors else [])]
    env = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, env=env, check=False).returncode


def strength(args: argparse.Namespace) -> int:
    """Seeded bugs and mutants."""
    folder = paths.PACKAGE.parent / "coverage"
    if not (folder / "strength").is_dir():
        print("mailspec strength: this needs a clone of the repository", file=sys.stderr)
        return exit_status.CANNOT_RUN
    # It knows mailc's sources, which nothing else here does: it lies outside of the packages.
    sys.path.insert(0, str(folder))
    from strength import command

    return command.strength(args)


def setup(args: argparse.Namespace) -> int:
    """The launcher does this, before there is a Python."""
    print("mailspec setup: this needs the launcher of a clone: ./mailspec setup", file=sys.stderr)
    return exit_status.CANNOT_RUN
