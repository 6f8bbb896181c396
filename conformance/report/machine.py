"""The state machines of a subject as drawings, each move in the colour of its verdict.

The drawings are those of the model, made by draw_machines.py; here they get colours and links.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from conformance.model.table import CHOICES, PROTOCOLS
from conformance.report import view
from conformance.report.draw_machines import CHOICE, FOLDER
from conformance.report.text import one_line, plural
from conformance.verdict import SEVERITY, Verdict

_NAMESPACE = "http://www.w3.org/2000/svg"
_SVG = f"{{{_NAMESPACE}}}"
ElementTree.register_namespace("", _NAMESPACE)


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


def picture(protocol: str, found: list[Move]) -> tuple[str, str]:
    """The drawing of a machine as SVG for a page, and a sentence about what it does not show.

    Either may be empty. Each edge has the class of its move's verdict and leads to the row `#moveN`;
    a move of the model that the table lacks has the class `absent`.
    """
    path = FOLDER / f"{protocol}.svg"
    if protocol not in PROTOCOLS:
        return "", f"The suite has no drawing for {one_line(protocol)}, so there is only the table."
    drawing = ElementTree.fromstring(path.read_bytes())
    by_key = {_key(move): move for move in found}
    drawn = set()
    for edge in drawing.iterfind(f"{_SVG}g[@data-move]"):
        state, event, following = edge.attrib.pop("data-move").split()
        key = (state, event, following)
        if key in by_key:
            drawn.add(key)
        _colour(edge, by_key.get(key))
    if not drawn:
        return "", "The moves of this table are not those of the model, so there is only the table."
    drawing.set("style", f"width:{drawing.attrib.pop('width')}px")
    del drawing.attrib["height"]
    text = ElementTree.tostring(drawing, encoding="unicode")
    missing = len(by_key) - len(drawn)
    is_are = "is" if missing == 1 else "are"
    lacking = (
        f"{plural(missing, 'move')} of the table {is_are} not drawn: the model has no such move."
    )
    return text, lacking if missing else ""


def _key(move: Move) -> tuple[str, str, str]:
    """The name of a move in a drawing."""
    row = move.row
    is_choice = row["internal"] and CHOICES.get(row["state"]) == row["next"]
    return row["state"], CHOICE if is_choice else row["event"], row["next"]


def _colour(edge: ElementTree.Element, move: Move | None) -> None:
    """Gives an edge of a drawing the class, the link and the tip of its move."""
    link = edge.find(f"{_SVG}a")
    assert link is not None, "an edge of a drawing has a link"
    title = link.find(f"{_SVG}title")
    assert title is not None, "a link of a drawing has a title"
    if move is None:
        edge.set("class", "edge absent")
        title.text = f"{title.text}: not in this client's table"
        return
    edge.set("class", f"edge {move.css}")
    edge.set("id", f"edge{move.number}")
    link.set("href", f"#move{move.number}")
    title.text = f"{title.text}: {move.summary}"
