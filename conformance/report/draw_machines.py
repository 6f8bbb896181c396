"""Draws the model's state machines: pop3.svg and smtp.svg in machines/, which every report colours.

    python3 -m conformance.report.draw_machines

Graphviz's `dot` places states and edges; no report needs it. Every text has a fixed size, so that the
layout does not depend on the fonts of the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from conformance.model.table import CHOICES, PROTOCOLS, WILDCARD, load

FOLDER = Path(__file__).parent / "machines"
ANY_STATE = "any other state"
DOT_LIMIT_S = 60
_NODE_PX, _NODE_LETTER, _NODE_HEIGHT = 11, 6.7, 22
_LABEL_PX, _LABEL_LETTER, _LABEL_HEIGHT = 9, 5.5, 11
_POINTS_AN_INCH = 72
CHOICE = "choice"
"""The event of a move that no octet shows: the model's table does not have it, and each client has
a name of its own for it.
"""

Move = tuple[str, str, str]


class CannotDraw(Exception):
    """Why `dot` did not place the machine; one sentence."""


def moves(protocol: str) -> list[Move]:
    """State, event and next state of each edge of the picture, in the order of the table."""
    model = load(protocol)
    found = [(row.state, row.event, row.next) for row in model.rows]
    return found + [(a, CHOICE, b) for a, b in CHOICES.items() if a in model.states]


def draw(protocol: str) -> str:
    """The picture of one protocol; raises CannotDraw."""
    edges = moves(protocol)
    placed = _placed(_source(edges))
    _, _, width, height = map(float, placed["bb"].split(","))
    page = _Page(height)
    groups = [page.node(node) for node in placed["objects"]]
    by_number = {int(edge["id"]): edge for edge in placed["edges"]}
    groups += [page.edge(move, by_number[number]) for number, move in enumerate(edges)]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor"'
        f' font-family="monospace" font-size="{_LABEL_PX}" text-anchor="middle"'
        f' viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
    )
    return "\n".join([head, f"<title>{protocol.upper()}</title>", *groups, "</svg>", ""])


def _source(edges: Sequence[Move]) -> str:
    """The machine in the language of `dot`; the id of an edge is its number."""
    lines = ['digraph machine { rankdir=LR nodesep=0.15 node [shape=box fixedsize=true label=""]']
    for state in dict.fromkeys(name for here, _, there in edges for name in (here, there)):
        width = (len(_shown(state)) * _NODE_LETTER + 14) / _POINTS_AN_INCH
        lines.append(f'"{state}" [width={width:.3f} height={_NODE_HEIGHT / _POINTS_AN_INCH:.3f}]')
    for number, (here, event, there) in enumerate(edges):
        size = f'width="{len(event) * _LABEL_LETTER:.0f}" height="{_LABEL_HEIGHT}"'
        label = f'<table border="0" fixedsize="true" {size}><tr><td></td></tr></table>'
        lines.append(f'"{here}" -> "{there}" [id={number} label=<{label}>]')
    return "\n".join([*lines, "}"])


def _placed(source: str) -> Mapping[str, Any]:
    """What `dot` makes of it, as its JSON."""
    try:
        done = subprocess.run(
            ["dot", "-Tjson"], input=source, capture_output=True, text=True, timeout=DOT_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotDraw(f"dot cannot run ({error}): install graphviz") from None
    if done.returncode:
        raise CannotDraw(f"dot failed: {done.stderr.strip()}")
    placed: Mapping[str, Any] = json.loads(done.stdout)
    return placed


class _Page:
    """Writes what `dot` placed; its y axis points up, that of SVG down."""

    def __init__(self, height: float) -> None:
        self._height = height

    def node(self, node: Mapping[str, Any]) -> str:
        """A state: a box with its name."""
        x, y = self._point(node["pos"])
        width = float(node["width"]) * _POINTS_AN_INCH
        name = _shown(node["name"])
        return (
            f'<g class="node"><rect x="{_number(x - width / 2)}" y="{_number(y - _NODE_HEIGHT / 2)}"'
            f' width="{_number(width)}" height="{_NODE_HEIGHT}" rx="6"/>'
            f'<text x="{_number(x)}" y="{_number(y + 4)}" font-size="{_NODE_PX}"'
            f' fill="currentColor" stroke="none">{escape(name)}</text></g>'
        )

    def edge(self, move: Move, edge: Mapping[str, Any]) -> str:
        """A move: a link with its line, its head and its event."""
        points = [self._point(word) for word in edge["pos"].split() if not word.startswith("e")]
        first, *others = [f"{_number(x)},{_number(y)}" for x, y in points]
        (head,) = [step["points"] for step in edge["_hdraw_"] if step["op"] == "P"]
        tip = " ".join(f"{_number(x)},{_number(self._height - y)}" for x, y in head)
        x, y = self._point(edge["lp"])
        return (
            f'<g class="edge" data-move="{" ".join(move)}"><a><title>{" ".join(move)}</title>'
            f'<path d="M{first}C{" ".join(others)}"/><polygon points="{tip}" fill="currentColor"/>'
            f'<text x="{_number(x)}" y="{_number(y + 3)}" fill="currentColor" stroke="none">'
            f"{move[1]}</text></a></g>"
        )

    def _point(self, text: str) -> tuple[float, float]:
        x, _, y = text.partition(",")
        return float(x), self._height - float(y)


def _shown(state: str) -> str:
    return ANY_STATE if state == WILDCARD else state


def _number(value: float) -> str:
    """A coordinate to a tenth of a point."""
    return f"{round(value, 1) + 0:g}"


def main() -> int:
    """Writes both pictures."""
    FOLDER.mkdir(exist_ok=True)
    try:
        for protocol in PROTOCOLS:
            (FOLDER / f"{protocol}.svg").write_text(draw(protocol), encoding="utf-8")
    except CannotDraw as error:
        print(f"draw_machines: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
