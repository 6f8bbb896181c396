"""Examines a subject before any verdict: can it be called, and does it report the truth?

A case that needs something that is not fit becomes an ERROR; the others are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from conformance import features
from conformance.doctor import bad_servers, claims, good_path, notes
from conformance.doctor.finding import DoctorFinding, of_feature
from conformance.doctor.lines import LineCheck
from conformance.doctor.unit import examined
from conformance.subject import Subject
from conformance.subject.driver import DriverSubject

__all__ = ["DoctorFinding", "PROTOCOLS", "examine"]

PROTOCOLS = ("pop3", "smtp")
MOST = 20

Check = Callable[[Subject], Iterator[DoctorFinding]]


def examine(subject: Subject, protocols: Iterable[str] = PROTOCOLS) -> list[DoctorFinding]:
    """What is wrong with a started subject in these protocols, and notes: at most MOST findings. It
    is fit if there are none but notes.
    """
    lines = LineCheck()
    found: list[DoctorFinding] = []
    if isinstance(subject, DriverSubject):
        found += lines.hello(subject.hello)
        subject.on_exchange = lines.exchange
    try:
        found += _whole(subject)
        if not any(not each.features for each in found):
            for protocol in protocols:
                if protocol in subject.features:
                    found += _protocol(subject, protocol)
    finally:
        if isinstance(subject, DriverSubject):
            subject.on_exchange = None
    subject.take_stderr()
    if "moves" in subject.features and lines.count and not lines.has_moves:
        found.append(of_feature("it claims moves, but no answer of it has any", "moves"))
    return list(dict.fromkeys([*lines.found, *found]))[:MOST]


def _whole(subject: Subject) -> list[DoctorFinding]:
    return [each for check in (_features, _unknown_op) for each in examined(subject, check)]


def _protocol(subject: Subject, protocol: str) -> list[DoctorFinding]:
    """Checks the good path first: if that does not work, bad servers show nothing."""
    found = list(good_path.check(subject, protocol))
    if not any(protocol in each.features for each in found):
        found += bad_servers.check(subject, protocol)
    if not any(protocol in each.features for each in found):
        found += claims.check(subject, protocol)
        found += notes.check(subject, protocol)
    return found


def _features(subject: Subject) -> Iterator[DoctorFinding]:
    for name in sorted(subject.features - features.load()):
        sentence = f"it claims the feature {name!r}, but {features.unknown(name)}"
        yield of_feature(sentence, name)
    if not (subject.has_steps or subject.plays_goals):
        sentence = (
            "it claims neither steps nor goals, so it cannot be asked for anything; claim one"
        )
        yield DoctorFinding(sentence, "driver.schema.json, welcome")
    if not subject.features & set(PROTOCOLS):
        sentence = "it claims neither pop3 nor smtp; claim the protocol that it speaks"
        yield DoctorFinding(sentence, "driver.schema.json, welcome")


def _unknown_op(subject: Subject) -> Iterator[DoctorFinding]:
    if subject.level == 0:
        return
    answer = subject.call("doctor.unknown", {}, 5.0)
    if answer.outcome != "unsupported":
        sentence = (
            f"it answers {answer.outcome} to the op doctor.unknown, which does not exist; "
            "it must answer unsupported to each op that it does not know"
        )
        yield DoctorFinding(sentence, "driver.schema.json, outcome")
