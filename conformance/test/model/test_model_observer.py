"""The observer predicts the moves of a client that follows the model, and no others."""

from __future__ import annotations

import pytest

from conformance.model.disagreement import disagreement
from conformance.model.observer import predict
from conformance.test.wires import Wire, pop3, smtp
from fake_servers.log import EventLog, Kind


def moves(protocol: str, wire: Wire) -> list[str]:
    """The predicted moves behind the login phase, as `STATE EVENT STATE`."""
    return [f"{m.state} {m.event} {m.next}" for m in predict(protocol, wire.events)]


def logged_in() -> Wire:
    """A POP3 session in TRANSACTION: five moves."""
    return pop3().call("pop3.apop").c("APOP a " + "0" * 32).s("+OK").result("ok")


def in_message() -> Wire:
    """An SMTP session in DATA: eleven moves."""
    wire = smtp().result("ok").c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:<c@d>").s("250 ok")
    return wire.call("smtp.data").c("DATA").s("354 go")


LOGIN = [
    "START CONNECTED WAIT_GREETING",
    "WAIT_GREETING GREETING_OK AUTHORIZATION",
    "AUTHORIZATION CMD_APOP WAIT_APOP",
    "WAIT_APOP REPLY_OK TRANSACTION",
]


def test_pop3_session() -> None:
    wire = logged_in().c("LIST").s("+OK", "1 10", "2 20 extra", ".").c("UIDL 1").s("+OK 1 x")
    wire.c("RETR 3").s("-ERR").c("QUIT").s("+OK")
    assert moves("pop3", wire) == LOGIN + [
        "TRANSACTION CMD_LIST WAIT_LIST",
        "WAIT_LIST REPLY_OK IN_LIST",
        "IN_LIST TERMINATOR TRANSACTION",
        "TRANSACTION CMD_UIDL_ONE WAIT_UIDL_ONE",
        "WAIT_UIDL_ONE REPLY_OK TRANSACTION",
        "TRANSACTION CMD_RETR WAIT_RETR",
        "WAIT_RETR REPLY_ERR TRANSACTION",
        "TRANSACTION CMD_QUIT WAIT_UPDATE",
        "WAIT_UPDATE REPLY_OK CLOSED",
    ]


def test_smtp_session() -> None:
    wire = in_message().c("x", ".").s("250 ok").result("ok").c("QUIT").s("221 bye").server_closes()
    assert moves("smtp", wire) == [
        "START CONNECTED WAIT_GREETING",
        "WAIT_GREETING GREETING_OK GREETED",
        "GREETED CMD_EHLO WAIT_EHLO",
        "WAIT_EHLO REPLY_2YZ READY",
        "READY CMD_MAIL WAIT_MAIL",
        "WAIT_MAIL REPLY_2YZ MAIL",
        "MAIL CMD_RCPT WAIT_FIRST_RCPT",
        "WAIT_FIRST_RCPT REPLY_2YZ RCPT",
        "RCPT CMD_DATA WAIT_DATA",
        "WAIT_DATA REPLY_3YZ DATA",
        "DATA END_OF_DATA WAIT_DELIVERY",
        "WAIT_DELIVERY REPLY_2YZ READY",
        "READY CMD_QUIT WAIT_QUIT",
        "WAIT_QUIT REPLY_2YZ CLOSED",
    ]


def test_challenge_response_and_cancel() -> None:
    wire = smtp("AUTH LOGIN").c("AUTH LOGIN").s("334 VXNlcm5hbWU6").c("YQ==").s("334 !")
    wire.c("*").s("501 ok")
    assert moves("smtp", wire)[4:] == [
        "READY CMD_AUTH WAIT_AUTH",
        "WAIT_AUTH REPLY_3YZ CHALLENGED",
        "CHALLENGED RESPONSE WAIT_AUTH",
        "WAIT_AUTH REPLY_3YZ CHALLENGED",
        "CHALLENGED CANCEL WAIT_CANCEL",
        "WAIT_CANCEL REPLY_5YZ READY",
    ]


def test_fallback_to_helo() -> None:
    wire = Wire().connect().s("220 h").c("EHLO c").s("502 no").c("HELO c").s("250 h")
    assert moves("smtp", wire)[3:] == [
        "WAIT_EHLO REPLY_5YZ GREETED",
        "GREETED CMD_HELO WAIT_HELO",
        "WAIT_HELO REPLY_2YZ READY",
    ]


@pytest.mark.parametrize(
    ("greeting", "move"),
    [
        ("-ERR busy", "WAIT_GREETING GREETING_REFUSED CLOSED"),
        ("HELLO", "WAIT_GREETING BAD_REPLY FAILED"),
    ],
)
def test_pop3_greeting(greeting: str, move: str) -> None:
    assert moves("pop3", Wire().connect().s(greeting))[1:] == [move]


@pytest.mark.parametrize(
    ("greeting", "move"),
    [
        ("554 no", "WAIT_GREETING GREETING_REFUSED REFUSED"),
        ("421 later", "WAIT_GREETING REPLY_421 CLOSED"),
        ("354 what", "WAIT_GREETING BAD_REPLY FAILED"),
        ("HELLO", "WAIT_GREETING BAD_REPLY FAILED"),
        ("099 low", "WAIT_GREETING BAD_REPLY FAILED"),
    ],
)
def test_smtp_greeting(greeting: str, move: str) -> None:
    assert moves("smtp", Wire().connect().s(greeting))[1:] == [move]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("STAT", ["+OK"]),
        ("STAT", ["+OK two 320"]),
        ("LIST 1", ["+OK one 10"]),
        ("LIST 1", ["+OK"]),
        ("UIDL 1", ["+OK x"]),
        ("LIST", ["+OK", "x 10", "."]),
        ("UIDL", ["+OK", "", "."]),
        ("NOOP", ["what"]),
        ("NOOP", ["+ go on"]),
    ],
)
def test_values_that_cannot_be_read_are_a_bad_reply(command: str, reply: list[str]) -> None:
    assert moves("pop3", logged_in().c(command).s(*reply))[-1].endswith("BAD_REPLY FAILED")


@pytest.mark.parametrize("reply", ["+OK 2 320", "+OK 2 320 and more", "+OK 0 0"])
def test_values_with_text_behind_are_legal(reply: str) -> None:
    assert moves("pop3", logged_in().c("STAT").s(reply))[-1] == "WAIT_STAT REPLY_OK TRANSACTION"


@pytest.mark.parametrize("reply", ["+OK  2 320", "+OK 2 99999999999999999999", "+OK 2 320\0"])
@pytest.mark.parametrize(
    ("outcome", "move"),
    [("ok", "REPLY_OK TRANSACTION"), ("protocol-error", "BAD_REPLY FAILED")],
)
def test_a_doubtful_reply_is_what_the_client_takes_it_for(
    reply: str, outcome: str, move: str
) -> None:
    wire = logged_in().call("pop3.stat").c("STAT").s(reply)
    assert moves("pop3", wire.result(outcome))[5:] == [f"WAIT_STAT {move}"]


@pytest.mark.parametrize("reply", [["", "250 A"], [*["250-A"] * 65, "250 A"], ["550-no", "250 A"]])
def test_a_doubtful_reply_of_smtp_is_too(reply: list[str]) -> None:
    for outcome, move in (("ok", "REPLY_2YZ READY"), ("protocol-error", "BAD_REPLY FAILED")):
        wire = Wire().connect().s("220 h").call("smtp.ehlo").c("EHLO c")
        wire.s_raw("".join(f"{line}\r\n" for line in reply).encode()).result(outcome)
        assert moves("smtp", wire)[3:] == [f"WAIT_EHLO {move}"]


DOUBTFUL_ANSWERS = [
    ("LIST 1", ["+OK 2 120"], "WAIT_LIST_ONE", "REPLY_OK TRANSACTION"),
    ("UIDL 1", ["+OK 2 x"], "WAIT_UIDL_ONE", "REPLY_OK TRANSACTION"),
    ("LIST 1", ["+OK 10 120"], "WAIT_LIST_ONE", "REPLY_OK TRANSACTION"),
    ("STAT", ["+OK 4294967296 1"], "WAIT_STAT", "REPLY_OK TRANSACTION"),
    ("LIST 4294967296", ["+OK 4294967296 1"], "WAIT_LIST_ONE", "REPLY_OK TRANSACTION"),
    ("LIST", ["+OK", "1 10", "4294967296 10", "."], "IN_LIST", "TERMINATOR TRANSACTION"),
    ("LIST", ["+OK", "0 10", "."], "IN_LIST", "TERMINATOR TRANSACTION"),
    ("LIST", ["+OK", "1 10", "2 5", "1 10", "."], "IN_LIST", "TERMINATOR TRANSACTION"),
    ("UIDL", ["+OK", "1 a", "01 b", "."], "IN_UIDL", "TERMINATOR TRANSACTION"),
]


@pytest.mark.parametrize(("command", "reply", "state", "taken"), DOUBTFUL_ANSWERS)
def test_a_client_may_refuse_what_is_no_answer_to_its_question(
    command: str, reply: list[str], state: str, taken: str
) -> None:
    for outcome, move in (("ok", taken), ("protocol-error", "BAD_REPLY FAILED")):
        wire = logged_in().call("pop3.x").c(command).s(*reply).result(outcome)
        assert moves("pop3", wire)[-1] == f"{state} {move}"


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("LIST 2", ["+OK 2 120"]),
        ("UIDL 2", ["+OK 2 x"]),
        ("LIST 2147483647", ["+OK 2147483647 999999999999999999"]),
        ("STAT", ["+OK 2147483647 1"]),
        ("UIDL", ["+OK", "1 x", "2 x", "."]),
        ("LIST", ["+OK", "2 10", "1 10", "."]),
        ("TOP 1 0", ["+OK 2 120", "2 1", "2 1", "."]),
        ("RETR 1", ["+OK 2 120", "2 1", "2 1", "."]),
    ],
)
def test_a_right_answer_leaves_no_choice(command: str, reply: list[str]) -> None:
    wire = logged_in().call("pop3.x").c(command).s(*reply).result("protocol-error")
    assert moves("pop3", wire)[-1].endswith("TRANSACTION")


def test_each_answer_of_a_group_is_read_by_its_own_question() -> None:
    wire = logged_in().call("pop3.batch").c("LIST 1", "LIST 2").s("+OK 1 10", "+OK 2 20")
    assert moves("pop3", wire)[-1] == "WAIT_LIST_ONE REPLY_OK TRANSACTION"


def test_a_class_without_a_row_is_a_bad_reply() -> None:
    wire = smtp().c("NOOP").s("354 go")
    assert moves("smtp", wire)[-1] == "WAIT_NOOP BAD_REPLY FAILED"
    wire = smtp().c("MAIL FROM:<>").s("250 ok").c("RCPT TO:<a@b>").s("250 ok").c("DATA")
    assert moves("smtp", wire.s("250 ok"))[-1] == "WAIT_DATA BAD_REPLY FAILED"


@pytest.mark.parametrize("part", [b"", b"+O", b"+OK 2 3"])
@pytest.mark.parametrize("how", [Kind.EOF, Kind.RESET])
def test_an_end_while_a_reply_is_owed_is_eof(part: bytes, how: Kind) -> None:
    wire = logged_in().call("pop3.stat").c("STAT").s_raw(part).server_closes(how)
    assert moves("pop3", wire.result("io-error"))[5:] == ["WAIT_STAT EOF FAILED"]


def test_an_end_in_a_body_is_eof() -> None:
    wire = logged_in().c("RETR 1").s("+OK", "half").server_closes().result("io-error")
    assert moves("pop3", wire)[-1] == "IN_RETR EOF FAILED"


def test_an_end_that_follows_garbage_is_what_the_client_says() -> None:
    wire = logged_in().c("STAT").s_raw(b"rubbish").server_closes()
    assert moves("pop3", wire.result("protocol-error"))[-1] == "WAIT_STAT BAD_REPLY FAILED"


def test_a_line_that_never_ends_may_be_refused() -> None:
    wire = logged_in().c("STAT").s_raw(b"+OK " + b"x" * 2000).result("protocol-error")
    assert moves("pop3", wire)[-1] == "WAIT_STAT BAD_REPLY FAILED"


def test_giving_up_on_a_good_beginning_is_not_predicted() -> None:
    wire = logged_in().c("STAT").s_raw(b"+OK 2").result("protocol-error")
    assert moves("pop3", wire)[-1] == "TRANSACTION CMD_STAT WAIT_STAT"


def test_silence_is_a_timeout() -> None:
    wire = logged_in().call("pop3.noop").c("NOOP").result("timeout")
    assert moves("pop3", wire)[-1] == "WAIT_NOOP TIMEOUT FAILED"


def test_what_comes_after_the_clients_end_is_not_seen() -> None:
    wire = logged_in().c("NOOP").client_closes().s("+OK")
    assert moves("pop3", wire)[-1] == "TRANSACTION CMD_NOOP WAIT_NOOP"


def test_surplus_is_found_by_the_next_call() -> None:
    wire = logged_in().c("NOOP").s("+OK", "+OK").result("ok")
    assert moves("pop3", wire)[-1] == "WAIT_NOOP REPLY_OK TRANSACTION"
    wire.call("pop3.noop").result("protocol-error")
    assert moves("pop3", wire)[-1] == "TRANSACTION BAD_REPLY FAILED"


def test_surplus_is_not_found_by_close_or_by_a_caller_error() -> None:
    wire = logged_in().s("+OK").call("pop3.retr").result("rejected-locally")
    wire.call("pop3.close").result("ok").client_closes()
    assert moves("pop3", wire) == LOGIN


def test_surplus_that_the_client_sent_past_is_its_next_reply() -> None:
    wire = logged_in().s("-ERR").call("pop3.noop").c("NOOP").result("refused")
    assert moves("pop3", wire)[-1] == "WAIT_NOOP REPLY_ERR TRANSACTION"


def test_a_farewell_while_idle() -> None:
    wire = smtp().result("ok").s("421 bye").server_closes().call("smtp.noop").result("refused")
    assert moves("smtp", wire)[-1] == "READY REPLY_421 CLOSED"


def test_a_refusal_does_not_consume_a_farewell_behind_it() -> None:
    wire = smtp().result("ok").call("smtp.vrfy").c("VRFY a").s("550 no", "421 bye")
    certain = [m for m in predict("smtp", wire.result("refused").events) if not m.optional]
    assert (certain[-1].event, certain[-1].next) == ("REPLY_5YZ", "READY")


@pytest.mark.parametrize("outcome", ["ok", "refused"])
def test_a_farewell_behind_a_reply_may_be_read_within_the_call(outcome: str) -> None:
    reply = {"ok": "252 perhaps", "refused": "550 no"}[outcome]
    wire = smtp().result("ok").call("smtp.vrfy").c("VRFY a").s(reply, "421 bye").result(outcome)
    predicted = predict("smtp", wire.events)
    reported = [(m.state, m.event, m.next) for m in predicted if not m.optional]
    assert disagreement("smtp", predicted, reported) is None
    farewell = ("READY", "REPLY_421", "CLOSED")
    assert disagreement("smtp", predicted, [*reported, farewell]) is None
    assert disagreement("smtp", predicted, [*reported, ("READY", "EOF", "FAILED")]) is not None


def test_an_end_while_idle_is_found_by_the_next_call() -> None:
    wire = logged_in().server_closes()
    assert moves("pop3", wire) == LOGIN
    wire.call("pop3.noop").result("io-error")
    assert moves("pop3", wire)[-1] == "TRANSACTION EOF FAILED"


def test_own_abort_of_a_message() -> None:
    wire = in_message().c_raw(b"x\r\n").client_closes()
    assert moves("smtp", wire)[-1] == "DATA ABORT CLOSED"
    wire = in_message().c_raw(b"x\r\n").client_closes().result("rejected-locally")
    assert moves("smtp", wire)[-1] == "DATA ABORT CLOSED"


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        ("not-sent", ["DATA EOF FAILED"]),
        ("unknown", ["DATA END_OF_DATA WAIT_DELIVERY", "WAIT_DELIVERY EOF FAILED"]),
    ],
)
def test_an_end_inside_a_message(delivery: str, expected: list[str]) -> None:
    wire = in_message().server_closes().result("io-error", delivery=delivery)
    assert moves("smtp", wire)[10:] == expected


def test_a_farewell_inside_a_message() -> None:
    wire = in_message().s("421 bye")
    assert moves("smtp", wire)[10:] == []
    wire.result("refused")
    assert moves("smtp", wire)[10:] == ["DATA REPLY_421 CLOSED"]


def test_a_forbidden_command_ends_the_prediction() -> None:
    wire = pop3().c("RETR 1").s("+OK", "x", ".").c("QUIT").s("+OK")
    assert moves("pop3", wire)[2:] == ["AUTHORIZATION CMD_RETR ?"]


def test_pipelined_commands_move_when_they_become_the_head() -> None:
    wire = smtp("PIPELINING").c_raw(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n").s("250 ok", "250 ok")
    assert moves("smtp", wire)[4:] == [
        "READY CMD_MAIL WAIT_MAIL",
        "WAIT_MAIL REPLY_2YZ MAIL",
        "MAIL CMD_RCPT WAIT_FIRST_RCPT",
        "WAIT_FIRST_RCPT REPLY_2YZ RCPT",
    ]


def test_two_connections_follow_each_other() -> None:
    wire = pop3().c("QUIT").s("+OK").server_closes().connect().s("+OK").server_closes()
    assert [move.split()[1] for move in moves("pop3", wire)] == [
        "CONNECTED",
        "GREETING_OK",
        "CMD_QUIT",
        "REPLY_OK",
        "CONNECTED",
        "GREETING_OK",
    ]


def test_octet_by_octet_gives_the_same_moves() -> None:
    wire = logged_in().call("pop3.list").c("LIST").s("+OK", "1 10", ".").result("ok")
    pieces = EventLog()
    for event in wire.events:
        for octets in [bytes([o]) for o in event.octets] or [b""]:
            pieces.append(event.kind, connection=event.connection, octets=octets, data=event.data)
    predicted = [(m.state, m.event, m.next) for m in predict("pop3", pieces)]
    assert predicted == [(m.state, m.event, m.next) for m in predict("pop3", wire.events)]


def report(protocol: str, wire: Wire) -> list[tuple[str, str, str]]:
    """What a client that agrees reports."""
    return [(m.state, m.event, m.next) for m in predict(protocol, wire.events)]


def test_agreement_and_the_first_disagreement() -> None:
    wire = logged_in().c("NOOP").s("+OK")
    predicted, reported = predict("pop3", wire.events), report("pop3", wire)
    assert disagreement("pop3", predicted, reported) is None
    short = disagreement("pop3", predicted, reported[:-1])
    assert short is not None
    assert (short.index, short.reported) == (5, None)
    assert short.predicted == ("WAIT_NOOP", "REPLY_OK", "TRANSACTION")
    other = disagreement("pop3", predicted, [*reported, ("TRANSACTION", "EOF", "FAILED")])
    assert other is not None
    assert (other.index, other.predicted, other.reported) == (
        6,
        None,
        ("TRANSACTION", "EOF", "FAILED"),
    )


def test_a_command_that_nobody_read_may_stand_before_the_end() -> None:
    wire = pop3().call("pop3.user").c("USER a").s("+OK").server_closes().result("io-error")
    predicted, reported = predict("pop3", wire.events), report("pop3", wire)
    assert reported[-1] == ("USER_ACCEPTED", "EOF", "FAILED")
    assert disagreement("pop3", predicted, reported) is None
    begun = [("USER_ACCEPTED", "CMD_PASS", "WAIT_PASS"), ("WAIT_PASS", "EOF", "FAILED")]
    assert disagreement("pop3", predicted, [*reported[:-1], *begun]) is None
    wrong = [("USER_ACCEPTED", "CMD_STAT", "WAIT_STAT"), ("WAIT_STAT", "EOF", "FAILED")]
    assert disagreement("pop3", predicted, [*reported[:-1], *wrong]) is not None


def test_an_end_of_a_message_that_nobody_read_may_stand_before_the_end() -> None:
    wire = in_message().server_closes().result("io-error", delivery="not_sent")
    predicted = predict("smtp", wire.events)
    reported = report("smtp", in_message())
    end = [("DATA", "END_OF_DATA", "WAIT_DELIVERY"), ("WAIT_DELIVERY", "EOF", "FAILED")]
    assert disagreement("smtp", predicted, [*reported, ("DATA", "EOF", "FAILED")]) is None
    assert disagreement("smtp", predicted, [*reported, *end]) is None
    assert disagreement("smtp", predicted, [*reported, end[0]]) is not None


def test_a_client_may_give_up_on_a_reply_of_very_many_lines() -> None:
    wire = Wire().connect().s("220 h").call("smtp.ehlo").c("EHLO c").s(*["250-A"] * 65)
    wire.result("protocol-error").client_closes().server_closes()
    assert moves("smtp", wire)[3:] == ["WAIT_EHLO BAD_REPLY FAILED"]
