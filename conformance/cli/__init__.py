"""The command line: `mailspec COMMAND ...`."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence

from conformance.cli.arguments import CommandsInLine, Parser
from conformance.cli.arguments import commands as described
from conformance.run import exit_status

Command = Callable[[argparse.Namespace], int]
Add = Callable[[str, Command], argparse.ArgumentParser]


def parser() -> Parser:
    """Every command with its arguments."""
    from conformance.cli import own, run, run_options
    from conformance.report.results import suite_version

    version = f"mailspec {suite_version()}"
    made = Parser(
        prog="mailspec",
        description="Conformance of POP3 and SMTP clients to their RFCs.",
        formatter_class=CommandsInLine,
    )
    made.add_argument("--version", action="version", version=version)
    commands = made.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    texts = described()

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = commands.add_parser(
            name, help=texts[name], description=texts[name]
        )
        one.add_argument("--version", action="version", version=version)
        one.set_defaults(command=command, parser=made)
        return one

    run_options.add_arguments(add("run", run.run))
    _add_looking(add)
    _add_playing(add)
    _add_files(add)
    own.add_commands(add)
    return made


def _add_looking(add: Add) -> None:
    """The commands that show what there is."""
    from conformance.cli import commands, lists, new_subject, run_options
    from conformance.doctor import PROTOCOLS

    lists.add_list_arguments(add("list", lists.list_cases))
    shown = add("show", lists.show)
    shown.add_argument(
        "id", metavar="ID", help="id of a case, a requirement or an attack, or a GLOB over cases"
    )
    lists.add_json(shown)
    lists.add_json(add("subjects", lists.subjects))
    doctor = add("doctor", commands.doctor)
    doctor.add_argument(
        "--subject", metavar="SUBJECT", default="mailc", help="NAME, FILE.toml or 'cmd:ARGV'"
    )
    doctor.add_argument(
        "--protocol",
        action="append",
        choices=PROTOCOLS,
        help="check only this protocol (default: both)",
    )
    run_options.add_without(doctor)
    lists.add_json(doctor)
    new_subject.add_arguments(add("new-subject", new_subject.new_subject))


def _add_playing(add: Add) -> None:
    """The commands that play one session, for a client or a server outside of the suite."""
    from conformance.cli import record, serve, serve_options

    serve_options.add_arguments(add("serve", serve.serve))
    record.add_arguments(add("record", record.record))


def _add_files(add: Add) -> None:
    """The commands that read or write traces and results."""
    from pathlib import Path

    from conformance import vectors
    from conformance.cli import again, commands, completion, diff, layout, survey

    exported = add("export", vectors.export)
    exported.add_argument("patterns", nargs="*", metavar="WHAT", help="the same as for run")
    exported.add_argument("--seed", type=int, default=1, help="seed of the drawn values")
    exported.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: standard output)"
    )
    compared = add("diff", diff.diff)
    compared.add_argument("old", type=Path, metavar="OLD.json", help="results.json of a run")
    compared.add_argument("new", type=Path, metavar="NEW.json", help="results.json of a later run")
    again.add_arguments(add("report", again.report))
    survey.add_arguments(add("survey", survey.survey))
    linted = add("lint", commands.lint)
    linted.add_argument("files", nargs="*", metavar="FILE", help="files or folders (default: all)")
    layout.add_arguments(add("fmt", layout.fmt))
    completion.add_arguments(add("completion", completion.completion))


def main(argv: Sequence[str]) -> int:
    """Runs one command; returns its exit status. An error that the user can fix is one sentence."""
    from conformance.cli.arguments import Unusable
    from conformance.cli.diff import BaselineError
    from conformance.out_folder import FolderError
    from conformance.run.expect import ExpectError
    from conformance.run.select import NothingSelected
    from conformance.serve.place import CannotListen
    from conformance.subject import SubjectError
    from fake_servers.trace.error import TraceError

    try:
        args = _parse(argv)
        if args is None:
            return exit_status.USAGE
        status: int = args.command(args)
        sys.stdout.flush()
        return status
    except SystemExit as end:
        return int(end.code or 0)
    except (FolderError, CannotListen) as error:
        return _refuse(error, exit_status.CANNOT_RUN)
    except (TraceError, ExpectError, BaselineError, Unusable) as error:
        return _refuse(error, exit_status.USAGE)
    except NothingSelected as error:
        return _refuse(error, exit_status.NOTHING_SELECTED)
    except SubjectError as error:
        return _refuse(error, error.status)
    except exit_status.Terminated:
        return exit_status.TERMINATED
    except KeyboardInterrupt:
        return exit_status.INTERRUPTED
    except OSError as error:
        if error.errno not in _NOT_WRITTEN:
            raise
        return _unwritten(error)


_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
"""What the system reports if there is no room to write."""


def _unwritten(error: OSError) -> int:
    """The disk of a file, or of the standard output, is full."""
    try:
        sys.stdout.flush()
    except OSError:
        # Else Python would try once more at its end, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    what = error.filename or "the output"
    return _refuse(f"{what} cannot be written: {error.strerror}", exit_status.CANNOT_RUN)


def _parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """The parsed arguments; None if there is no command, after printing the help.

    The arguments of `test` are for pytest, except those that only print.
    """
    made = parser()
    if not argv:
        made.print_help()
        return None
    if argv[0] == "test":
        asked = [word for word in argv[1:] if word in ("-h", "--help", "--version")]
        args = made.parse_args(["test", *asked])
        args.words = list(argv[1:])
        return args
    return made.parse_args(argv)


def entry() -> int:
    """The installed command, and that of the launcher."""
    from conformance.cli import pipes

    pipes.outlive_readers()
    if sys.argv[1:3] == ["completion", "--words"]:
        return _words(sys.argv[3:])
    return main(sys.argv[1:])


def _words(kinds: Sequence[str]) -> int:
    """Answers the completion of a shell quickly: without the parser of all commands."""
    from conformance.cli import completion

    if len(kinds) != 1 or kinds[0] not in completion.KINDS:
        return exit_status.USAGE
    print("\n".join(completion.words(kinds[0])))
    return exit_status.OK


def _refuse(error: object, status: int) -> int:
    from conformance.excerpt import shorten
    from conformance.report.text import printable

    print(f"mailspec: {printable(shorten(str(error)))}", file=sys.stderr)
    return status
