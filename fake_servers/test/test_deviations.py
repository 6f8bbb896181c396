"""What a line that deviates from a command can only mean."""

from __future__ import annotations

import pytest

from fake_servers.grammar.deviations import deviation, response_deviation


@pytest.mark.parametrize(
    ("line", "wanted", "what"),
    [
        ("NOOP ", "NOOP", "a blank too many"),
        ("  NOOP", "NOOP", "a blank too many"),
        ("AUTH  plain =", "AUTH PLAIN =", "a blank too many"),
        ('VRFY "a  b" ', 'VRFY "a  b"', "a blank too many"),
        ("PASS a b ", "PASS a b", "a blank too many"),
        ("USER a\t", "USER a", "a blank too many"),
        ("STAT 1", "STAT", "an argument that is not needed"),
        ("DATA x ", "DATA", "a blank too many and an argument that is not needed"),
        ("NOOP a", "NOOP b", "another argument"),
        ("NOOP", "NOOP b", "another argument"),
        ("RETR 01", "RETR 1", "a number in another form"),
        ("TOP 1 +2", "TOP 1 2", "a number in another form"),
        ("DELE 1 2", "DELE 1", "an argument that is not needed"),
        ("EHLO other", "EHLO c.example", "another name"),
        ("USER JOE", "USER joe", "its argument in another case"),
        ("APOP u C4C9", "APOP u c4c9", "its argument in another case"),
        ("MAIL FROM: <a@b>", "MAIL FROM:<a@b>", "a path in another form"),
        ("MAIL  FROM : a@b", "MAIL FROM:<a@b>", "a blank too many and a path in another form"),
        ("RCPT TO:<A@b>", "RCPT TO:<a@b>", "an address in another form"),
        ("MAIL FROM:<a@b> X=1", "MAIL FROM:<a@b> SIZE=2", "no SIZE and X, which was not asked for"),
        ("MAIL FROM:<a@b> SIZE=1", "MAIL FROM:<a@b> SIZE=2", "another SIZE"),
        ("RCPT TO:<a@b> A=1 A=1", "RCPT TO:<a@b> A=1", "another A"),
    ],
)
def test_a_line_that_can_only_mean_the_command(line: str, wanted: str, what: str) -> None:
    assert deviation(line.encode() + b"\r\n", wanted.encode() + b"\r\n") == what


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("NOOP", "RSET"),
        ("NOOPS", "NOOP"),
        ("RETR 2", "RETR 1"),
        ("RETR x", "RETR 1"),
        ("LIST 1", "LIST"),
        ("LIST", "LIST 1"),
        ("TOP 1", "TOP 1 0"),
        ("PASS A", "PASS a"),
        ("PASS a", "PASS a "),
        ("USER b", "USER a"),
        ("AUTH PLAIN AAAA", "AUTH PLAIN aaaa"),
        ("AUTH PLAIN", "AUTH PLAIN ="),
        ("EHLO", "EHLO c"),
        ("HELO c", "EHLO c"),
        ("MAIL FROM:<c@b>", "MAIL FROM:<a@b>"),
        ("MAIL FROM:<>", "MAIL FROM:<a@b>"),
        ("RCPT TO:<a@c>", "RCPT TO:<a@b>"),
        ("RCPT FROM:<a@b>", "RCPT TO:<a@b>"),
        ("NOOP\0", "NOOP"),
        ("NOOP\r", "NOOP"),
        ("NOOP " + "x" * 5000, "NOOP"),
        ("", "NOOP"),
    ],
)
def test_a_line_that_may_mean_something_else(line: str, wanted: str) -> None:
    assert deviation(line.encode() + b"\r\n", wanted.encode() + b"\r\n") is None


def test_a_line_without_its_end_is_not_understood() -> None:
    assert deviation(b"NOOP \n", b"NOOP\r\n") is None


def test_a_response_may_have_blanks_around_it() -> None:
    assert response_deviation(b"YQ== \r\n", b"YQ==\r\n") == "a blank too many"
    assert response_deviation(b"Y Q==\r\n", b"YQ==\r\n") is None
    assert response_deviation(b"*\n", b"*\r\n") is None
