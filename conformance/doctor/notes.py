"""What the client does with the message of a good session. It is told, and left to the cases to judge."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.deviation import Change, Deviation, deviations
from conformance.doctor import whole_session
from conformance.doctor.finding import DoctorFinding
from conformance.doctor.good_path import logins
from conformance.doctor.good_servers import MESSAGE, WHO, goal_args, goal_of, good_server
from conformance.doctor.unit import examined
from conformance.message_body import as_meant, body_of
from conformance.subject import Subject
from conformance.values import octets_of
from fake_servers.trace.template import first_difference

_ADVICE = {
    Change.LINE_ENDS: 'if that is how the client stores messages, write line_ends = "lf" in its goal',
    Change.FIELDS: 'turn that off, or write headers = "own" in its file',
}
_JUDGED = "otherwise it is a FAIL in the plain good case"


def check(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """Yields a note if the message is not, octet by octet, what it was."""
    yield from examined(subject, partial(_message, protocol=protocol), protocol)


def _message(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    way, mech = next(logins(subject, protocol), ("own", ""))
    with good_server(protocol, sasl=mech, apop=way == "apop") as server:
        who = {} if way == "none" else WHO | ({"mech": mech} if mech else {})
        args = goal_args(subject, protocol, server.port) | {"login": way} | who
        answer = whole_session.play(subject, protocol, args)
    if protocol == "smtp":
        found = [each.octets for each in server.delivered]
    else:
        found = [octets_of(row[1]) for row in answer.value.get("messages", [])]
    if answer.outcome == "ok" and len(found) == 1:
        yield from _about(subject, protocol, found[0])


def _about(subject: Subject, protocol: str, actual: bytes) -> Iterator[DoctorFinding]:
    goal = goal_of(protocol)
    wanted = MESSAGE
    if protocol == "pop3" and subject.stores_lf:
        wanted = wanted.replace(b"\r\n", b"\n")
    changes = deviations(wanted, actual)
    if subject.own_header:
        if changes or wanted != actual:
            kept = [each for each in changes if each.change is Change.FIELDS]
            yield _note(
                f"{_told(goal, kept)}; its file says so, and the body alone is compared", protocol
            )
        wanted, actual = body_of(wanted), as_meant(actual) if protocol == "smtp" else body_of(
            actual
        )
        changes = deviations(wanted, actual)
    if wanted == actual:
        return
    if not changes:
        at = first_difference(wanted, actual)
        yield _note(
            f"the message of {goal} differs at its octet {at}; the cases judge that", protocol
        )
        return
    advice = [_ADVICE[each.change] for each in changes if each.change in _ADVICE]
    hint = f"{', '.join([*advice, _JUDGED])}" if advice else "that is a FAIL in the plain good case"
    yield _note(f"{_told(goal, changes)}; {hint}", protocol)


def _told(goal: str, changes: Iterator[Deviation] | list[Deviation] | tuple[Deviation, ...]) -> str:
    text = ", ".join(map(str, changes)) or "its header is another"
    return f"the client changes the message of {goal}: {text}"


def _note(sentence: str, protocol: str) -> DoctorFinding:
    requirement = "RFC1939-5-RETR-02" if protocol == "pop3" else "RFC5321-4.5.2-DATA-01"
    return DoctorFinding(sentence, requirement, (protocol,), protocol, is_note=True)
