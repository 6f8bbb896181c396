"""The correct POP3 server, command by command, without a wire."""

from __future__ import annotations

import pytest

from fake_servers.reactive.maildrop import Maildrop
from fake_servers.reactive.options import Options
from fake_servers.reactive.pop3 import Pop3Session
from fake_servers.test.reactive.conversation import Conversation, drawer

TIMESTAMP = b"<1896.697170952@dbc.mtview.ca.us>"
APOP = b"APOP mrose c4c9334bac560ecc979e58001b3e22fb"
MESSAGES = (b"Subject: one\r\n\r\n.dot\r\n..\r\nlast\r\n", b"Subject: two\r\n\r\nbody\r\n")
OPTIONS = Options(
    users={b"mrose": b"tanstaaf", b"tim": b"a b "},
    caps=(b"TOP", b"UIDL", b"USER", b"EXPIRE 60"),
)


class Talk(Conversation):
    """A conversation with its maildrop and its logins."""

    def __init__(self, options: Options = OPTIONS, messages: tuple[bytes, ...] = MESSAGES) -> None:
        self.maildrop = Maildrop(messages)
        self.logins: list[tuple[str, bytes]] = []
        super().__init__(
            Pop3Session(
                options,
                self.maildrop,
                drawer(TIMESTAMP),
                lambda way, user: self.logins.append((way, user)),
            )
        )


def entered() -> Talk:
    talk = Talk()
    assert talk.line(APOP).startswith(b"+OK")
    return talk


def test_the_session_of_rfc1939_section_10() -> None:
    messages = (b"a" * 118 + b"\r\n", b"b" * 198 + b"\r\n")
    talk = Talk(messages=messages)
    assert talk.greeting.endswith(b" " + TIMESTAMP + b"\r\n")
    assert talk.line(APOP).startswith(b"+OK ")
    assert talk.line(b"STAT") == b"+OK 2 320\r\n"
    assert talk.line(b"LIST") == b"+OK\r\n1 120\r\n2 200\r\n.\r\n"
    assert talk.line(b"RETR 1") == b"+OK\r\n" + messages[0] + b".\r\n"
    assert talk.line(b"DELE 1").startswith(b"+OK ")
    assert talk.line(b"RETR 2") == b"+OK\r\n" + messages[1] + b".\r\n"
    assert talk.line(b"DELE 2").startswith(b"+OK ")
    assert talk.line(b"QUIT").startswith(b"+OK ")
    assert talk.session.closing
    assert talk.maildrop.messages == []
    assert talk.logins == [("APOP", b"mrose")]


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"STAT", b"+OK 2 %d\r\n" % sum(map(len, MESSAGES))),
        (b"stat", b"+OK 2 %d\r\n" % sum(map(len, MESSAGES))),
        (b"STAT ", b"+OK 2 %d\r\n" % sum(map(len, MESSAGES))),  # a monitor judges the blank
        (b"LIST 2", b"+OK 2 %d\r\n" % len(MESSAGES[1])),
        (b"RETR 1", b"+OK\r\nSubject: one\r\n\r\n..dot\r\n...\r\nlast\r\n.\r\n"),
        (b"TOP 1 0", b"+OK\r\nSubject: one\r\n\r\n.\r\n"),
        (b"TOP 1 2", b"+OK\r\nSubject: one\r\n\r\n..dot\r\n...\r\n.\r\n"),
        (b"TOP 1 99", b"+OK\r\nSubject: one\r\n\r\n..dot\r\n...\r\nlast\r\n.\r\n"),
        (b"NOOP", b"+OK\r\n"),
        (b"CAPA", b"+OK\r\nTOP\r\nUIDL\r\nUSER\r\nEXPIRE 60\r\n.\r\n"),
    ],
)
def test_right_answers_in_transaction(line: bytes, reply: bytes) -> None:
    assert entered().line(line) == reply


@pytest.mark.parametrize(
    "line",
    [
        b"STAT 1",
        b"LIST 0",
        b"LIST 3",
        b"LIST one",
        b"LIST 1 2",
        b"LIST -1",
        b"LIST 99999999999999999999",
        b"UIDL 3",
        b"RETR",
        b"RETR ",
        b"RETR  1",
        b"RETR 3",
        b"TOP 1",
        b"TOP 3 1",
        b"TOP 1 x",
        b"DELE",
        b"DELE 3",
        b"NOOP 1",
        b"QUIT now",
        b"USER mrose",
        b"PASS tanstaaf",
        APOP,
        b"AUTH PLAIN",
        b"XYZZY",
        b"",
        b" STAT",
    ],
)
def test_refused_in_transaction(line: bytes) -> None:
    talk = entered()
    assert talk.line(line).startswith(b"-ERR ")
    assert talk.line(b"NOOP") == b"+OK\r\n"


@pytest.mark.parametrize(
    "line", [b"STAT", b"LIST", b"UIDL", b"RETR 1", b"TOP 1 1", b"DELE 1", b"NOOP", b"RSET"]
)
def test_refused_before_login(line: bytes) -> None:
    assert Talk().line(line).startswith(b"-ERR ")


def test_unique_ids_are_legal_unique_and_last() -> None:
    talk = entered()
    listed = talk.line(b"UIDL").removeprefix(b"+OK\r\n").removesuffix(b".\r\n").split(b"\r\n")
    uids = [line.split(b" ")[1] for line in listed if line]
    assert len(set(uids)) == 2
    assert all(1 <= len(uid) <= 70 and uid.isalnum() for uid in uids)
    assert talk.line(b"UIDL 2") == b"+OK 2 " + uids[1] + b"\r\n"
    assert [message.uid for message in Maildrop(MESSAGES).messages] == uids


def test_equal_messages_have_different_unique_ids() -> None:
    first, second = Maildrop([b"x\r\n", b"x\r\n"]).messages
    assert first.uid != second.uid


def test_a_deleted_message_is_gone_for_the_session() -> None:
    talk = entered()
    assert talk.line(b"DELE 1").startswith(b"+OK")
    for line in (b"DELE 1", b"RETR 1", b"LIST 1", b"UIDL 1", b"TOP 1 1"):
        assert talk.line(line).startswith(b"-ERR ")
    assert talk.line(b"STAT") == b"+OK 1 %d\r\n" % len(MESSAGES[1])
    assert talk.line(b"LIST") == b"+OK\r\n2 %d\r\n.\r\n" % len(MESSAGES[1])


def test_rset_brings_deleted_messages_back() -> None:
    talk = entered()
    assert talk.lines(b"DELE 1", b"RSET").startswith(b"+OK")
    assert talk.line(b"LIST 1").startswith(b"+OK")
    talk.line(b"QUIT")
    assert len(talk.maildrop.messages) == 2


def test_only_quit_in_transaction_removes_anything() -> None:
    talk = entered()
    talk.line(b"DELE 1")
    assert len(talk.maildrop.messages) == 2
    talk.line(b"QUIT")
    assert [message.octets for message in talk.maildrop.messages] == [MESSAGES[1]]


def test_quit_before_login() -> None:
    talk = Talk()
    assert talk.line(b"QUIT").startswith(b"+OK")
    assert talk.session.closing
    assert len(talk.maildrop.messages) == 2


def test_a_quit_that_is_made_to_fail_removes_nothing() -> None:
    talk = entered()
    talk.line(b"DELE 1")
    talk.line(b"QUIT", instead=b"-ERR some deleted messages not removed\r\n")
    assert talk.session.closing
    assert len(talk.maildrop.messages) == 2


def test_user_and_pass() -> None:
    talk = Talk()
    assert talk.lines(b"uSeR mrose", b"PaSs tanstaaf").startswith(b"+OK")
    assert talk.logins == [("USER", b"mrose")]


def test_pass_takes_blanks_as_part_of_the_secret() -> None:
    assert Talk().lines(b"USER tim", b"PASS a b ").startswith(b"+OK")


@pytest.mark.parametrize(
    "lines",
    [
        (b"PASS tanstaaf",),
        (b"USER mrose", b"PASS wrong"),
        (b"USER mrose", b"PASS"),
        (b"USER nobody", b"PASS tanstaaf"),
        (b"USER mrose", b"NOOP", b"PASS tanstaaf"),
        (b"USER mrose", b"PASS wrong", b"PASS tanstaaf"),
        (b"USER",),
    ],
)
def test_logins_that_are_refused(lines: tuple[bytes, ...]) -> None:
    talk = Talk()
    assert talk.lines(*lines).startswith(b"-ERR ")
    assert talk.line(b"STAT").startswith(b"-ERR ")
    assert talk.logins == []
    assert talk.lines(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK")


@pytest.mark.parametrize(
    "line",
    [
        b"APOP mrose",
        b"APOP mrose C4C9334BAC560ECC979E58001B3E22FB",
        b"APOP mrose c4c9334bac560ecc979e58001b3e22fc",
        b"APOP nobody c4c9334bac560ecc979e58001b3e22fb",
    ],
)
def test_apop_that_is_refused(line: bytes) -> None:
    talk = Talk()
    assert talk.line(line).startswith(b"-ERR ")
    assert talk.line(APOP).startswith(b"+OK")


def test_without_apop_the_greeting_has_no_timestamp_and_apop_fails() -> None:
    talk = Talk(Options(users=OPTIONS.users, apop=False))
    assert b"<" not in talk.greeting
    assert talk.line(APOP).startswith(b"-ERR ")


def test_apop_follows_the_timestamp_that_was_really_sent() -> None:
    session = Pop3Session(OPTIONS, Maildrop(()), drawer(b"<1.1@drawn>"), lambda *_: None)
    session.apply(session.greeting(), b"+OK other words " + TIMESTAMP + b"\r\n")
    answer = session.line(APOP + b"\r\n")
    assert answer.reply.startswith(b"+OK")


@pytest.mark.parametrize("line", [b"TOP 1 1", b"UIDL"])
def test_what_is_not_offered_is_not_there(line: bytes) -> None:
    talk = Talk(Options(users=OPTIONS.users))
    assert talk.line(APOP).startswith(b"+OK")
    assert talk.line(line).startswith(b"-ERR ")


def test_user_that_is_not_offered_is_not_there() -> None:
    assert Talk(Options(users=OPTIONS.users)).line(b"USER mrose").startswith(b"-ERR ")


@pytest.mark.parametrize(
    "line",
    [b"STAT\n", b"STAT\r\r\n", b"ST\0AT\r\n", b"STAT\t\r\n", b"RETR \xe9\r\n", b"\n", b"\x7f\r\n"],
)
def test_lines_that_are_no_lines(line: bytes) -> None:
    talk = entered()
    assert talk.raw(line).startswith(b"-ERR ")
    assert talk.line(b"NOOP") == b"+OK\r\n"


def test_a_line_that_is_too_long() -> None:
    answer = entered().session.line_too_long()
    assert answer.reply.startswith(b"-ERR ")


def test_an_empty_maildrop_and_an_empty_message() -> None:
    talk = Talk(messages=())
    assert talk.lines(APOP, b"STAT") == b"+OK 0 0\r\n"
    assert talk.line(b"LIST") == b"+OK\r\n.\r\n"
    talk = Talk(messages=(b"",))
    assert talk.lines(APOP, b"RETR 1") == b"+OK\r\n.\r\n"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (b"no blank line\r\n", b"no blank line\r\n"),
        (b"\r\nbody\r\nmore\r\n", b"\r\nbody\r\n"),
        (b"A: b\r\n\r\n", b"A: b\r\n\r\n"),
        (b"A: b\r\n\r\nno end", b"A: b\r\n\r\nno end\r\n"),
    ],
)
def test_top_of_odd_messages(message: bytes, shown: bytes) -> None:
    talk = Talk(messages=(message,))
    assert talk.lines(APOP, b"TOP 1 1") == b"+OK\r\n" + shown + b".\r\n"


@pytest.mark.parametrize(
    ("lines", "instead"),
    [
        ((APOP,), b"-ERR [IN-USE] busy\r\n"),
        ((b"USER mrose", b"PASS tanstaaf"), b"-ERR [AUTH] no\r\n"),
    ],
)
def test_a_login_that_is_made_to_fail_leaves_the_session_outside(
    lines: tuple[bytes, ...], instead: bytes
) -> None:
    talk = Talk()
    for line in lines[:-1]:
        talk.line(line)
    talk.line(lines[-1], instead=instead)
    assert talk.line(b"STAT").startswith(b"-ERR ")
    assert talk.logins == []


def test_a_delete_that_is_made_to_fail_marks_nothing() -> None:
    talk = entered()
    talk.line(b"DELE 1", instead=b"-ERR no\r\n")
    assert talk.line(b"LIST 1").startswith(b"+OK")
