"""The parser of the command line: an error is one sentence, with a guess at what was meant."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from conformance import near

FILE = Path(__file__).with_name("commands.txt")
USAGE = 2


def commands() -> dict[str, str]:
    """Each command and its line of help. The launcher reads the same file without Python."""
    rows = (line.split(maxsplit=1) for line in FILE.read_text("utf-8").splitlines())
    return {name: text for name, text in rows}


class Unusable(Exception):
    """An argument that does not make sense; the message is a sentence for the user."""


class CommandsInLine(argparse.HelpFormatter):
    """The help of all commands: argparse forgets that commands are indented by one more level."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            self._action_max_length += 2


class Parser(argparse.ArgumentParser):
    """The parser of the command line, or of one command."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message} ('{self.prog} --help' shows all)\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses all arguments; otherwise the parser of a command would pass unknown ones to its
        parent.
        """
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            word = next((each for each in unknown if each.startswith("-")), unknown[0])
            meant = near.hint(word.partition("=")[0], self.options())
            self.error(f"unrecognized arguments: {' '.join(unknown)}{meant}")
        return found, unknown

    def options(self) -> list[str]:
        """Every option, in the order of definition."""
        return [text for action in self._actions for text in action.option_strings]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        if isinstance(action, argparse._SubParsersAction):
            meant = near.hint(str(value), known, f"; there are {', '.join(known)}")
            raise argparse.ArgumentError(None, f"unknown command {value!r}{meant}")
        meant = near.hint(str(value), known)
        choices = f"(choose from {', '.join(known)})"
        raise argparse.ArgumentError(action, f"invalid choice: {value!r} {choices}{meant}")

    def commands(self) -> dict[str, argparse.ArgumentParser]:
        """The parser of each command, in the order of definition."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}
