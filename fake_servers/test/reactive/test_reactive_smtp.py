"""The correct SMTP server, command by command, without a wire."""

from __future__ import annotations

import pytest

from fake_servers.reactive.options import Options
from fake_servers.reactive.smtp import RECIPIENT_LIMIT, Delivered, SmtpSession
from fake_servers.test.reactive.conversation import Conversation, drawer

CAPS = (b"SIZE 1000", b"8BITMIME", b"DSN")
OPEN = Options(caps=CAPS)
CLOSED = Options(users={b"test": b"1234"}, caps=CAPS, sasl=(b"PLAIN",))
LOGIN = b"AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ="
MAIL = b"MAIL FROM:<Smith@bar.com>"
RCPT = b"RCPT TO:<Jones@foo.com>"


class Talk(Conversation):
    """A conversation with what was delivered in it."""

    def __init__(self, options: Options = OPEN) -> None:
        self.delivered: list[Delivered] = []
        super().__init__(
            SmtpSession(
                options, drawer(b"<1@drawn>"), lambda _way, _user: None, self.delivered.append
            )
        )


def greeted(options: Options = OPEN) -> Talk:
    talk = Talk(options)
    assert talk.line(b"EHLO bar.com").startswith(b"250")
    return talk


def test_the_session_of_rfc5321_appendix_d1() -> None:
    talk = Talk()
    assert talk.greeting.startswith(b"220 ")
    assert talk.line(b"EHLO bar.com") == (
        b"250-mail.example.org\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 DSN\r\n"
    )
    assert talk.line(MAIL).startswith(b"250 ")
    assert talk.line(RCPT).startswith(b"250 ")
    assert talk.line(b"RCPT TO:<Green@foo.com>", instead=b"550 No such user here\r\n")
    assert talk.line(b"RCPT TO:<Brown@foo.com>").startswith(b"250 ")
    assert talk.line(b"DATA").startswith(b"354 ")
    assert talk.session.reading_data
    assert talk.data(b"Blah blah blah...\r\n..\r\n...etc.\r\n").startswith(b"250 ")
    assert talk.line(b"QUIT").startswith(b"221 ")
    assert talk.session.closing
    assert talk.delivered == [
        Delivered(
            b"Smith@bar.com",
            (b"Jones@foo.com", b"Brown@foo.com"),
            b"Blah blah blah...\r\n.\r\n..etc.\r\n",
            rcpt_parameters=((), ()),
        )
    ]


def test_several_messages_in_a_session() -> None:
    talk = greeted()
    for octets in (b"", b"one\r\n", b"\r\n\r\n"):
        assert talk.lines(MAIL, RCPT, b"DATA").startswith(b"354 ")
        assert talk.data(octets).startswith(b"250 ")
    assert [delivered.octets for delivered in talk.delivered] == [b"", b"one\r\n", b"\r\n\r\n"]


@pytest.mark.parametrize("octets", [b"a\nb\rc\0\xff\r\n", b"x" * 5000 + b"\r\n", b"\n.\n\r\n"])
def test_octets_are_stored_as_they_came(octets: bytes) -> None:
    talk = greeted(Options())
    talk.lines(MAIL, RCPT, b"DATA")
    assert talk.data(octets).startswith(b"250 ")
    assert talk.delivered[0].octets == octets


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((MAIL,), b"503"),
        ((RCPT,), b"503"),
        ((b"DATA",), b"503"),
        ((b"EHLO bar.com", RCPT), b"503"),
        ((b"EHLO bar.com", b"DATA"), b"503"),
        ((b"EHLO bar.com", MAIL, MAIL), b"503"),
        ((b"EHLO bar.com", MAIL, b"DATA"), b"554"),
        ((b"EHLO bar.com", MAIL, RCPT, b"RSET", RCPT), b"503"),
        ((b"EHLO bar.com", MAIL, RCPT, b"EHLO bar.com", b"DATA"), b"503"),
        ((b"EHLO bar.com", MAIL, RCPT, b"DATA now"), b"501"),
        ((b"EHLO",), b"501"),
        ((b"EHLO a b",), b"501"),
        ((b"HELO",), b"501"),
        ((b"RSET now",), b"501"),
        ((b"QUIT now",), b"501"),
        ((b"VRFY",), b"501"),
        ((b"XYZZY",), b"500"),
        ((b"",), b"500"),
        ((b"STARTTLS",), b"502"),
        ((b"EXPN list",), b"252"),
        ((b"BDAT 0 LAST",), b"502"),
        ((b"AUTH PLAIN",), b"502"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> SIZE=2000"), b"552"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> XYZZY=1"), b"555"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> SMTPUTF8"), b"555"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> AUTH=<>"), b"555"),
        ((b"HELO bar.com", b"MAIL FROM:<a@b> SIZE=1"), b"555"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> SIZE=x"), b"501"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> SIZE=1 size=1"), b"501"),
        ((b"EHLO bar.com", b"MAIL FROM:<a@b> BODY=BASE64"), b"501"),
        ((b"EHLO bar.com", MAIL, b"RCPT TO:<a@b> XYZZY"), b"555"),
    ],
)
def test_what_is_refused(lines: tuple[bytes, ...], code: bytes) -> None:
    talk = Talk()
    assert talk.lines(*lines).startswith(code + b" ")
    assert talk.line(b"NOOP").startswith(b"250 ")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"NOOP", b"250"),
        (b"noop with words", b"250"),
        (b"RSET", b"250"),
        (b"VRFY smith", b"252"),
        (b"HELP", b"214"),
        (b"HELP MAIL", b"214"),
        (b"HELO bar.com", b"250"),
        (b"helo [127.0.0.1]", b"250"),
        (b"NOOP   ", b"250"),
        (b"QUIT ", b"221"),
    ],
)
def test_what_is_answered_before_ehlo(line: bytes, code: bytes) -> None:
    assert Talk(Options(caps=(b"HELP",))).line(line).startswith(code + b" ")


@pytest.mark.parametrize(
    "argument",
    [
        b"<>",
        b"<a@b>",
        b"<first.last@example.org>",
        b'<"a b"@example.org>',
        b'<"a\\"b"@example.org>',
        b"<a@[127.0.0.1]>",
        b"<a@[IPv6:::1]>",
        b"<@relay.example,@other.example:a@b.example>",
        b"<a+b=c@example.org>",
        b"<a@b> BODY=8BITMIME SIZE=10",
        b"<a@b> body=7bit RET=HDRS ENVID=QQ314159",
    ],
)
def test_reverse_paths_that_are_right(argument: bytes) -> None:
    assert greeted().line(b"Mail From:" + argument).startswith(b"250 ")


@pytest.mark.parametrize(
    "line", [b"MAIL FROM: <a@b>", b"MAIL  FROM:<a@b>", b"MAIL FROM:<a@b>  SIZE=1"]
)
def test_a_blank_too_many_is_left_to_the_monitors(line: bytes) -> None:
    assert greeted().line(line).startswith(b"250 ")


@pytest.mark.parametrize(
    "argument",
    [
        b"",
        b"a@b",
        b"<a>",
        b"<a@>",
        b"<@b>",
        b"<a b@c>",
        b"<a..b@c>",
        b"<a@b",
        b"<a@b>x",
        b"<a@-b>",
        b"<a@b> =1",
        b"<" + b"a" * 65 + b"@b>",
        b"<a@" + b"b" * 256 + b">",
    ],
)
def test_reverse_paths_that_break_the_grammar(argument: bytes) -> None:
    assert greeted().line(b"MAIL FROM:" + argument).startswith(b"501 ")


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        (b"<Postmaster>", b"250"),
        (b"<postMASTER>", b"250"),
        (b"<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b", b"250"),
        (b"<>", b"501"),
        (b"<someone>", b"501"),
    ],
)
def test_forward_paths(argument: bytes, code: bytes) -> None:
    assert greeted().lines(MAIL, b"RCPT TO:" + argument).startswith(code + b" ")


def test_paths_and_parameters_are_delivered_as_they_were_given() -> None:
    talk = greeted()
    talk.lines(b"MAIL FROM:<> size=10", b"RCPT TO:<@r:A.b@C> notify=NEVER", b"DATA")
    talk.data(b"x\r\n")
    assert talk.delivered == [
        Delivered(b"", (b"A.b@C",), b"x\r\n", ((b"SIZE", b"10"),), (((b"NOTIFY", b"NEVER"),),))
    ]


def test_a_hundred_recipients_are_taken_and_a_limit_is_452() -> None:
    talk = greeted()
    talk.line(MAIL)
    for _ in range(RECIPIENT_LIMIT):
        assert talk.line(RCPT).startswith(b"250 ")
    assert RECIPIENT_LIMIT >= 100
    assert talk.line(RCPT).startswith(b"452 ")


def test_a_message_above_the_announced_size_is_not_delivered() -> None:
    talk = greeted()
    talk.lines(MAIL, RCPT, b"DATA")
    assert talk.data(b"x" * 999 + b"\r\n").startswith(b"552 ")
    assert talk.delivered == []
    assert talk.lines(MAIL, RCPT, b"DATA").startswith(b"354 ")
    assert talk.data(b"x" * 998 + b"\r\n").startswith(b"250 ")


def test_where_there_are_users_mail_needs_a_login() -> None:
    talk = greeted(CLOSED)
    assert talk.line(MAIL).startswith(b"530 ")
    assert talk.line(LOGIN).startswith(b"235 ")
    assert talk.line(MAIL).startswith(b"250 ")


@pytest.mark.parametrize("parameter", [b"AUTH=<>", b"auth=e+3Dmc2@example.com"])
def test_the_auth_parameter_where_auth_is_offered(parameter: bytes) -> None:
    talk = greeted(CLOSED)
    assert talk.lines(LOGIN, MAIL + b" " + parameter).startswith(b"250 ")


@pytest.mark.parametrize("parameter", [b"AUTH=a=b", b"AUTH=a+b", b"AUTH=a+3d", b"AUTH"])
def test_an_auth_parameter_that_is_not_xtext(parameter: bytes) -> None:
    talk = greeted(CLOSED)
    assert talk.lines(LOGIN, MAIL + b" " + parameter).startswith(b"501 ")


@pytest.mark.parametrize("lines", [(), (b"HELO bar.com",), (b"EHLO bar.com", LOGIN, MAIL)])
def test_auth_at_the_wrong_time(lines: tuple[bytes, ...]) -> None:
    assert Talk(CLOSED).lines(*lines, LOGIN).startswith(b"503 ")


def test_helo_offers_nothing() -> None:
    assert Talk(CLOSED).line(b"HELO bar.com") == b"250 mail.example.org\r\n"


def test_enhanced_codes_only_where_they_are_announced() -> None:
    talk = greeted(Options(caps=(b"ENHANCEDSTATUSCODES",)))
    assert talk.line(MAIL).startswith(b"250 2.1.0 ")
    assert talk.lines(RCPT, b"DATA").startswith(b"354 ")
    assert b"2.1.0" not in greeted().line(MAIL)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"NOOP\n", b"500"),
        (b"NOOP\r\r\n", b"501"),
        (b"MAIL FROM:<a\0@b>\r\n", b"501"),
        (b"NO\tOP\r\n", b"501"),
        (b"VRFY \xc3\xa9\r\n", b"501"),
    ],
)
def test_lines_that_are_no_lines(line: bytes, code: bytes) -> None:
    talk = greeted()
    assert talk.raw(line).startswith(code + b" ")
    assert talk.line(b"NOOP").startswith(b"250 ")


def test_lines_that_are_too_long() -> None:
    talk = greeted()
    assert talk.line(b"NOOP " + b"x" * 2048).startswith(b"500 ")
    assert talk.session.line_too_long().reply.startswith(b"500 ")


def test_after_a_refused_greeting_only_quit_is_left() -> None:
    talk = Talk()
    talk.session.apply(talk.session.greeting(), b"554 no\r\n")
    assert talk.line(b"EHLO bar.com").startswith(b"503 ")
    assert talk.line(b"QUIT").startswith(b"221 ")


@pytest.mark.parametrize("line", [b"EHLO bar.com", MAIL, b"NOOP", LOGIN])
def test_421_ends_the_session_anywhere(line: bytes) -> None:
    talk = Talk()
    talk.line(line, instead=b"421 shutting down\r\n")
    assert talk.session.closing


def test_a_dot_that_is_made_to_fail_delivers_nothing() -> None:
    talk = greeted()
    talk.lines(MAIL, RCPT, b"DATA")
    talk.data(b"x\r\n", instead=b"451 later\r\n")
    assert talk.delivered == []
    assert not talk.session.reading_data
    assert talk.line(MAIL).startswith(b"250 ")


def test_a_refused_ehlo_changes_nothing() -> None:
    talk = Talk()
    talk.line(b"EHLO bar.com", instead=b"502 no\r\n")
    assert talk.line(MAIL).startswith(b"503 ")
    assert talk.lines(b"HELO bar.com", MAIL).startswith(b"250 ")


def test_a_refused_mail_and_rcpt_count_as_not_sent() -> None:
    talk = greeted()
    talk.line(MAIL, instead=b"451 no\r\n")
    assert talk.line(RCPT).startswith(b"503 ")
    talk.line(MAIL)
    talk.line(RCPT, instead=b"550 no\r\n")
    assert talk.line(b"DATA").startswith(b"554 ")


def test_a_refused_data_leaves_the_recipients() -> None:
    talk = greeted()
    talk.lines(MAIL, RCPT)
    talk.line(b"DATA", instead=b"451 no\r\n")
    assert not talk.session.reading_data
    assert talk.line(b"DATA").startswith(b"354 ")
