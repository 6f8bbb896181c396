"""Lints files and folders of traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from conformance.lint import calls, features, goal, header, moves
from conformance.lint.problem import Problem
from fake_servers.trace import cases
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_case, read
from fake_servers.trace.syntax import Trace

SUFFIX = ".trace"


def find(paths: Iterable[Path]) -> list[Path]:
    """The traces that `paths` name, and those in the folders that they name; each once, sorted."""
    found: set[Path] = set()
    for path in paths:
        found.update(path.rglob(f"*{SUFFIX}") if path.is_dir() else [path])
    return sorted(found)


def lint(paths: Iterable[Path]) -> list[Problem]:
    """All problems of these files and folders, by file and line."""
    problems: list[Problem] = []
    traces: list[Trace] = []
    for path in find(paths):
        for part in _parsed(path):
            if isinstance(part, Problem):
                problems.append(part)
            else:
                traces.append(part)
    problems.extend(_of_traces(traces))
    problems.extend(_duplicates(traces))
    return sorted(problems)


def _parsed(path: Path) -> Iterator[Trace | Problem]:
    """The cases of a file, and the problems of those that cannot be read."""
    try:
        text = read(path)
        blocks = cases.split(path, text)
    except TraceError as error:
        yield _of_error(error)
        return
    size = cases.Size(path)
    for block in blocks:
        try:
            yield from [parse_case(path, case) for case in size.held(cases.expand(path, block))]
        except TraceError as error:
            yield _of_error(error)
            if isinstance(error, cases.TooLarge):
                return


def _of_error(error: TraceError) -> Problem:
    return Problem(error.path, error.line, error.token, error.message)


def _of_traces(traces: Iterable[Trace]) -> Iterator[Problem]:
    """The problems of these cases; a problem of all rows of a table is named only for the first."""
    seen: set[Problem] = set()
    for trace in traces:
        for problem in check(trace):
            in_file = replace(problem, line=trace.file_line(problem.line))
            if not trace.row or in_file not in seen:
                seen.add(in_file)
                yield placed(trace, problem)


def placed(trace: Trace, problem: Problem) -> Problem:
    """The problem with its line in the file, and the row that the case is made from."""
    message = f"{problem.message}; row at line {trace.row}" if trace.row else problem.message
    return replace(problem, line=trace.file_line(problem.line), message=message)


def check(trace: Trace) -> Iterator[Problem]:
    """The problems of one parsed trace."""
    yield from header.check(trace)
    if trace.family:
        yield from header.family(trace)
    elif trace.goal is not None:
        yield from goal.check(trace, trace.goal)
        yield from features.check(trace)
    else:
        yield from calls.check(trace)
        yield from features.check(trace)
        yield from moves.check(trace)


def hindrance(trace: Trace) -> Problem | None:
    """The first problem because of which this case cannot be played or would be judged wrongly."""
    problems = (placed(trace, problem) for problem in check(trace) if problem.hinders)
    return min(problems, default=None)


def _duplicates(traces: Iterable[Trace]) -> Iterator[Problem]:
    """Ids and titles that an earlier case has; people know a case by its title."""
    by_id: dict[str, Trace] = {}
    by_title: dict[str, Trace] = {}
    for trace in traces:
        if trace.id in by_id:
            message = f"a case in {by_id[trace.id].path} has this id too; ids must be unique"
            yield Problem(trace.path, trace.id_line, trace.id, message)
        elif trace.title in by_title:
            message = f"{by_title[trace.title].id} has this title too; titles must be unique"
            line = trace.row or trace.header_lines.get("title", 1)
            yield Problem(trace.path, line, trace.title, message, False)
        by_id.setdefault(trace.id, trace)
        by_title.setdefault(trace.title, trace)
