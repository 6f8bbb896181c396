"""Which cases a client cannot be asked, and why: that needs no play."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from conformance.finding import Axis, JudgedFinding
from conformance.run import case_verdict
from conformance.subject import Subject
from conformance.verdict import MISSING, CaseRun, Verdict
from fake_servers.trace.syntax import Template, Trace


@dataclass(frozen=True, slots=True)
class Unsupported:
    """reason   a sentence
    missing  the features that the case needs and the subject does not claim, if that is why
    """

    reason: str
    missing: tuple[str, ...] = ()


def why(subject: Subject, trace: Trace, variant: str) -> Unsupported | None:
    """Why this subject cannot run this case, or None."""
    missing = _missing(subject, trace)
    if missing == ("steps",):
        return Unsupported("the subject runs whole sessions only, not single steps", missing)
    if missing:
        return Unsupported(f"the subject does not claim {' '.join(missing)}", missing)
    if subject.own_header and _measures(trace):
        return Unsupported("the client writes header fields of its own, and the case counts octets")
    if variant != "whole" and "clock" not in subject.features and trace.falls_silent:
        reason = "without the feature clock a silent server is tested in the variant whole only"
        return Unsupported(reason)
    return None


_ROOM_FOR_FIELDS = 1000


def _measures(trace: Trace) -> bool:
    """Whether the server takes the message by its size, with no room for more header fields."""
    if trace.goal is None or "ok" not in trace.goal.result.outcomes:
        return False
    caps = cast(list[Template], trace.goal.server.get("caps", []))
    offers = [b"".join(part for part in cap if isinstance(part, bytes)).split() for cap in caps]
    sizes = [
        int(each[1]) for each in offers if each[:1] == [b"SIZE"] and each[1:] and each[1].isdigit()
    ]
    return any(0 < size < _ROOM_FOR_FIELDS for size in sizes)


def _missing(subject: Subject, trace: Trace) -> tuple[str, ...]:
    """The features; a family leaves the choice between steps and goals to its members."""
    needs = dict.fromkeys((*trace.needs, trace.protocol))
    missing = [need for need in needs if need not in subject.features]
    if trace.goal is not None and not subject.plays_goals:
        missing.append("goals")
    if trace.goal is None and not trace.family and not subject.has_steps:
        missing.append("steps")
    return tuple(missing)


def result(trace: Trace, variant: str, why_not: Unsupported) -> CaseRun:
    """UNSUPPORTED: the result of a case that is not played."""
    finding = JudgedFinding(why_not.reason, axis=Axis.API, verdict=Verdict.UNSUPPORTED)
    run = case_verdict.case_run(trace, variant, [finding], has_moves=False)
    details = {**run.details, MISSING: list(why_not.missing)} if why_not.missing else run.details
    return replace(run, difference=None, details=details)
