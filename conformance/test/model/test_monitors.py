"""Each monitor finds a violation in a made-up log, and none in its nearest legal neighbour."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import requirements
from conformance.model.observer import predict
from conformance.model.table import load
from conformance.monitors import MONITORS, judge
from conformance.test.model.monitor_cases import CASES, SECRECY
from conformance.test.model.monitor_logs import DIGEST, data, envelope, mailbox
from conformance.test.wires import Wire, pop3, smtp
from conformance.verdict import Verdict
from fake_servers.log import Kind
from fake_servers.trace.parser import parse_text

TLS_TRACE = parse_text("id: pop3.x\ntitle: x\npolicy: tls\n\nA: pop3.connect\nR: ok\n", Path("x"))


def found(wire: Wire) -> set[str]:
    """The monitors that find a violation, in the protocol that the greeting tells."""
    first = next(event.octets for event in wire.events if event.kind is Kind.TX)
    protocol = "pop3" if first[:1] in (b"+", b"-") else "smtp"
    return {violation.monitor for violation in judge(protocol, wire.events, None)}


@pytest.mark.parametrize(("monitor", "guilty", "innocent"), CASES)
def test_guilty_and_innocent(monitor: str, guilty: Wire, innocent: Wire) -> None:
    assert monitor in found(guilty)
    assert monitor not in found(innocent)


@pytest.mark.parametrize(("monitor", "protocol", "guilty", "innocent"), SECRECY)
def test_secrecy_where_tls_is_demanded(
    monitor: str, protocol: str, guilty: Wire, innocent: Wire
) -> None:
    assert monitor in {c.monitor for c in judge(protocol, guilty.events, TLS_TRACE)}
    assert monitor not in {c.monitor for c in judge(protocol, innocent.events, TLS_TRACE)}
    clear = replace(TLS_TRACE, policy="clear")
    assert monitor not in {c.monitor for c in judge(protocol, guilty.events, clear)}


def test_every_monitor_has_a_case_and_a_unique_id() -> None:
    ids = [monitor.id for monitor in MONITORS]
    assert len(ids) == len(set(ids))
    assert set(ids) == {case[0] for case in CASES} | {case[0] for case in SECRECY}


def test_every_monitor_stands_for_requirements_of_each_of_its_protocols() -> None:
    register = requirements.load()
    for monitor in MONITORS:
        assert all(register.known(each) for each in monitor.requirements), monitor.id
        named = {register[each].protocol for each in monitor.requirements}
        assert all(p in named or "sasl" in named for p in monitor.protocols), monitor.id


def test_whole_sessions_break_nothing() -> None:
    wire = mailbox().c("LIST").s("+OK", "1 10", ".").c("RETR 1").s("+OK", "..x", ".")
    assert found(wire.c("DELE 1").s("+OK").c("QUIT").s("+OK").server_closes()) == set()
    assert found(data(b"..x\r\n\r\n.\r\n").c("QUIT").s("221 bye").server_closes()) == set()


def test_a_violation_says_what_where_and_how_bad() -> None:
    violations = judge("pop3", pop3().c(f"APOP a {DIGEST.upper()}").events, None)
    assert [c.monitor for c in violations] == ["login.apop-digest"]
    violation = violations[0]
    assert violation.requirements == ("RFC1939-7-APOP-02",)
    assert violation.verdict is Verdict.FAIL
    assert violation.line == 0
    assert violation.actual == f"APOP a {DIGEST.upper()}\\r\\n"


def test_a_rule_of_both_protocols_names_the_requirement_of_this_one() -> None:
    violations = judge("smtp", Wire().connect().c("EHLO c").s("220 h").events, None)
    assert violations[0].requirements == ("RFC5321-4.3.1-GREET-01",)
    assert violations[0].verdict is Verdict.NON_STRICT


def test_advice_is_never_a_failure() -> None:
    violations = judge("smtp", smtp().c("NOOP").s("421 bye").c("RSET").events, None)
    assert [(c.monitor, c.verdict) for c in violations] == [("order.smtp-421", Verdict.NON_STRICT)]


LENIENT = (
    "id: pop3.x\ntitle: x\nproves: {0}\nbreach: INFO: no RFC binds it\n\nA: pop3.connect\nR: ok\n"
)


@pytest.mark.parametrize(
    ("proves", "verdict"),
    [("RFC1939-4-GREET-02", Verdict.INFO), ("RFC1939-3-RESP-01", Verdict.FAIL)],
)
def test_a_rule_that_a_case_is_about_is_as_bad_as_the_case_says(
    proves: str, verdict: Verdict
) -> None:
    trace = parse_text(LENIENT.format(proves), Path("x"))
    violations = judge("pop3", Wire().connect().s("HELLO").c("USER a").events, trace)
    assert [(c.monitor, c.verdict) for c in violations] == [
        ("order.pop3-refused-greeting", verdict)
    ]
    assert violations[0].reason.endswith("; no RFC binds it") is (verdict is Verdict.INFO)


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [
        (["250-ok\r\n550 no"], Verdict.INFO),
        (["550-no\r\n550 no"], Verdict.FAIL),
        (["550 no\n250 ok"], Verdict.FAIL),
        (["550-no\r\n451 later", "550 no"], Verdict.INFO),
    ],
)
def test_behind_a_reply_with_two_codes_no_state_is_sure(
    replies: list[str], verdict: Verdict
) -> None:
    """RFC 5321 section 4.2.1: a client may go by the code of any line."""
    wire = envelope()
    for reply in replies:
        wire = wire.c("DATA").s(reply)
    violations = judge("smtp", wire.c("Subject: x").events, None)
    assert [each.verdict for each in violations if each.monitor == "message.after-354"] == [verdict]


def test_a_reply_with_two_codes_excuses_no_syntax() -> None:
    wire = envelope().c("DATA").s("550-no\r\n250 ok").c("NOOP\0")
    assert [each.verdict for each in judge("smtp", wire.events, None)] == [Verdict.FAIL]


def test_what_is_mild_already_stays_so() -> None:
    text = LENIENT.replace("pop3", "smtp").replace("INFO:", "NON-STRICT:")
    trace = parse_text(text.format("RFC5321-4.3.1-GREET-01"), Path("x"))
    violations = judge("smtp", Wire().connect().c("EHLO c").s("220 h").events, trace)
    assert [c.verdict for c in violations] == [Verdict.NON_STRICT]
    assert "binds" not in violations[0].reason


@pytest.mark.parametrize("greeting", ["+ok ready", "\r\n+OK ready", "+Ok"])
def test_a_greeting_that_a_client_may_read_refuses_nothing(greeting: str) -> None:
    wire = Wire().call("pop3.connect").connect().s(greeting).result("ok")
    wire.c("USER a").s("+ok").c("PASS b").s("+OK").call("pop3.retr").c("RETR 1")
    wire.s("+ok", "a", ".").result("ok").c("QUIT").s("+OK")
    assert not judge("pop3", wire.events, None)


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        ("-ERR no", "the greeting had refused the session"),
        ("-err no", "the greeting had refused the session"),
        ("220 smtp", "the greeting opens no session"),
        ("*OK", "the greeting opens no session"),
    ],
)
def test_a_sentence_about_a_reply_says_what_it_was(greeting: str, reason: str) -> None:
    wire = Wire().connect().s(greeting).c("USER a")
    assert [each.reason for each in judge("pop3", wire.events, None)] == [reason]


def test_commands_that_were_read_together_are_judged_in_their_order() -> None:
    apart = Wire().connect().s("+_K ready").c("USER mrose").c("RSET")
    together = Wire().connect().s("+_K ready").c_raw(b"USER mrose\r\nRSET\r\n")
    reasons = [[each.reason for each in judge("pop3", w.events, None)] for w in (apart, together)]
    assert reasons[0] == reasons[1]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("-ERR no", "DELE was refused, but pop3.dele says ok"),
        ("*OK", "the reply to DELE is not positive, but pop3.dele says ok"),
    ],
)
def test_only_a_refusal_is_called_one(reply: str, reason: str) -> None:
    wire = mailbox().call("pop3.dele").c("DELE 1").s(reply).result("ok")
    assert [each.reason for each in judge("pop3", wire.events, None)] == [reason]


def test_noise_never_raises() -> None:
    dice = random.Random(5321)
    alphabet = [b"+OK", b"-ERR", b"250-", b"250 ok", b"334 ", b"354 ", b"421 ", b"AUTH PLAIN"]
    alphabet += [
        b"DATA",
        b"RETR 1",
        b"PASS x",
        b"USER",
        b"EHLO",
        b"\r\n",
        b"\r\n.\r\n",
        b"\0",
        b"\xff",
    ]
    for _ in range(200):
        wire = Wire()
        for _ in range(40):
            step = dice.randrange(8)
            octets = b"".join(dice.choices(alphabet, k=2)) + dice.choice([b"\r\n", b""])
            if step == 0:
                wire.connect()
            elif step == 1:
                wire.call(dice.choice(["pop3.retr", "smtp.data", "pop3.fetch", "nonsense"]))
            elif step == 2:
                wire.result(dice.choice(["ok", "timeout", "io-error", "protocol-error"]))
            elif step == 3 and wire.connection:
                _ = wire.server_closes() if dice.random() < 0.5 else wire.client_closes()
            elif wire.connection:
                dice.choice([wire.c_raw, wire.s_raw])(octets)
        for protocol in ("pop3", "smtp"):
            model = load(protocol)
            for move in predict(protocol, wire.events):
                row = model.successor(move.state, move.event)
                assert (row.next if row else "?") == move.next
            for violation in judge(protocol, wire.events, None):
                assert violation.requirements


def test_long_octets_are_cut_in_the_report() -> None:
    violation = judge("smtp", smtp().c("NOOP " + "x" * 5000).events, None)[0]
    assert violation.actual.endswith("x ...")
    assert len(violation.actual) < 300


@pytest.mark.parametrize(("command", "is_early"), [("QUIT", False), ("USER a", True)])
def test_a_client_may_leave_at_an_empty_line_before_a_greeting(
    command: str, is_early: bool
) -> None:
    wire = Wire().connect().s("").c(command).s("+OK")
    found_ = {violation.monitor for violation in judge("pop3", wire.events, None)}
    assert ("order.greeting-first" in found_) == is_early
