"""Rules written once and kept in every case: each looks at the whole event log.

`MONITORS` are all of them; `judge` says what a case breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conformance import requirements
from conformance.finding import Axis, JudgedFinding
from conformance.model.framer import Frame
from conformance.monitors import (
    chunk,
    dsn,
    envelope,
    lines,
    login,
    message,
    names,
    order,
    outcome,
    parameters,
    sasl,
    secrecy,
    tls,
    two_codes,
)
from conformance.monitors.monitor import Monitor, Violation
from conformance.monitors.talk import Call, Talk, listen
from conformance.verdict import Verdict, worst
from fake_servers.log import Event
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Trace

__all__ = ["MONITORS", "Monitor", "judge"]

MONITORS: tuple[Monitor, ...] = (
    *lines.MONITORS,
    *order.MONITORS,
    *login.MONITORS,
    *sasl.MONITORS,
    *envelope.MONITORS,
    *parameters.MONITORS,
    *names.MONITORS,
    *message.MONITORS,
    *chunk.MONITORS,
    *dsn.MONITORS,
    *secrecy.MONITORS,
    *tls.MONITORS,
    *outcome.MONITORS,
)

_OF_STATE = (
    *order.MONITORS,
    *login.MONITORS,
    *sasl.MONITORS,
    *envelope.MONITORS,
    *outcome.MONITORS,
)
_BY_STATE = frozenset(monitor.id for monitor in _OF_STATE) | {"message.after-354"}
"""Rules about what the replies so far permit."""

_SHOWN_MAX = 200


MOST_EXCHANGES = 1000
"""Only this many commands of a session are judged, more than any case has. Rules look at each
command together with all earlier ones, so the cost grows with the square of the number.
"""


def judge(protocol: str, events: Iterable[Event], trace: Trace | None) -> list[JudgedFinding]:
    """The violations in an event log, in the order of the log.

    trace  has the policy (`clear` without a trace), and the verdict of a client that breaks what
           it proves
    """
    talk = listen(protocol, _policy(trace), events)
    for connection in talk.connections:
        del connection.exchanges[MOST_EXCHANGES:]
    places = _places(talk)
    broken = [
        ((violation.at.seq, places.get(id(violation.at), MOST_EXCHANGES)), monitor, violation)
        for monitor in MONITORS
        if protocol in monitor.protocols
        for violation in monitor.check(talk)
    ]
    broken.sort(key=lambda each: (each[0], each[1].id))
    unsure = two_codes.find(talk)
    found = []
    for _, monitor, violation in broken:
        finding = _finding(monitor, violation, protocol, trace)
        is_excused = monitor.id in _BY_STATE and two_codes.is_before(unsure, violation)
        found.append(_excused(finding) if is_excused else finding)
    return found


def _places(talk: Talk) -> dict[int, int]:
    """The place of each command in its connection, by the identity of its frame.

    Commands that were read together have one `seq`, and how the client's octets were read is chance.
    """
    return {
        id(exchange.sent): number
        for connection in talk.connections
        for number, exchange in enumerate(connection.exchanges)
        if exchange.sent is not None
    }


def _excused(finding: JudgedFinding) -> JudgedFinding:
    return replace(finding, verdict=Verdict.INFO, reason=f"{finding.reason}; {two_codes.REASON}")


def _finding(
    monitor: Monitor, violation: Violation, protocol: str, trace: Trace | None
) -> JudgedFinding:
    """The verdict is the worst breach of the rule's requirements; NON-STRICT at most for advice."""
    register = requirements.load()
    concerned = tuple(_of_protocol(monitor, protocol))
    at = violation.at
    finding = JudgedFinding(
        violation.reason,
        at.line,
        violation.expected,
        violation.actual or (_shown(at) if isinstance(at, Frame) else at.outcome),
        axis=Axis.API if isinstance(at, Call) else Axis.WIRE,
        verdict=_verdict(monitor, [register[each].breach for each in concerned]),
        requirements=concerned,
        monitor=monitor.id,
    )
    return finding if trace is None or not trace.breach else _softened(finding, trace)


def _softened(finding: JudgedFinding, trace: Trace) -> JudgedFinding:
    """The finding; in a case that proves the same requirement, no worse than its `breach`."""
    mildest = Verdict(trace.breach)
    is_about_it = set(finding.requirements) & set(trace.proves)
    if not is_about_it or worst([finding.verdict, mildest]) is mildest:
        return finding
    reason = f"{finding.reason}; {trace.breach_reason}"
    return replace(finding, verdict=mildest, reason=reason)


def _policy(trace: Trace | None) -> str:
    return "clear" if trace is None else trace.policy


def _verdict(monitor: Monitor, breaches: list[Verdict]) -> Verdict:
    verdict = worst(breaches)
    return Verdict.NON_STRICT if monitor.is_advice and verdict is Verdict.FAIL else verdict


def _of_protocol(monitor: Monitor, protocol: str) -> Iterator[str]:
    register = requirements.load()
    other = {"pop3": "smtp", "smtp": "pop3"}[protocol]
    return (each for each in monitor.requirements if register[each].protocol != other)


def _shown(frame: Frame) -> str:
    text = show(frame.octets[:_SHOWN_MAX])
    return text if len(frame.octets) <= _SHOWN_MAX else f"{text} ..."
