"""A deviation does not hide what comes after it, and nobody leaves a case without a ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.run.case import Runner
from conformance.run.ground import on_the_wire
from conformance.subject.answer import Answer
from conformance.test.run.actor import Actor
from conformance.test.small_cases import trace_of
from conformance.test.wires import Wire, pop3, smtp
from conformance.verdict import CaseRun, Verdict
from fake_servers.log import Kind
from fake_servers.trace.syntax import Trace

SEED = 1
Twist = Callable[[bytes], bytes]


class Deviant(Actor):
    """An actor that sends some lines in its own way, and answers the last call wrongly.

    twist    what it makes of each line
    answers  by the number of the call, what it answers in place of what is right
    """

    def __init__(self, trace: Trace, twist: Twist, answers: Mapping[int, Answer]) -> None:
        super().__init__(trace, {}, {}, SEED)
        self._twist = twist
        self._answers = answers
        self._count = 0

    def written(self, octets: bytes) -> bytes:
        return self._twist(octets)

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        self._count += 1
        answer = super().call(op, args, limit_s)
        return self._answers.get(self._count, answer)


def run(text: str, twist: Twist, answers: Mapping[int, Answer] | None = None) -> CaseRun:
    """The case with this client."""
    trace = trace_of(text)
    subject = Deviant(trace, twist, answers or {})
    try:
        return Runner(subject, SEED).run_case(trace, "whole")
    finally:
        subject.stop()


SMTP = """\
id: smtp.x.one
title: one

A: smtp.connect
S: 220 s
R: ok
A: smtp.ehlo
C: EHLO c
S: 250-s
S: 250-SIZE
S: 250 AUTH PLAIN
R: ok
A: smtp.auth mech=PLAIN user=a secret=b initial=no
C: AUTH PLAIN
S: 334 \x20
C: AGEAYg==
S: 235 ok
R: ok
A: smtp.mail from=a@b params=[SIZE=9]
C: MAIL FROM:<a@b> SIZE=9
S: 250 ok
R: ok
A: smtp.rcpt to=c@d
C: RCPT TO:<c@d>
S: 250 ok
R: ok
A: smtp.data
D: one
D: two
C: DATA
S: 354 go
C: one
C: two
C: .
S: 250 ok
R: ok
A: smtp.noop
C: NOOP
S: 500 no
R: refused
""".replace(
    "S: 334 \x20", "S| 334 \\r\\n"
)
POP3 = """\
id: pop3.x.one
title: one

A: pop3.connect
S: +OK
R: ok
A: pop3.user user=a secret=b
C: USER a
S: +OK
C: PASS b
S: +OK
R: ok
A: pop3.retr n=1
C: RETR 1
S: +OK
S: x
S: .
R: ok
D: x
A: pop3.stat
C: STAT
S: -ERR no
R: refused
"""


def swap(old: str, new: str) -> Twist:
    """Another form of one line."""
    return lambda octets: new.encode() if octets == old.encode() else octets


def gives_up(line: str) -> Twist:
    """The call ends where this line is due; the connection stays."""

    def twist(octets: bytes) -> bytes:
        if octets == line.encode():
            raise ConnectionError("nothing is sent")
        return octets

    return twist


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("EHLO c\r\n", "EHLO other\r\n", "the client sends another name"),
        ("MAIL FROM:<a@b> SIZE=9\r\n", "MAIL FROM:<a@b>\r\n", "the client sends no SIZE"),
        (
            "MAIL FROM:<a@b> SIZE=9\r\n",
            "MAIL FROM:<a@b> SIZE=8\r\n",
            "the client sends another SIZE",
        ),
        ("RCPT TO:<c@d>\r\n", "RCPT TO:<C@d>\r\n", "the client sends an address in another form"),
        ("one\r\n", "ene\r\n", "the message differs"),
        ("two\r\n", "", "the message differs"),
        ("two\r\n", "two\r\n\r\n", "the message differs"),
        ("AGEAYg==\r\n", "AGEAYg== \r\n", "the response is not base64"),
        ("DATA\r\n", "DATA \r\n", "the command has a blank too many"),
        ("AUTH PLAIN\r\n", "AUTH  PLAIN\r\n", "the command has a blank too many"),
        ("DATA\r\n", "DATA x\r\n", "DATA has a parameter"),
        ("MAIL FROM:<a@b> SIZE=9\r\n", "MAIL FROM: <a@b> SIZE=9\r\n", "the path has another form"),
        ("RCPT TO:<c@d>\r\n", "RCPT TO:c@d\r\n", "the path has another form"),
        ("RCPT TO:<c@d>\r\n", "RCPT TO:<c@d> X=1\r\n", "no extension that was offered has X"),
    ],
)
def test_smtp_goes_on_and_the_later_fault_is_found_too(old: str, new: str, reason: str) -> None:
    alone = run(SMTP, swap(old, new))
    assert alone.verdict is Verdict.FAIL and reason in alone.reason, alone.reason
    assert "outcome" not in alone.reason
    both = run(SMTP, swap(old, new), {7: Answer("ok")})
    assert both.verdict is Verdict.FAIL
    assert "the outcome is ok, not refused" in both.reason and reason in both.reason, both.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("USER a\r\n", "USER A\r\n", "the client sends its argument in another case"),
        ("USER a\r\n", "USER a \r\n", "the client sends a blank too many"),
        ("PASS b\r\n", "PASS b \r\n", "the client sends a blank too many"),
        ("RETR 1\r\n", "RETR 01\r\n", "the message number is not a number from 1"),
        ("RETR 1\r\n", "RETR 1 \r\n", "the command has a blank too many"),
        ("RETR 1\r\n", "RETR 1 2\r\n", "RETR has an argument too many"),
        ("STAT\r\n", "STAT 1\r\n", "STAT has an argument too many"),
    ],
)
def test_pop3_goes_on_and_the_later_fault_is_found_too(old: str, new: str, reason: str) -> None:
    alone = run(POP3, swap(old, new))
    assert alone.verdict is Verdict.FAIL and reason in alone.reason, alone.reason
    both = run(POP3, swap(old, new), {4: Answer("ok", {"count": 0, "octets": 0})})
    assert "the outcome is ok, not refused" in both.reason and reason in both.reason, both.reason


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("PASS b\r\n", "PASS B\r\n"),
        ("RETR 1\r\n", "RETR 2\r\n"),
        ("RETR 1\r\n", "RETR 1\n"),
        ("USER a\r\n", "HELO a\r\n"),
    ],
)
def test_what_cannot_be_understood_ends_the_case(old: str, new: str) -> None:
    found = run(POP3, swap(old, new), {4: Answer("ok", {"count": 0, "octets": 0})})
    assert found.verdict is Verdict.FAIL and "outcome" not in found.reason
    assert "the client sends something other than the trace expects" in found.reason


def test_a_deviation_is_told_once() -> None:
    def late(octets: bytes) -> bytes:
        return octets.replace(b"\r\n", b" \r\n") if octets[:4] in (b"USER", b"PASS") else octets

    found = run(POP3, late)
    assert found.reason == "the client sends a blank too many"


def told_to_call(reply: str, outcome: str) -> str:
    """A call that gets this reply, and one more."""
    return (
        "id: smtp.x.two\ntitle: two\n\nA: smtp.connect\nS: 220 s\nR: ok\n"
        f"A: smtp.noop\nC: NOOP\nS: {reply}\nR: {outcome}\n"
        "A: smtp.rset\nC: RSET\nS: 250 ok\nR: ok\n"
    )


@pytest.mark.parametrize(
    ("reply", "outcome", "verdict"),
    [
        ("250 ok", "ok", Verdict.FAIL),
        ("500 no", "refused", Verdict.INCONCLUSIVE),
        ("2x0 ok", "protocol-error", Verdict.INCONCLUSIVE),
        ("250 ok", "rejected-locally", Verdict.FAIL),
    ],
)
def test_only_an_error_is_a_ground_to_send_nothing(
    reply: str, outcome: str, verdict: Verdict
) -> None:
    text = told_to_call(reply, outcome)
    found = run(text, gives_up("RSET\r\n"), {3: Answer("ok")})
    assert found.verdict is verdict, found.reason


def test_the_own_error_of_a_call_is_no_ground_to_leave_out_its_line() -> None:
    """RFC 4954 section 4: what is not base64 is answered with a star."""
    text = (
        "id: smtp.x.three\ntitle: three\n\nA: smtp.connect\nS: 220 s\nR: ok\n"
        "A: smtp.auth mech=PLAIN user=a secret=b initial=no\nC: AUTH PLAIN\nS: 334 ?\n"
        "C: *\nS: 501 cancelled\nR: protocol-error\n"
    )
    found = run(text, gives_up("*\r\n"), {2: Answer("protocol-error")})
    assert found.verdict is Verdict.FAIL
    assert "though the server gave no reason to leave" in found.reason, found.reason


@pytest.mark.parametrize(
    ("wire", "ground"),
    [
        (smtp().c("NOOP").s("500 no"), "a refusal"),
        (smtp().c("NOOP").s("fine"), "a malformed reply"),
        (smtp().c("NOOP").s("354 go"), "a malformed reply"),
        (smtp().s("250 surplus").c("NOOP").s("250 ok"), "octets that nobody asked for"),
        (smtp().c("DATA").s("354 go"), ""),
        (smtp().c("AUTH PLAIN").s("334 ?"), ""),
        (smtp().c("NOOP").s_raw(b"25").client_closes(), ""),
        (smtp().c("NOOP").s_raw(b"25").server_closes(), "the end of the connection"),
        (smtp().server_closes(Kind.RESET), "the end of the connection"),
        (smtp().c("QUIT").s("221 bye").server_closes(), ""),
        (smtp().c("STARTTLS").s("220 go").tls("failed"), "the end of the connection"),
        (pop3().c("STAT").s("-ERR"), "a refusal"),
        (pop3().c("STAT").s("OK"), "a malformed reply"),
        (pop3().c("AUTH PLAIN").s("+ "), ""),
        (pop3().c("RETR 1").s("+OK", "x", "."), ""),
    ],
)
def test_what_a_server_does_may_be_a_ground(wire: Wire, ground: str) -> None:
    protocol = "pop3" if b"+OK" in wire.events[1].octets else "smtp"
    assert on_the_wire(protocol, wire.events) == ground
