"""The calls of a recorded session of POP3."""

from __future__ import annotations

import pytest

from conformance.record import trace
from conformance.record.recording import Side
from conformance.test.record.sessions import told, written

LOGIN = ["S: +OK <1.2@a.b>", "C: USER mrose", "S: +OK", "C: PASS secret of mine", "S: +OK"]


def test_values_and_messages_are_those_of_the_session() -> None:
    talk = ["C: STAT", "S: +OK 1 20 more", "C: uidl 1", 'S: +OK 1 12"x', "C: TOP  1 0"]
    talk += ["S: +OK", "S: ..a", "S: b", "S: .", "C: LIST", "S: +OK", "S: 1 20", "S: .", "C: QUIT"]
    text = written(told(*LOGIN, *talk, "S: +OK"))
    assert "R: ok count=1 octets=20\n" in text
    assert 'C: UIDL 1\nS: +OK 1 12"x\nR: ok items=[[1, "12\\"x"]]\n' in text
    assert "A: pop3.top n=1 lines=0\nC: TOP 1 0\n" in text and "R: ok\nD: .a\nD: b\n" in text
    assert "R: ok items=[[1, 20]]\n" in text
    assert "# TOP 1 0 was sent with more blanks.\n" in text


def test_refusals_are_refusals() -> None:
    text = written(
        told("S: +OK", "C: CAPA", "S: -ERR no", "C: USER x", "S: -ERR", "C: QUIT", "S: +OK")
    )
    assert "S: -ERR no\nR: refused\n" in text
    assert "A: pop3.user user=x secret=made-up-secret\n" in text
    assert "S: -ERR\nR: refused|auth-failed\n" in text


def test_what_many_lines_share_is_written_once() -> None:
    body = ["S: same $", *["S: same $"] * 99, "S: .", "C: QUIT", "S: +OK"]
    text = written(told(*LOGIN, "C: RETR 1", "S: +OK", *body))
    assert (
        'S| ${repeat "same $$\\r\\n" 100}\nS: .\nR: ok\nD| ${repeat "same $$\\r\\n" 100}\n' in text
    )


def test_a_pipelined_session_is_told_call_by_call() -> None:
    talk = ["C: STAT", "C: DELE 1", "S: +OK 1 2", "S: +OK", "C: QUIT", "S: +OK"]
    text = written(told(*LOGIN, *talk))
    assert "C: STAT\nS: +OK 1 2\nR: ok count=1 octets=2\n\nA: pop3.dele n=1\nC: DELE 1\n" in text
    assert "# The client sent commands before the replies" in text


@pytest.mark.parametrize(
    ("side", "end"),
    [(Side.CLIENT, "A: pop3.close\n= expect-eof\nR: ok\n"), (Side.SERVER, "R: ok\n\n= close\n")],
)
def test_who_closes_without_a_quit_is_told(side: Side, end: str) -> None:
    assert written(told(*LOGIN, closed=side)).endswith(end)


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (["C: XFOO", "S: -ERR"], "XFOO: there is no such op"),
        (["C: STAT", "S: +OK many"], "STAT: its form is not that of the RFC"),
        (["C: STAT 1", "S: +OK 1 2"], "STAT: the command has an argument"),
        (["C: NOOP"], "the session ends before every command is answered"),
        (["C: NOOP", "S: +OK", "S: +OK"], "the server sends what nobody asked for"),
        (["C: RETR 1", "S: +OK", "S: a"], "a body is not whole"),
        (["C: USER x", "S: +OK", "C: QUIT", "S: +OK"], "USER stands without PASS"),
    ],
)
def test_what_cannot_be_told_as_calls_is_said(talk: list[str], reason: str) -> None:
    text = written(told(*LOGIN, *talk))
    assert f"There are no A: and R: lines, because {reason}." in text.replace("\n# ", " ")
    assert "\nA: " not in text and "secret of mine" not in text and talk[0] in text


def test_the_id_is_that_of_the_protocol() -> None:
    with pytest.raises(trace.CannotWrite, match="speaks POP3, so the id must begin with pop3."):
        trace.text(told(*LOGIN), "smtp.mine", "A session")


def test_apop_rests_on_the_greeting() -> None:
    apop = "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb"
    talk = ["S: +OK <1896.697170952@dbc.mtview.ca.us>", apop, "S: +OK", "C: QUIT", "S: +OK"]
    text = written(told(*talk), b"tanstaaf")
    formula = '${apop "<1896.697170952@dbc.mtview.ca.us>" made-up-secret}'
    assert f"C: APOP mrose {formula}\n" in text and "the right one" not in text
    assert "digest was not the right one" in written(told(*talk), b"another")
    assert "needs a timestamp" in written(told("S: +OK", *talk[1:]))


def test_apop_after_stls_has_a_word_of_warning() -> None:
    greeting = "S: +OK <1896.697170952@dbc.mtview.ca.us>"
    talk = ["C: STLS", "S: +OK", "tls", "C: APOP mrose x", "S: +OK", "C: QUIT", "S: +OK"]
    text = written(told(greeting, *talk))
    assert "S: +OK\n= starttls\nR: ok\n" in text and "which a client may forget" in text
