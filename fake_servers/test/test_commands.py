"""Where the case of a command does not matter, and which lines of a client are commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_servers.grammar.commands import fold, is_same
from fake_servers.scripted.matching import NextLine


@pytest.mark.parametrize(
    "line, folded",
    [
        (b"quit\r\n", b"QUIT\r\n"),
        (b"noop Word\r\n", b"NOOP Word\r\n"),
        (b"noop\n", b"NOOP\n"),
        (b"noopword\r\n", b"noopword\r\n"),
        (b"apop User c4c9\r\n", b"APOP User c4c9\r\n"),
        (b"auth plain AbCd\r\n", b"AUTH PLAIN AbCd\r\n"),
        (b"auth\r\n", b"AUTH\r\n"),
        (
            b"mail from:<Joe@x> size=1 body=8bitmime\r\n",
            b"MAIL FROM:<Joe@X> SIZE=1 BODY=8bitmime\r\n",
        ),
        (b'rcpt to:<"a>b c"@x> notify=never\r\n', b'RCPT TO:<"a>b c"@X> NOTIFY=never\r\n'),
        (b"mail from: <Joe@x> smtputf8\r\n", b"MAIL FROM: <Joe@X> SMTPUTF8\r\n"),
        (b"mail from:joe size=1\r\n", b"MAIL FROM:joe size=1\r\n"),
        (b"mail to:<joe>\r\n", b"MAIL to:<joe>\r\n"),
        (b"bdat 86 last\r\n", b"BDAT 86 LAST\r\n"),
        (b"ehlo Box.example\r\n", b"EHLO BOX.EXAMPLE\r\n"),
        (b"rcpt to:<@a:Joe@x>\r\n", b"RCPT TO:<@a:Joe@X>\r\n"),
        (b"rcpt to:<Joe>\r\n", b"RCPT TO:<Joe>\r\n"),
        (b"rcpt to:<Joe@x\r\n", b"RCPT TO:<Joe@x\r\n"),
        (b"dGVzdA==\r\n", b"dGVzdA==\r\n"),
    ],
)
def test_only_the_free_words_are_folded(line: bytes, folded: bytes) -> None:
    """Verbs, FROM:, TO:, keywords, mechanisms; never a value."""
    assert fold(line) == folded


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "rcpt to:<u@bücher.example> notify=NEVER",
            "RCPT TO:<u@xn--bcher-kva.Example> NOTIFY=NEVER",
            True,
        ),
        ("RCPT TO:<u@bücher.example> NOTIFY=NEVER", "RCPT TO:<u@xn--bcher-kva.example>", False),
        ('RCPT TO:<"u"@b>', "RCPT TO:<u@b>", True),
        ("RCPT TO:<@a:u@[IPv6:::1]>", "RCPT TO:<@a:u@[IPv6:0::1]>", True),
        ("RCPT TO:<@a:u@b>", "RCPT TO:<@a:U@b>", False),
        ("RCPT TO:<u@b>", "MAIL FROM:<u@b>", False),
        ("RCPT TO:<u@b>", "RCPT TO:u@b", False),
        ("NOOP u", "NOOP U", False),
    ],
)
def test_a_mailbox_may_be_written_in_any_form(one: str, other: str, same: bool) -> None:
    """RFC 6531 section 3.2, RFC 5321 section 4.1.2."""
    assert is_same(one.encode() + b"\r\n", other.encode() + b"\r\n") is same
    assert is_same(other.encode() + b"\r\n", one.encode() + b"\r\n") is same


OFFERED = frozenset({b"SIZE", b"8BITMIME", b"AUTH", b"DSN"})


@pytest.mark.parametrize(
    ("sent", "wanted", "offered", "same"),
    [
        ("SIZE=10", "", OFFERED, True),
        ("size=10 BODY=8bitmime AUTH=<> RET=HDRS", "", OFFERED, True),
        ("BODY=7BIT SIZE=10", "SIZE=10", OFFERED, True),
        ("SIZE=10 RET=FULL", "RET=FULL SIZE=10", (), True),
        ("SIZE=10", "", (), False),
        ("BODY=8BITMIME", "", {b"SIZE"}, False),
        ("SIZE=10", "SIZE=9", OFFERED, False),
        ("SIZE=10 SIZE=9", "SIZE=10", OFFERED, False),
        ("", "SIZE=10", OFFERED, False),
        ("AUTH=a", "", OFFERED, False),
        ("SIZE=x", "", OFFERED, False),
        ("X=1", "", OFFERED, False),
        ("", "", OFFERED, True),
    ],
)
def test_a_client_may_add_parameters_that_are_offered(
    sent: str, wanted: str, offered: frozenset[bytes], same: bool
) -> None:
    """RFC 1870 section 6, RFC 6152 section 2, RFC 4954 section 5, RFC 3461 section 4.3."""
    one, other = (f"MAIL FROM:<a@b> {each}".strip().encode() + b"\r\n" for each in (sent, wanted))
    assert is_same(one, other, offered) is same


def test_a_blank_or_a_line_end_too_much_is_no_parameter() -> None:
    """Parameters that MAIL cannot have are not."""
    plain = b"MAIL FROM:<a@b>\r\n"
    assert not is_same(b"MAIL FROM:<a@b>  SIZE=1\r\n", plain, OFFERED)
    assert not is_same(b"MAIL FROM:<a@b> SIZE=1\n", plain, OFFERED)
    assert not is_same(b"RCPT TO:<a@b> SIZE=1\r\n", b"RCPT TO:<a@b>\r\n", OFFERED)


@given(st.binary(max_size=60))
def test_folding_keeps_the_length(line: bytes) -> None:
    """So that an index counts octets of the wire; folding twice is folding once."""
    assert len(fold(line)) == len(line)
    assert fold(fold(line)) == fold(line)


@pytest.mark.parametrize("challenge", [b"334 VXNlcm5hbWU6\r\n", b"334\r\n", b"+ \r\n", b"+\r\n"])
def test_after_a_challenge_comes_a_response(challenge: bytes) -> None:
    """One line, then commands again."""
    dialogue = NextLine()
    assert dialogue.expects_command
    dialogue.sent(challenge)
    assert not dialogue.expects_command
    dialogue.received(b"dGVzdA==\r\n")
    assert dialogue.expects_command


def test_after_354_comes_data_up_to_the_lone_dot() -> None:
    """The lone dot ends it, a stuffed one does not."""
    dialogue = NextLine()
    dialogue.sent(b"250-one\r\n250 two\r\n354 go\r\n")
    for line in (b"quit\r\n", b"..\r\n", b"\r\n"):
        dialogue.received(line)
        assert not dialogue.expects_command
    dialogue.received(b".\r\n")
    assert dialogue.expects_command


@pytest.mark.parametrize("reply", [b"+OK\r\n+ a line of the message\r\n.\r\n", b"250 OK\r\n"])
def test_other_replies_ask_for_commands(reply: bytes) -> None:
    """Only the last line of what was sent counts."""
    dialogue = NextLine()
    dialogue.sent(reply)
    assert dialogue.expects_command
