"""From the text of a trace to its parts; traces/README.md has the grammar."""

from __future__ import annotations

import codecs
from pathlib import Path

from fake_servers.files import inputs
from fake_servers.trace import cases
from fake_servers.trace.error import TraceError
from fake_servers.trace.goal import read_goal
from fake_servers.trace.header import read_header
from fake_servers.trace.lines import Lines
from fake_servers.trace.names import check_names
from fake_servers.trace.syntax import Trace
from fake_servers.trace.timeline import read_timeline

MOST_OCTETS = 4 * inputs.MIB
"""No file of traces is nearly as long."""


def parse_file(path: Path) -> list[Trace]:
    """All cases of a file; raises TraceError, also if the file cannot be read."""
    traces = [parse_case(path, case) for case in cases.cases(path, read(path))]
    seen: set[str] = set()
    for trace in traces:
        if trace.id in seen:
            raise TraceError(path, trace.id_line, trace.id, "the file has two cases with this id")
        seen.add(trace.id)
    return traces


def read(path: Path) -> str:
    """The text of a trace file; raises TraceError."""
    try:
        octets = inputs.read(path, MOST_OCTETS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TraceError(path, 1, "", f"the trace cannot be read: {reason}") from None
    if octets.startswith(codecs.BOM_UTF8):
        raise TraceError(path, 1, "\\ufeff", "a trace has no byte order mark at its beginning")
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        token = f"\\x{octets[error.start]:02x}"
        raise TraceError(path, line, token, "a trace is UTF-8 text") from None


def text_of(trace: Trace) -> str:
    """A case as a trace of its own: its row filled in, its prelude in full."""
    for case in cases.cases(trace.path, read(trace.path)):
        if case.id == trace.id:
            return case.text
    raise TraceError(trace.path, 1, trace.id, "the file has changed since it was read")


def parse_text(text: str, path: Path) -> Trace:
    """Read the only case of a text; `path` is its name in messages. Raises TraceError."""
    found = cases.cases(path, text)
    if len(found) > 1:
        second = found[1].origin.row or found[1].lines[0].number
        raise TraceError(path, second, "", f"one case is expected here, not {len(found)}")
    return parse_case(path, found[0])


def parse_case(path: Path, case: cases.Case) -> Trace:
    """Read one case; raises TraceError with the place in the file."""
    try:
        return _parse(path, case)
    except TraceError as error:
        line = case.origin.file_line(error.line)
        placed = TraceError(path, line, error.token, error.message)
        raise cases.of_row(placed, case.origin.row) from None


def _parse(path: Path, case: cases.Case) -> Trace:
    lines = Lines(path, case.lines)
    header = read_header(lines)
    goal = read_goal(lines, header) if header.goal else None
    trace = Trace(
        path=path,
        id=header.id,
        title=header.title,
        proves=header.proves,
        needs=header.needs,
        moves_all=header.moves_all,
        excluded_variants=header.excluded_variants,
        exclusion_reason=header.exclusion_reason,
        breach=header.breach,
        breach_reason=header.breach_reason,
        strict=header.strict,
        source=header.source,
        policy=header.policy,
        timeout_ms=header.timeout_ms,
        items=() if goal or header.family else read_timeline(lines),
        goal=goal,
        header_lines=header.lines,
        family=header.family,
        origin=case.origin,
    )
    remaining = lines.peek() if header.family else None
    if remaining is not None:
        raise lines.error(remaining, "a family has no timeline: its members are made")
    check_names(trace)
    return trace
