"""Rules written once and kept in every case: each looks at the whole event log.

`MONITORS` are all of them; `judge` says what a case breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance import requirements
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
    sasl,
    secrecy,
    tls,
)
from conformance.monitors.monitor import Monitor, Violation
from conformance.monitors.talk import listen
from conformance.verdict import Verdict, worst
from fake_servers.log import Event
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Trace

__all__ = ["MONITORS", "Monitor", "RuleViolation", "judge"]

MONITORS: tuple[Monitor, ...] = (
    *lines.MONITORS,
    *order.MONITORS,
    *login.MONITORS,
    *sasl.MONITORS,
    *envelope.MONITORS,
    *names.MONITORS,
    *message.MONITORS,
    *chunk.MONITORS,
    *dsn.MONITORS,
    *secrecy.MONITORS,
    *tls.MONITORS,
    *outcome.MONITORS,
)

_SHOWN_MAX = 200


MOST_EXCHANGES = 1000
"""So many commands of a session are judged, more than any case has: rules look at each with all
that came before it.
"""


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A rule that a case broke.

    monitor       its id
    requirements  ids of the register that it stands for, in this protocol
    seq, line     the event and the trace line (0: none) where it shows
    reason        one sentence
    expected, actual   in words or in the notation of traces
    verdict       the worst breach of its requirements; NON-STRICT at most for advice, and what
                  the case says in `breach:` at most where one of them is among its `proves:`
    """

    monitor: str
    requirements: tuple[str, ...]
    seq: int
    line: int
    reason: str
    expected: str
    actual: str
    verdict: Verdict


def judge(protocol: str, events: Iterable[Event], trace: Trace | None) -> list[RuleViolation]:
    """What the case breaks, in the order of its log.

    trace  says the policy (none: clear), and how bad a breach of what it proves is
    """
    talk = listen(protocol, _policy(trace), events)
    for connection in talk.connections:
        del connection.exchanges[MOST_EXCHANGES:]
    violations = [
        _rule_violation(monitor, violation, protocol)
        for monitor in MONITORS
        if protocol in monitor.protocols
        for violation in monitor.check(talk)
    ]
    if trace is not None and trace.breach:
        violations = [_softened(each, trace) for each in violations]
    return sorted(violations, key=lambda each: (each.seq, each.monitor))


def _softened(violation: RuleViolation, trace: Trace) -> RuleViolation:
    """A rule that stands for what the case proves is broken there by the lenience it is about."""
    mildest = Verdict(trace.breach)
    is_about_it = set(violation.requirements) & set(trace.proves)
    if not is_about_it or worst([violation.verdict, mildest]) is mildest:
        return violation
    reason = f"{violation.reason}; {trace.breach_reason}"
    return replace(violation, verdict=mildest, reason=reason)


def _policy(trace: Trace | None) -> str:
    return "clear" if trace is None else trace.policy


def _rule_violation(monitor: Monitor, violation: Violation, protocol: str) -> RuleViolation:
    register = requirements.load()
    concerned = tuple(_of_protocol(monitor, protocol))
    at = violation.at
    return RuleViolation(
        monitor=monitor.id,
        requirements=concerned,
        seq=at.seq,
        line=at.line,
        reason=violation.reason,
        expected=violation.expected,
        actual=_shown(at) if isinstance(at, Frame) else at.outcome,
        verdict=_verdict(monitor, [register[each].breach for each in concerned]),
    )


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
