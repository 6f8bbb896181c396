"""Whatever a client sends, a reactive server answers by its grammar and goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_servers.reactive.inbox import Inbox, next_question
from fake_servers.reactive.maildrop import Maildrop
from fake_servers.reactive.options import Options
from fake_servers.reactive.pop3 import Pop3Session
from fake_servers.reactive.sasl import MECHANISMS
from fake_servers.reactive.session import ServerSession
from fake_servers.reactive.smtp import SmtpSession

OPTIONS = Options(
    users={b"u": b"s"},
    caps=(b"TOP", b"UIDL", b"USER", b"UTF8 USER", b"LANG", b"RESP-CODES", b"SIZE 50", b"DSN")
    + (b"CHUNKING", b"BINARYMIME", b"8BITMIME", b"SMTPUTF8", b"EXPN", b"HELP"),
    sasl=tuple(MECHANISMS),
    tls="starttls",
    iterations=1,
)
LMTP = replace(OPTIONS, lmtp=True, users={})
POP3_REPLY = re.compile(rb"\+OK[ -~]*\r\n(?:(?:.*\r\n)*\.\r\n)?|-ERR [ -~]+\r\n|\+ [ -~]*\r\n")
SMTP_REPLY = re.compile(rb"(?:[2-5]\d\d-[ -~]+\r\n)*[2-5]\d\d [ -~]*\r\n")
LMTP_REPLY = re.compile(rb"(?:%s)+" % SMTP_REPLY.pattern)
DATA_LIMIT = 64

WORDS = st.sampled_from(
    b"USER PASS APOP AUTH PLAIN LOGIN CRAM-MD5 CAPA STAT LIST UIDL RETR TOP DELE NOOP RSET QUIT "
    b"EHLO HELO MAIL RCPT DATA VRFY FROM:<a@b> TO:<c@d> SIZE=9 AUTH=<> u s * = AHUAcw== 1 2 -1 "
    b"STLS STARTTLS UTF8 LANG LHLO BDAT LAST EXPN HELP SCRAM-SHA-1 XOAUTH2 ANONYMOUS EXTERNAL 7 "
    b"BODY=BINARYMIME SMTPUTF8 NOTIFY=NEVER RET=FULL biwsbj11LHI9eA== "
    b"99999999999999999999 . .. < > : \xff \xce\xb1 \0 \r \n".split(b" ")
)
LINES = st.lists(WORDS, max_size=5).map(b" ".join)
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"])
INPUT = st.lists(st.tuples(st.one_of(LINES, st.binary(max_size=300)), ENDS), max_size=30).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def pop3_session() -> ServerSession:
    maildrop = Maildrop([b"A: b\r\n\r\n.\r\n", b""])
    return Pop3Session(OPTIONS, maildrop, lambda _: b"<1@drawn>", lambda _way, _user: None)


def smtp_session(options: Options = OPTIONS) -> ServerSession:
    return SmtpSession(
        options, lambda _: b"<1@drawn>", lambda _way, _user: None, lambda _delivered: None
    )


def lmtp_session() -> ServerSession:
    return smtp_session(LMTP)


def replies(session: ServerSession, octets: bytes) -> list[bytes]:
    """All replies of the server to these octets, one item each."""
    inbox, said = Inbox(), []
    inbox.feed(octets)
    while not session.closing:
        question = next_question(session, inbox, DATA_LIMIT)
        if question is None:
            break
        answer = question()
        if answer is not None:
            session.apply(answer, answer.reply)
            said.append(answer.reply)
    return said


@pytest.mark.parametrize(
    ("open_session", "prefix", "grammar"),
    [
        (pop3_session, b"", POP3_REPLY),
        (pop3_session, b"USER u\r\nPASS s\r\n", POP3_REPLY),
        (smtp_session, b"", SMTP_REPLY),
        (smtp_session, b"EHLO c\r\nAUTH PLAIN AHUAcw==\r\n", SMTP_REPLY),
        (lmtp_session, b"LHLO c\r\n", LMTP_REPLY),
        (lmtp_session, b"LHLO c\r\nMAIL FROM:<a@b>\r\n" + b"RCPT TO:<c@d>\r\n" * 3, LMTP_REPLY),
    ],
    ids=["pop3", "pop3-logged-in", "smtp", "smtp-logged-in", "lmtp", "lmtp-recipients"],
)
@settings(deadline=None)
@given(octets=INPUT)
def test_every_reply_keeps_to_the_grammar(
    open_session: Callable[[], ServerSession],
    prefix: bytes,
    grammar: re.Pattern[bytes],
    octets: bytes,
) -> None:
    for reply in replies(open_session(), prefix + octets):
        assert grammar.fullmatch(reply), reply


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([b"EHLO c", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA", b"RSET", b"."]),
        max_size=20,
    ),
    st.lists(st.sampled_from([b"250 x\r\n", b"354 x\r\n", b"550 x\r\n", b"rubbish"]), min_size=20),
)
def test_whatever_is_said_instead_the_session_goes_on(
    lines: list[bytes], instead: list[bytes]
) -> None:
    session, inbox = smtp_session(), Inbox()
    for line, said in zip(lines, instead):
        inbox.feed(line + b"\r\n")
        question = next_question(session, inbox, DATA_LIMIT)
        if question is not None and (answer := question()) is not None:
            session.apply(answer, said)
    assert not session.closing
