"""The reactive SMTP server keeps what RFC 5321 demands of servers, seen by raw sockets."""

from __future__ import annotations

import re
import time

import pytest

from fake_servers.test.reactive.peer import Peer, hello, house, proves, smtp

EHLO = b"EHLO client.example.org"
MAIL = b"MAIL FROM:<smith@bar.example>"
RCPT = b"RCPT TO:<jones@foo.example>"
REPLY = re.compile(
    rb"([2-5]\d\d)-[^\r\n]*\r\n(?:\1-[^\r\n]*\r\n)*\1 [^\r\n]+\r\n|[2-5]\d\d [^\r\n]+\r\n"
)

CODES: dict[bytes, set[bytes]] = {
    b"EHLO": {b"250", b"504", b"550", b"502", b"501"},
    b"MAIL": {b"250", b"552", b"451", b"452", b"550", b"553", b"503", b"455", b"555", b"501"},
    b"RCPT": {b"250", b"251", b"550", b"551", b"552", b"553", b"450", b"451", b"452", b"503"}
    | {b"455", b"555", b"501"},
    b"DATA": {b"354", b"503", b"554", b"501"},
    b"RSET": {b"250", b"501"},
    b"VRFY": {b"250", b"251", b"252", b"550", b"551", b"553", b"502", b"504", b"501"},
    b"EXPN": {b"250", b"252", b"550", b"500", b"502", b"504", b"501"},
    b"HELP": {b"211", b"214", b"502", b"504"},
    b"NOOP": {b"250"},
    b"QUIT": {b"221", b"501"},
}
"""The codes of section 4.3.2 that this server may give, with 501 of section 4.2.4."""

WRONG = (
    b"EHLO",
    b"MAIL",
    b"MAIL FROM:smith@bar.example",
    b"MAIL FROM:<a@b> COLOUR=red",
    b"RCPT TO:<>",
    b"RCPT TO:<a b@c>",
    b"RCPT",
    b"DATA now",
    b"RSET now",
    b"VRFY",
    b"EXPN",
    b"HELP",
    b"NOOP now",
    b"QUIT now",
)


def code(reply: bytes) -> int:
    return int(reply[:3])


def deliver(peer: Peer, data: bytes) -> bytes:
    """Send a message as it is on the wire; gives the reply to the final dot."""
    assert code(peer.ask(MAIL, RCPT, b"DATA")) == 354
    peer.send(data)
    return peer.reply()


@proves("RFC5321-2.2.1-EHLO-02", "RFC5321-2.2.1-HELO-02", "RFC5321-3.2-HELO-02")
def test_ehlo_and_helo() -> None:
    with smtp("caps=[SIZE]") as peer:
        assert peer.ask(b"HELO client.example.org") == b"250 mail.example.org\r\n"
        assert peer.ask(EHLO) == b"250-mail.example.org\r\n250 SIZE\r\n"


@proves("RFC5321-4.1.1.1-EHLO-08")
def test_the_domain_comes_first_then_a_keyword_a_line() -> None:
    with smtp('caps=["SIZE 1000", 8BITMIME] sasl=[PLAIN, LOGIN]') as peer:
        assert peer.ask(EHLO).split(b"\r\n") == [
            b"250-mail.example.org",
            b"250-SIZE 1000",
            b"250-8BITMIME",
            b"250 AUTH PLAIN LOGIN",
            b"",
        ]


@proves("RFC5321-4.1.1.1-EHLO-09", "RFC5321-4.2.4-502-01")
@pytest.mark.parametrize(
    "line, expected",
    [
        (b"HELP", 502),
        (b"BDAT 0 LAST", 502),
        (b"STARTTLS", 502),
        (b"AUTH PLAIN", 502),
        (b"TURN", 502),
        (b"SEND FROM:<a@b>", 502),
        (b"XYZZY", 500),
        (b"", 500),
        (b"MAIL FROM:<a@b> SIZE=1", 555),
        (b"MAIL FROM:<a@b> BODY=8BITMIME", 555),
        (b"MAIL FROM:<a@b> SMTPUTF8", 555),
        (b"MAIL FROM:<a@b> RET=FULL", 555),
        (b"MAIL FROM:<a@b> AUTH=<>", 555),
    ],
)
def test_what_is_not_announced_is_not_there(line: bytes, expected: int) -> None:
    with hello() as peer:
        assert code(peer.ask(line)) == expected


@proves("RFC5321-4.2.4-CAP-01", "RFC5321-4.5.1-MIN-01")
@pytest.mark.parametrize(
    "lines, expected",
    [
        ([EHLO], 250),
        ([b"HELO c"], 250),
        ([MAIL], 250),
        ([MAIL, RCPT], 250),
        ([MAIL, RCPT, b"DATA"], 354),
        ([MAIL, RCPT, b"BDAT 0"], 250),
        ([b"NOOP"], 250),
        ([b"RSET"], 250),
        ([b"VRFY a"], 252),
        ([b"HELP"], 214),
        ([b"EXPN a"], 252),
        ([b"STARTTLS"], 220),
        ([b"AUTH PLAIN"], 334),
        ([b"QUIT"], 221),
    ],
)
def test_what_is_announced_is_there(lines: list[bytes], expected: int) -> None:
    with hello("caps=[HELP, EXPN, CHUNKING] sasl=[PLAIN] tls=starttls") as peer:
        assert code(peer.ask(*lines)) == expected


@proves("RFC5321-2.3.5-POSTMASTER-01")
@pytest.mark.parametrize("who", [b"<Postmaster>", b"<postmaster>", b"<POSTMASTER@bar.example>"])
def test_postmaster_is_known_without_a_domain(who: bytes) -> None:
    with hello() as peer:
        assert code(peer.ask(MAIL, b"RCPT TO:" + who)) == 250


@proves("RFC5321-2.4-CASE-02")
def test_verbs_and_keywords_of_any_case() -> None:
    with smtp("caps=[8BITMIME]") as peer:
        said = peer.ask(b"ehlo c", b"Mail From:<a@b> body=8bitmime", b"rcpt to:<c@d>", b"DaTa")
        assert code(said) == 354


@proves("RFC5321-3.1-GREET-02")
def test_after_a_refused_greeting_only_quit_is_left() -> None:
    with house("smtp", "caps=[]", 'on CONNECT#1: reply "554 no service"\n') as made:
        peer = made.peer(b"554 ")
        assert code(peer.ask(EHLO)) == 503
        assert code(peer.ask(MAIL)) == 503
        assert code(peer.ask(b"QUIT")) == 221
        assert peer.ended()


@proves("RFC5321-4.2-GREET-02")
def test_the_greeting_names_the_server_first() -> None:
    with house("smtp", "caps=[]") as made:
        made.peer(b"220 mail.example.org ")
    with house("smtp", "caps=[] lmtp=yes") as made:
        made.peer(b"220 mail.example.org ")


@proves("RFC5321-3.3-RCPT-02", "RFC5321-4.1.4-SEQ-01")
def test_commands_out_of_order_change_nothing() -> None:
    with smtp() as peer:
        assert code(peer.ask(MAIL)) == 503
        assert code(peer.ask(EHLO, RCPT)) == 503
        assert code(peer.ask(b"DATA")) == 503
        assert code(peer.ask(MAIL)) == 250
        assert code(peer.ask(MAIL)) == 503
        assert code(peer.ask(b"DATA")) in (503, 554)
        assert code(peer.ask(RCPT, b"DATA")) == 354


@proves("RFC5321-3.3-CODE-01", "RFC6409-5.1-501-01")
@pytest.mark.parametrize(
    "line, expected",
    [
        (b"MAIL FROM:smith@bar.example", 501),
        (b"MAIL FROM:<smith>", 501),
        (b"MAIL FROM:<smith@>", 501),
        (b"MAIL FROM:<smith@bar.example> SIZE=2000", 552),
        (b"MAIL FROM:<smith@bar.example> COLOUR=red", 555),
    ],
)
def test_a_refused_mail_says_for_how_long(line: bytes, expected: int) -> None:
    with hello('caps=["SIZE 1000"]') as peer:
        assert code(peer.ask(line)) == expected


@proves("RFC5321-3.4-251-01")
def test_251_and_551_are_replies_like_others() -> None:
    body = 'on RCPT#1: reply "251 forwarded"\non RCPT#2: reply "551 not here"\n'
    with house("smtp", "caps=[]", body) as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL)
        assert code(peer.ask(b"RCPT TO:<one@x.example>")) == 251
        assert code(peer.ask(b"RCPT TO:<two@x.example>")) == 551
        assert code(peer.ask(b"DATA")) == 354
        peer.send(b"x\r\n.\r\n")
        assert code(peer.reply()) == 250
        assert made.server.delivered[0].rcpt_to == (b"one@x.example",)


@proves("RFC5321-3.5.3-VRFY-02", "RFC5321-7.3-VRFY-01")
def test_nothing_is_verified_and_lists_are_not_shown() -> None:
    with hello("caps=[EXPN]") as peer:
        assert code(peer.ask(b"VRFY smith")) == 252
        assert code(peer.ask(b"EXPN friends")) == 252


def test_lists_are_shown_where_there_are_any() -> None:
    with hello("caps=[EXPN] lists=[[Friends, a@x.example, b@x.example]]") as peer:
        assert peer.ask(b"EXPN friends") == b"250-<a@x.example>\r\n250 <b@x.example>\r\n"
        assert code(peer.ask(b"EXPN foes")) == 550


@proves("RFC5321-3.8-CLOSE-02", "RFC5321-4.2-REPLY-01")
def test_the_connection_stays_and_each_line_has_one_reply() -> None:
    with hello() as peer:
        for line in WRONG[:-1]:
            assert REPLY.fullmatch(peer.ask(line))
        assert peer.heard_within(0.05) == b""
        assert code(peer.ask(b"NOOP")) == 250


@proves("RFC5321-4.1.1-WS-01")
@pytest.mark.parametrize("line", [EHLO, b"HELO c", b"NOOP", b"RSET", MAIL, b"VRFY a", b"QUIT"])
def test_blanks_at_the_end_are_borne(line: bytes) -> None:
    with hello() as peer:
        assert 200 <= code(peer.ask(line + b"  ")) <= 299


@proves("RFC5321-4.1.1-PARAM-02")
@pytest.mark.parametrize("line", [b"RSET now", b"QUIT now", b"DATA now"])
def test_arguments_where_none_belong(line: bytes) -> None:
    with hello() as peer:
        assert code(peer.ask(MAIL, RCPT, line)) == 501
        assert code(peer.ask(b"NOOP")) == 250


@proves("RFC5321-4.1.1.4-EOD-03", "RFC5321-4.1.1.4-LF-01")
@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"])
def test_nothing_but_crlf_dot_crlf_ends_the_data(end: bytes) -> None:
    with house("smtp", "caps=[]") as made:
        peer = made.peer()
        peer.ask(EHLO)
        peer_data = b"one" + end + b"MAIL FROM:<x@y>\r\n.\r\n"
        assert code(deliver(peer, peer_data)) == 250
        unstuffed = (b"one" + end).replace(b"\r\n.", b"\r\n")
        assert made.server.delivered[0].octets == unstuffed + b"MAIL FROM:<x@y>\r\n"
        assert peer.heard_within(0.05) == b""


@pytest.mark.parametrize("line", [b"NOOP\n", b"EHLO c\n"])
@proves("RFC5321-4.1.1.4-LF-01")
def test_a_bare_lf_ends_no_command(line: bytes) -> None:
    with smtp() as peer:
        peer.send(line)
        assert code(peer.reply()) == 500


@proves("RFC5321-4.1.1.4-EOD-04", "RFC5321-6.1-DUP-01")
@pytest.mark.parametrize("bent, expected", [("", 250), ('on DOT#1: reply "451 later"\n', 451)])
def test_the_final_dot_has_one_reply_at_once(bent: str, expected: int) -> None:
    with hello("caps=[]", bent) as peer:
        begin = time.monotonic()
        assert code(deliver(peer, b"x\r\n" * 10000 + b".\r\n")) == expected
        assert time.monotonic() - begin < 5
        assert peer.heard_within(0.05) == b""


@proves("RFC5321-4.2.5-EOD-04")
@pytest.mark.parametrize("reply", ["451 later", "554 never"])
def test_a_refused_message_is_not_delivered(reply: str) -> None:
    with house("smtp", "caps=[]", f'on DOT#1: reply "{reply}"\n') as made:
        peer = made.peer()
        peer.ask(EHLO)
        deliver(peer, b"x\r\n.\r\n")
        assert made.server.delivered == []
        assert code(deliver(peer, b"y\r\n.\r\n")) == 250
        assert [each.octets for each in made.server.delivered] == [b"y\r\n"]


@proves("RFC5321-4.5.2-DOT-03")
def test_one_leading_dot_is_dropped() -> None:
    with house("smtp", "caps=[]") as made:
        peer = made.peer()
        peer.ask(EHLO)
        deliver(peer, b"..\r\n...a\r\n.b\r\nc.\r\n.\r\n")
        assert made.server.delivered[0].octets == b".\r\n..a\r\nb\r\nc.\r\n"


@proves("RFC5321-4.1.1.5-RSET-02", "RFC5321-4.1.1.5-RSET-03")
@pytest.mark.parametrize("before", [[], [EHLO], [EHLO, MAIL], [EHLO, MAIL, RCPT]])
def test_rset_is_taken_at_any_time(before: list[bytes]) -> None:
    with smtp() as peer:
        assert code(peer.ask(*before, b"RSET")) == 250
        assert code(peer.ask(RCPT)) == 503
        assert code(peer.ask(EHLO, MAIL)) == 250


@proves("RFC5321-4.1.1.9-NOOP-02", "RFC5321-4.1.4-NOOP-02")
@pytest.mark.parametrize(
    "line, expected",
    [(b"NOOP", 250), (b"NOOP a <b> ?", 250), (b"RSET", 250)]
    + [(b"HELP", 214), (b"EXPN a", 252), (b"VRFY a", 252)],
)
def test_what_is_answered_before_ehlo(line: bytes, expected: int) -> None:
    with smtp("caps=[HELP, EXPN]") as peer:
        assert code(peer.ask(line)) == expected


@proves("RFC5321-4.1.1.10-QUIT-04")
def test_quit_is_answered_and_then_the_server_closes() -> None:
    with smtp() as peer:
        assert code(peer.ask(b"QUIT")) == 221
        assert peer.ended()


@proves("RFC5321-4.1.2-ADDR-04")
@pytest.mark.parametrize(
    "line",
    [b"EHLO cli\x01ent", b"MAIL FROM:<sm\x00ith@bar.example>", b"MAIL FROM:<sm\xffith@bar.example>"]
    + [b"EHLO a b", b"EHLO cl!ent"],
)
def test_characters_that_belong_in_no_command(line: bytes) -> None:
    with hello() as peer:
        assert code(peer.ask(line)) == 501


@proves("RFC5321-4.1.4-EHLO-03")
def test_a_later_ehlo_ends_the_transaction() -> None:
    with hello() as peer:
        assert code(peer.ask(MAIL, RCPT, EHLO)) == 250
        assert code(peer.ask(b"DATA")) == 503


@proves("RFC5321-4.1.4-EHLO-04")
@pytest.mark.parametrize("bent", ["", 'on EHLO#2: reply "550 no"\n'])
def test_a_refused_ehlo_changes_nothing(bent: str) -> None:
    with hello("caps=[]", bent) as peer:
        again = EHLO if bent else b"EHLO two words"
        assert code(peer.ask(MAIL, RCPT, again)) in (501, 550)
        assert code(peer.ask(b"DATA")) == 354


@proves("RFC5321-4.2-CODES-01", "RFC5321-4.3.2-CODE-02", "RFC5321-4.2.1-MULTI-05")
@proves("RFC5321-4.2-TEXT-04", "RFC5321-4.3.2-CODE-04")
@pytest.mark.parametrize("line", [EHLO, MAIL, RCPT, b"DATA", *WRONG])
@pytest.mark.parametrize("before", [[], [EHLO], [EHLO, MAIL], [EHLO, MAIL, RCPT]])
def test_every_reply_has_a_listed_code_and_text(before: list[bytes], line: bytes) -> None:
    with smtp('caps=[HELP, "SIZE 1000"]') as peer:
        peer.ask(*before)
        reply = peer.ask(line)
        assert REPLY.fullmatch(reply)
        assert reply[:3] in CODES[line.split(b" ")[0]]


@proves("RFC5321-4.5.3.1-LIMIT-02")
@pytest.mark.parametrize(
    "path",
    [
        b"l" * 64 + b"@example.org",
        b"a@" + b".".join([b"d" * 60] * 4) + b".org.example",
        b"a@" + b"d" * 255,
    ],
)
def test_the_least_sizes_are_taken(path: bytes) -> None:
    with hello() as peer:
        assert code(peer.ask(b"MAIL FROM:<" + path + b">")) == 250
        assert code(peer.ask(b"RCPT TO:<" + path + b">")) == 250
        assert code(peer.ask(b"NOOP " + b"x" * 505)) == 250, "a line of 512 octets"
        assert code(peer.ask(b"DATA")) == 354
        peer.send((b"x" * 998 + b"\r\n") * 70 + b".\r\n")
        assert code(peer.reply()) == 250


@proves("RFC5321-4.5.3.1.8-RCPTS-02", "RFC5321-4.5.3.1-LIMIT-02", "RFC5321-4.5.3.1.10-RCPTS-02")
def test_a_thousand_recipients_and_not_one_more() -> None:
    with hello() as peer:
        peer.ask(MAIL)
        peer.send(b"".join(b"RCPT TO:<u%d@foo.example>\r\n" % number for number in range(1001)))
        codes = [code(peer.reply()) for _ in range(1001)]
        assert codes == [250] * 1000 + [452]
        assert code(peer.ask(b"DATA")) == 354
