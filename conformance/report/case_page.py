"""The transcripts of a case as its page shows them: a tab for each conversation, the failing line
marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.report import view
from conformance.report.terminal import difference_lines
from conformance.report.transcript import Body, Step, lines_of, load
from conformance.verdict import SEVERITY, Verdict
from fake_servers.trace.notation import show

if TYPE_CHECKING:
    from markupsafe import Markup

_LEAST_TELLING = 200
"""So many characters of what a client did are enough to find its place in the transcript."""
_CUT = re.compile(r"^\[\d+ octets cut\]")
_NOTHING = ("", "(nothing)")


@dataclass(frozen=True, slots=True)
class Tab:
    """The variants of a case that went the same way.

    rows   their elements of `cases`
    steps  the conversation of the first of them
    here   the number of the step that failed, None if none did or it cannot be told
    """

    rows: tuple[Mapping[str, Any], ...]
    steps: list[Step]
    here: int | None

    @property
    def row(self) -> Mapping[str, Any]:
        """The first of its variants."""
        return self.rows[0]


def tabs(logs: Path, case: view.Case) -> list[Tab]:
    """The conversations of a case, the worst first; variants without a log have none."""
    found: dict[Any, list[tuple[Mapping[str, Any], list[Step]]]] = {}
    for row in case.rows:
        if row["log"] is not None:
            steps = _steps(logs / row["log"])
            key = (row["verdict"], row["reason"], row["stderr"], str(row["difference"]))
            found.setdefault((*key, _said(steps)), []).append((row, steps))
    made = [
        Tab(tuple(row for row, _ in same), same[0][1], failing(same[0][1], same[0][0]))
        for same in found.values()
    ]
    return sorted(made, key=lambda tab: SEVERITY.index(Verdict(tab.row["verdict"])))


def _steps(log: Path) -> list[Step]:
    try:
        return load(log)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return [Step("link", 0.0, 0, [], f"the log cannot be read: {why}")]


def _said(steps: Iterable[Step]) -> str:
    """A conversation without times and pieces: the same for all variants that went the same way."""
    return repr([(s.who, s.text, s.octets, s.bodies) for s in steps if s.who != "link"])


def failing(steps: list[Step], row: Mapping[str, Any]) -> int | None:
    """The number of the step at which expectation and observation part, None without a difference.

    The wire does not name the line of a goal case, so the step is looked for by what the client did.
    """
    difference = row["difference"]
    if difference is None:
        return None
    line, actual = difference["line"], str(difference["actual"])
    numbers = range(len(steps))
    answers = [n for n in numbers if steps[n].text[:1] and steps[n].text[0].startswith("→")]
    sent = [n for n in numbers if steps[n].who == "client"]
    if actual.startswith("R:"):
        return answers[-1] if answers else None
    if actual not in _NOTHING:
        telling = _telling(actual)
        same = [n for n in sent if telling in _notation(steps[n])]
        if telling and not same:  # it is a part of a line
            same = [n for n in sent if telling in "\n".join(_notation(steps[n]))]
        there = [n for n in same if steps[n].line == line]
        if same:
            return (there or same)[-1]
    at_line = [n for n in numbers if line and steps[n].line == line]
    likely = at_line or answers or sent
    return likely[-1] if likely else None


def _telling(actual: str) -> str:
    """What to look for: the start of what the client did, without notes and line end."""
    return _CUT.sub("", actual)[:_LEAST_TELLING].removesuffix("\\r\\n")


def _notation(step: Step) -> list[str]:
    """The lines of a step in the notation of traces, which differences have, too."""
    lines = lines_of(step.octets) if step.octets else [text.encode() for text in step.text]
    return [show(line.removesuffix(b"\r\n")) for line in lines]


def talk_rows(tab: Tab) -> Markup:
    """The rows of a transcript; the one that failed has a mark, and the difference below it.

    This is most of a page, and takes a third of the time that a template takes.
    """
    from markupsafe import Markup, escape

    rows = []
    for number, step in enumerate(tab.steps):
        is_here = number == tab.here
        mark = ' here" aria-label="the step that failed' if is_here else ""
        rows.append(
            f'<tr class="{step.who}{mark}"><td class="when">{step.ms:.2f} ms</td>'
            f'<td class="who">{step.who}</td><td>{_step(step, tab.row if is_here else None)}</td></tr>\n'
        )
        if is_here:
            lines = escape("\n".join(difference_lines(tab.row["difference"])))
            rows.append(
                '<tr class="differs"><td class="when"></td><td class="who">differs</td>'
                f"<td><pre>{lines}</pre></td></tr>\n"
            )
    return Markup("".join(rows))


def _step(step: Step, failed: Mapping[str, Any] | None) -> str:
    from markupsafe import escape

    lines = [str(escape(line)) for line in step.text]
    if failed is not None:
        telling = _telling(str(failed["difference"]["actual"]))
        for number, (line, notation) in enumerate(zip(lines, _notation(step))):
            if line and notation == telling:
                lines[number] = f"<mark>{line}</mark>"
                break
    text = "\n".join(lines)
    if step.note:
        text += f'{" " * bool(text)}<span class="soft">{escape(step.note)}</span>'
    if step.octets:
        text += _octets(step.octets, step.size)
    return text + "".join(_body(body) for body in step.bodies)


def _body(body: Body) -> str:
    from markupsafe import escape

    text = escape("\n".join(body.text))
    octets = _octets(body.octets, body.size) if body.size else '<span class="soft">empty</span>'
    return f'<div class="body"><span class="soft">{escape(body.name)}</span>\n{text}{octets}</div>'


def _octets(octets: bytes, size: int) -> str:
    """The exact octets, folded away, in the notation of traces: a line for each LF."""
    from markupsafe import escape

    shown = "\n".join(show(line) for line in lines_of(octets))
    if size > len(octets):
        shown += f"\n... {size - len(octets)} more in the log"
    unit = "octet" if size == 1 else "octets"
    return f'<details class="octets"><summary>{size} {unit}</summary><pre>{escape(shown)}</pre></details>'
