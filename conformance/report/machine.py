"""The state machines of a subject as drawings, each move in the colour of its verdict.

Graphviz's `dot` draws them, one call for each protocol, while other pages are written.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.report import view
from conformance.report.text import one_line
from conformance.verdict import SEVERITY, Verdict

DOT_LIMIT_S = 20
MOST_ROWS = 1000
ANY_STATE = "any other state"
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_FIXED_SIZE = re.compile(r'<svg width="(\d+)pt" height="(\d+)pt"')


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a table with its verdict.

    number   its place in the table, from 0
    verdict  the worst of the cases that took it, None if no case did
    cases    those cases, the worst first
    """

    number: int
    row: Mapping[str, Any]
    verdict: Verdict | None
    cases: tuple[view.Case, ...]

    @property
    def css(self) -> str:
        """The class of its colour."""
        return "untaken" if self.verdict is None else self.verdict.value.lower()

    @property
    def summary(self) -> str:
        """`3 FAIL, 20 PASS`, or that no case took it."""
        found = [case.verdict for case in self.cases]
        counts = [f"{found.count(verdict)} {verdict}" for verdict in SEVERITY if verdict in found]
        return ", ".join(counts) or "no case took it"


def moves(machine: Mapping[str, Any], cases: Mapping[str, view.Case]) -> list[Move]:
    """The rows of one element of `transitions`; `cases` by id."""
    found = []
    for number, row in enumerate(machine["rows"]):
        takers = [cases[name] for name in row["cases"] if name in cases]
        takers.sort(key=lambda case: (SEVERITY.index(case.verdict), case.id))
        verdict = takers[0].verdict if takers else None
        found.append(Move(number, row, verdict, tuple(takers)))
    return found


class Drawing:
    """One machine, being drawn; take() gives the SVG."""

    def __init__(self, found: list[Move]) -> None:
        self._dot: subprocess.Popen[str] | None = None
        self._reason = ""
        self._source = source(found)
        if len(found) > MOST_ROWS:
            self._reason = f"a table of more than {MOST_ROWS} rows is not drawn"
            return
        try:
            self._dot = subprocess.Popen(
                ["dot", "-Tsvg"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
            )
        except OSError:
            self._reason = "Graphviz is not installed here (`dot`), so there is only the table"

    def take(self) -> tuple[str, str]:
        """The SVG for a page, or an empty string and a sentence that says why."""
        if self._dot is None:
            return "", self._reason
        try:
            drawn, _ = self._dot.communicate(self._source, DOT_LIMIT_S)
        except (subprocess.TimeoutExpired, OSError):
            self._dot.kill()
            self._dot.communicate()
            return "", f"Graphviz took more than {DOT_LIMIT_S} s or failed"
        if self._dot.returncode or "<svg" not in drawn:
            return "", "Graphviz could not draw the table"
        # The size goes: the page decides it; the prologue names a DTD on another machine.
        return _FIXED_SIZE.sub(r'<svg style="width:\1px"', _PROLOGUE.sub("", drawn)), ""


def source(found: list[Move]) -> str:
    """The machine in the language of `dot`: an edge a row, linked to the row `#moveN`."""
    lines = [
        'digraph machine { bgcolor=transparent rankdir=LR nodesep=0.15 fontname="sans-serif"',
        'node [shape=box style=rounded fontsize=11 height=0.3 fontname="sans-serif"]',
        'edge [fontsize=9 fontname="sans-serif"]',
    ]
    for move in found:
        row = move.row
        here = ANY_STATE if row["state"] == "*" else row["state"]
        tip = f"{here} {row['event']} {row['next']}: {move.summary}"
        given = {
            "label": row["event"],
            "tooltip": tip,
            "labeltooltip": tip,
            "href": f"#move{move.number}",
            "id": f"edge{move.number}",
            "class": move.css,
        }
        attributes = " ".join(f"{name}={_quoted(value)}" for name, value in given.items())
        lines.append(f"{_quoted(here)} -> {_quoted(row['next'])} [{attributes}]")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    """A string of `dot` in which nothing is an escape."""
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
