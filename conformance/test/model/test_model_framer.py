"""The framer cuts by protocol and direction, in any segmentation, and never raises."""

from __future__ import annotations

import random

from conformance.model.framer import Frame, FrameKind, frame
from conformance.test.wires import Wire, pop3, smtp
from fake_servers.log import EventLog


def shape(frames: list[Frame]) -> list[tuple[str, str, bytes]]:
    """Kind, verb and octets of each frame."""
    return [(f.kind.value, f.verb, f.octets) for f in frames]


def pop3_session() -> Wire:
    """A login, a listing and a message."""
    wire = pop3().c("USER a").s("+OK").c("PASS b c").s("+OK")
    wire.c("LIST").s("+OK", "1 10", ".").c("LIST 1").s("+OK 1 10")
    return wire.c("RETR 1").s("+OK", "..x", ".").c("RETR 2").s("-ERR").c("QUIT").s("+OK")


def test_pop3_session() -> None:
    assert shape(frame("pop3", pop3_session().events)) == [
        ("reply", "CONNECT", b"+OK ready <1.2@h>\r\n"),
        ("command", "USER", b"USER a\r\n"),
        ("reply", "USER", b"+OK\r\n"),
        ("command", "PASS", b"PASS b c\r\n"),
        ("reply", "PASS", b"+OK\r\n"),
        ("command", "LIST", b"LIST\r\n"),
        ("reply", "LIST", b"+OK\r\n"),
        ("body", "LIST", b"1 10\r\n.\r\n"),
        ("command", "LIST", b"LIST 1\r\n"),
        ("reply", "LIST", b"+OK 1 10\r\n"),
        ("command", "RETR", b"RETR 1\r\n"),
        ("reply", "RETR", b"+OK\r\n"),
        ("body", "RETR", b"..x\r\n.\r\n"),
        ("command", "RETR", b"RETR 2\r\n"),
        ("reply", "RETR", b"-ERR\r\n"),
        ("command", "QUIT", b"QUIT\r\n"),
        ("reply", "QUIT", b"+OK\r\n"),
    ]


def smtp_session() -> Wire:
    """AUTH with a challenge, a message, QUIT."""
    wire = smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c("AGEAYg==").s("235 ok")
    wire.c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:<c@d>").s("250 ok").c("DATA").s("354 go")
    return wire.c("x", "..y", ".").s("250 ok").c("QUIT").s("221 bye")


def test_smtp_session() -> None:
    frames = frame("smtp", smtp_session().events)
    assert shape(frames)[1:6] == [
        ("command", "EHLO", b"EHLO c\r\n"),
        ("reply", "EHLO", b"250-h\r\n250 AUTH PLAIN\r\n"),
        ("command", "AUTH", b"AUTH PLAIN\r\n"),
        ("reply", "AUTH", b"334 \r\n"),
        ("response", "AUTH", b"AGEAYg==\r\n"),
    ]
    assert shape(frames)[-4:] == [
        ("data", "DOT", b"x\r\n..y\r\n.\r\n"),
        ("reply", "DOT", b"250 ok\r\n"),
        ("command", "QUIT", b"QUIT\r\n"),
        ("reply", "QUIT", b"221 bye\r\n"),
    ]


def test_any_segmentation_gives_the_same_frames() -> None:
    for protocol, wire in (("pop3", pop3_session()), ("smtp", smtp_session())):
        pieces = EventLog()
        for event in wire.events:
            for octet in event.octets or b"":
                octets = bytes([octet])
                pieces.append(event.kind, connection=event.connection, octets=octets)
        assert shape(frame(protocol, pieces)) == shape(frame(protocol, wire.events))


def test_surplus_is_no_reply() -> None:
    frames = frame("pop3", pop3().s("+OK again").events)
    assert shape(frames)[1:] == [("surplus", "", b"+OK again\r\n")]


def test_what_came_before_its_command_answers_it() -> None:
    frames = frame("pop3", pop3().s("-ERR late").c("NOOP").s("+OK").events)
    assert shape(frames)[1:] == [
        ("command", "NOOP", b"NOOP\r\n"),
        ("reply", "NOOP", b"-ERR late\r\n"),
        ("surplus", "", b"+OK\r\n"),
    ]


def test_incomplete_frames_stand_at_the_end() -> None:
    frames = frame("pop3", pop3().c("RETR 1").s("+OK", "half").c_raw(b"NOO").events)
    assert [(f.kind, f.octets) for f in frames if not f.complete] == [
        (FrameKind.COMMAND, b"NOO"),
        (FrameKind.BODY, b"half\r\n"),
    ]


def test_outstanding_counts_the_replies_owed_at_the_first_octet() -> None:
    wire = smtp("PIPELINING").c_raw(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n").c("DATA")
    wire.s("250 ok", "250 ok", "354 go").c(".")
    clients = [f for f in frame("smtp", wire.events) if f.kind in ("command", "data")]
    assert [(f.verb, f.outstanding) for f in clients] == [
        ("EHLO", 0),
        ("MAIL", 0),
        ("RCPT", 1),
        ("DATA", 2),
        ("DOT", 0),
    ]


def test_data_before_its_354_is_outstanding() -> None:
    wire = smtp().c_raw(b"DATA\r\nx\r\n.\r\n").s("354 go").s("250 ok")
    data = [f for f in frame("smtp", wire.events) if f.kind is FrameKind.DATA]
    assert [(f.octets, f.outstanding) for f in data] == [(b"x\r\n.\r\n", 1)]


def test_a_message_that_was_refused_is_no_message() -> None:
    frames = frame("smtp", smtp().c("DATA").s("554 no").c("RSET").s("250 ok").events)
    assert [f.verb for f in frames if f.kind is FrameKind.COMMAND] == ["EHLO", "DATA", "RSET"]


def test_reply_class_is_that_of_the_last_line() -> None:
    greeting = frame("smtp", Wire().connect().s("220-a", "220 b").events)[0]
    assert (greeting.reply_class, greeting.positive) == ("2", True)
    refused = frame("pop3", Wire().connect().s("-ERR no").events)[0]
    assert (refused.reply_class, refused.positive) == ("-", False)


def test_noise_never_raises_and_loses_no_octet() -> None:
    dice = random.Random(1939)
    alphabet = [b"+OK", b"-ERR", b"334", b"354", b"DATA", b"AUTH", b"RETR", b" ", b"\r", b"\n"]
    alphabet += [b"\r\n", b".", b"\r\n.\r\n", b"\0", b"\xff", b"LIST", b"250-", b"STARTTLS"]
    for _ in range(300):
        wire = Wire().connect()
        for _ in range(30):
            octets = b"".join(dice.choices(alphabet, k=3))
            (wire.c_raw if dice.random() < 0.5 else wire.s_raw)(octets)
        for protocol in ("pop3", "smtp"):
            frames = frame(protocol, wire.events)
            total = sum(len(f.octets) for f in frames)
            assert total == sum(len(e.octets) for e in wire.events)


def test_the_last_line_of_a_reply_counts() -> None:
    wire = smtp().c("MAIL FROM:<a@b>").s("550-no", "250 yes").c("RCPT TO:<c@d>").s("250-a", "550 b")
    wire.c("DATA").s("550-no", "354 go").c("x", ".").s("250 ok")
    frames = frame("smtp", wire.events)
    replies = {f.verb: f.positive for f in frames if f.kind is FrameKind.REPLY}
    assert (replies["MAIL"], replies["RCPT"], replies["DOT"]) == (True, False, True)
    assert ("data", "DOT", b"x\r\n.\r\n") in shape(frames)


def test_an_empty_line_before_a_reply_of_smtp_belongs_to_it() -> None:
    wire = smtp().c("NOOP").s_raw(b"\r\n250 ok\r\n").c("NOOP").s("25 ok")
    frames = frame("smtp", wire.events)
    first, second = [f for f in frames if f.kind is FrameKind.REPLY and f.verb == "NOOP"]
    assert (first.octets, first.positive) == (b"\r\n250 ok\r\n", True)
    assert not second.positive, "a code has three digits"
