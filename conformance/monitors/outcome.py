"""Rules of what a client reports about what happened on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.model.framer import Frame
from conformance.model.replies import listing_lines
from conformance.monitors.monitor import POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import Call, Connection, Exchange, Talk

_DECISIVE: dict[str, frozenset[str]] = {
    "pop3.connect": frozenset({"CONNECT"}),
    "pop3.user": frozenset({"PASS"}),
    "pop3.fetch": frozenset({"RETR"}),
    "smtp.connect": frozenset({"CONNECT"}),
    "smtp.ehlo": frozenset({"EHLO", "HELO"}),
    "smtp.data": frozenset({"DOT", "DATA"}),
    "smtp.send": frozenset({"DOT", "DATA", "BDAT"}),
}
"""The commands that decide whether an op succeeds; for any other op, the command of its name."""

_IN_A_ROW = frozenset({"pop3.fetch"})
"""In these ops each such command must succeed in its last try; in others only the last of all."""

_NUMBER = re.compile(rb"\d{1,100}")
_FREE = frozenset({"pop3.close", "smtp.close", "pop3.quit", "smtp.quit", "pop3.batch"})
_DOING = frozenset(
    "pop3.user pop3.apop pop3.auth pop3.stls pop3.retr pop3.dele"
    " smtp.starttls smtp.auth smtp.mail smtp.rcpt smtp.data smtp.bdat smtp.send".split()
)
"""The ops that no client can perform from what it knows: the server has to take part."""


def _decisive(talk: Talk, call: Call) -> list[Exchange]:
    """The exchanges that must succeed for the call to be ok."""
    verbs = _DECISIVE.get(call.op, frozenset({call.op.rpartition(".")[2].upper()}))
    found = [exchange for exchange in talk.during(call) if exchange.verb in verbs]
    found = [each for each in found if not _ends_search(call, each, found)]
    if call.op in _IN_A_ROW:
        return list({e.sent.text: e for e in found if e.sent is not None}.values())
    return found[-1:]


def _ends_search(call: Call, exchange: Exchange, found: Sequence[Exchange]) -> bool:
    """Whether -ERR says only that there are no more messages: the previous one exists, and the
    caller gave no message numbers.
    """
    if call.op not in ("pop3.list", "pop3.fetch") or call.args.get("n", "all") != "all":
        return False
    number = _asked(exchange)
    before = [each for each in found if each.accepted and _asked(each) == number - 1]
    return exchange.refused and number > 1 and bool(before)


def _asked(exchange: Exchange) -> int:
    """The number of the message that a command names, or 0."""
    words = exchange.sent.text.split()[1:] if exchange.sent is not None else []
    return int(words[0]) if words and _NUMBER.fullmatch(words[0]) else 0


def _successes(talk: Talk) -> Iterator[tuple[Call, Exchange]]:
    """Calls that say ok, each with what decides. A message that is still being read, though a surplus
    reply answers it already, decides nothing.
    """
    early = any(_is_answered_early(connection) for connection in talk.connections)
    for call in talk.calls:
        if call.outcome == "ok" and call.op not in _FREE:
            for exchange in _decisive(talk, call):
                if not (early and exchange.verb == "DATA"):
                    yield call, exchange


def _is_answered_early(connection: Connection) -> bool:
    """Whether the log ends within a message to which a reply had come before its end."""
    return connection.has_surplus and any(each.verb == "DOT" for each in connection.cut)


def refused_is_not_ok(talk: Talk) -> Iterator[Violation]:
    """A call that the server refused is not reported as ok."""
    for call, exchange in _successes(talk):
        if exchange.reply is not None and exchange.reply.complete and not exchange.accepted:
            what = (
                f"{exchange.verb} was refused"
                if exchange.refused
                else f"the reply to {exchange.verb} is not positive"
            )
            yield Violation(call, f"{what}, but {call.op} says ok", "another outcome")


def _is_whole(reply: Frame) -> bool:
    """Whether a line ends in LF only, which a client may accept (RFC 1939 section 3)."""
    return reply.complete or reply.octets.endswith(b"\n")


def unsent_is_not_ok(talk: Talk) -> Iterator[Violation]:
    """A call that has the server do something is not reported as ok without a command.

    A client that takes surplus octets for a reply can say ok before its command is read.
    """
    if any(connection.has_surplus for connection in talk.connections):
        return
    for call in talk.calls:
        if call.op in _DOING and call.outcome == "ok" and not talk.sends(call):
            reason = f"nothing was sent, but {call.op} says ok"
            yield Violation(call, reason, "a command, or another outcome")


def cut_is_not_ok(talk: Talk) -> Iterator[Violation]:
    """A call without a whole reply is not reported as ok."""
    for call, exchange in _successes(talk):
        reply, body = exchange.reply, exchange.body
        if (
            exchange.more
            or reply is None
            or not _is_whole(reply)
            or (body is not None and not body.complete)
        ):
            yield Violation(
                call,
                f"the whole reply to {exchange.verb} never came, but {call.op} says ok",
                "another outcome",
            )


def refused_login_opens_nothing(talk: Talk) -> Iterator[Violation]:
    """A goal is not ok if every login was refused."""
    for call in talk.calls:
        if call.outcome == "ok" and call.op in ("pop3.fetch", "pop3.list"):
            logins = [e for e in talk.during(call) if e.verb in ("PASS", "APOP", "AUTH")]
            if logins and not any(exchange.accepted for exchange in logins):
                yield Violation(call, f"no login succeeded, but {call.op} says ok", "auth-failed")


def _pairs(exchange: Exchange) -> set[tuple[int, int]] | None:
    """The numbers of each line of LIST; None if a line does not have them in the usual form.

    A client may read such a line in its own way, or refuse it.
    """
    assert exchange.reply is not None
    lines = [exchange.reply.text[len("+OK") :]]
    if exchange.body is not None:
        lines = listing_lines(exchange.body.octets)
    words = [line.split()[:2] for line in lines]
    if any(len(pair) < 2 or not all(map(_NUMBER.fullmatch, pair)) for pair in words):
        return None
    return {(int(first), int(second)) for first, second in words}


def _listed(exchanges: Sequence[Exchange]) -> set[tuple[int, int]] | None:
    """The numbers of all LIST replies of a call, and of STAT if there is one message.

    A client may use LIST or LIST with a number, more than once, and in several sessions. None
    if there is no list, or if a reply can be read in more than one way.
    """
    listings = [_pairs(each) for each in exchanges if each.verb == "LIST" and each.accepted]
    if not listings or None in listings:
        return None
    totals = [_pairs(each) for each in exchanges if each.verb == "STAT" and each.accepted]
    found = {pair for pairs in totals for pair in pairs or () if pair[0] == 1}
    return found.union(*(pairs for pairs in listings if pairs))


def numbers_as_they_came(talk: Talk) -> Iterator[Violation]:
    """A client reports the numbers of the replies: not wrapped, not cut, not those of another."""
    for call in talk.calls:
        if call.op != "pop3.list" or call.outcome != "ok":
            continue
        value = call.value if isinstance(call.value, dict) else {}
        came = _listed(talk.during(call))
        if came is None:
            continue
        for item in value.get("items") or []:
            if _are_numbers(item) and tuple(item) not in came:
                reason = f"{call.op} reports {item[0]} {item[1]}, which no line of a reply has"
                yield Violation(call, reason, "the numbers of the replies")
                break


def _are_numbers(item: Any) -> bool:
    """Whether an item has two numbers; a subject that reports less is not judged."""
    return isinstance(item, list) and len(item) == 2 and all(type(n) is int for n in item)


MONITORS = (
    Monitor(
        "outcome.pop3-refused",
        "No success is reported after -ERR",
        POP3,
        ("RFC1939-3-RESP-01",),
        refused_is_not_ok,
    ),
    Monitor(
        "outcome.smtp-refused",
        "No success is reported after 4yz or 5yz",
        SMTP,
        ("RFC5321-4.2.5-EOD-02", "RFC5321-4.2-CODE-01"),
        refused_is_not_ok,
    ),
    Monitor(
        "outcome.pop3-unsent",
        "No success is reported for a command that was not sent",
        POP3,
        ("RFC1939-3-RESP-01",),
        unsent_is_not_ok,
    ),
    Monitor(
        "outcome.smtp-unsent",
        "No success is reported for a command that was not sent",
        SMTP,
        ("RFC5321-4.2.5-EOD-01",),
        unsent_is_not_ok,
    ),
    Monitor(
        "outcome.pop3-cut",
        "No success is reported on a reply that never came whole",
        POP3,
        ("RFC1939-3-MULTI-07",),
        cut_is_not_ok,
    ),
    Monitor(
        "outcome.smtp-cut",
        "No success is reported on a reply that never came whole",
        SMTP,
        ("RFC5321-4.2.5-EOD-01",),
        cut_is_not_ok,
    ),
    Monitor(
        "outcome.pop3-refused-login",
        "No success is reported if every login was refused",
        POP3,
        ("RFC1939-7-PASS-02",),
        refused_login_opens_nothing,
    ),
    Monitor(
        "outcome.pop3-numbers",
        "The numbers that LIST reports are those of the reply",
        POP3,
        ("RFC1939-4-NUM-02", "RFC1939-5-LIST-05"),
        numbers_as_they_came,
    ),
)
