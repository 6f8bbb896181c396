"""Examines a subject before any verdict: can it be asked, and does it tell the truth?

Each finding is a sentence that says what to mend; a subject with one gets no verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance import features
from conformance.doctor import bad_servers, good_path
from conformance.doctor.lines import LineCheck
from conformance.subject import AdapterBroken, Crashed, Hung, NotInstalled, Subject
from conformance.subject.driver import DriverSubject

MOST = 10

Check = Callable[[Subject], Iterator[str]]


def examine(subject: Subject) -> list[str]:
    """What is wrong with a started subject, at most MOST sentences; empty if it is fit."""
    found: list[str] = []
    lines = LineCheck()
    if isinstance(subject, DriverSubject):
        found += lines.hello(subject.hello)
        subject.witness = lines.exchange
    try:
        for check in (_features, _unknown_op, good_path.check, bad_servers.check):
            found += _sentences(check, subject)
            if found:
                break
    finally:
        if isinstance(subject, DriverSubject):
            subject.witness = None
    subject.take_stderr()
    return list(dict.fromkeys([*lines.found, *found]))[:MOST]


def _sentences(check: Check, subject: Subject) -> list[str]:
    """The findings of one check; a subject that dies in it has one more."""
    found: list[str] = []
    try:
        for sentence in check(subject):
            found.append(sentence)
    except (Crashed, Hung, AdapterBroken, NotInstalled) as error:
        stderr = subject.take_stderr().strip().splitlines()
        hint = f" (its stderr ends: {stderr[-1]})" if stderr else ""
        found.append(f"the subject failed while it was examined: {error}{hint}; see its stderr")
    return found


def _features(subject: Subject) -> Iterator[str]:
    unknown = sorted(subject.features - features.load())
    for name in unknown:
        yield f"it claims the feature {name!r}, which there is none of; see features.toml"
    if not subject.features & {"steps", "goals"}:
        yield "it claims neither steps nor goals, so it cannot be asked for anything; claim one"
    if not subject.features & {"pop3", "smtp"}:
        yield "it claims neither pop3 nor smtp; claim the protocol that it speaks"


def _unknown_op(subject: Subject) -> Iterator[str]:
    if subject.level == 0:
        return
    answer = subject.call("doctor.unknown", {}, 5.0)
    if answer.outcome != "unsupported":
        yield (
            f"it answers {answer.outcome} to the op doctor.unknown, which there is none of; "
            "it must answer unsupported to each op that it does not know"
        )
