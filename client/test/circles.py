#!/usr/bin/env python3
"""No circle in client/src: neither by includes nor by calls, and no layer knows a higher one.

A file and its header are one module. The folders are layers, from the lowest:
common, sasl, then pop3 and smtp, which do not know each other, then pump.

    client/test/circles.py [FOLDER]    exit 1, and each fault on a line, if there are any
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src"
MAY_USE = {
    "common": {"common"},
    "sasl": {"common", "sasl"},
    "pop3": {"common", "sasl", "pop3"},
    "smtp": {"common", "sasl", "smtp"},
    "pump": {"common", "sasl", "pop3", "smtp", "pump"},
}

_INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_DEFINITION = re.compile(r"^(?!static\b)[a-z][\w \n*]*?\b(mailc_\w+)\([^;{]*\)\s*\{", re.M)
_PROTOTYPE = re.compile(r"^[a-z][\w \n*]*?\bmailc_\w+\([^;{]*\);", re.M)
_CALL = re.compile(r"\b(mailc_\w+)\(")

Graph = Mapping[str, set[str]]


def read(folder: Path) -> dict[str, str]:
    """The text of each module, `pop3/pop3_fsm`, without comments."""
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*.[ch]")):
        module = path.relative_to(folder).with_suffix("").as_posix()
        texts[module] = texts.get(module, "") + _COMMENT.sub("", path.read_text("utf-8"))
    return texts


def includes(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Which modules each includes."""
    return {
        module: {name.rpartition(".")[0] for name in _INCLUDE.findall(text)}
        & texts.keys() - {module}
        for module, text in texts.items()
    }


def calls(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Which modules each calls a function of."""
    home = {name: module for module, text in texts.items() for name in _DEFINITION.findall(text)}
    return {
        module: {home[name] for name in _CALL.findall(_PROTOTYPE.sub("", text)) if name in home}
        - {module}
        for module, text in texts.items()
    }


def circles(graph: Graph) -> Iterator[list[str]]:
    """One circle of each module that stands on one, the smallest module first."""
    seen: set[str] = set()
    for start in sorted(graph):
        way = _way_back(graph, start)
        if way and seen.isdisjoint(way):
            seen.update(way)
            yield way


def _way_back(graph: Graph, start: str) -> list[str]:
    ways = [[start]]
    reached: set[str] = set()
    for way in ways:
        for after in sorted(graph[way[-1]] - reached):
            if after == start:
                return [*way, start]
            reached.add(after)
            ways.append([*way, after])
    return []


def faults(folder: Path) -> Iterator[str]:
    """One sentence for each circle and for each module that knows a higher layer."""
    texts = read(folder)
    for kind, graph in (("includes", includes(texts)), ("calls", calls(texts))):
        for way in circles(graph):
            yield f"a circle of {kind}: {' > '.join(way)}"
        for module, used in graph.items():
            layer = module.split("/")[0]
            for other in sorted(used):
                if other.split("/")[0] not in MAY_USE[layer]:
                    yield f"{module} ({kind}) knows {other}, which is no layer below {layer}"


def main() -> int:
    """Print what is wrong."""
    found = [*faults(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCES)]
    for fault in found:
        print(f"circles.py: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
