"""The `on` lines that somebody writes outside of a trace: `RETR#1: cut 10, close`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance import near
from conformance.ops import COMMANDS
from fake_servers.reactive.overrides import BadOverride, Overrides
from fake_servers.trace.error import TemplateError, TraceError, at
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Override, Send
from fake_servers.trace.template import Bindings

_BENT = """\
id: {protocol}.test-server
title: what somebody asks for
goal: {goal}
{lines}
R: ok
"""
_GOALS = {"pop3": "pop3.list", "smtp": "smtp.send"}


def read(protocol: str, lines: Sequence[str]) -> tuple[Override, ...]:
    """What the server does instead; raises ValueError with one sentence, which names the line."""
    found: tuple[Override, ...] = ()
    for line in lines:
        found += _read(protocol, line)
        try:
            Overrides(found)
        except BadOverride as error:
            raise ValueError(f"{line}: {error.message}{at(error.token)}") from None
    return found


def command_of(line: str) -> str:
    """The command that a line bends, in upper case; or the text in its place."""
    return line.partition(":")[0].partition("#")[0].strip().upper()


def _read(protocol: str, line: str) -> tuple[Override, ...]:
    if "\n" in line:
        raise ValueError(f"{line.splitlines()[0]}: one line, please")
    text = _BENT.format(protocol=protocol, goal=_GOALS[protocol], lines=f"on {line}")
    try:
        goal = parse_text(text, Path("on")).goal
        assert goal is not None
        for override in goal.overrides:
            _check(protocol, override)
    except TraceError as error:
        raise ValueError(f"{line}: {error.message}{at(error.token)}") from None
    except TemplateError as error:
        raise ValueError(f"{line}: {error}") from None
    return goal.overrides


def _check(protocol: str, override: Override) -> None:
    """Raise ValueError, or TemplateError for a reply that cannot be computed."""
    command = override.command.upper()
    if command not in COMMANDS[protocol]:
        meant = near.hint(command, COMMANDS[protocol])
        raise ValueError(f"{command}: the {protocol} server has no such command{meant}")
    bindings = Bindings(1, "on")
    for action in override.actions:
        if isinstance(action, Send):
            bindings.render(action.template)
