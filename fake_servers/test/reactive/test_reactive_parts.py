"""The parts of the reactive servers that have no protocol: inbox, dots, options."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_servers.grammar.dots import multiline, stuff, unstuff
from fake_servers.reactive.inbox import Inbox, TooLong
from fake_servers.reactive.options import BadOptions, read_options

PIECES = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b"a"])).map(b"".join)


@settings(deadline=None)
@given(PIECES)
def test_unstuffing_undoes_stuffing(message: bytes) -> None:
    assert unstuff(stuff(message)) == message


@pytest.mark.parametrize(
    ("message", "stuffed"),
    [
        (b".\r\n", b"..\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n"),
        (b"a.\r\nb\n.c\r.d\r\n", b"a.\r\nb\n.c\r.d\r\n"),
        (b"", b""),
    ],
)
def test_stuffing(message: bytes, stuffed: bytes) -> None:
    assert stuff(message) == stuffed


@pytest.mark.parametrize(
    ("body", "sent"), [(b"", b".\r\n"), (b"a", b"a\r\n.\r\n"), (b"a\r\n", b"a\r\n.\r\n")]
)
def test_the_end_of_a_multi_line_reply(body: bytes, sent: bytes) -> None:
    assert multiline(body) == sent


def drain(inbox: Inbox, limit: int) -> list[bytes | None]:
    """All complete lines; None for one that is too long."""
    lines: list[bytes | None] = []
    while True:
        try:
            line = inbox.take_line(limit)
            if line is None:
                return lines
            lines.append(line)
        except TooLong:
            lines.append(None)


def fed(octets: bytes, size: int) -> list[bytes]:
    return [octets[at : at + size] for at in range(0, len(octets), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_in_any_pieces(size: int) -> None:
    inbox = Inbox()
    lines: list[bytes | None] = []
    for piece in fed(b"one\r\n\r\nbare\ntoo long\r\nlast\r\nrest", size):
        inbox.feed(piece)
        lines += drain(inbox, 6)
    assert lines == [b"one\r\n", b"\r\n", b"bare\n", None, b"last\r\n"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    ("sent", "data"),
    [
        (b".\r\nNOOP\r\n", b""),
        (b"a\r\n.\r\nNOOP\r\n", b"a\r\n"),
        (b"\r\n.\r\nNOOP\r\n", b"\r\n"),
        (b"a\n.\n\r.\r\n\r\n.\r\nNOOP\r\n", b"a\n.\n\r.\r\n\r\n"),
        (b"..\r\n.\r\nNOOP\r\n", b"..\r\n"),
    ],
)
def test_data_in_any_pieces(sent: bytes, data: bytes, size: int) -> None:
    inbox = Inbox()
    taken: list[bytes] = []
    for piece in fed(sent, size):
        inbox.feed(piece)
        found = inbox.take_data(1000) if not taken else None
        if found is not None:
            taken.append(found)
    assert taken == [data]
    assert inbox.take_line(100) == b"NOOP\r\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_data_above_the_limit_is_dropped_up_to_its_end(size: int) -> None:
    inbox, refused = Inbox(), 0
    for piece in fed(b"x" * 500 + b"\r\n.\r\nNOOP\r\n", size):
        inbox.feed(piece)
        if not refused:
            try:
                assert inbox.take_data(100) is None
            except TooLong:
                refused += 1
    assert refused == 1
    assert inbox.take_line(100) == b"NOOP\r\n"


def test_an_endless_line_takes_no_memory() -> None:
    inbox = Inbox()
    for _ in range(100):
        inbox.feed(b"x" * 100)
        assert inbox.take_line(50) is None
    assert len(inbox._octets) <= 50


def test_options_of_a_server_line() -> None:
    options = read_options(
        "pop3",
        {
            "users": [["mrose", 1234]],
            "caps": ["UIDL", "EXPIRE 60", "UTF8", "UTF8 USER"],
            "sasl": ["plain"],
            "apop": "no",
        },
    )
    assert options.users == {b"mrose": b"1234"}
    assert options.sasl == (b"PLAIN",)
    assert not options.apop
    assert options.offers(b"EXPIRE") and not options.offers(b"TOP")
    assert options.parameters(b"EXPIRE") == [b"60"]
    assert options.parameters(b"UTF8") == [b"USER"]


def test_options_that_are_left_out() -> None:
    assert read_options("pop3", {}).caps == (b"TOP", b"UIDL", b"USER")
    assert read_options("pop3", {"caps": []}).caps == ()
    assert read_options("smtp", {}).caps == ()


@pytest.mark.parametrize(
    ("protocol", "values", "message"),
    [
        ("pop3", {"user": []}, "unknown key 'user' for pop3; known keys are apop, caps"),
        ("smtp", {"apop": "yes"}, "unknown key 'apop' for smtp"),
        ("pop3", {"users": "mrose"}, "users must be a list"),
        ("pop3", {"users": [["mrose"]]}, r"must be \[name, secret\]"),
        ("pop3", {"users": ["ab"]}, r"must be \[name, secret\]"),
        ("pop3", {"caps": [["TOP"]]}, "write a word instead"),
        ("pop3", {"apop": "maybe"}, "yes or no"),
    ],
)
def test_options_that_make_no_sense(protocol: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOptions, match=message):
        read_options(protocol, values)
