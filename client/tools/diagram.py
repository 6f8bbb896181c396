#!/usr/bin/env python3
"""The diagrams of client/DESIGN.md, from the rows that are compiled into mailc.

    client/tools/diagram.py [--check] MAILC-TABLE

Writes, between the marks in DESIGN.md, a Mermaid diagram a protocol; with --check it writes
nothing and exits 1 where DESIGN.md is not current.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

DESIGN = Path(__file__).resolve().parents[1] / "DESIGN.md"
MARK = "<!-- {0}: {1} -->"


def diagram(rows: list[dict[str, str]]) -> str:
    """One protocol: an arrow a pair of states, with its events; rows of every state are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["state"] != "*":
            arrows.setdefault((row["state"], row["next"]), []).append(row["event"])
    lines = ["```mermaid", "stateDiagram-v2", "  [*] --> START"]
    for (state, following), events in arrows.items():
        lines.append(f"  {state} --> {following}: {', '.join(events)}")
    lines += ["  CLOSED --> [*]", "  FAILED --> [*]", "```"]
    return "\n".join(lines)


def renewed(text: str, rows: list[dict[str, str]]) -> str:
    """DESIGN.md with the diagrams of these rows."""
    for protocol in ("pop3", "smtp"):
        begin, end = (MARK.format(protocol, word) for word in ("begin", "end"))
        if begin not in text or end not in text:
            raise SystemExit(f"diagram.py: DESIGN.md has no marks for {protocol}")
        drawn = diagram([row for row in rows if row["protocol"] == protocol])
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        text = re.sub(pattern, lambda _: f"{begin}\n{drawn}\n{end}", text, flags=re.S)
    return text


def main(argv: list[str]) -> int:
    """Write or check."""
    table = subprocess.run([argv[-1]], capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(table.splitlines(), delimiter="\t"))
    text = DESIGN.read_text("utf-8")
    made = renewed(text, rows)
    if "--check" in argv:
        if made != text:
            print("diagram.py: client/DESIGN.md is not current: run it without --check")
        return int(made != text)
    DESIGN.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
