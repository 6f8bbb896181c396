"""The index of the cases by RFC and section, which stands beside them as traces/INDEX.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance import paths
from conformance.requirements import Requirement
from conformance.requirements import load as load_register
from fake_servers.trace.syntax import Trace

FILE = "INDEX.md"
"""Its name in the folder of the traces."""

_HEAD = """\
# The cases by RFC and section

A case stands at each section of which it proves a requirement. This page is made: `./mailspec list --index > traces/INDEX.md`
writes it anew, and a test fails where it is out of date."""

_Files = dict[str, list[str]]
"""The ids of cases by their files."""


def index(traces: Iterable[Trace]) -> str:
    """The page as Markdown: for each section the files with the cases that prove something there."""
    sections = _by_section(traces)
    lines = [_HEAD]
    rfc = ""
    for source in sorted(sections, key=_place):
        if source[0] != rfc:
            rfc = source[0]
            lines.append(f"\n## {_name(rfc)}\n")
        lines.append(f"- section {source[1]}")
        lines.extend(_files(sections[source]))
    return "\n".join(lines) + "\n"


def _by_section(traces: Iterable[Trace]) -> dict[tuple[str, str], _Files]:
    register = load_register()
    found: dict[tuple[str, str], _Files] = {}
    for trace in traces:
        file = trace.path.resolve().relative_to(paths.traces().resolve()).as_posix()
        entries = [register[name] for name in trace.proves if register.known(name)]
        for source in dict.fromkeys(map(_source, entries)):
            found.setdefault(source, {}).setdefault(file, []).append(trace.id)
    return found


def _source(entry: Requirement) -> tuple[str, str]:
    return entry.rfc, entry.section


def _files(files: _Files) -> Iterator[str]:
    for file, ids in sorted(files.items()):
        yield f"  - [{file}]({file}): {', '.join(ids)}"


def _name(rfc: str) -> str:
    return f"RFC {rfc[3:]}" if rfc.startswith("RFC") else rfc


def _place(source: tuple[str, str]) -> tuple[object, ...]:
    """RFCs by number and then drafts by name; sections by their numbers."""
    rfc, section = source
    number = int(rfc[3:]) if rfc.startswith("RFC") else 10**6
    words = [
        (0, int(word), "") if word.isdigit() else (1, 0, word) for word in _WORD.findall(section)
    ]
    return number, rfc, words


_WORD = re.compile(r"[0-9]+|[^0-9.]+")
