"""`mailspec completion SHELL`: the completions of bash, zsh and fish, made from the parser.

Commands, options and fixed choices stand in the script. Cases, subjects and requirements change
with the files of the suite: the script asks `completion --words KIND` for them when TAB is pressed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from conformance import paths
from conformance.cli.completion_words import FILES, FOLDERS, Described, Option
from conformance.run import exit_status

if TYPE_CHECKING:
    from conformance.cli.arguments import Parser

SHELLS = ("bash", "zsh", "fish")
KINDS = ("cases", "subjects", "features", "requirements", "bugs")

_MEANT = {
    "WHAT": ("cases", FILES),
    "ID": ("cases", "requirements"),
    "CASE": ("cases", FILES),
    "BUG": ("bugs",),
    "FEATURE": ("features",),
    "SUBJECT": ("subjects", FILES),
    "DIR": (FOLDERS,),
    "ARGUMENT": (FILES,),
}
"""What an argument of this name can be. A name that contains FILE or .json means a file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `completion`."""
    parser.add_argument("shell", nargs="?", choices=SHELLS, metavar="SHELL", help="|".join(SHELLS))
    parser.add_argument("--words", choices=KINDS, help=argparse.SUPPRESS)


def completion(args: argparse.Namespace) -> int:
    """Prints the script, or the words of one kind."""
    from conformance.cli import completion_scripts

    if args.words is not None:
        print("\n".join(words(args.words)))
        return exit_status.OK
    if args.shell is None:
        message = f"name a shell: {', '.join(SHELLS)}"
        print(f"mailspec completion: {message}", file=sys.stderr)
        return exit_status.USAGE
    sys.stdout.write(completion_scripts.script(args.shell, list(describe(args.parser))))
    return exit_status.OK


def words(kind: str) -> Sequence[str]:
    """Every word of one kind. Reads as little as possible and starts nothing."""
    if kind == "cases":
        from conformance import catalogue

        return catalogue.ids()
    if kind == "subjects":
        return paths.subject_names()
    if kind == "features":
        from conformance import features

        return list(features.describe())
    if kind == "bugs":
        return sorted(
            path.stem for path in (paths.PACKAGE.parent / "coverage/strength/bugs").glob("*.toml")
        )
    from conformance.requirements import load

    return [entry.id for entry in load().of_client()]


def describe(parser: Parser) -> Iterator[Described]:
    """Every command of the parser."""
    from conformance.cli.arguments import Parser, commands

    texts = commands()
    for name, one in parser.commands().items():
        assert isinstance(one, Parser)
        operands: tuple[str, ...] = ()
        choices: tuple[str, ...] = ()
        options = []
        for action in one._actions:
            values = tuple(str(each) for each in action.choices or ())
            if not action.option_strings:
                operands = operands or _meant(action)
                choices = choices or values
            elif action.help != argparse.SUPPRESS:
                options.append(_option(action, values))
        yield Described(name, texts[name], tuple(options), operands, choices)


def _option(action: argparse.Action, choices: tuple[str, ...]) -> Option:
    names = tuple(action.option_strings)
    if action.nargs == 0:
        return Option(names, action.help or "", None)
    return Option(names, action.help or "", _meant(action), choices)


def _meant(action: argparse.Action) -> tuple[str, ...]:
    name = str(action.metavar or action.dest)
    if "FILE" in name or name.endswith(".json"):
        return (FILES,)
    return _MEANT.get(name, ())
