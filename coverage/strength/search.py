"""Plays cases on one client until enough of them find its bug.

It runs in a process of its own for each build tree, which reads the cases once and plays them for
one bug after the other: to start a run for each bug would take longer than the cases.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from conformance.catalogue import everything
from conformance.monitors import MONITORS
from conformance.run.plain import is_plain
from conformance.run.subject_run import USUAL_VARIANTS, Settings, SubjectRun
from conformance.verdict import FAILURES, CaseRun, Verdict
from fake_servers.trace.syntax import Trace

ENOUGH = 2
"""So many cases find a bug whose cover is not thin."""
SECONDS = 300
SEED = 1
GOALS_ONLY = ("steps", "moves")
"""What a client of whole sessions does not claim."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is looked for.

    subject    the subject's TOML file
    expected   the requirements of which one must be found broken
    protocols  those that the bug can concern
    is_mild    NON-STRICT finds it, too
    is_goals   plays goals only, as a client of whole sessions. Any failure finds the bug then: the
               unchanged client has none
    """

    subject: str
    expected: tuple[str, ...]
    protocols: tuple[str, ...]
    is_mild: bool = False
    is_goals: bool = False
    enough: int = ENOUGH


@dataclass(slots=True)
class Found:
    """What cases found.

    cases   the first cases that found the bug, each with the requirement
    others  other requirements that were found broken
    fault   one sentence that says why there are no verdicts, otherwise empty
    """

    cases: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    fault: str = ""


def search(request: Request) -> Found:
    """Plays the cases that should find the bug, then those that could, until enough have."""
    found = Found()
    deadline = time.monotonic() + SECONDS
    without = GOALS_ONLY if request.is_goals else ()
    subject_run = SubjectRun(Settings(request.subject, seed=SEED, without=without, doctored=True))
    try:
        for trace, variant in _in_order(request):
            if time.monotonic() > deadline:
                found.fault = f"the run did not finish within {SECONDS} s"
            elif trace.id not in found.cases:
                _take(request, found, subject_run.run_case(trace, variant))
            if found.fault or len(found.cases) >= request.enough:
                break
    finally:
        subject_run.stop()
    return found


def _take(request: Request, found: Found, run: CaseRun) -> None:
    if run.verdict is Verdict.ERROR:
        found.fault = f"the case {run.id} has no verdict: {run.reason}"
        return
    if run.verdict not in (_MILD if request.is_mild else FAILURES):
        return
    hits = [name for name in request.expected if name in run.requirements]
    if hits or (request.is_goals and request.expected):
        found.cases[run.id] = (*hits, *run.requirements, "")[0]
        return
    names = run.requirements or (run.id,)
    found.others += [name for name in names if name not in found.others]


_MILD = FAILURES | {Verdict.NON_STRICT}


def _in_order(request: Request) -> Iterator[tuple[Trace, str]]:
    """The cases, each with its variant. First those that prove a requirement of the bug, and the
    plain good ones, which are charged with what shows everywhere, in each variant; then the others, in one, if they can find it at all: in goals, or by a monitor.
    """
    known = [each for each in _cases() if each.protocol in request.protocols]
    if request.is_goals:
        known = [each for each in known if each.goal is not None]
    proving = [
        each
        for each in known
        if is_plain(each) or not set(each.proves).isdisjoint(request.expected)
    ]
    proving.sort(key=lambda trace: (trace.goal is not None, bool(trace.family)))
    for variant in USUAL_VARIANTS:
        yield from ((each, variant) for each in proving if not each.excludes(variant))
    if not request.is_goals and not _has_monitor(request.expected):
        return
    proved = {each.id for each in proving}
    first = USUAL_VARIANTS[0]
    yield from ((e, first) for e in known if e.id not in proved and not e.excludes(first))


@cache
def _cases() -> tuple[Trace, ...]:
    """All cases, the families last: they take longest."""
    return tuple(sorted(everything(), key=lambda trace: bool(trace.family)))


def _has_monitor(names: tuple[str, ...]) -> bool:
    """Whether any case can find one of these requirements broken."""
    return any(not set(names).isdisjoint(monitor.requirements) for monitor in MONITORS)
