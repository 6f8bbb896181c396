"""The reactive POP3 server keeps what RFC 1939 demands of servers, seen by raw sockets."""

from __future__ import annotations

import hashlib
import re

import pytest

from fake_servers.reactive.server import IDLE_S
from fake_servers.test.reactive.peer import MAIL, USER, House, house, logged_in, pop3, proves

ONE = b"Subject: one\r\n\r\n.one\r\ntwo\r\n"
UNIQUE_ID = re.compile(rb"[!-~]{1,70}")
TIMESTAMP = re.compile(rb"<[^<>\s]+@[^<>\s]+>")
IN_TRANSACTION = (b"STAT", b"LIST", b"RETR 1", b"DELE 1", b"NOOP", b"RSET", b"UIDL", b"TOP 1 0")


@proves("RFC1939-3-CMD-04")
@pytest.mark.parametrize(
    "user, secret", [(b"user", b"pass"), (b"User", b"PaSs"), (b"USER", b"PASS")]
)
def test_keywords_of_any_case(user: bytes, secret: bytes) -> None:
    with pop3() as peer:
        assert peer.ask(user + b" mrose", secret + b" tanstaaf").startswith(b"+OK ")


@proves("RFC1939-3-RESP-04")
def test_status_indicators_are_in_upper_case() -> None:
    with pop3() as peer:
        said = [peer.ask(line) for line in (b"USER mrose", b"PASS tanstaaf", b"stat", b"xyzzy")]
        assert [reply.split(b" ")[0] for reply in said] == [b"+OK", b"+OK", b"+OK", b"-ERR"]


@proves("RFC1939-3-STATE-01")
@pytest.mark.parametrize(
    "line", [b"XYZZY", b"", b"STAT 1", b"RETR", b"RETR one", b"TOP 1", b"LIST 1 2"]
)
def test_what_is_malformed_is_refused_and_the_session_goes_on(line: bytes) -> None:
    with logged_in() as peer:
        assert peer.ask(line).startswith(b"-ERR ")
        assert peer.ask(b"NOOP") == b"+OK\r\n"


@proves("RFC1939-3-STATE-02", "RFC1939-5-STATE-01")
@pytest.mark.parametrize("line", IN_TRANSACTION)
def test_commands_of_transaction_are_refused_before_the_login(line: bytes) -> None:
    with pop3() as peer:
        assert peer.ask(line).startswith(b"-ERR ")


@proves("RFC1939-7-USER-04")
@pytest.mark.parametrize(
    "line", [b"USER mrose", b"PASS tanstaaf", b"APOP mrose " + b"0" * 32, b"STLS"]
)
def test_commands_of_authorization_are_refused_after_the_login(line: bytes) -> None:
    with logged_in() as peer:
        assert peer.ask(line).startswith(b"-ERR ")
        assert peer.ask(b"NOOP").startswith(b"+OK")


@proves("RFC1939-3-MULTI-08", "RFC1939-5-RETR-01")
def test_every_line_that_begins_with_a_dot_gets_another() -> None:
    body = "M: 1\nD: .\nD: ..\nD: a\nD: .x\nD:\nD: .\n"
    with logged_in(USER, body) as peer:
        assert peer.listing(b"RETR 1") == [b"..", b"...", b"a", b"..x", b"", b".."]


@proves("RFC1939-4-AUTH-04")
@pytest.mark.parametrize(
    "server", [USER, f"{USER} apop=no", f"{USER} caps=[] sasl=[PLAIN] apop=no"]
)
def test_there_is_a_way_to_log_in(server: str) -> None:
    with pop3(server) as peer:
        listed = peer.listing(b"CAPA")
        assert b"USER" in listed or any(line.startswith(b"SASL ") for line in listed)


@proves("RFC1939-4-AUTH-05")
def test_a_refused_login_leaves_no_lock() -> None:
    """Also after a correct login that the case refuses."""
    with house("pop3", USER, 'on PASS#1: reply "-ERR not now"\n') as made:
        first, second = made.peer(), made.peer()
        assert first.ask(b"USER mrose", b"PASS tanstaaf") == b"-ERR not now\r\n"
        assert second.ask(b"USER mrose", b"PASS wrong").startswith(b"-ERR ")
        assert second.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK ")


@proves("RFC1939-4-GREET-04")
def test_the_greeting_is_one_positive_line() -> None:
    with pop3() as peer:
        assert peer.heard_within(0.05) == b""
        assert peer.ask(b"NOOP").startswith(b"-ERR ")


@proves("RFC1939-4-NUM-03")
def test_numbers_do_not_shift() -> None:
    with logged_in() as peer:
        before = peer.listing(b"LIST")
        peer.ask(b"DELE 2")
        assert peer.listing(b"LIST") == [before[0], before[2]]
        assert peer.ask(b"LIST 3").startswith(b"+OK 3 ")


@proves("RFC1939-4-QUIT-02")
def test_quit_before_the_login() -> None:
    with house("pop3", USER, MAIL) as made:
        peer = made.peer()
        assert peer.ask(b"QUIT").startswith(b"+OK")
        assert peer.ended()
        assert len(made.server.maildrop.messages) == 3


@proves("RFC1939-5-STAT-01", "RFC1939-5-STAT-04")
def test_stat_counts_what_is_not_marked() -> None:
    with logged_in() as peer:
        assert peer.ask(b"STAT") == b"+OK 3 %d\r\n" % (len(ONE) + 16)
        peer.ask(b"DELE 1")
        assert peer.ask(b"STAT") == b"+OK 2 16\r\n"


@proves("RFC1939-5-DELE-02", "RFC1939-7-UIDL-08")
@pytest.mark.parametrize("line", [b"RETR", b"DELE", b"LIST", b"UIDL", b"TOP"])
@pytest.mark.parametrize("number", [b" 1", b" 4", b" 0", b" 99999999999999999999"])
def test_messages_that_are_not_there(line: bytes, number: bytes) -> None:
    with logged_in() as peer:
        peer.ask(b"DELE 1")
        more = b" 0" if line == b"TOP" else b""
        assert peer.ask(line + number + more).startswith(b"-ERR ")


@proves("RFC1939-5-LIST-08", "RFC1939-11-SIZE-01")
def test_a_listing_is_number_and_exact_size() -> None:
    """A CRLF counts as two octets, a stuffed dot does not count."""
    with logged_in() as peer:
        rows = peer.listing(b"LIST")
        assert all(re.fullmatch(rb"\d+ \d+", row) for row in rows)
        assert rows == [b"1 %d" % len(ONE), b"2 16", b"3 0"]
        lines = peer.listing(b"RETR 1")
        unstuffed = [line[1:] if line.startswith(b".") else line for line in lines]
        assert b"".join(line + b"\r\n" for line in unstuffed) == ONE


@proves("RFC1939-5-NOOP-02")
def test_noop_and_rset_are_always_taken() -> None:
    with logged_in() as peer:
        peer.ask(b"DELE 1")
        assert peer.ask(b"NOOP").startswith(b"+OK")
        assert peer.ask(b"RSET").startswith(b"+OK")
        assert peer.ask(b"RSET").startswith(b"+OK")
        assert peer.ask(b"STAT").startswith(b"+OK 3 ")


def _left(made: House) -> int:
    return len(made.server.maildrop.messages)


@proves("RFC1939-6-QUIT-02")
def test_a_session_without_quit_removes_nothing() -> None:
    with house("pop3", USER, MAIL) as made:
        peer = made.peer()
        peer.ask(b"USER mrose", b"PASS tanstaaf", b"DELE 1")
        peer.close()
        again = made.peer()
        again.ask(b"USER mrose", b"PASS tanstaaf")
        assert again.ask(b"STAT").startswith(b"+OK 3 ")
        assert _left(made) == 3


@proves("RFC1939-6-QUIT-06", "RFC1939-6-QUIT-07")
def test_quit_removes_the_marked_and_no_other_and_releases_the_lock() -> None:
    with house("pop3", USER, MAIL) as made:
        peer = made.peer()
        peer.ask(b"USER mrose", b"PASS tanstaaf", b"DELE 1", b"DELE 3")
        assert peer.ask(b"QUIT").startswith(b"+OK")
        assert peer.ended()
        assert [message.size for message in made.server.maildrop.messages] == [16]
        again = made.peer()
        assert again.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK ")


@proves("RFC1939-7-UIDL-02", "RFC1939-7-UIDL-05", "RFC1939-7-UIDL-07")
def test_unique_ids() -> None:
    """Well-formed, alone on the line, all different, and the same in another session."""
    with house("pop3", USER, MAIL + "M: 4\nD: Subject: two\nD:\n") as made:
        listings = []
        for _ in range(2):
            peer = made.peer()
            peer.ask(b"USER mrose", b"PASS tanstaaf")
            listings.append(peer.listing(b"UIDL"))
            assert peer.ask(b"UIDL 2") == b"+OK " + listings[0][1] + b"\r\n"
            peer.close()
        assert listings[0] == listings[1]
        ids = [row.partition(b" ")[2] for row in listings[0]]
        assert all(UNIQUE_ID.fullmatch(each) for each in ids)
        assert len(set(ids)) == 4


@proves("RFC1939-7-USER-03")
def test_user_tells_nothing() -> None:
    with pop3() as peer:
        assert peer.ask(b"USER nobody") == peer.ask(b"USER mrose")
        assert peer.ask(b"USER nobody", b"PASS tanstaaf").startswith(b"-ERR ")


@proves("RFC1939-7-APOP-05")
def test_each_greeting_has_a_timestamp_of_its_own() -> None:
    with house("pop3", USER) as made:
        found = []
        for _ in range(3):
            peer = made.peer(b"+OK POP3 server ready <")
            found.append(made.server.log)
            peer.close()
        sent = b"".join(event.octets for event in made.server.log)
        assert len(set(TIMESTAMP.findall(sent))) == 3


@proves("RFC1939-7-PASS-03")
@pytest.mark.parametrize("before", [[], [b"USER mrose", b"NOOP"], [b"USER mrose", b"CAPX"]])
def test_pass_comes_right_behind_user(before: list[bytes]) -> None:
    with pop3() as peer:
        for line in before:
            peer.ask(line)
        assert peer.ask(b"PASS tanstaaf").startswith(b"-ERR ")
        assert peer.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK ")


@proves("RFC1939-7-PASS-04")
def test_a_password_has_blanks() -> None:
    with pop3('users=[[mrose, "tan sta  af"]]') as peer:
        assert peer.ask(b"USER mrose", b"PASS tan sta af").startswith(b"-ERR ")
        assert peer.ask(b"USER mrose", b"PASS tan sta  af").startswith(b"+OK ")


@proves("RFC1939-7-APOP-09")
def test_a_right_digest_enters_and_a_wrong_one_does_not() -> None:
    with house("pop3", USER) as made:
        peer = made.peer()
        sent = b"".join(event.octets for event in made.server.log)
        (timestamp,) = TIMESTAMP.findall(sent)
        digest = hashlib.md5(timestamp + b"tanstaaf").hexdigest().encode()
        assert peer.ask(b"APOP mrose " + b"0" * 32).startswith(b"-ERR ")
        assert peer.ask(b"STAT").startswith(b"-ERR ")
        assert peer.ask(b"APOP mrose " + digest).startswith(b"+OK ")
        assert peer.ask(b"STAT").startswith(b"+OK ")


@proves("RFC1939-7-TOP-06")
@pytest.mark.parametrize(
    "lines, body",
    [(b"0", []), (b"1", [b"..one"]), (b"2", [b"..one", b"two"]), (b"9", [b"..one", b"two"])],
)
def test_top_is_stuffed_and_ends_in_time(lines: bytes, body: list[bytes]) -> None:
    with logged_in() as peer:
        assert peer.listing(b"TOP 1 " + lines) == [b"Subject: one", b"", *body]


@proves("RFC1939-3-TIMER-01", "RFC5321-4.5.3.2.7-TIME-01")
def test_a_client_may_be_silent_for_ten_minutes() -> None:
    """Both servers use the same limit, which this test does not wait for."""
    with house("pop3", USER) as made:
        peer = made.peer()
        assert made.server.timeout_s == IDLE_S >= 600
        assert peer.heard_within(0.05) == b""
        assert peer.ask(b"QUIT").startswith(b"+OK")
