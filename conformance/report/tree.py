"""The tree of a run by RFC section on a terminal with colours."""

from __future__ import annotations

import io
import shutil

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from conformance.report import view
from conformance.report.colours import STYLES
from conformance.report.text import one_line
from conformance.verdict import SEVERITY, Verdict


def render(cases: list[view.Case]) -> str:
    """Each RFC, its sections with how many cases are good, and each case that is not."""
    roots: dict[str, Tree] = {}
    for section, found in view.by_section(cases).items():
        source, _, number = section.partition(" section ")
        root = roots.setdefault(source, Tree(Text(source, style="bold"), guide_style="dim"))
        branch = root.add(_section(f"section {number}" if number else "cases", found))
        for case in found:
            if case.failed:
                text = Text(f"{case.label} ", style=STYLES[case.verdict])
                branch.add(text + Text(one_line(case.id), style="default"))
    width = shutil.get_terminal_size().columns
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", width=width, highlight=False
    )
    for root in roots.values():
        console.print(root)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _section(name: str, found: list[view.Case]) -> Text:
    """`section 7   3 of 4  1 FAIL`."""
    good = view.good(found)
    text = Text(f"{name:<20} ")
    text.append(f"{good:>3} of {len(found)}", style="green" if good == len(found) else "default")
    for verdict in SEVERITY:
        count = sum(case.verdict is verdict for case in found)
        if count and verdict is not Verdict.PASS:
            text.append(f"  {count} {verdict}", style=STYLES[verdict])
    return text
