"""`needs` of a case against the features that it uses."""

from __future__ import annotations

from collections.abc import Iterator

from conformance import needs
from conformance.features import load
from conformance.lint.problem import Problem
from fake_servers.trace.syntax import Trace

_SAID_ELSEWHERE = {"pop3.user-alone"}
"""Features without which a case would be judged wrongly: lint/calls.py reports them."""


def check(trace: Trace) -> Iterator[Problem]:
    """Features that the case uses and does not name, and those that it names and does not use.

    Because of the former a client fails for what it does not have; because of the latter it is not
    asked what it could be asked.
    """
    named = {need for need in trace.needs if need in load()} - {trace.protocol}
    used = needs.used(trace)
    for feature in sorted(used - named - _SAID_ELSEWHERE):
        yield _problem(trace, feature, "the case uses this feature; name it in needs")
    for feature in sorted(named - used - needs.may_use(trace)):
        yield _problem(trace, feature, "the case does not use this feature; remove it from needs")


def family(trace: Trace) -> Iterator[Problem]:
    """A family names at most what all of its members need; the rest drops single members."""
    from conformance.families import members

    found = members(trace.family, trace.protocol)
    shared = set.intersection(*(set(each.trace.needs) for each in found))
    if all(each.trace.goal is None for each in found):
        shared.add("steps")
    for feature in sorted(set(trace.needs) - {trace.protocol} - shared):
        message = "some members do not need this feature; remove it, the others name it themselves"
        yield _problem(trace, feature, message)


def _problem(trace: Trace, feature: str, message: str) -> Problem:
    line = trace.header_lines.get("needs", trace.header_lines.get("id", 1))
    return Problem(trace.path, line, feature, message, False)
