"""The observer on what extensions change: TLS, pipelines, BDAT, LMTP, SASL."""

from __future__ import annotations

import pytest

from conformance.model.disagreement import disagreement
from conformance.model.observer import predict
from conformance.test.wires import Wire, pop3, smtp
from fake_servers.log import Kind


def moves(protocol: str, wire: Wire) -> list[str]:
    """The predicted moves, as `STATE EVENT STATE`."""
    return [f"{m.state} {m.event} {m.next}" for m in predict(protocol, wire.events)]


def starttls() -> Wire:
    """An SMTP session whose STARTTLS was accepted: six moves."""
    return smtp("STARTTLS").result("ok").call("smtp.starttls").c("STARTTLS").s("220 go")


UP = "START_TLS TLS_UP GREETED"
FAILED = "START_TLS TLS_FAILED FAILED"


def test_the_client_may_know_of_tls_before_the_server_does() -> None:
    wire = starttls().result("ok").tls("up").c("EHLO c").s("250 h")
    assert moves("smtp", wire)[6:8] == [UP, "GREETED CMD_EHLO WAIT_EHLO"]


def test_a_goal_goes_on_after_the_handshake() -> None:
    assert moves("smtp", starttls().tls("up").c("EHLO c"))[6:7] == [UP]


def test_a_certificate_may_be_found_bad_when_the_handshake_is_done() -> None:
    wire = starttls().tls("up").result("protocol-error").client_closes()
    assert moves("smtp", wire)[6:] == [FAILED]


def test_a_handshake_that_fails_or_never_comes() -> None:
    assert moves("smtp", starttls().tls("failed").result("protocol-error"))[6:] == [FAILED]
    assert moves("smtp", starttls().result("timeout"))[6:] == ["START_TLS TIMEOUT FAILED"]
    closed = starttls().server_closes().result("io-error")
    assert moves("smtp", closed)[6:] == ["START_TLS EOF FAILED"]


@pytest.mark.parametrize("event", ["BAD_REPLY", "TLS_FAILED"])
def test_octets_in_clear_are_bad_in_one_way_or_the_other(event: str) -> None:
    wire = starttls().s("250 injected").result("protocol-error")
    predicted = predict("smtp", wire.events)
    reported = [(m.state, m.event, m.next) for m in predicted[:-1]]
    assert disagreement("smtp", predicted, [*reported, ("START_TLS", event, "FAILED")]) is None
    assert disagreement("smtp", predicted, [*reported, ("START_TLS", "TLS_UP", "GREETED")])


def test_implicit_tls_comes_before_the_first_move() -> None:
    wire = Wire().call("pop3.connect", tls="implicit").connect()
    assert moves("pop3", wire.tls("failed").result("protocol-error")) == []
    good = Wire().call("pop3.connect", tls="implicit").connect().tls("up").s("+OK").result("ok")
    assert moves("pop3", good) == [
        "START CONNECTED WAIT_GREETING",
        "WAIT_GREETING GREETING_OK AUTHORIZATION",
    ]


def group(*replies: str) -> Wire:
    """MAIL, RCPT and DATA sent together, and these replies: four moves before them."""
    wire = smtp("PIPELINING").c_raw(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    return wire.s(*replies)


def test_a_group_that_loses_its_ground() -> None:
    assert moves("smtp", group("550 no", "503 no", "503 no"))[4:] == [
        "READY CMD_MAIL WAIT_MAIL",
        "WAIT_MAIL REPLY_5YZ READY",
        "READY CMD_RCPT WAIT_LOST_RCPT",
        "WAIT_LOST_RCPT REPLY_5YZ READY",
        "READY CMD_DATA WAIT_LOST_DATA",
        "WAIT_LOST_DATA REPLY_5YZ READY",
    ]


def test_a_354_that_nobody_wanted() -> None:
    wire = group("250 ok", "550 no", "354 go").c(".").s("554 no")
    assert moves("smtp", wire)[8:] == [
        "MAIL CMD_DATA WAIT_EMPTY_DATA",
        "WAIT_EMPTY_DATA REPLY_3YZ LOST_DATA",
        "LOST_DATA END_OF_DATA WAIT_LOST_DELIVERY",
        "WAIT_LOST_DELIVERY REPLY_5YZ READY",
    ]


def envelope(wire: Wire, *recipients: str) -> Wire:
    """MAIL and RCPT, accepted."""
    wire.c("MAIL FROM:<a@b>").s("250 ok")
    for recipient in recipients:
        wire.c(f"RCPT TO:<{recipient}>").s("250 ok")
    return wire


def test_chunks_are_moves_of_their_commands() -> None:
    wire = envelope(smtp("CHUNKING"), "c@d").c("BDAT 2").c_raw(b"\r\n").s("250 ok")
    wire.c("BDAT 0 LAST").s("250 ok")
    assert moves("smtp", wire)[8:] == [
        "RCPT CMD_BDAT WAIT_BDAT",
        "WAIT_BDAT REPLY_2YZ CHUNK",
        "CHUNK CMD_BDAT_LAST WAIT_DELIVERY",
        "WAIT_DELIVERY REPLY_2YZ READY",
    ]


def test_lmtp_is_ready_when_the_last_recipient_was_answered() -> None:
    wire = envelope(Wire().connect().s("220 h").c("LHLO c").s("250 h"), "c@d", "e@f")
    wire.c("DATA").s("354 go").c(".").s("250 ok", "452 full").c("QUIT").s("221 bye")
    assert moves("smtp", wire)[12:] == [
        "DATA END_OF_DATA_EACH WAIT_EACH",
        "WAIT_EACH REPLY_2YZ WAIT_EACH",
        "WAIT_EACH REPLY_4YZ WAIT_EACH",
        "READY CMD_QUIT WAIT_QUIT",
        "WAIT_QUIT REPLY_2YZ CLOSED",
    ]


@pytest.mark.parametrize(
    ("outcome", "move"),
    [
        ("ok", "WAIT_AUTH REPLY_2YZ READY"),
        ("auth-failed", "WAIT_AUTH BAD_REPLY FAILED"),
        ("protocol-error", "WAIT_AUTH BAD_REPLY FAILED"),
    ],
)
def test_success_without_proof_is_the_clients_to_judge(outcome: str, move: str) -> None:
    wire = smtp("AUTH SCRAM-SHA-1").call("smtp.auth").c("AUTH SCRAM-SHA-1 biws")
    assert moves("smtp", wire.s("235 welcome").result(outcome))[5:] == [move]


def test_a_proof_that_was_answered_leaves_no_choice() -> None:
    wire = smtp("AUTH SCRAM-SHA-1").call("smtp.auth").c("AUTH SCRAM-SHA-1 biws")
    wire.s("334 cj0=").c("Yz0=").s("334 dj0=").c("").s("235 ok")
    assert moves("smtp", wire)[-1] == "WAIT_AUTH REPLY_2YZ READY"


def test_pop3_challenge_and_cancel() -> None:
    wire = pop3().c("AUTH LOGIN").s("+ VXNlcm5hbWU6").c("YQ==").s("+ ").c("*").s("-ERR")
    assert moves("pop3", wire)[2:] == [
        "AUTHORIZATION CMD_AUTH WAIT_AUTH",
        "WAIT_AUTH REPLY_CONTINUE CHALLENGED",
        "CHALLENGED RESPONSE WAIT_AUTH",
        "WAIT_AUTH REPLY_CONTINUE CHALLENGED",
        "CHALLENGED CANCEL WAIT_CANCEL",
        "WAIT_CANCEL REPLY_ERR AUTHORIZATION",
    ]


def test_a_plus_without_a_blank_is_a_challenge_to_some() -> None:
    wire = pop3().call("pop3.auth").c("AUTH LOGIN").s("+")
    assert moves("pop3", wire)[3:] == ["WAIT_AUTH REPLY_CONTINUE CHALLENGED"]
    bad = pop3().call("pop3.auth").c("AUTH LOGIN").s("+").result("protocol-error")
    assert moves("pop3", bad)[3:] == ["WAIT_AUTH BAD_REPLY FAILED"]


def test_lang_lists_or_selects() -> None:
    wire = pop3().c("LANG").s("+OK", "en English", ".").c("LANG de").s("+OK de")
    assert moves("pop3", wire)[2:] == [
        "AUTHORIZATION CMD_LANG WAIT_LANG",
        "WAIT_LANG REPLY_OK IN_LANG",
        "IN_LANG TERMINATOR AUTHORIZATION",
        "AUTHORIZATION CMD_LANG_TO WAIT_LANG_TO",
        "WAIT_LANG_TO REPLY_OK AUTHORIZATION",
    ]


def test_a_reset_in_the_handshake_is_the_servers_end() -> None:
    wire = starttls().server_closes(Kind.RESET).result("io-error")
    assert moves("smtp", wire)[6:] == ["START_TLS EOF FAILED"]
