"""What a client does wrong in every session: it is charged once, in the plain good case of a goal.

Another case that deviates in the same way, and in that way only, is "as in" the plain good case.
It is judged by the rest of what it tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance import catalogue
from conformance.deviation import Deviation, fit
from conformance.excerpt import without_numbers
from conformance.finding import Axis, JudgedFinding
from conformance.verdict import SEVERITY, Verdict
from fake_servers.trace.syntax import Trace, Value
from fake_servers.trace.template import first_difference

_MECHANISMS = (
    "plain",
    "cram-md5",
    "login",
    "scram-sha-1",
    "scram-sha-256",
    "oauthbearer",
    "xoauth2",
    "anonymous",
    "external",
)
_LISTS = ("list-two-messages", "list-by-apop")
_FETCHES = ("fetch-by-password", "fetch-by-apop", *(f"fetch-by-{mech}" for mech in _MECHANISMS))
_SENDS = ("send", *(f"send-by-{mech}" for mech in _MECHANISMS), "send-lmtp")
PLAIN: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "pop3.fetch": (_FETCHES,),
    "pop3.list": (_FETCHES, _LISTS),
    "smtp.send": (_SENDS,),
}
"""For each goal, cases in which nothing goes wrong and nothing is unusual, the plainest first. The
plain good case of a subject is the first of each row that it can play."""

_TLS = {
    "pop3.fetch": {b"starttls": "fetch-under-stls", b"implicit": "fetch-under-tls"},
    "smtp.send": {b"starttls": "send-under-starttls", b"implicit": "send-under-tls"},
}
_LAST_DOT = b".\r\n"


def rows_of(trace: Trace) -> Iterator[tuple[str, ...]]:
    """The plain good cases that a case is compared with: those of its goal, its login and its TLS.

    A linear case is compared with the main goal of its protocol, a plain good case with those
    that are plainer.
    """
    goal = trace.goal.name if trace.goal is not None else _GOAL_OF[trace.protocol]
    for row in [*PLAIN[goal], *_special(trace)]:
        ids = [f"{trace.protocol}.goal.{name}" for name in row]
        if trace.id in ids:
            yield row[: ids.index(trace.id)]
            return
        yield row


_GOAL_OF = {"pop3": "pop3.fetch", "smtp": "smtp.send"}


def _special(trace: Trace) -> Iterator[tuple[str, ...]]:
    """A row for the login of this goal case, and one for its TLS."""
    if trace.goal is None:
        return
    kind = _word(trace.goal.args.get("login"))
    if kind == "auth":
        kind = _word(trace.goal.args.get("mech")).lower()
    ending = f"-by-{'password' if kind == 'user' else kind}"
    names = [name for row in PLAIN[trace.goal.name] for name in row]
    yield tuple(name for name in names if name.endswith(ending))
    tls = _TLS.get(trace.goal.name, {}).get(_word(trace.goal.server.get("tls")).encode())
    if tls is not None:
        yield (tls,)


def _word(value: Value | None) -> str:
    """A value that is one word; the empty string for any other value."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], bytes):
        return value[0].decode("ascii", "replace")
    return ""


def is_plain(trace: Trace) -> bool:
    """Whether it is one of the plain good cases."""
    _, _, name = trace.id.partition(".goal.")
    rows = PLAIN.get(trace.goal.name, ()) if trace.goal is not None and name else ()
    return any(name in row for row in rows)


def read(name: str, protocol: str) -> Trace:
    """A plain good case; raises TraceError."""
    from conformance.run import select

    trace = catalogue.find(f"{protocol}.goal.{name}")
    assert trace is not None, name
    return trace


@dataclass(frozen=True, slots=True)
class _KnownViolation:
    """What a monitor found in a plain good case; `actual` is what the client did there."""

    case: str
    verdict: Verdict
    actual: frozenset[str]


@dataclass(slots=True)
class Known:
    """What the plain good cases of one case have shown.

    noted  how the case deviates in the same way
    """

    messages: dict[Deviation, str] = field(default_factory=dict)
    violations: dict[tuple[str, str], _KnownViolation] = field(default_factory=dict)
    noted: list[JudgedFinding] = field(default_factory=list)

    def learn(self, case: str, findings: Iterable[JudgedFinding]) -> None:
        """Keep what a plain good case is charged with, unless a plainer one is charged with it."""
        for each in findings:
            if _is_charged(each):
                for deviation in each.deviations:
                    self.messages.setdefault(deviation, case)
                if _is_of_rule(each):
                    self._learn_violation(case, each)

    def _learn_violation(self, case: str, each: JudgedFinding) -> None:
        before = self.violations.setdefault(
            _kind(each), _KnownViolation(case, each.verdict, frozenset())
        )
        if before.case == case:
            actual = before.actual | {each.actual}
            self.violations[_kind(each)] = replace(before, actual=actual)

    def octets_to_expect(self, wanted: bytes, actual: bytes, line: int, axis: Axis) -> bytes:
        """The message as this client, with its known deviation, should send or hand it over."""
        fitted = fit(wanted, actual, self.messages)
        if not fitted.found:
            return wanted
        if fitted.best == actual:
            self.note(fitted.found, line, axis)
            return actual
        before, after = first_difference(wanted, actual), first_difference(fitted.best, actual)
        return fitted.best if (after or 0) > (before or 0) else wanted

    def note(self, found: Sequence[Deviation], line: int, axis: Axis) -> None:
        """Note that the case deviates in these known ways."""
        case = self.messages[found[0]]
        text = ", ".join(map(str, found))
        noted = JudgedFinding(
            f"as in {case}: {text}", line, axis=axis, verdict=Verdict.INFO, as_in=case
        )
        if noted not in self.noted:
            self.noted.append(noted)

    def excuse(self, findings: Iterable[JudgedFinding], trace: Trace) -> Iterator[JudgedFinding]:
        """The findings; those that a plain good case has too become INFO."""
        for each in findings:
            known = self.violations.get(_kind(each)) if _is_of_rule(each) else None
            yield each if known is None else _excused(each, known, trace)


def _excused(each: JudgedFinding, known: _KnownViolation, trace: Trace) -> JudgedFinding:
    """The finding as INFO if the plain good case has it too, unchanged otherwise.

    In a case that proves the same rule it becomes INFO only if the octets are the very same.
    """
    is_worse = SEVERITY.index(each.verdict) < SEVERITY.index(known.verdict)
    is_about = any(name in trace.proves for name in each.requirements)
    if is_worse or not _is_charged(each) or (is_about and each.actual not in known.actual):
        return each
    return replace(
        each,
        verdict=Verdict.INFO,
        reason=f"as in {known.case}: {each.reason}",
        requirements=(),
        monitor="",
        as_in=known.case,
    )


def _is_charged(each: JudgedFinding) -> bool:
    return each.verdict in (Verdict.FAIL, Verdict.NON_STRICT)


def _is_of_rule(each: JudgedFinding) -> bool:
    """Whether it is about a rule for every session, and not about what the case tests."""
    return bool(each.monitor or each.requirements)


def _kind(each: JudgedFinding) -> tuple[str, str]:
    return each.monitor, without_numbers(each.reason)


class PlainCases:
    """The plain good cases of one subject, each played once a variant, when it is needed.

    play  plays a case; returns its findings, or None where the subject cannot play it
    """

    def __init__(self, play: Callable[[Trace, str], Sequence[JudgedFinding] | None]) -> None:
        self._play = play
        self._played: dict[tuple[str, str], Sequence[JudgedFinding] | None] = {}

    def known(self, trace: Trace, variant: str, findings: Iterable[JudgedFinding]) -> Known | None:
        """What can explain these findings of a case, or None."""
        if not any(_is_charged(each) and _may_be_known(each) for each in findings):
            return None
        known = Known()
        for row in rows_of(trace):
            for name in row:
                found = self._shown(name, trace.protocol, variant)
                if found is not None:
                    known.learn(f"{trace.protocol}.goal.{name}", found)
                    break
        return known if known.messages or known.violations else None

    def _shown(self, name: str, protocol: str, variant: str) -> Sequence[JudgedFinding] | None:
        key = (f"{protocol}/{name}", variant)
        if key not in self._played:
            trace = read(name, protocol)
            excluded = trace.excludes(variant)
            self._played[key] = None if excluded else self._play(trace, variant)
        return self._played[key]


def _may_be_known(each: JudgedFinding) -> bool:
    """Whether a plain good case can show this kind of finding too."""
    return bool(_is_of_rule(each) or each.deviations or each.is_message)
