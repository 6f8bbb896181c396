"""What an SMTP server has after a goal: just the message and the envelope of the caller."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.message_body import as_meant, body_of
from conformance.model.framer import FrameKind, frame
from conformance.run.compare import compare_data
from conformance.run.context import CaseContext
from conformance.subject.answer import Answer
from conformance.values import notation, octets_of
from fake_servers.grammar.address import address_of, is_same
from fake_servers.log import joined
from fake_servers.reactive.server import ReactiveServer

_CRLF = b"\r\n"
_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE = re.compile(rb"\r\n|\r|\n")


def differs(
    context: CaseContext, args: Mapping[str, Any], answer: Answer, server: ReactiveServer
) -> JudgedFinding | None:
    """The server accepted just this message for just these recipients; with ok it has it."""
    assert context.trace.goal is not None
    result = context.trace.goal.result
    for delivered in server.delivered:
        if "fail_after" in args:
            return _taken(context, result.line, args["fail_after"])
        message, actual = args["message"], delivered.octets
        forms = _forms(message)
        if context.subject.own_header:
            message, actual = body_of(message), as_meant(actual)
            encoded = actual != body_of(delivered.octets)
            forms = [*_exact(message), *_forms(message)] if encoded else _forms(message)
        wanted = actual if actual in forms else forms[-1]
        differing = compare_data(
            wanted, actual, result.line, context.breach, Axis.WIRE, context.known
        )
        if differing is not None:
            return differing
        if not is_same(delivered.mail_from, _mailbox(args.get("from", ""))):
            return _envelope(context, "from", args.get("from", ""), delivered.mail_from)
        for rcpt in sorted(delivered.rcpt_to):
            if not any(is_same(rcpt, _mailbox(to)) for to in args.get("to", [])):
                return _envelope(context, "to", args.get("to", []), rcpt)
    if answer.outcome == "ok" and "ok" in result.outcomes and not server.delivered:
        reason = "the outcome is ok but the server has no message"
        return JudgedFinding(
            reason, result.line, "R: ok", "(nothing delivered)", axis=Axis.API,
            verdict=context.breach,
        )  # fmt: skip
    return _forgotten(context, args, answer) if answer.outcome == "ok" else None


def _forgotten(
    context: CaseContext, args: Mapping[str, Any], answer: Answer
) -> JudgedFinding | None:
    """With ok each recipient was tried, or the client says that it is not among those served.

    One that holds a line end, or nothing, may be passed over.
    """
    assert context.trace.goal is not None
    named = [
        address_of(each.text) or b""
        for each in frame("smtp", joined(context.log))
        if each.kind is FrameKind.COMMAND and each.verb == "RCPT"
    ]
    told = [octets_of(to) for to, outcome, *_ in answer.value.get("rcpt", []) if outcome != "ok"]
    for given in map(octets_of, args.get("to", [])):
        mailbox = _mailbox(given)
        is_one = b"@" in mailbox and not _BARE.search(mailbox)
        if is_one and given not in told and not any(is_same(each, mailbox) for each in named):
            return JudgedFinding(
                "the outcome is ok but a recipient was never named", context.trace.goal.result.line,
                f"RCPT TO:<{notation(given)}>", "R: ok (without it)", axis=Axis.WIRE,
                verdict=context.breach,
            )  # fmt: skip
    return None


def _forms(message: bytes) -> list[bytes]:
    """The octets that may arrive, those that differ the least from the message last.

    CRLF alone ends a line (RFC 5321 section 2.3.8): a client that does not refuse another line end
    sends CRLF in its place. A line end that the last line lacks is added (section 4.1.1.4).
    """
    whole = message if message.endswith(_CRLF) or not message else message + _CRLF
    forms = [_BARE.sub(_CRLF, message), _BARE_LF.sub(_CRLF, message)]
    return [form if form.endswith(_CRLF) or not form else form + _CRLF for form in forms] + [whole]


def made_fit(context: CaseContext, args: Mapping[str, Any], server: ReactiveServer) -> bool:
    """Whether the client encoded a body that cannot go as it is: octets above 127, or a line of more
    than 998. Then it may be sent where it may not go as it is (RFC 2045 section 6)."""
    body = body_of(args.get("message", b""))
    is_odd = any(octet > 127 for octet in body) or any(len(x) > 998 for x in body.split(_CRLF))
    sent = [each.octets for each in server.delivered]
    return (
        context.subject.own_header
        and is_odd
        and bool(sent)
        and all(as_meant(each) != body_of(each) for each in sent)
    )


def _exact(body: bytes) -> list[bytes]:
    """What an encoding of the body may keep: a last line without an end, and the line ends of the
    system, with which a client may have got it (RFC 2045 section 6)."""
    return [body, body.replace(_CRLF, b"\n")]


def _mailbox(given: Any) -> bytes:
    """The mailbox that the caller means: angle brackets around it are those of the path."""
    octets = octets_of(given)
    return octets[1:-1] if octets[:1] == b"<" and octets[-1:] == b">" else octets


def _taken(context: CaseContext, line: int, after: int) -> JudgedFinding:
    reason = "the server took a message whose source had failed"
    wanted = f"no end of the message after {after} octets"
    return JudgedFinding(
        reason, line, wanted, "(delivered)", axis=Axis.WIRE, verdict=context.breach
    )


def _envelope(context: CaseContext, name: str, wanted: Any, actual: bytes) -> JudgedFinding:
    assert context.trace.goal is not None
    line = context.trace.goal.result.line
    expected, got = f"{name}={notation(wanted)}", f"{name}={notation(actual)}"
    reason = f"the server was given another {name}"
    return JudgedFinding(reason, line, expected, got, axis=Axis.WIRE, verdict=context.breach)
