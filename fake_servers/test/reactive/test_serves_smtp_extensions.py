"""The reactive SMTP server keeps what the extensions of SMTP demand of servers."""

from __future__ import annotations

import re

import pytest

from fake_servers.test.reactive.peer import Peer, hello, house, proves, smtp
from fake_servers.test.reactive.test_serves_rfc5321 import EHLO, MAIL, RCPT, code

ENHANCED = re.compile(rb"(\d)\d\d[- ]\1\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2}) [^\r\n]+")
LOGIN = b"AUTH PLAIN AG1yb3NlAHRhbnN0YWFm"
SUBMISSION = "users=[[mrose, tanstaaf]] sasl=[PLAIN]"
DSN = "caps=[DSN]"
CHUNKS = "caps=[CHUNKING, BINARYMIME, 8BITMIME]"


def end_data(peer: Peer, octets: bytes) -> bytes:
    assert code(peer.ask(b"DATA")) == 354
    peer.send(octets + b".\r\n")
    return peer.reply()


# -- SIZE (RFC 1870) --------------------------------------------------------------------


@proves("RFC1870-6-EOD-01")
@pytest.mark.parametrize("declared", [b"1", b"6", b"900"])
def test_a_declared_size_does_not_frame_the_data(declared: bytes) -> None:
    with house("smtp", 'caps=["SIZE 1000"]') as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL + b" SIZE=" + declared, RCPT)
        assert code(end_data(peer, b"x\r\ny\r\n")) == 250
        assert made.server.delivered[0].octets == b"x\r\ny\r\n"


@proves("RFC1870-6.1-CODES-01", "RFC1870-7-MIN-02")
def test_a_declared_size_is_judged() -> None:
    with hello('caps=["SIZE 1000"]') as peer:
        assert code(peer.ask(MAIL + b" SIZE=1001")) == 552
        assert code(peer.ask(MAIL + b" SIZE=1000")) == 250


def test_a_message_above_the_size_is_refused_at_its_end() -> None:
    with house("smtp", 'caps=["SIZE 1000"]') as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL, RCPT)
        assert code(end_data(peer, b"x" * 1001 + b"\r\n")) == 552
        assert made.server.delivered == []


# -- enhanced codes (RFC 2034, RFC 3463) ------------------------------------------------


@proves("RFC2034-3-PARSE-01", "RFC2034-4-PARSE-02", "RFC2034-4-PARSE-03", "RFC3463-2-PARSE-01")
def test_every_reply_has_an_enhanced_code() -> None:
    lines = [MAIL, MAIL, RCPT, b"RCPT TO:<", b"VRFY a", b"EXPN staff", b"EXPN x", b"NOOP", b"XYZZY"]
    lines += [b"AUTH PLAIN", b"RSET x", b"HELP", b"RSET", RCPT, b"BDAT x", b"STARTTLS", b"QUIT"]
    server = "caps=[ENHANCEDSTATUSCODES, HELP] lists=[[staff, a@b, c@d]]"
    with smtp(server) as peer:
        assert not ENHANCED.match(peer.ask(EHLO).split(b"\r\n")[0])
        for line in lines:
            for row in peer.ask(line).split(b"\r\n")[:-1]:
                assert ENHANCED.fullmatch(row), (line, row)


@proves("RFC4954-6-CODES-09")
@pytest.mark.parametrize(
    "line, expected",
    [
        (LOGIN, b"235 2.7.0 "),
        (b"AUTH PLAIN AG1yb3NlAHdyb25n", b"535 5.7.8 "),
        (b"AUTH PLAIN !", b"501 5.5.2 "),
        (b"AUTH X", b"504 5.5.4 "),
        (MAIL, b"530 5.7.0 "),
    ],
)
def test_replies_to_auth_have_the_codes_of_the_rfc(line: bytes, expected: bytes) -> None:
    with hello(f"{SUBMISSION} caps=[ENHANCEDSTATUSCODES]") as peer:
        assert peer.ask(line).startswith(expected)


# -- PIPELINING (RFC 2920) --------------------------------------------------------------


@proves("RFC2920-3.2-SERVER-01", "RFC2920-3.2-SERVER-02", "RFC2920-3.2-SERVER-06")
def test_a_group_is_answered_in_order_whatever_fails() -> None:
    with hello("caps=[PIPELINING]") as peer:
        peer.send(b"MAIL FROM:<a@b>\r\nRCPT TO:<bad\r\nXYZZY\r\nRCPT TO:<>\r\nDATA\r\nRSET\r\n")
        assert [code(peer.reply()) for _ in range(6)] == [250, 501, 500, 501, 554, 250]


@proves("RFC2920-3.2-SERVER-03", "RFC2920-3.2-SERVER-05")
def test_replies_of_a_group_leave_together() -> None:
    with house("smtp", "caps=[PIPELINING]", variant="coalesced") as made:
        peer = made.peer()
        peer.ask(EHLO)
        peer.send(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n")
        assert peer.segment().count(b"\r\n250 ") == 2


@proves("RFC2920-3.2-SERVER-04")
@pytest.mark.parametrize("line", [EHLO, b"VRFY a", b"EXPN a", b"NOOP", b"XYZZY"])
def test_replies_that_leave_at_once(line: bytes) -> None:
    """They leave before the server looks at the next command, which is already here."""
    with house("smtp", "caps=[PIPELINING]", variant="coalesced") as made:
        peer = made.peer()
        peer.ask(EHLO)
        peer.send(b"RSET\r\n" + line + b"\r\nRSET\r\n")
        assert [code(peer.reply()) for _ in range(2)][0] == 250
        assert code(peer.reply()) == 250
        writes = [event.seq for event in made.server.log if event.octets.startswith(b"250 reset")]
        assert len(writes) == 2 and writes[1] > writes[0] + 1


@proves("RFC2920-3.2-SERVER-07")
def test_354_without_a_recipient_and_an_empty_message_delivers_nothing() -> None:
    with house("smtp", "caps=[PIPELINING]", 'on DATA#1: reply "354 go"\n') as made:
        peer = made.peer()
        assert code(peer.ask(EHLO, MAIL, b"DATA")) == 354
        peer.send(b".\r\n")
        assert code(peer.reply()) == 554
        assert made.server.delivered == []


# -- CHUNKING and BINARYMIME (RFC 3030) -------------------------------------------------


def chunk(peer: Peer, octets: bytes, last: bool = False) -> bytes:
    peer.send(b"BDAT %d%s\r\n" % (len(octets), b" LAST" if last else b"") + octets)
    return peer.reply()


@proves("RFC3030-2-BDAT-11")
def test_each_chunk_has_a_reply_and_the_message_is_their_sum() -> None:
    with house("smtp", CHUNKS) as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL + b" BODY=BINARYMIME", RCPT)
        for octets in (b"a\0\r\n.\r\n", b"", b"\xff" * 70000):
            assert code(chunk(peer, octets)) == 250
        assert code(chunk(peer, b"QUIT\r\n", last=True)) == 250
        assert made.server.delivered[0].octets == b"a\0\r\n.\r\n" + b"\xff" * 70000 + b"QUIT\r\n"
        assert peer.heard_within(0.05) == b""


@proves("RFC3030-2-BDAT-09")
@pytest.mark.parametrize("before", [[], [MAIL], [MAIL, b"RCPT TO:<bad"]])
def test_a_chunk_that_is_refused_is_swallowed(before: list[bytes]) -> None:
    with hello(CHUNKS) as peer:
        peer.ask(*before)
        assert code(chunk(peer, b"QUIT\r\nNOOP\r\n", last=True)) == 503
        assert code(peer.ask(b"RSET")) == 250


@proves("RFC3030-2-BDAT-10")
def test_data_works_beside_bdat() -> None:
    with house("smtp", CHUNKS) as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL, RCPT)
        assert code(end_data(peer, b"one\r\n")) == 250
        peer.ask(MAIL, RCPT)
        assert code(chunk(peer, b"two", last=True)) == 250
        assert [each.octets for each in made.server.delivered] == [b"one\r\n", b"two"]


@proves("RFC3030-2-BDAT-12")
def test_the_order_of_bdat_and_data() -> None:
    with hello(CHUNKS) as peer:
        peer.ask(MAIL, RCPT)
        assert code(chunk(peer, b"x")) == 250
        assert code(peer.ask(b"DATA")) == 503
        assert code(chunk(peer, b"y", last=True)) == 250
        assert code(chunk(peer, b"z", last=True)) == 503


def test_a_chunk_that_failed_is_mended_by_rset_only() -> None:
    with house("smtp", CHUNKS, 'on BDAT#1: reply "451 later"\n') as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL, RCPT)
        assert [code(chunk(peer, b"x")), code(chunk(peer, b"y", last=True))] == [451, 503]
        assert code(peer.ask(b"RSET", MAIL, RCPT)) == 250
        assert code(chunk(peer, b"z", last=True)) == 250
        assert [each.octets for each in made.server.delivered] == [b"z"]


@proves("RFC3030-3-BINARY-04")
def test_a_binary_message_does_not_come_by_data() -> None:
    with hello(CHUNKS) as peer:
        assert code(peer.ask(MAIL + b" body=binarymime", RCPT, b"DATA")) == 503


# -- STARTTLS (RFC 3207, RFC 8314) ------------------------------------------------------


@proves("RFC3207-4-CMD-04", "RFC8314-4-STARTTLS-01", "RFC8314-4-TLS12-01")
def test_starttls() -> None:
    with hello("caps=[] tls=starttls") as peer:
        assert b"STARTTLS" in peer.ask(EHLO)
        assert code(peer.ask(b"STARTTLS now")) == 501
        assert code(peer.ask(b"STARTTLS")) == 220
        peer.secure()
        assert peer.tls_version in ("TLSv1.2", "TLSv1.3")


@proves("RFC3207-4.2-RESET-03", "RFC3207-4.2-RESET-05", "RFC3207-4.2-ONCE-02")
def test_after_the_handshake_all_begins_anew() -> None:
    with hello("caps=[] caps_tls=[HELP] sasl_tls=[PLAIN] tls=starttls") as peer:
        peer.ask(MAIL, RCPT, b"STARTTLS")
        peer.secure()
        assert peer.heard_within(0.05) == b""
        assert code(peer.ask(b"DATA")) == 503
        assert code(peer.ask(MAIL)) == 503
        assert peer.ask(EHLO) == b"250-mail.example.org\r\n250-HELP\r\n250 AUTH PLAIN\r\n"
        assert code(peer.ask(b"STARTTLS")) == 503


@proves("RFC3207-4-530-02", "RFC4954-4-PLAINTEXT-01", "RFC8314-4.1-CLEAR-01")
def test_a_server_that_takes_nothing_in_clear() -> None:
    server = f"users=[[mrose, tanstaaf]] sasl_tls=[PLAIN] tls=starttls clear=no caps=[]"
    with smtp(server) as peer:
        assert b"AUTH" not in peer.ask(EHLO)
        for line in (MAIL, RCPT, b"DATA", b"RSET", b"VRFY a", LOGIN, b"AUTH PLAIN AG0Abg=="):
            assert code(peer.ask(line)) == 530
        assert code(peer.ask(b"NOOP")) == 250
        assert code(peer.ask(b"STARTTLS")) == 220
        peer.secure()
        assert code(peer.ask(EHLO, LOGIN)) == 235
        assert code(peer.ask(MAIL)) == 250


@proves("RFC8314-4.2-CLIENTCERT-01", "RFC8314-4.2-CLIENTCERT-02")
@pytest.mark.parametrize("sasl, expected", [("EXTERNAL", 235), ("PLAIN", 504)])
def test_a_client_certificate_is_asked_for_where_it_does_any_good(sasl: str, expected: int) -> None:
    with house("smtp", f"caps=[] sasl=[{sasl}] tls=implicit") as made:
        peer = Peer(made.server, "smtp")
        made.peers.append(peer)
        peer.secure(client_certificate=True)
        assert code(peer.reply()) == 220
        assert code(peer.ask(EHLO, b"AUTH EXTERNAL =")) == expected
        assert [user for _, user in made.server.logins] == [b"client"][: expected == 235]


# -- DSN (RFC 3461) ---------------------------------------------------------------------


@proves("RFC3461-5.1-CODES-01")
def test_valid_parameters_change_no_reply() -> None:
    with hello(DSN) as peer:
        plain = [peer.ask(MAIL), peer.ask(RCPT)]
        peer.ask(b"RSET")
        full = b" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;jones@foo.example"
        assert [peer.ask(MAIL + b" RET=HDRS ENVID=QQ314159"), peer.ask(RCPT + full)] == plain


@proves("RFC3461-5.1-CODES-02")
@pytest.mark.parametrize(
    "parameters",
    [b"RET=ALL", b"RET", b"RET=FULL RET=FULL", b"ENVID=", b"ENVID=a+b", b"ENVID=a ENVID=b"]
    + [b"ENVID=" + b"x" * 101],
)
def test_invalid_parameters_of_mail(parameters: bytes) -> None:
    with hello(DSN) as peer:
        assert code(peer.ask(MAIL + b" " + parameters)) == 501


@pytest.mark.parametrize(
    "parameters",
    [b"NOTIFY=NEVER,SUCCESS", b"NOTIFY=", b"NOTIFY=DELAY,DELAY", b"ORCPT=jones", b"ORCPT=rfc822;"]
    + [b"ORCPT=rfc822;a+b", b"NOTIFY=NEVER NOTIFY=NEVER"],
)
def test_invalid_parameters_of_rcpt(parameters: bytes) -> None:
    with hello(DSN) as peer:
        assert code(peer.ask(MAIL, RCPT + b" " + parameters)) == 501


@proves("RFC3461-5.4-LEN-02", "RFC3461-5.4-LEN-03")
def test_the_longest_parameters_are_taken() -> None:
    with hello(DSN) as peer:
        assert code(peer.ask(MAIL + b" RET=FULL ENVID=" + b"x" * 100)) == 250
        original = b" ORCPT=rfc822;" + b"x" * (500 - len(b"rfc822;"))
        line = RCPT + b" NOTIFY=SUCCESS,FAILURE,DELAY" + original
        filled = line.replace(b"jones@", b"j" * 60 + b"@")
        assert code(peer.ask(filled)) == 250
        long_line = b"NOOP " + b"x" * 1029
        assert len(long_line) == 1034 and code(peer.ask(long_line)) == 250


# -- 8BITMIME, SMTPUTF8 -----------------------------------------------------------------


@proves("RFC6152-3-PRESERVE-01")
def test_all_eight_bits_are_kept() -> None:
    octets = bytes(each for each in range(256) if each not in b"\r\n.") + b"\r\n"
    with house("smtp", "caps=[8BITMIME]") as made:
        peer = made.peer()
        peer.ask(EHLO, MAIL + b" BODY=8BITMIME", RCPT)
        assert code(end_data(peer, octets)) == 250
        assert made.server.delivered[0].octets == octets


@proves("RFC6531-3.1-8BIT-01", "RFC6531-3.1-EHLO-02", "RFC6531-3.2-ADDR-01")
def test_addresses_in_utf8_are_taken_everywhere() -> None:
    sender, recipient = "\u03b1@\u03b2.example".encode(), "\u03b3@\u03b4.example".encode()
    with house("smtp", "caps=[8BITMIME, SMTPUTF8]") as made:
        peer = made.peer()
        rows = peer.ask(EHLO).split(b"\r\n")
        assert b"250-8BITMIME" in rows and b"250 SMTPUTF8" in rows
        assert code(peer.ask(b"VRFY " + recipient + b" SMTPUTF8")) == 252
        assert code(peer.ask(b"MAIL FROM:<" + sender + b"> SMTPUTF8")) == 250
        assert code(peer.ask(b"RCPT TO:<" + recipient + b">")) == 250
        assert code(end_data(peer, "Subject: \u03b5\r\n".encode())) == 250
        assert made.server.delivered[0].rcpt_to == (recipient,)


@proves("RFC6531-3.7.4.1-251-02")
@pytest.mark.parametrize("line", [b"MAIL FROM:<\xce\xb1@b.example>", b"VRFY \xce\xb1"])
def test_nothing_outside_ascii_is_ever_replied(line: bytes) -> None:
    with hello("caps=[8BITMIME, SMTPUTF8]") as peer:
        reply = peer.ask(line)
        assert reply.isascii()
        assert code(reply) in (252, 553)


# -- submission (RFC 6409) --------------------------------------------------------------


@proves("RFC6409-3.2-NULL-01")
def test_the_null_sender_is_taken() -> None:
    with hello(SUBMISSION) as peer:
        assert code(peer.ask(LOGIN, b"MAIL FROM:<>")) == 250


@proves("RFC6409-4.3-AUTH-01", "RFC4954-6-CODES-08")
def test_without_a_login_there_is_no_mail() -> None:
    with hello(SUBMISSION) as peer:
        assert code(peer.ask(MAIL)) == 530
        for line in (EHLO, b"HELO c", b"NOOP", b"RSET", EHLO, LOGIN):
            assert 200 <= code(peer.ask(line)) <= 299
        assert code(peer.ask(MAIL)) == 250


@proves("RFC6409-7-EXT-01")
def test_a_submission_server_can_offer_what_it_should() -> None:
    caps = "caps=[PIPELINING, DSN, 8BITMIME, ENHANCEDSTATUSCODES]"
    with smtp(f"{SUBMISSION} {caps}") as peer:
        offered = peer.ask(EHLO)
        for keyword in (b"AUTH PLAIN", b"PIPELINING", b"DSN", b"8BITMIME", b"ENHANCEDSTATUSCODES"):
            assert keyword in offered


# -- LMTP (RFC 2033) --------------------------------------------------------------------

LHLO = b"LHLO client.example.org"


@proves("RFC2033-4.1-LHLO-02")
@pytest.mark.parametrize("line", [EHLO, b"HELO c"])
def test_lmtp_refuses_ehlo_and_helo(line: bytes) -> None:
    with smtp("caps=[] lmtp=yes") as peer:
        assert code(peer.ask(line)) == 500
        assert code(peer.ask(LHLO)) == 250
    with smtp() as peer:
        assert code(peer.ask(LHLO)) == 500


@proves("RFC2033-4.2-DATA-01")
def test_lmtp_takes_no_data_without_a_recipient() -> None:
    with smtp("caps=[] lmtp=yes") as peer:
        assert code(peer.ask(LHLO, MAIL, b"RCPT TO:<bad", b"DATA")) == 503


@pytest.mark.parametrize("by_chunk", [False, True])
def test_lmtp_answers_for_each_recipient(by_chunk: bool) -> None:
    point = "BDAT" if by_chunk else "DOT"
    body = f'on {point}#1: reply "250 ok\\r\\n550-no\\r\\n550 no\\r\\n250 ok"\n'
    with house("smtp", "caps=[CHUNKING] lmtp=yes", body) as made:
        peer = made.peer()
        for number in range(2):
            peer.ask(LHLO, MAIL, RCPT, b"RCPT TO:<two@x.example>", b"RCPT TO:<three@x.example>")
            first = chunk(peer, b"x\r\n", last=True) if by_chunk else end_data(peer, b"x\r\n")
            codes = [code(first), code(peer.reply()), code(peer.reply())]
            assert codes == ([250, 250, 250] if number else [250, 550, 250])
        assert [each.rcpt_to for each in made.server.delivered] == [
            (b"jones@foo.example", b"three@x.example"),
            (b"jones@foo.example", b"two@x.example", b"three@x.example"),
        ]
