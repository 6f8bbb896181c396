"""Compares an answer of the client with what the trace expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.deviation import deviations
from conformance.finding import Axis, JudgedFinding
from conformance.run import batch
from conformance.run.plain import Known
from conformance.subject.answer import Answer
from conformance.values import notation, octets_of
from conformance.verdict import Verdict
from fake_servers.grammar.address import is_same
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Alternative, Result
from fake_servers.trace.template import Bindings, first_difference

LOGIN_OPS = frozenset({"pop3.user", "pop3.apop", "pop3.auth", "smtp.auth"})
MAY_BE_UNKNOWN = frozenset({"code", "enhanced", "resp_code", "temporary", "caps", "lines", "mech"})
"""Values that not every library tells its caller; where they are missing they are not judged."""
IN_ANY_ORDER = frozenset({"caps", "items"})
"""Lists of named rows: their order has no meaning, and many libraries hand them over as a map."""
SHOWN_OCTETS = 200


def outcome_met(expected: tuple[str, ...], actual: str, *, login: bool) -> bool:
    """Whether an outcome is one of those expected.

    A refused login may be called `refused` or `auth-failed`; `failed`, of a client that
    cannot say more, meets every expectation but ok.
    """
    if actual in expected:
        return True
    if login and actual in ("refused", "auth-failed"):
        return "refused" in expected or "auth-failed" in expected
    return actual == "failed" and any(outcome != "ok" for outcome in expected)


def compare(
    result: Result,
    answer: Answer,
    bindings: Bindings,
    breach: Verdict,
    *,
    login: bool,
    known: Known | None = None,
) -> JudgedFinding | None:
    """The first part of an answer that is not what `R:` and its `D:` lines say.

    Of several alternatives with its outcome the answer must meet one.
    known  what the plain good case has shown of messages; it is not a finding here
    """
    if not outcome_met(result.outcomes, answer.outcome, login=login):
        code = answer.value.get("code")
        shown = f" code={code}" if code is not None else ""
        return JudgedFinding(
            f"the outcome is {answer.outcome}, not {' or '.join(result.outcomes)}",
            result.line,
            "R: " + "|".join(result.outcomes),
            f"R: {answer.outcome}{shown}",
            axis=Axis.API,
            verdict=breach,
        )
    found = [
        _differs(result.line, each, answer, bindings, breach, known)
        for each in result.alternatives()
        if outcome_met(each.outcomes, answer.outcome, login=login)
    ]
    return None if None in found else found[0]


def _differs(
    line: int,
    expected: Alternative,
    answer: Answer,
    bindings: Bindings,
    breach: Verdict,
    known: Known | None,
) -> JudgedFinding | None:
    """The first value that differs, or the message, where the outcome is as expected."""
    for name, value in expected.values.items():
        wanted = bindings.value(value)
        if name in MAY_BE_UNKNOWN and answer.value.get(name) is None:
            continue
        if not _is_met(name, wanted, answer.value.get(name)):
            return _value_differs(line, name, wanted, answer.value, breach)
    if expected.data is not None:
        wanted = bindings.render(expected.data)
        return compare_data(wanted, _data(answer), line, breach, known=known)
    return None


def _data(answer: Answer) -> bytes | None:
    """The octets that the answer hands over: `data`, or those of its messages in their order."""
    value = answer.value.get("data")
    if value is None and isinstance(answer.value.get("messages"), list):
        value = b"".join(octets_of(row[1]) for row in answer.value["messages"])
    return None if value is None else octets_of(value)


def equal(wanted: Any, actual: Any) -> bool:
    """Whether the values are equal. A string equals the same octets, a number its digits."""
    if isinstance(wanted, list) or isinstance(actual, list):
        return (
            isinstance(wanted, list)
            and isinstance(actual, list)
            and len(wanted) == len(actual)
            and all(equal(w, a) for w, a in zip(wanted, actual, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(actual, bool) or wanted is None or actual is None:
        return wanted is actual
    if isinstance(wanted, int) and isinstance(actual, int):
        return wanted == actual
    if isinstance(wanted, int) != isinstance(actual, int) and isinstance(actual, int):
        return False
    return octets_of(wanted) == octets_of(actual)


def _is_met(name: str, wanted: Any, actual: Any) -> bool:
    """Whether a value is as expected; of a recipient only the columns that are given count."""
    if name == "results" and isinstance(wanted, list) and isinstance(actual, list):
        return batch.met(wanted, actual, equal)
    if name == "rcpt" and isinstance(wanted, list) and isinstance(actual, list):
        return len(wanted) == len(actual) and all(map(_is_recipient, wanted, actual))
    if name in IN_ANY_ORDER and isinstance(wanted, list) and isinstance(actual, list):
        return equal(_sorted(wanted), _sorted(actual))
    return equal(wanted, actual)


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(
        rows,
        key=lambda row: [octets_of(each) for each in (row if isinstance(row, list) else [row])],
    )


def _is_recipient(wanted: list[Any], actual: Any) -> bool:
    """Whether the answer reports this recipient; it may write the mailbox in another form."""
    if not isinstance(actual, list) or not actual:
        return False
    columns = actual[1 : len(wanted)]
    return is_same(octets_of(wanted[0]), octets_of(actual[0])) and equal(wanted[1:], columns)


def _value_differs(
    line: int, name: str, wanted: Any, value: Mapping[str, Any], breach: Verdict
) -> JudgedFinding:
    shown = value.get(name)
    if name == "results" and isinstance(shown, list):
        shown = batch.shown(shown)
    return JudgedFinding(
        f"the value {name} differs",
        line,
        f"R: {name}={notation(wanted)}",
        f"R: {name}={notation(shown)}",
        axis=Axis.API,
        verdict=breach,
    )


def compare_data(
    wanted: bytes,
    actual: bytes | None,
    line: int,
    breach: Verdict,
    axis: Axis = Axis.API,
    known: Known | None = None,
) -> JudgedFinding | None:
    """Compare the octets of a message; a finding shows the line of the message that differs."""
    if actual is None:
        return JudgedFinding(
            "no message was handed over", line, "a message", "none", axis=axis, verdict=breach
        )
    if wanted == actual:
        return None
    changes = deviations(wanted, actual)
    if known is not None:
        wanted = known.octets_to_expect(wanted, actual, line, axis)
    at = first_difference(wanted, actual)
    if at is None:
        return None
    start = wanted.rfind(b"\n", 0, at) + 1
    number = wanted.count(b"\n", 0, start) + 1
    text = ": " + ", ".join(map(str, changes)) if changes else ""
    return JudgedFinding(
        f"the message differs at its octet {at} (line {number}, octet {at - start}){text}",
        line,
        _line_of(wanted, start, at),
        _line_of(actual, start, at),
        min(at - start, SHOWN_OCTETS),
        axis=axis,
        verdict=breach,
        is_message=True,
        deviations=changes,
    )


def _line_of(octets: bytes, start: int, at: int) -> str:
    """The line from `start`, line ending included, cut to SHOWN_OCTETS on each side of `at`."""
    end = octets.find(b"\n", at) + 1 or len(octets)
    if start >= len(octets):
        return "(the message ends)"
    begin = max(start, at - SHOWN_OCTETS)
    return show(octets[begin : min(end, at + SHOWN_OCTETS)])
