"""What the caller of a goal hands over leaves as it is or not at all, and never as a line of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.run.case import Runner
from conformance.subject import Subject
from conformance.subject.answer import Answer
from conformance.values import octets_of
from conformance.verdict import CaseRun, Verdict
from fake_servers.trace.parser import parse_text

POP3 = """id: pop3.goal.x
title: x
needs: pop3 pop3.user
goal: pop3.fetch login=user user="{}" secret=x n=[1]
server: users=[[mrose, x]] caps=[USER]

M: 1
D: Subject: one
R: rejected-locally|auth-failed
"""
SMTP = """id: smtp.goal.x
title: x
needs: smtp
goal: smtp.send name=c.example login=none from="{}" to=[green@example.org]
server: caps=[]

D| {}
R: ok|rejected-locally
"""


class Raw(Subject):
    """Sends these lines, each after the reply to the one before, and says that all is well."""

    level = 1

    def __init__(self, lines: Callable[[Mapping[str, Any]], list[bytes]], outcome: str) -> None:
        super().__init__("raw")
        self.features = frozenset({"goals", "pop3", "pop3.user", "smtp", "smtp.multi-rcpt"})
        self.lines, self.outcome = lines, outcome

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> str:
        """Nothing to stop."""
        return ""

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        with socket.create_connection((args["host"], args["port"]), 5) as connection:
            connection.recv(4096)
            for line in self.lines(args):
                connection.sendall(line)
                connection.recv(4096)
        return Answer(self.outcome)


def play(text: str, lines: Callable[[Mapping[str, Any]], list[bytes]], outcome: str) -> CaseRun:
    trace = parse_text(text, Path("x.trace"))
    return Runner(Raw(lines, outcome), seed=1).run_case(trace, "whole")


@pytest.mark.parametrize(
    ("user", "sent", "line"),
    [
        (r"mrose\r\nNOOP 1", b"USER mrose\r\nNOOP 1\r\n", "NOOP 1"),
        (r"mrose\nNOOP 1", b"USER mrose\nNOOP 1\r\n", "NOOP 1"),
        (r"mrose\rNOOP 1", b"USER mrose\rNOOP 1\r\n", "NOOP 1"),
        (r"mrose\r\nNOOP 1", b"USER mrose\r\n", ""),
        (r"mrose\r\nQUIT", b"USER mrose\r\n", ""),
    ],
)
def test_a_line_end_in_an_argument_that_begins_a_line_is_told(
    user: str, sent: bytes, line: str
) -> None:
    result = play(POP3.format(user), lambda args: [sent, b"QUIT\r\n"], "auth-failed")
    reason = "what stands behind a line end in user is a line of its own"
    assert (result.reason == reason) == bool(line), result.reason
    if line:
        assert result.verdict is Verdict.FAIL
        assert result.difference is not None and result.difference.actual == line


def mail(args: Mapping[str, Any], message: bytes, sender: bytes = b"") -> list[bytes]:
    sender = sender or octets_of(args["from"])
    return [
        b"EHLO c.example\r\n",
        b"MAIL FROM:<" + sender + b">\r\n",
        b"RCPT TO:<green@example.org>\r\n",
        b"DATA\r\n",
        message + b".\r\n",
        b"QUIT\r\n",
    ]


@pytest.mark.parametrize(
    ("message", "sent", "verdict"),
    [
        (r"one\ntwo\n", b"one\r\ntwo\r\n", Verdict.PASS),
        (r"one\rtwo\r\n", b"one\r\ntwo\r\n", Verdict.PASS),
        (r"one\r\ntwo", b"one\r\ntwo\r\n", Verdict.PASS),
        (r"one\n.\ntwo\n", b"one\r\n..\r\ntwo\r\n", Verdict.PASS),
        (r"one\n.\ntwo\n", b"one\ntwo\r\n", Verdict.FAIL),
        (r"one\ntwo\n", b"onetwo\r\n", Verdict.FAIL),
        (r"one\ntwo\n", b"one\r\n\r\ntwo\r\n", Verdict.FAIL),
        (r"one\r\ntwo", b"one\r\ntwo\r\n\r\n", Verdict.FAIL),
        (r"one\x00two\r\n", b"one\r\n", Verdict.FAIL),
    ],
)
def test_another_line_end_becomes_crlf_and_nothing_else(
    message: str, sent: bytes, verdict: Verdict
) -> None:
    result = play(SMTP.format("a@b.example", message), lambda args: mail(args, sent), "ok")
    assert result.verdict is verdict, result.reason


def test_a_message_whose_source_failed_must_not_be_taken() -> None:
    text = SMTP.format("a@b.example", r"one\r\ntwo\r\n")
    text = text.replace("goal: smtp.send", "goal: smtp.send fail_after=5")
    text = text.replace("R: ok|rejected-locally", "R: failed")
    result = play(text, lambda args: mail(args, b"one\r\n"), "failed")
    assert result.reason == "the server took a message whose source had failed"
    result = play(text, lambda args: mail(args, b"one\r\n")[:4], "failed")
    assert result.verdict is Verdict.PASS, result.reason


@pytest.mark.parametrize(
    ("commands", "verdict"),
    [
        ([b"RETR 1", b"DELE 1", b"QUIT"], Verdict.PASS),
        ([b"RETR 1", b"DELE 1", b"RETR 2", b"QUIT"], Verdict.PASS),
        ([b"RETR 1", b"QUIT"], Verdict.PASS),
        ([b"RETR 1", b"DELE 1", b"RETR 2", b"DELE 2"], Verdict.PASS),
        ([b"RETR 1", b"DELE 1", b"RETR 2", b"DELE 2", b"QUIT"], Verdict.FAIL),
    ],
)
def test_a_message_without_room_must_stay(commands: list[bytes], verdict: Verdict) -> None:
    text = POP3.format("mrose").replace("n=[1]", "n=[1, 2] delete=true fail_after=20")
    text = text.replace("R: rejected", "M: 2\nD: Subject: a longer message\nR: failed|rejected")
    lines = [each + b"\r\n" for each in [b"USER mrose", b"PASS x", *commands]]
    result = play(text, lambda args: lines, "failed")
    assert result.verdict is verdict, result.reason
    text = text.replace("needs:", "breach: NON-STRICT: the outcome is free\nneeds:")
    text = text.replace("R: failed", "R: ok|failed")
    result = play(text, lambda args: lines, "failed")
    assert result.verdict is verdict, result.reason


@pytest.mark.parametrize(
    ("given", "sent", "verdict"),
    [
        ("<a@b.example>", b"a@b.example", Verdict.PASS),
        ("a@b.example", b"c@b.example", Verdict.FAIL),
        (r"a@b.example>\r\nRCPT TO:<evil@example.org", b"a@b.example", Verdict.FAIL),
        (r"a@b.example\x00x", b"a@b.example", Verdict.FAIL),
    ],
)
def test_the_envelope_is_that_of_the_caller(given: str, sent: bytes, verdict: Verdict) -> None:
    text = SMTP.format(given, r"one\r\n")
    result = play(text, lambda args: mail(args, b"one\r\n", sent), "ok")
    assert result.verdict is verdict, result.reason


@pytest.mark.parametrize(
    ("given", "sent", "verdict"),
    [
        ("c.example", b"c.example", Verdict.PASS),
        ("c.example.", b"c.example", Verdict.PASS),
        ("c.example.com", b"c.example", Verdict.FAIL),
        ("<c.example>", b"[127.0.0.1]", Verdict.PASS),
        ("c example", b"[127.0.0.1]", Verdict.PASS),
        ("c example", b"c", Verdict.FAIL),
        ("c example", b"cexample", Verdict.FAIL),
        (r"c.example\x00.org", b"c.example", Verdict.FAIL),
    ],
)
def test_a_name_is_whole_or_the_clients_own(given: str, sent: bytes, verdict: Verdict) -> None:
    text = SMTP.format("a@b.example", r"one\r\n").replace("name=c.example", f'name="{given}"')
    lines = [b"EHLO " + sent + b"\r\n"]
    result = play(text, lambda args: lines + mail(args, b"one\r\n")[1:], "ok")
    assert result.verdict is verdict, result.reason


@pytest.mark.parametrize(
    ("third", "tried", "verdict"),
    [
        ("c@example.org", [b"b@example.org", b"c@example.org"], Verdict.PASS),
        ("c@example.org", [b"c@EXAMPLE.org", b"b@example.org"], Verdict.PASS),
        ("c@example.org", [b"b@example.org"], Verdict.FAIL),
        ("", [b"b@example.org"], Verdict.PASS),
    ],
)
def test_ok_says_that_each_recipient_was_tried(
    third: str, tried: list[bytes], verdict: Verdict
) -> None:
    text = SMTP.format("a@b.example", r"one\r\n")
    text = text.replace("needs: smtp", "needs: smtp smtp.multi-rcpt")
    text = text.replace("[green@", f'["{third}", b@example.org, green@')
    text = text.replace("R: ok", 'on RCPT#2: reply "550 no"\nR: ok')
    rcpt = [b"RCPT TO:<" + each + b">\r\n" for each in tried]

    def lines(args: Mapping[str, Any]) -> list[bytes]:
        usual = mail(args, b"one\r\n")
        return [*usual[:3], *rcpt, *usual[3:]]

    result = play(text, lines, "ok")
    assert result.verdict is verdict, result.reason
