"""Walks through the model: each choice takes a row, refuses a command or ends the session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.families.no_row import TRANSIENT
from conformance.families.script import Script, is_renderable
from conformance.model.table import ENDS, Row
from conformance.ops import OPS
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Trace

LAST_RESORTS = ("EOF", "BAD_REPLY", "TIMEOUT")
_LINES = {"EOF": "= close", "BAD_REPLY": "S: what?", "TIMEOUT": "= silence"}
_LEFT_OUT = frozenset(
    {
        ("WAIT_EHLO", "REPLY_5YZ"),
        ("USER_ACCEPTED", "CMD_QUIT"),
        ("WAIT_CAPA", "REPLY_ERR"),
        ("WAIT_CAPA_AGAIN", "REPLY_ERR"),
        ("WAIT_APOP", "REPLY_ERR"),
    }
)
"""Rows that no walk takes. After some the client goes on without a call (EHLO to HELO, USER to
PASS). After others its policy may refuse what the model allows: a command that is not offered
any more, or a password after APOP."""

_APART = frozenset({"STLS", "STARTTLS", "BDAT", "AUTH"})
"""Commands with octets of their own, or offered only once: written cases try them."""


class Walk:
    """A walk that is being made; `step` takes a number and does what it means."""

    def __init__(self, protocol: str) -> None:
        self.script = Script(protocol)
        state = self.script.words.prelude[0]
        assert self.script.lead_to(state or "GREETED")
        if state:
            for row in self.script.rows(*self.script.words.prelude):
                self.script.take(row)

    @property
    def is_over(self) -> bool:
        """Whether no move is left."""
        return self.script.state in ENDS

    def _rows(self) -> list[Row]:
        script = self.script
        return [
            row
            for row in script.model.rows
            if row.state == script.state
            and is_renderable(script.words, row)
            and (row.state, row.event) not in _LEFT_OUT
            and row.event not in ("CANCEL", "ABORT")
            and row.event.removeprefix("CMD_") not in _APART
        ]

    def step(self, choice: int) -> None:
        """Do what this number means in this state; nothing if the walk is over."""
        script = self.script
        if self.is_over:
            return
        rows = self._rows()
        if choice < len(rows) or script.state in TRANSIENT:
            script.take(rows[choice % len(rows)])
        elif script.state.startswith(("WAIT_", "IN_")):
            self._break_off(LAST_RESORTS[choice % len(LAST_RESORTS)])
        else:
            self._refuse(choice)

    def _break_off(self, event: str) -> None:
        script = self.script
        if event == "BAD_REPLY" and script.state.startswith("IN_"):
            event = "EOF"
        script.lines.append(_LINES[event])
        script.fail_by(event)

    def _refuse(self, choice: int) -> None:
        """Write a command for which this state has no row."""
        script = self.script
        calls = [
            command.call
            for event, command in script.words.commands.items()
            if command.call
            and event in script.model.events
            and script.model.successor(script.state, event) is None
            and not OPS[command.call.split()[0]].message
        ]
        script.refuse(calls[choice % len(calls)])

    def finish(self) -> None:
        """End the call that is under way."""
        while not self.is_over and self.script.is_underway(self.script.state):
            self.step(0)

    def text(self) -> str:
        """The walk as a trace."""
        case_id, title = f"{self.script.protocol}.walk", "A walk through the model"
        needs = self.script.trace(case_id, title).needs
        return self.script.text(case_id, title, needs)


def trace_of(protocol: str, choices: Sequence[int], path: Path) -> tuple[Trace, str]:
    """The trace of a walk, and its text."""
    walk = Walk(protocol)
    for choice in choices:
        walk.step(choice)
    walk.finish()
    text = walk.text()
    return parse_text(text, path), text
