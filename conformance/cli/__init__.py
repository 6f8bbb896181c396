"""The command line: `mailspec COMMAND ...`."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from conformance import outcome, paths

Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    from conformance.cli import run
    from conformance.report.results import suite_version

    made = argparse.ArgumentParser(
        prog="mailspec", description="Conformance of POP3 and SMTP clients to their RFCs."
    )
    made.add_argument("--version", action="version", version=f"mailspec {suite_version()}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, text: str, command: Command) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command)
        return one

    run.add_arguments(add("run", "play the cases against a client and report", run.run))
    _add_own(commands)
    _add_looking(add)
    return made


def _add_own(commands: Any) -> None:
    """The commands that need a clone, for the help: main() hands them their arguments."""
    commands.add_parser("test", help="the project's own tests: ctest of client/, then pytest")
    commands.add_parser("coverage", help="what the run on mailc covers, held against floors")
    commands.add_parser("strength", help="whether the suite finds seeded bugs and kills mutants")


def _add_looking(add: Callable[[str, str, Command], argparse.ArgumentParser]) -> None:
    """The commands that play no case."""
    from pathlib import Path

    from conformance import vectors
    from conformance.cli import again, commands, diff, layout, record, run, serve
    from conformance.doctor import PROTOCOLS
    from fake_servers.delivery import VARIANTS

    listed = add("list", "the cases with their titles", commands.list_cases)
    listed.add_argument("patterns", nargs="*", metavar="WHAT", help="as for run")
    listed.add_argument("--requirements", action="store_true", help="the requirements instead")
    shown = add(
        "show", "a case with what it proves, or a requirement with its cases", commands.show
    )
    shown.add_argument("id", metavar="ID")
    add("subjects", "the clients that come with the suite", commands.subjects)
    doctor = add("doctor", "examine whether a client can be judged", commands.doctor)
    doctor.add_argument("--subject", default="mailc", help="NAME, FILE.toml or 'cmd:ARGV'")
    doctor.add_argument(
        "--protocol", action="append", choices=PROTOCOLS, help="only this one (default: both)"
    )
    doctor.add_argument("--json", action="store_true", help="one JSON document, for programs")
    new = add("new-subject", "write a TOML file for a client of your own", commands.new_subject)
    new.add_argument("name", metavar="NAME")
    served = add("serve", "the server of one case, for a client called by hand", serve.serve)
    served.add_argument("id", metavar="ID")
    served.add_argument("--variant", choices=list(VARIANTS), default="whole")
    served.add_argument("--seed", type=int)
    run.add_place_arguments(served)
    record.add_arguments(
        add("record", "a session of a client with a server, as a trace", record.record)
    )
    exported = add("export", "linear traces as JSON vectors, for a replay", vectors.export)
    exported.add_argument("patterns", nargs="*", metavar="WHAT", help="as for run")
    exported.add_argument("--seed", type=int, default=1, help="what drawn values depend on")
    exported.add_argument("--out", type=Path, metavar="FILE", help="else the standard output")
    compared = add("diff", "what changed between two runs", diff.diff)
    compared.add_argument("old", type=Path, metavar="OLD.json", help="results.json of a run")
    compared.add_argument("new", type=Path, metavar="NEW.json", help="that of a later one")
    again.add_arguments(
        add("report", "the reports of runs that are over, with the matrix of them", again.report)
    )
    layout.add_arguments(add("fmt", "lay traces out in the one way", layout.fmt))
    linted = add("lint", "faults of traces that need no client to be seen", commands.lint)
    linted.add_argument("files", nargs="*", metavar="FILE", help="files or folders; all if none")


def _test(arguments: Sequence[str]) -> int:
    from conformance.cli import own_tests

    return own_tests.main(arguments)


def _coverage(arguments: Sequence[str]) -> int:
    import os
    import subprocess

    root = paths.PACKAGE.parent
    script = root / "coverage" / "measure.py"
    if not script.is_file():
        print("mailspec coverage: this needs a clone of the repository", file=sys.stderr)
        return outcome.CANNOT_RUN
    command = [sys.executable, "-P", str(script), *arguments]
    env = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, env=env, check=False).returncode


def _strength(arguments: Sequence[str]) -> int:
    from conformance.cli import strength

    return strength.main(arguments)


_OWN: dict[str, Callable[[Sequence[str]], int]] = {
    "test": _test,
    "coverage": _coverage,
    "strength": _strength,
}


def main(argv: Sequence[str]) -> int:
    """Run one command; gives the exit status. What the user can mend is one sentence."""
    from conformance.cli.diff import BaselineError
    from conformance.cli.run import Unusable
    from conformance.expect import ExpectError
    from conformance.report.folder import FolderError
    from conformance.select import NothingSelected
    from conformance.subject import SubjectError
    from fake_servers.trace.error import TraceError

    own = _OWN.get(argv[0]) if argv else None
    try:
        if own is not None:
            return own(argv[1:])
        args = parser().parse_args(argv)
        status: int = args.command(args)
        sys.stdout.flush()
        return status
    except SystemExit as end:
        return int(end.code or 0)
    except FolderError as error:
        return _refuse(error, outcome.CANNOT_RUN)
    except (TraceError, ExpectError, BaselineError, Unusable) as error:
        return _refuse(error, outcome.USAGE)
    except NothingSelected as error:
        return _refuse(error, outcome.NOTHING_SELECTED)
    except SubjectError as error:
        return _refuse(error, error.status)
    except BrokenPipeError:
        sys.stderr.close()
        return outcome.UNEXPECTED
    except outcome.Terminated:
        return outcome.TERMINATED
    except KeyboardInterrupt:
        return outcome.INTERRUPTED
    except OSError as error:
        if error.errno not in _NOT_WRITTEN:
            raise
        return _unwritten(error)


_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
"""What the system says where there is no room to write."""


def _unwritten(error: OSError) -> int:
    """A disk is full, or the standard output stands on one."""
    try:
        sys.stdout.flush()
    except OSError:
        # Else Python would try once more at its end, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    what = error.filename or "the output"
    return _refuse(f"{what} cannot be written: {error.strerror}", outcome.CANNOT_RUN)


def entry() -> int:
    """The installed command."""
    return main(sys.argv[1:])


def _refuse(error: object, status: int) -> int:
    from conformance.report.text import printable

    print(f"mailspec: {printable(str(error))}", file=sys.stderr)
    return status
