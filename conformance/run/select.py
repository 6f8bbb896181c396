"""Which traces a run plays: by id, pattern, file, requirement or section of an RFC."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from conformance import catalogue, near, paths
from fake_servers.trace.error import TraceError
from fake_servers.trace.syntax import Trace

_SECTION = re.compile(r"(rfc\d+)(?:#([0-9A-Za-z.]+))?", re.IGNORECASE)


@functools.cache
def read(path: Path) -> tuple[Trace, ...]:
    """The cases of one file; a file is read once in a process. Raises TraceError.

    A file from outside the suite is refused if one of its cases cannot be played or would be
    judged wrongly. The linter checks the suite's own files.
    """
    traces = catalogue.read(path)
    if not path.resolve().is_relative_to(paths.traces().resolve()):
        from conformance.lint import hindrance

        for trace in traces:
            if (problem := hindrance(trace)) is not None:
                raise TraceError(problem.file, problem.line, problem.token, problem.message)
    return traces


def by_id(name: str) -> Trace:
    """The case with this id; raises NothingSelected, TraceError."""
    trace = catalogue.find(name)
    if trace is None:
        raise NothingSelected(_unknown(name, catalogue.everything()))
    return trace


class NothingSelected(Exception):
    """No case matches a pattern; the message is a sentence for the user."""


def select(patterns: Sequence[str]) -> list[Trace]:
    """The traces that match at least one pattern, each once, in the order of their files.

    A pattern is an id, a glob over ids, `FAMILY/MEMBER` with globs, a FILE.trace, `FILE.trace::ID`, the id of a requirement,
    or `rfc1939#7`: section 7 of RFC 1939 with all of its subsections. Without patterns: all.
    Raises NothingSelected for a pattern that matches no trace, TraceError for a broken trace.
    """
    if not patterns:
        return _without_doubles(catalogue.everything())
    found: dict[tuple[Path, str], Trace] = {}
    for pattern in patterns:
        named = _of_file(pattern) if _FILE.search(pattern) else _shipped(pattern)
        found.update(((trace.path.resolve(), trace.id), trace) for trace in named)
    return _without_doubles(sorted(found.values(), key=_place))


_FILE = re.compile(r"\.trace(::|$)")


def _place(trace: Trace) -> tuple[Path, int, int]:
    return trace.path.resolve(), trace.header_lines.get("id", 1), trace.row


def _of_file(pattern: str) -> Iterable[Trace]:
    """The cases of a FILE.trace, or the one that `::ID` names."""
    name, mark, wanted = pattern.rpartition(".trace::")
    name, wanted = (f"{name}.trace", wanted) if mark else (pattern, "*")
    traces = read(Path(name))
    named = [trace for trace in traces if fnmatchcase(trace.id, wanted)]
    named += _members(traces, wanted)
    if not named:
        known = ", ".join(trace.id for trace in traces[:MOST_NAMED])
        raise NothingSelected(f"{name} has no case {wanted!r}; its cases are {known}")
    return named


MOST_NAMED = 20
"""The most cases of a file that a message names."""


def _shipped(pattern: str) -> Iterable[Trace]:
    """The cases of the suite that match a pattern; for an id only its own file is read."""
    if (trace := catalogue.find(pattern)) is not None:
        return [trace]
    shipped = catalogue.everything()
    named = [trace for trace in shipped if matches(trace, pattern)]
    named += _members(shipped, pattern)
    if not named:
        raise NothingSelected(_unknown(pattern, shipped))
    return named


def _members(traces: Iterable[Trace], pattern: str) -> Iterator[Trace]:
    """The members of families that a pattern `FAMILY/MEMBER` names, each as a case of its own."""
    for at in (found.start() for found in re.finditer("/", pattern)):
        head, name = pattern[:at], pattern[at + 1 :]
        for trace in traces:
            if trace.family and fnmatchcase(trace.id, head):
                from conformance import families

                for member in families.of_case(trace):
                    if fnmatchcase(member.name, name):
                        yield families.case_of(trace, member)


def check_proves(trace: Trace) -> None:
    """Raise TraceError where a trace proves a requirement that does not exist."""
    from conformance.requirements import load

    register = load()
    for name in trace.proves:
        if not register.known(name):
            line = trace.header_lines.get("proves", 1)
            message = (
                "the register has no such requirement; `mailspec list --requirements` shows all"
            )
            raise TraceError(trace.path, line, name, message)


def _without_doubles(traces: list[Trace]) -> list[Trace]:
    """The traces, unchanged; raises TraceError where two have the same id."""
    seen: dict[str, Trace] = {}
    for trace in traces:
        if trace.id in seen:
            other = paths.shown(seen[trace.id].path)
            raise TraceError(trace.path, trace.id_line, trace.id, f"{other} has this id too")
        seen[trace.id] = trace
    return traces


def matches(trace: Trace, pattern: str) -> bool:
    """Whether a pattern that is not a file matches this trace."""
    if fnmatchcase(trace.id, pattern) or pattern in (*trace.proves, *trace.source):
        return True
    section = _SECTION.fullmatch(pattern)
    return section is not None and any(
        _stands_in(name, section.group(1).upper(), section.group(2)) for name in trace.proves
    )


def _stands_in(requirement: str, rfc: str, section: str | None) -> bool:
    from conformance.requirements import load

    register = load()
    if not register.known(requirement):
        return False
    entry = register[requirement]
    if entry.rfc.upper() != rfc:
        return False
    return section is None or entry.section == section or entry.section.startswith(section + ".")


def _unknown(pattern: str, traces: Iterable[Trace]) -> str:
    """Why nothing matches a pattern, and what the user may have meant."""
    from conformance.requirements import load

    register = load()
    if register.known(pattern):
        return f"no case proves {pattern}; `{paths.command()} show {pattern}` says why"
    if _SECTION.fullmatch(pattern):
        return f"no case proves a requirement of {pattern}; write a section as in rfc1939#7"
    if any(mark in pattern for mark in "*?["):
        return f"no case matches {pattern!r}; `{paths.command()} list` shows the ids"
    family = next((t for t in traces if t.family and pattern.startswith(f"{t.id}/")), None)
    if family is not None:
        return f"unknown member {pattern!r}; `{paths.command()} list '{family.id}/*'` shows all"
    known = [trace.id for trace in traces] + [entry.id for entry in register.of_client()]
    meant = near.hint(pattern, known, f"; `{paths.command()} list` shows the ids")
    return f"unknown case {pattern!r}{meant}"
