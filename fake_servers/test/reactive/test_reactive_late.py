"""Replies that are cut late or in two, and a server that ends in ways of its own."""

from __future__ import annotations

import pytest

from fake_servers.log import Kind
from fake_servers.test.reactive.peer import MAIL, Peer, hello, logged_in, pop3, smtp

USERS = "users=[[mrose, tanstaaf]] caps=[USER]"


def writes(peer: Peer) -> list[bytes]:
    """What the server wrote, a write each."""
    return [event.octets for event in peer.server.log if event.kind is Kind.TX]


def test_the_rest_of_a_reply_leaves_on_its_own() -> None:
    with smtp("caps=[]", 'on NOOP#1: reply "250 hi", cut 3, rest\n') as peer:
        assert peer.ask(b"NOOP") == b"250 hi\r\n"
        assert writes(peer)[1:] == [b"250", b" hi\r\n"]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("on USER#1: deliver octets", [b"+", b"O", b"K"]),
        ("on USER#1: rest, deliver octets", [b"+OK send PASS\r\n", b"-", b"E"]),
        ("on USER#1: deliver crlf", [b"+OK send PASS\r", b"\n", b"-ERR wrong name or password\r"]),
    ],
)
def test_cuts_begin_at_a_place(line: str, first: list[bytes]) -> None:
    with pop3(USERS, line + "\n") as peer:
        assert peer.ask(b"USER mrose") == b"+OK send PASS\r\n"
        assert peer.ask(b"PASS no").startswith(b"-ERR")
        assert writes(peer)[1 : 1 + len(first)] == first


def test_a_server_that_hears_nothing_leaves() -> None:
    with smtp("caps=[]", 'on NOOP#1: reply "25 hi", leave-after 1\n') as peer:
        assert peer.ask(b"NOOP") == b"25 hi\r\n"
        assert peer.ended()


def test_a_server_that_hears_something_stays() -> None:
    with smtp("caps=[]", 'on NOOP#1: reply "25 hi", leave-after 5000\n') as peer:
        assert peer.ask(b"NOOP", b"EHLO c").startswith(b"250")


@pytest.mark.parametrize("how", ["close", "truncate"])
def test_tls_ends_with_or_without_close_notify(how: str) -> None:
    with hello("caps=[] tls=starttls", f"on NOOP#1: {how}\n") as peer:
        assert peer.ask(b"STARTTLS").startswith(b"220")
        peer.secure(strict=True)
        peer.send(b"NOOP\r\n")
        assert peer.sees_close_notify() == (how == "close")


@pytest.mark.parametrize(
    "reply",
    ["25 fine", "2500 fine", "x250 fine", "fine", "150 wait", "650 no", "354 go", "\\r\\n250 x"],
)
def test_after_what_is_no_reply_the_state_is_as_after_the_right_one(reply: str) -> None:
    with hello("caps=[]", f'on MAIL#1: reply "{reply}"\n') as peer:
        peer.ask(b"MAIL FROM:<a@b>")
        peer.send(b"RCPT TO:<c@d>\r\n")
        said = peer.reply()
        assert b"250 recipient ok\r\n" in (said, said if reply[0] != "\\" else peer.reply())


@pytest.mark.parametrize(
    ("reply", "next_"), [("550-no\\r\\n250 yes", b"250"), ("250-yes\\r\\n550 no", b"503")]
)
def test_the_state_follows_the_last_line_of_a_reply(reply: str, next_: bytes) -> None:
    with hello("caps=[]", f'on MAIL#1: reply "{reply}"\n') as peer:
        peer.ask(b"MAIL FROM:<a@b>")
        said = peer.ask(b"RCPT TO:<c@d>")
        assert said.startswith(next_)


def test_what_is_no_reply_to_data_opens_no_message() -> None:
    with hello("caps=[]", 'on DATA#1: reply "35 go"\n') as peer:
        assert peer.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA") == b"35 go\r\n"
        assert peer.ask(b"RSET").startswith(b"250")


@pytest.mark.parametrize("reply", ["OK fine", "+ fine", "+OKAY fine", "*OK"])
def test_the_same_in_pop3(reply: str) -> None:
    with pop3(USERS, f'on USER#1: reply "{reply}"\n') as peer:
        peer.ask(b"USER mrose")
        assert peer.ask(b"PASS tanstaaf").startswith(b"+OK")


@pytest.mark.parametrize("line", [b"QUIT", b"rset"])
def test_a_client_may_leave_after_an_unusual_reply_to_data(line: bytes) -> None:
    with hello("caps=[]", 'on DATA#1: reply "350 go"\n') as peer:
        assert peer.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA") == b"350 go\r\n"
        assert peer.ask(line)[:1] == b"2"
    with hello("caps=[]") as peer:
        assert peer.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA").startswith(b"354")
        peer.send(line + b"\r\n")
        assert peer.ask(b".").startswith(b"250")


def test_a_list_of_all_messages_is_a_point_of_its_own() -> None:
    with logged_in(body=MAIL + 'on LISTING#1: reply "-ERR no"\n') as peer:
        assert peer.ask(b"LIST 1").startswith(b"+OK")
        assert peer.ask(b"LIST") == b"-ERR no\r\n"
