"""Lints files and folders of traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.lint import calls, goal, header, moves
from conformance.lint.problem import Problem
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse
from fake_servers.trace.syntax import Trace

SUFFIX = ".trace"


def find(paths: Iterable[Path]) -> list[Path]:
    """The traces among `paths` and in the folders among them, each once, sorted."""
    found: set[Path] = set()
    for path in paths:
        found.update(path.rglob(f"*{SUFFIX}") if path.is_dir() else [path])
    return sorted(found)


def lint(paths: Iterable[Path]) -> list[Problem]:
    """All problems of these files and folders, by file and line."""
    problems: list[Problem] = []
    traces: list[Trace] = []
    for path in find(paths):
        try:
            traces.append(parse(path))
        except TraceError as error:
            problems.append(Problem(error.path, error.line, error.token, error.message))
    for trace in traces:
        problems.extend(check(trace))
    problems.extend(_duplicates(traces))
    return sorted(problems)


def check(trace: Trace) -> Iterator[Problem]:
    """The problems of one trace that was parsed."""
    yield from header.check(trace)
    if trace.family:
        yield from header.family(trace)
    elif trace.goal is not None:
        yield from goal.check(trace, trace.goal)
    else:
        yield from calls.check(trace)
        yield from moves.check(trace)


def hindrance(trace: Trace) -> Problem | None:
    """The first problem with which this case cannot be played or would be judged wrongly."""
    return min((problem for problem in check(trace) if problem.hinders), default=None)


def _duplicates(traces: Iterable[Trace]) -> Iterator[Problem]:
    first: dict[str, Trace] = {}
    for trace in traces:
        if trace.id in first:
            other = first[trace.id].path
            line = trace.header_lines.get("id", 1)
            yield Problem(trace.path, line, trace.id, f"the id is that of {other} too")
        first.setdefault(trace.id, trace)
