"""Where the moves of a client part from those that the wire implies, and how bad that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.run.moves import compare_predicted
from conformance.subject.answer import Move
from conformance.test.wires import Wire
from conformance.verdict import Verdict
from fake_servers.log import Kind
from fake_servers.trace.parser import parse_text

TEXT = "id: pop3.x\ntitle: x\nbreach: INFO: no RFC binds it\n\nA: pop3.connect\nR: ok\n"
STRICT = parse_text(TEXT.replace("breach: INFO: no RFC binds it\n", ""), Path("x"))
MILD = parse_text(TEXT, Path("x"))
CONNECTED = ("START", "CONNECTED", "WAIT_GREETING")
GOOD = ("WAIT_GREETING", "GREETING_OK", "AUTHORIZATION")
BAD = ("WAIT_GREETING", "BAD_REPLY", "FAILED")
REFUSED = ("WAIT_GREETING", "GREETING_REFUSED", "CLOSED")


@pytest.mark.parametrize(
    ("greeting", "move", "mild"),
    [
        (" +OK ready", GOOD, Verdict.INFO),
        ("HELLO", GOOD, Verdict.INFO),
        ("+OK ready", BAD, Verdict.INFO),
        ("+OK ready", REFUSED, Verdict.FAIL),
        ("-ERR no", GOOD, Verdict.FAIL),
    ],
)
def test_a_lenience_is_as_bad_as_the_case_says(
    greeting: str, move: tuple[str, str, str], mild: Verdict
) -> None:
    events = Wire().call("pop3.connect").connect().s(greeting).result("ok").events
    reported = [(CONNECTED, 5), (move, 5)]
    for trace, verdict in ((MILD, mild), (STRICT, Verdict.FAIL)):
        parted = compare_predicted(trace, events, reported)
        assert parted is not None and parted.verdict is verdict


def test_an_empty_line_before_the_greeting_may_be_malformed_or_passed_over() -> None:
    for sent, move, outcome in (
        ("", BAD, "protocol-error"),
        ("\r\n+OK ready", BAD, "protocol-error"),
        ("\r\n+OK ready", GOOD, "ok"),
    ):
        wire = Wire().call("pop3.connect").connect().s(sent).result(outcome)
        assert compare_predicted(STRICT, wire.events, [(CONNECTED, 5), (move, 5)]) is None


def test_letters_of_any_case_leave_the_client_its_choice() -> None:
    for move, outcome in ((GOOD, "ok"), (BAD, "protocol-error")):
        wire = Wire().call("pop3.connect").connect().s("+ok ready").result(outcome)
        assert compare_predicted(STRICT, wire.events, [(CONNECTED, 5), (move, 5)]) is None


EOF = ("WAIT_GREETING", "EOF", "FAILED")


def _lost(reset: bool = True, sent: str = "") -> Wire:
    wire = Wire().call("pop3.connect").connect()
    if sent:
        wire = wire.s_raw(sent.encode())
    return wire.server_closes(Kind.RESET if reset else Kind.EOF).result("io-error")


@pytest.mark.parametrize("moves", [[], [CONNECTED, EOF]])
def test_a_connection_that_is_reset_at_once_may_never_have_been_there(moves: list[Move]) -> None:
    reported = [(move, 5) for move in moves]
    assert compare_predicted(STRICT, _lost().events, reported) is None
    again = _lost().call("pop3.connect").connect().s("+OK ready").result("ok").events
    more = [(CONNECTED, 9), (GOOD, 9)]
    assert compare_predicted(STRICT, again, reported + more) is None


@pytest.mark.parametrize(
    ("wire", "moves"),
    [
        (_lost(), [CONNECTED]),
        (_lost(), [CONNECTED, GOOD]),
        (_lost(reset=False), []),
        (_lost(sent="+O"), []),
    ],
)
def test_any_other_end_of_a_connection_was_seen(wire: Wire, moves: list[Move]) -> None:
    assert compare_predicted(STRICT, wire.events, [(move, 5) for move in moves]) is not None
