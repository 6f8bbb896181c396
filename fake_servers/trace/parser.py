"""From the text of a trace to its parts; traces/README.md has the grammar."""

from __future__ import annotations

from pathlib import Path

from fake_servers import inputs
from fake_servers.trace.error import TraceError
from fake_servers.trace.goal import read_goal
from fake_servers.trace.header import read_header
from fake_servers.trace.lines import Lines
from fake_servers.trace.names import check_names
from fake_servers.trace.syntax import Trace
from fake_servers.trace.timeline import read_timeline

MOST_OCTETS = 4 * inputs.MIB
"""No trace of a case is nearly as long."""


def parse(path: Path) -> Trace:
    """Read one trace file; raises TraceError, also if the file cannot be read."""
    try:
        octets = inputs.read(path, MOST_OCTETS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TraceError(path, 1, "", f"the trace cannot be read: {reason}") from None
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        token = f"\\x{octets[error.start]:02x}"
        raise TraceError(path, line, token, "a trace is UTF-8 text") from None
    return parse_text(text, path)


def parse_text(text: str, path: Path) -> Trace:
    """Read a trace from its text; `path` is its name in messages. Raises TraceError."""
    lines = Lines(path, text)
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
        policy=header.policy,
        timeout_ms=header.timeout_ms,
        items=() if goal or header.family else read_timeline(lines),
        goal=goal,
        header_lines=header.lines,
        family=header.family,
    )
    rest = lines.peek() if header.family else None
    if rest is not None:
        raise lines.error(rest, "a family has no timeline: its members are made")
    check_names(trace)
    return trace
