"""The command line: `mailspec COMMAND ...`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from conformance import outcome

Command = Callable[[argparse.Namespace], int]


def _run(args: argparse.Namespace) -> int:
    from conformance import run

    return run.run(args)


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    from conformance import run
    from conformance.report.results import suite_version

    made = argparse.ArgumentParser(
        prog="mailspec",
        description="Conformance of POP3 and SMTP clients to their RFCs.",
        epilog="In a clone also: test, coverage, setup [run|mailc|test|ci].",
    )
    made.add_argument("--version", action="version", version=f"mailspec {suite_version()}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    add = commands.add_parser("run", help="play the cases against a client and report")
    run.add_arguments(add)
    add.set_defaults(command=_run)
    return made


def main(argv: Sequence[str]) -> int:
    """Run one command; gives the exit status. What the user can mend is one sentence."""
    from conformance.select import NothingSelected
    from conformance.subject import SubjectError
    from fake_servers.trace.error import TraceError

    try:
        args = parser().parse_args(argv)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        status: int = args.command(args)
        return status
    except TraceError as error:
        return _refuse(error, outcome.USAGE)
    except NothingSelected as error:
        return _refuse(error, outcome.NOTHING_SELECTED)
    except SubjectError as error:
        return _refuse(error, error.status)
    except BrokenPipeError:
        return outcome.UNEXPECTED
    except KeyboardInterrupt:
        return outcome.INTERRUPTED


def _refuse(error: Exception, status: int) -> int:
    print(f"mailspec: {error}", file=sys.stderr)
    return status
