"""The calls of a recorded session of SMTP or LMTP."""

from __future__ import annotations

import pytest

from conformance.test.record.sessions import told, written

READY = ["S: 220 a.example", "C: EHLO b.example", "S: 250-a.example", "S: 250 8BITMIME"]
MAIL = ["C: MAIL FROM:<a@b>", "S: 250 ok", "C: RCPT TO:<c@d>", "S: 250 ok", "C: DATA", "S: 354 go"]
QUIT = ["C: QUIT", "S: 221 bye"]


def test_the_envelope_is_in_its_usual_form() -> None:
    talk = [
        "C: mail from: <a@b> BODY=8BITMIME size=9",
        "S: 250 ok",
        "C: rcpt to:<c@d>",
        "S: 550 no",
    ]
    text = written(told(*READY, *talk, *QUIT))
    assert "A: smtp.mail from=a@b params=[BODY=8BITMIME, size=9]\n" in text
    assert "C: MAIL FROM:<a@b> BODY=8BITMIME size=9\n" in text
    assert "# MAIL was sent as 'mail from: <a@b> BODY=8BITMIME size=9'.\n" in text
    assert "A: smtp.rcpt to=c@d\nC: RCPT TO:<c@d>\nS: 550 no\nR: refused code=550\n" in text


def test_the_message_is_handed_over_and_sent() -> None:
    text = written(told(*READY, *MAIL, "C: ..a", "C: b ", "C: .", "S: 250 ok", *QUIT))
    assert "A: smtp.data\nD: .a\nD| b \\r\\n\nC: DATA\nS: 354 go\n" in text
    assert "C: ..a\nC| b \\r\\n\nC: .\nS: 250 ok\nR: ok\n" in text


def test_an_empty_message_and_a_refused_one() -> None:
    text = written(told(*READY, *MAIL, "C: .", "S: 554 no", *QUIT))
    assert "A: smtp.data\nD|\nC: DATA\nS: 354 go\nC: .\nS: 554 no\nR: refused code=554\n" in text
    text = written(told(*READY, *MAIL[:-1], "S: 503 no", *QUIT))
    assert "A: smtp.data\nD: made up\nC: DATA\nS: 503 no\nR: refused code=503\n" in text


def test_helo_behind_a_refused_ehlo_is_one_call() -> None:
    talk = ["S: 220 a", "C: EHLO b.example", "S: 502 no", "C: HELO b.example", "S: 250 a", *QUIT]
    text = written(told(*talk))
    assert "A: smtp.ehlo name=b.example\nC: EHLO b.example\nS: 502 no\nC: HELO b.example\n" in text
    assert "because EHLO was refused" in written(told(*talk[:3], *QUIT))


def test_chunks_are_one_call() -> None:
    talk = [*MAIL[:-2], "C: BDAT 4", "C: ab", "S: 250 ok", "C: BDAT 3 LAST", "C: c", "S: 250 ok"]
    text = written(told(*READY[:-1], "S: 250 CHUNKING", *talk, *QUIT))
    assert "A: smtp.bdat chunk=4\nD: ab\nD: c\nC: BDAT 4\nC| ab\\r\\n\nS: 250 ok\n" in text
    assert "needs:   smtp smtp.chunking\n" in text


def test_lmtp_answers_each_recipient() -> None:
    talk = ["S: 220 a", "C: LHLO b.example", "S: 250 a", *MAIL[:4], *MAIL[2:]]
    text = written(told(*talk, "C: x", "C: .", "S: 250 ok", "S: 450 later", *QUIT))
    assert "A: smtp.connect lmtp=true\n" in text
    assert "S: 250 ok\nS: 450 later\nR: ok|refused\n" in text


def test_a_server_that_leaves_is_no_refusal_alone() -> None:
    text = written(told(*READY, "C: NOOP", "S: 421 bye"))
    assert "C: NOOP\nS: 421 bye\nR: refused|io-error\n\n= close\n" in text


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ([*MAIL, "C: a\rb", "C: .", "S: 250 ok"], "the message has a bare CR or LF"),
        ([*MAIL, "C: \xe4", "C: .", "S: 250 ok"], "MAIL has no BODY=8BITMIME"),
        (["C: MAIL FROM:a@b", "S: 250 ok"], "the path of MAIL has no brackets"),
        (["C: ETRN x", "S: 250 ok"], "ETRN: there is no such op"),
        (["C: NOOP", "S: 350 odd"], "the reply to NOOP is neither a success nor a refusal"),
        (["C: ", "S: 500 what"], "an empty command: there is no such op"),
        (["C: VRFY \x01", "S: 252 ok"], "VRFY: a command has octets that are no printable ASCII"),
    ],
)
def test_what_cannot_be_told_as_calls_is_said(talk: list[str], reason: str) -> None:
    text = written(told(*READY, *talk, *QUIT))
    assert reason in text.replace("\n# ", " ") and "\nA: " not in text
