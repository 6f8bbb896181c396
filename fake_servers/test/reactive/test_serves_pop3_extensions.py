"""The reactive POP3 server keeps what the extensions of POP3 demand of servers."""

from __future__ import annotations

import re

import pytest

from fake_servers.test.reactive.peer import MAIL, USER, house, logged_in, pop3, proves

CAPABILITY = re.compile(rb"[!-\-/-~]+(?: [!-~]+)*")
EVERYTHING = (
    f'{USER} caps=[TOP, UIDL, USER, RESP-CODES, AUTH-RESP-CODE, PIPELINING, "EXPIRE 30 USER",'
    ' "LOGIN-DELAY 900 USER", UTF8, LANG, "IMPLEMENTATION x"] sasl=[PLAIN, SCRAM-SHA-1] tls=starttls'
)


def capabilities(server: str) -> tuple[list[bytes], list[bytes]]:
    """CAPA before and after the login."""
    with pop3(server) as peer:
        before = peer.listing(b"CAPA")
        assert peer.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK ")
        return before, peer.listing(b"CAPA")


@proves("RFC2449-3-GRAM-04")
def test_capability_lines_keep_to_the_grammar() -> None:
    for lines in capabilities(EVERYTHING):
        assert len(lines) >= 12
        assert all(CAPABILITY.fullmatch(line) and len(line) <= 510 for line in lines)


@proves("RFC2449-5-CAPA-07", "RFC5034-3-SASL-04", "RFC2595-8-STLS-01")
def test_after_the_login_only_stls_is_gone() -> None:
    before, after = capabilities(EVERYTHING)
    names = [{line.split(b" ")[0] for line in lines} for lines in (before, after)]
    assert names[0] - names[1] == {b"STLS"}
    assert b"SASL PLAIN SCRAM-SHA-1" in after


@proves("RFC2449-4-LEN-02")
def test_commands_of_255_octets() -> None:
    with pop3(f"users=[[{'u' * 248}, s]]") as peer:
        assert peer.ask(b"USER " + b"u" * 248).startswith(b"+OK")
        assert peer.ask(b"USER " + b"u" * 249).startswith(b"-ERR ")
        assert peer.ask(b"USER " + b"u" * 248, b"PASS s").startswith(b"+OK")


@proves("RFC2449-6.4-RESPCODE-02")
def test_a_bracket_begins_a_code_only() -> None:
    """Whatever is asked, known or not, before the login and after it."""
    lines = (b"XYZZY", b"PASS x", b"USER mrose", b"PASS wrong", b"AUTH X", b"STAT", b"RETR 9")
    with pop3(EVERYTHING) as peer:
        said = [peer.ask(line) for line in lines]
    coded = [reply for reply in said if b" [" in reply[:6]]
    assert coded == [b"-ERR [AUTH] wrong name or password\r\n"]
    with pop3() as peer:
        assert not any(b"[" in peer.ask(line) for line in lines)


@proves("RFC2449-6.5-DELAY-03", "RFC2449-6.5-DELAY-04", "RFC2449-6.7-EXPIRE-03")
def test_values_of_a_user_are_marked_before_the_login_only() -> None:
    """One value holds for all users here, so that it is the largest and the smallest."""
    before, after = capabilities(EVERYTHING)
    assert b"LOGIN-DELAY 900 USER" in before and b"EXPIRE 30 USER" in before
    assert b"LOGIN-DELAY 900" in after and b"EXPIRE 30" in after


@proves("RFC2449-6.5-DELAY-05")
def test_a_login_delay_is_enforced() -> None:
    with house("pop3", f'{USER} caps=[USER, RESP-CODES, "LOGIN-DELAY 900"]') as made:
        assert made.peer().ask(b"USER mrose", b"PASS tanstaaf", b"QUIT").startswith(b"+OK")
        said = made.peer().ask(b"USER mrose", b"PASS tanstaaf")
        assert said.startswith(b"-ERR [LOGIN-DELAY] ")


@proves("RFC2449-6.6-PIPE-04")
def test_commands_of_one_segment_are_answered_in_their_order() -> None:
    with logged_in(f"{USER} caps=[USER, TOP, UIDL, PIPELINING]") as peer:
        peer.send(b"DELE 1\r\nSTAT\r\nRSET\r\nSTAT\r\nNOOP\r\n")
        said = [peer.reply() for _ in range(5)]
        assert [reply.split(b" ")[1] for reply in (said[1], said[3])] == [b"2", b"3"]
        assert said[0] == b"+OK message 1 deleted\r\n"


@proves("RFC2449-6.7-EXPIRE-02")
def test_nothing_that_was_read_is_dropped() -> None:
    """EXPIRE 0 would allow it; this server keeps all that is not marked."""
    with house("pop3", f'{USER} caps=[USER, "EXPIRE 0"]', MAIL) as made:
        peer = made.peer()
        peer.ask(b"USER mrose", b"PASS tanstaaf")
        peer.listing(b"RETR 1")
        peer.ask(b"QUIT")
        assert len(made.server.maildrop.messages) == 3


@proves("RFC2449-8.1.2-RESPCODE-02")
def test_in_use_is_said_of_a_login_that_was_right() -> None:
    with house("pop3", f"{USER} caps=[USER, RESP-CODES] sasl=[PLAIN]") as made:
        first, second = made.peer(), made.peer()
        assert first.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK")
        assert second.ask(b"USER mrose") == b"+OK send PASS\r\n"
        assert second.ask(b"PASS tanstaaf").startswith(b"-ERR [IN-USE] ")
        assert second.ask(b"AUTH PLAIN AG1yb3NlAHRhbnN0YWFm").startswith(b"-ERR [IN-USE] ")
        first.ask(b"QUIT")
        assert second.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK")


@proves("RFC3206-5-AUTH-02")
@pytest.mark.parametrize("announced", [True, False])
def test_auth_is_said_where_it_is_announced(announced: bool) -> None:
    caps = "caps=[USER, AUTH-RESP-CODE]" if announced else "caps=[USER]"
    with pop3(f"{USER} {caps}") as peer:
        assert peer.ask(b"USER mrose", b"PASS wrong").startswith(b"-ERR [AUTH] ") is announced


# -- TLS --------------------------------------------------------------------------------


@proves("RFC2595-2.3-CLEAR-02", "RFC8314-4.1-CLEAR-01", "RFC5034-4-PLAIN-03")
def test_a_server_that_takes_no_login_in_clear() -> None:
    """Right and wrong secrets get the same answer, and no mechanism is offered."""
    with pop3(f"{USER} caps=[] sasl_tls=[PLAIN] caps_tls=[USER] tls=starttls clear=no") as peer:
        assert not any(line.startswith((b"SASL", b"USER")) for line in peer.listing(b"CAPA"))
        for secret in (b"AG1yb3NlAHRhbnN0YWFm", b"AG1yb3NlAHdyb25n"):
            assert peer.ask(b"AUTH PLAIN " + secret) == b"-ERR TLS first\r\n"
        assert peer.ask(b"STLS").startswith(b"+OK")
        peer.secure()
        assert b"SASL PLAIN" in peer.listing(b"CAPA")
        assert peer.ask(b"AUTH PLAIN AG1yb3NlAHRhbnN0YWFm").startswith(b"+OK")


@pytest.mark.parametrize("secret", [b"tanstaaf", b"wrong"])
def test_user_and_apop_need_tls_where_it_is_demanded(secret: bytes) -> None:
    with pop3(f"{USER} tls=starttls clear=no") as peer:
        assert peer.ask(b"USER mrose") == b"-ERR TLS first\r\n"
        assert peer.ask(b"PASS " + secret) == b"-ERR TLS first\r\n"
        assert peer.ask(b"APOP mrose " + b"0" * 32) == b"-ERR TLS first\r\n"


@proves("RFC2595-4-STLS-11", "RFC8314-4-STARTTLS-01", "RFC8314-4-TLS12-01")
def test_stls_is_listed_and_done() -> None:
    with pop3(f"{USER} tls=starttls") as peer:
        assert b"STLS" in peer.listing(b"CAPA")
        assert peer.ask(b"STLS").startswith(b"+OK")
        peer.secure()
        assert peer.tls_version in ("TLSv1.2", "TLSv1.3")


@proves("RFC2595-4-STLS-12")
def test_stls_inside_tls_is_refused() -> None:
    with pop3(f"{USER} tls=starttls") as peer:
        peer.ask(b"STLS")
        peer.secure()
        assert b"STLS" not in peer.listing(b"CAPA")
        assert peer.ask(b"STLS").startswith(b"-ERR ")


@proves("RFC2595-4-STLS-13")
@pytest.mark.parametrize("certificate", [False, True])
def test_after_stls_the_login_is_still_to_come(certificate: bool) -> None:
    with pop3(f"{USER} sasl=[EXTERNAL] tls=starttls") as peer:
        assert peer.ask(b"USER mrose", b"STLS").startswith(b"+OK")
        peer.secure(certificate)
        assert peer.ask(b"STAT").startswith(b"-ERR ")
        assert peer.ask(b"PASS tanstaaf").startswith(b"-ERR "), "the USER before TLS is forgotten"
        assert peer.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK")


def test_stls_that_is_not_offered() -> None:
    with pop3() as peer:
        assert peer.ask(b"STLS").startswith(b"-ERR ")
        assert peer.ask(b"USER mrose").startswith(b"+OK")


def test_what_came_in_clear_behind_stls_is_thrown_away() -> None:
    with pop3(f"{USER} tls=starttls") as peer:
        peer.send(b"STLS\r\nUSER mrose\r\n")
        assert peer.reply().startswith(b"+OK")
        peer.secure()
        assert peer.ask(b"PASS tanstaaf").startswith(b"-ERR ")


# -- UTF8 and LANG ----------------------------------------------------------------------

GREEK = "M: 1\nD: Subject: \u03b1\nD:\nD: body\n"


@proves("RFC6856-2.1-UTF8-04")
@pytest.mark.parametrize("line", [b"RETR 1", b"TOP 1 0"])
def test_no_header_outside_ascii_without_utf8_mode(line: bytes) -> None:
    with pop3(f"{USER} caps=[USER, TOP, UTF8, RESP-CODES]", GREEK) as peer:
        peer.ask(b"USER mrose", b"PASS tanstaaf")
        assert peer.ask(line).startswith(b"-ERR [UTF8] ")


@proves("RFC6856-2.1-UTF8-05")
def test_sizes_are_those_of_the_octets_in_utf8_mode() -> None:
    with pop3(f"{USER} caps=[USER, UTF8]", GREEK) as peer:
        assert peer.ask(b"UTF8").startswith(b"+OK")
        peer.ask(b"USER mrose", b"PASS tanstaaf")
        octets = b"".join(line + b"\r\n" for line in peer.listing(b"RETR 1"))
        assert octets == "Subject: \u03b1\r\n\r\nbody\r\n".encode()
        assert peer.listing(b"LIST") == [b"1 %d" % len(octets)]


@proves("RFC6856-2.2-USER-03")
def test_names_in_utf8_and_names_that_are_none() -> None:
    server = 'users=[[\u03b1, \u03b2]] caps=["UTF8 USER", USER] sasl=[PLAIN]'
    with pop3(server) as peer:
        assert peer.ask(b"USER \xce", b"PASS \xce\xb2").startswith(b"-ERR ")
        assert peer.ask(b"AUTH PLAIN AM4AzrI=").startswith(b"-ERR ")
        assert peer.ask("USER \u03b1".encode(), "PASS \u03b2".encode()).startswith(b"+OK ")


def test_utf8_and_lang_where_they_are_not_offered() -> None:
    with pop3() as peer:
        assert peer.ask(b"UTF8").startswith(b"-ERR ")
        assert peer.ask(b"LANG").startswith(b"-ERR ")


def test_languages_are_listed_chosen_and_refused() -> None:
    with logged_in(f"{USER} caps=[USER, LANG]") as peer:
        assert peer.listing(b"LANG") == [b"en English", b"nl Nederlands", b"sv Svenska"]
        assert peer.ask(b"LANG NL") == b"+OK nl Nederlands\r\n"
        assert peer.ask(b"LANG *") == b"+OK en English\r\n"
        assert peer.ask(b"LANG xx").startswith(b"-ERR ")


@pytest.mark.parametrize("line", [b"UTF8 now", b"STLS now"])
def test_commands_without_arguments(line: bytes) -> None:
    with pop3(EVERYTHING) as peer:
        assert peer.ask(line).startswith(b"-ERR ")
