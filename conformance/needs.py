"""The features that a case uses: those that a client must claim to be asked it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformance import features, first_response
from conformance.ops import OPS
from fake_servers.trace.syntax import (
    Alternative,
    Call,
    Expect,
    Goal,
    Item,
    Result,
    Send,
    Template,
    Trace,
    Value,
)

_OF_PARAMETER = {
    "SIZE": "smtp.size",
    "BODY=8BITMIME": "smtp.8bitmime",
    "BODY=BINARYMIME": "smtp.chunking",
    "SMTPUTF8": "smtp.smtputf8",
    "RET": "smtp.dsn",
    "ENVID": "smtp.dsn",
    "NOTIFY": "smtp.dsn",
    "ORCPT": "smtp.dsn",
    "AUTH": "smtp.mail-auth",
}
"""By keyword of a parameter of MAIL or RCPT, or by the whole parameter."""

_OF_OFFER = {
    "pop3": {
        "PIPELINING": "pipelining",
        "UTF8": "utf8",
        "LANG": "lang",
        "TOP": "top",
        "UIDL": "uidl",
    },
    "smtp": {
        "PIPELINING": "pipelining",
        "SIZE": "size",
        "8BITMIME": "8bitmime",
        "SMTPUTF8": "smtputf8",
        "CHUNKING": "chunking",
        "DSN": "dsn",
        "ENHANCEDSTATUSCODES": "enhanced",
    },
}
"""By keyword of what a server offers."""

_OF_ARGUMENT = {"fail_after": "{}.fail-after", "pieces": "{}.pieces", "client_cert": "client-cert"}
_ENDS_A_MESSAGE = ("smtp.data", "smtp.bdat", "smtp.send")


def used(trace: Trace) -> frozenset[str]:
    """The features that the calls or the goal of a case use, apart from its protocol."""
    parts = _of_goal(trace, trace.goal) if trace.goal else _of_timeline(trace)
    return frozenset(parts)


def may_use(trace: Trace) -> frozenset[str]:
    """The features that a case may also need: its server offers the extension, and what the case
    is about does not show in a call.
    """
    if trace.goal is not None and _texts(trace.goal.args.get("login")) == ["own"]:
        login = {f"{trace.protocol}.user", f"{trace.protocol}.apop"}
        return frozenset(each for each in features.load() if ".auth." in each or each in login)
    offers = _OF_OFFER[trace.protocol]
    words = {word.partition("=")[0] for word in _offered(trace)}
    found = {f"{trace.protocol}.{offers[word]}" for word in words & set(offers)}
    if trace.falls_silent:
        found.add("clock")
    ops = [item.op for item in trace.items if isinstance(item, Call)]
    if ops.count("smtp.rcpt") > 1:
        found.add("smtp.multi-rcpt")
    if ops.count("smtp.mail") + ops.count("smtp.send") > 1:
        found.add("smtp.multi-mail")
    mechanisms = {f"{trace.protocol}.auth.{word.lower()}" for word in words}
    return frozenset(found | (mechanisms & features.load() if _chooses(trace) else set()))


def _offered(trace: Trace) -> Iterator[str]:
    if trace.goal is not None:
        for name in ("caps", "caps_tls"):
            yield from (
                word for each in _texts(trace.goal.server.get(name)) for word in each.split()
            )
        return
    for item in trace.items:
        if isinstance(item, Send):
            yield from _text(item.template).upper().removeprefix("250-").split()


def _chooses(trace: Trace) -> bool:
    """Whether a login leaves the choice of the mechanism to the client."""
    calls = (item.args for item in trace.items if isinstance(item, Call))
    return any(_texts(args.get("mech")) == ["own"] for args in calls)


def _of_timeline(trace: Trace) -> Iterator[str]:
    if trace.policy != "clear":
        yield "policy"
    calls = [item for item in trace.items if isinstance(item, Call)]
    for call in calls:
        yield from _of_op(call.op)
        yield from _of_arguments(trace.protocol, call.args)
        if call.op == "pop3.user" and not {"secret", "secret_b64"} & set(call.args):
            yield "pop3.user-alone"
    if not first_response.is_free(trace):
        yield f"{trace.protocol}.auth.initial"
    yield from _of_transactions(trace.items)
    yield from _of_lines(trace)


def _of_lines(trace: Trace) -> Iterator[str]:
    """What the lines themselves ask for: commands that leave before the replies to others, and a
    column of enhanced codes.
    """
    op = ""
    before: Item | None = None
    for item in trace.items:
        if isinstance(item, Call):
            op = item.op
        elif isinstance(item, Expect):
            if op == "smtp.send" and isinstance(before, Expect) and _is_command(before, item):
                yield "smtp.pipelining"
        elif isinstance(item, Result):
            if any(map(_has_enhanced, item.alternatives())):
                yield "smtp.enhanced"
        before = item


def _is_command(*items: Expect) -> bool:
    verbs = ("MAIL ", "RCPT ", "DATA", "BDAT ", "RSET")
    return all(_text(item.template).startswith(verbs) for item in items)


def _has_enhanced(expected: Alternative) -> bool:
    """Whether the rows of recipients have the column of enhanced codes.

    A value `enhanced` is judged only of a client that gives one.
    """
    return any(
        len(row) > len(("to", "outcome", "code")) for row in _lists(expected.values.get("rcpt"))
    )


def _of_op(op: str) -> Iterator[str]:
    if op in OPS and OPS[op].feature:
        yield OPS[op].feature


def _of_transactions(items: Sequence[Item]) -> Iterator[str]:
    """Several recipients of one message, several messages of one session; what was refused does
    not count.
    """
    recipients, was_sent, op = 0, False, ""
    for item in items:
        if isinstance(item, Call):
            op = item.op
            if op == "smtp.send" and _count(item.args.get("to")) > 1:
                yield "smtp.multi-rcpt"
            if was_sent and op in ("smtp.mail", "smtp.send"):
                yield "smtp.multi-mail"
            was_sent = was_sent and op != "smtp.connect"
            recipients = 0 if op in ("smtp.mail", "smtp.connect") else recipients
        elif isinstance(item, Result) and item.outcomes == ("ok",):
            recipients += op == "smtp.rcpt"
            was_sent = was_sent or op in _ENDS_A_MESSAGE
            if recipients > 1:
                yield "smtp.multi-rcpt"


def _of_arguments(protocol: str, args: Mapping[str, Value]) -> Iterator[str]:
    if "answers" in args or "answers_b64" in args:
        yield f"{protocol}.auth.raw"
    else:
        yield from _of_mechanisms(protocol, args)
    if "cancel_at" in args:
        yield f"{protocol}.auth.cancel"
    if _texts(args.get("tls")) == ["implicit"]:
        yield "tls.implicit"
    if args.get("lmtp") is True:
        yield "smtp.lmtp"
    for name, feature in _OF_ARGUMENT.items():
        if name in args and feature.format(protocol) in features.load():
            yield feature.format(protocol)
    yield from _of_parameters(args.get("params"))
    for row in _lists(args.get("rcpt_params")):
        yield from _of_parameters(row)
    ops = args.get("ops")
    if isinstance(ops, list):
        for each in ops:
            yield from _of_op((_texts(each) or [""])[0])


def _of_mechanisms(protocol: str, args: Mapping[str, Value]) -> Iterator[str]:
    """`raw` for a mechanism without a feature; in a list it is only passed over."""
    for mechanism in _texts(args.get("mech")):
        own = f"{protocol}.auth.{mechanism.lower()}"
        if mechanism != "own":
            yield own if own in features.load() else f"{protocol}.auth.raw"
    for mechanism in _texts(args.get("mechs")):
        own = f"{protocol}.auth.{mechanism.lower()}"
        if own in features.load():
            yield own


def _of_parameters(params: Value | None) -> Iterator[str]:
    for text in _texts(params):
        for key in (text.upper(), text.partition("=")[0].upper()):
            if key in _OF_PARAMETER:
                yield _OF_PARAMETER[key]


def _of_goal(trace: Trace, goal: Goal) -> Iterator[str]:
    login = _texts(goal.args.get("login"))
    if login in (["user"], ["apop"]):
        yield f"{trace.protocol}.{login[0]}"
    yield from _of_arguments(trace.protocol, goal.args)
    if goal.name == "pop3.list":
        yield "pop3.list"
    if goal.args.get("delete") is True:
        yield "pop3.dele"
    if goal.name == "smtp.send" and _count(goal.args.get("to")) > 1:
        yield "smtp.multi-rcpt"
    if goal.server.get("lmtp") is not None:
        yield "smtp.lmtp"
    if _texts(goal.server.get("tls")) == ["implicit"]:
        yield "tls.implicit"
    elif trace.policy == "tls":
        yield "tls.starttls"
    if trace.policy == "own":
        yield "policy"


def _count(value: Value | None) -> int:
    return len(value) if isinstance(value, list) else 0


def _lists(value: Value | None) -> list[list[Value]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _texts(value: Value | None) -> list[str]:
    """The text of a value, or the texts of a list, without their holes."""
    values: list[Value] = value if isinstance(value, list) else []
    if isinstance(value, tuple):
        values = [value]
    return [_text(each) for each in values if isinstance(each, tuple)]


def _text(template: Template) -> str:
    return b"".join(part for part in template if isinstance(part, bytes)).decode("utf-8", "replace")
