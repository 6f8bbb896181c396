"""The framer on what extensions change: TLS, BDAT, LMTP, pipelines, AUTH in POP3."""

from __future__ import annotations

from conformance.model.framer import Frame, FrameKind, frame
from conformance.test.wires import Wire, pop3, smtp
from fake_servers.log import EventLog


def shape(frames: list[Frame]) -> list[tuple[str, str, bytes]]:
    """Kind, verb and octets of each frame."""
    return [(f.kind.value, f.verb, f.octets) for f in frames]


def lmtp(*recipients: str) -> Wire:
    """An LMTP session with these replies to RCPT, and DATA answered by 354."""
    wire = Wire().connect().s("220 h").c("LHLO c").s("250 h").c("MAIL FROM:<a@b>").s("250 ok")
    for reply in recipients:
        wire.c("RCPT TO:<c@d>").s(reply)
    return wire


def test_what_was_left_in_clear_joins_nothing_under_tls() -> None:
    wire = smtp("STARTTLS").c("STARTTLS").s("220 go").s_raw(b"250-AUTH PL").c_raw(b"EH")
    wire.tls("up").c("EHLO c").s("250 h")
    assert shape(frame("smtp", wire.events))[-4:] == [
        ("command", "EH", b"EH"),
        ("surplus", "", b"250-AUTH PL"),
        ("command", "EHLO", b"EHLO c\r\n"),
        ("reply", "EHLO", b"250 h\r\n"),
    ]


def test_a_reply_owed_in_clear_is_not_owed_under_tls() -> None:
    wire = pop3().c_raw(b"STLS\r\nCAPA\r\n").s("+OK").tls("up").c("NOOP").s("-ERR no")
    replies = [f for f in frame("pop3", wire.events) if f.kind is FrameKind.REPLY]
    assert [(f.verb, f.octets) for f in replies[1:]] == [
        ("STLS", b"+OK\r\n"),
        ("NOOP", b"-ERR no\r\n"),
    ]


def test_after_a_failed_handshake_the_octets_go_on() -> None:
    wire = smtp("STARTTLS").c("STARTTLS").s("220 go").tls("failed").c("QUIT").s("221 bye")
    assert shape(frame("smtp", wire.events))[-2:] == [
        ("command", "QUIT", b"QUIT\r\n"),
        ("reply", "QUIT", b"221 bye\r\n"),
    ]


def test_implicit_tls_comes_before_the_greeting() -> None:
    wire = Wire().connect().tls("up").s("220 h").c("QUIT").s("221 bye")
    assert [f.verb for f in frame("smtp", wire.events)] == ["CONNECT", "QUIT", "QUIT"]


def test_a_chunk_is_the_octets_that_bdat_counts() -> None:
    wire = smtp("CHUNKING").c_raw(b"BDAT 9\r\nQUIT\r\n.\r\nBDAT 0 LAST\r\n").s("250 a", "250 b")
    assert shape(frame("smtp", wire.events))[3:] == [
        ("command", "BDAT", b"BDAT 9\r\n"),
        ("chunk", "BDAT", b"QUIT\r\n.\r\n"),
        ("command", "BDAT", b"BDAT 0 LAST\r\n"),
        ("reply", "BDAT", b"250 a\r\n"),
        ("reply", "BDAT", b"250 b\r\n"),
    ]


def test_a_chunk_that_is_cut_is_not_complete() -> None:
    frames = frame("smtp", smtp("CHUNKING").c("BDAT 9 LAST").c_raw(b"abc").events)
    assert [(f.kind, f.octets) for f in frames if not f.complete] == [(FrameKind.CHUNK, b"abc")]


def test_bdat_without_a_number_has_no_chunk() -> None:
    frames = frame("smtp", smtp("CHUNKING").c("BDAT LAST").s("501 what").c("QUIT").events)
    assert [f.verb for f in frames if f.kind is FrameKind.COMMAND] == ["EHLO", "BDAT", "QUIT"]


def test_any_segmentation_gives_the_same_chunks() -> None:
    wire = smtp("CHUNKING").c("BDAT 4").c_raw(b"\r\n.\r").s("250 ok").c("QUIT").s("221 bye")
    pieces = EventLog()
    for event in wire.events:
        for octet in event.octets or b"":
            pieces.append(event.kind, connection=event.connection, octets=bytes([octet]))
    assert shape(frame("smtp", pieces)) == shape(frame("smtp", wire.events))


def test_lmtp_answers_a_message_once_for_each_recipient_that_it_took() -> None:
    wire = lmtp("250 ok", "550 no", "250 ok").c("DATA").s("354 go").c("x", ".")
    wire.s("250 ok", "452 full").c("QUIT").s("221 bye")
    replies = [f for f in frame("smtp", wire.events) if f.verb in ("DOT", "QUIT")]
    assert [(f.kind.value, f.octets[:3], f.more) for f in replies] == [
        ("data", b"x\r\n", False),
        ("reply", b"250", True),
        ("reply", b"452", False),
        ("command", b"QUI", False),
        ("reply", b"221", False),
    ]


def test_lmtp_counts_recipients_anew_for_each_message() -> None:
    wire = lmtp("250 ok", "250 ok").c("RSET").s("250 ok").c("MAIL FROM:<a@b>").s("250 ok")
    wire.c("RCPT TO:<c@d>").s("250 ok").c("DATA").s("354 go").c(".").s("250 ok")
    assert frame("smtp", wire.events)[-1].more is False


def test_lmtp_answers_the_last_chunk_only_for_each_recipient() -> None:
    wire = lmtp("250 ok", "250 ok").c("BDAT 1").c_raw(b"x").s("250 ok")
    wire.c("BDAT 1 LAST").c_raw(b"x").s("250 ok", "250 ok")
    replies = [f for f in frame("smtp", wire.events) if f.kind is FrameKind.REPLY]
    assert [f.more for f in replies if f.verb == "BDAT"] == [False, True, False]


def test_smtp_answers_a_message_once() -> None:
    wire = smtp().c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:<c@d>").s("250 ok")
    wire.c("RCPT TO:<e@f>").s("250 ok").c("DATA").s("354 go").c(".").s("250 ok", "250 ok")
    frames = frame("smtp", wire.events)
    assert [f.kind for f in frames[-2:]] == [FrameKind.REPLY, FrameKind.SURPLUS]


def test_pop3_challenges_are_answered_by_responses() -> None:
    wire = pop3().c("AUTH LOGIN").s("+ VXNlcm5hbWU6").c("YQ==").s("+ ").c("*").s("-ERR")
    assert shape(frame("pop3", wire.events))[1:] == [
        ("command", "AUTH", b"AUTH LOGIN\r\n"),
        ("reply", "AUTH", b"+ VXNlcm5hbWU6\r\n"),
        ("response", "AUTH", b"YQ==\r\n"),
        ("reply", "AUTH", b"+ \r\n"),
        ("response", "AUTH", b"*\r\n"),
        ("reply", "AUTH", b"-ERR\r\n"),
    ]


def test_a_tls_record_that_nobody_takes_is_no_command() -> None:
    wire = smtp("STARTTLS").c("STARTTLS").s("220 go").c_raw(b"\x16\x03\x01\r\nQUIT\r\n")
    assert shape(frame("smtp", wire.events))[-1] == ("handshake", "", b"\x16\x03\x01\r\nQUIT\r\n")
    implicit = frame("pop3", Wire().connect().c_raw(b"\x16\x03\x01").s("+OK").events)
    assert shape(implicit) == [
        ("handshake", "", b"\x16\x03\x01"),
        ("reply", "CONNECT", b"+OK\r\n"),
    ]
