"""No linear trace fails a client for what an RFC lets it send at that place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from conformance.catalogue import everything
from conformance.families import members
from conformance.model.dry_run import DryRun
from conformance.model.observer import predict
from conformance.run.case import Runner
from conformance.run.moves import compare_predicted
from conformance.test.run.actor import Actor
from conformance.test.small_cases import trace_of
from conformance.test.wires import Wire
from conformance.verdict import CaseRun, Verdict
from fake_servers.log import Event, Kind
from fake_servers.scripted.extras.freedom import EXTRAS_MAX
from fake_servers.scripted.steps import Step, next_heads
from fake_servers.trace.notation import write
from fake_servers.trace.syntax import Call, Directive, Expect, Group, Move, Result, Trace

SEED = 1
ALL_REFUSED = [
    "smtp.pipelining.all-refused-for-now",
    "smtp.pipelining.each-recipient-its-code",
    "smtp.pipelining.every-loss",
    "smtp.pipelining.not-offered-all-refused",
    "smtp.rfc2920.section-4-all-refused",
]


def perform(
    trace: Trace,
    extras: Mapping[int, bytes],
    last: Mapping[int, bytes] = MappingProxyType({}),
    variant: str = "whole",
) -> CaseRun:
    """The trace with a client that says these commands as well, by the line of the call."""
    subject = Actor(trace, extras, last, SEED)
    try:
        return Runner(subject, SEED).run_case(trace, variant)
    finally:
        subject.stop()


def places(trace: Trace) -> dict[int, bytes]:
    """A free command for each call before which one may come, by its line.

    The `T:` lines tell where the client stands. No place is where the trace itself goes on with
    that command, nor where the server has closed.
    """
    found: dict[int, bytes] = {}
    state, line = "", 0
    for item in trace.items:
        if isinstance(item, Call):
            line = item.line
            extra = EXTRAS.get(state, b"")
            if extra and not trace.is_strict(extra.split()[0].decode()):
                found[line] = extra
        elif isinstance(item, Move):
            state = item.next
        elif isinstance(item, Directive) and item.name in ("close", "reset", "half-close"):
            return found
        elif isinstance(item, (Expect, Group)):
            heads = next_heads([Step(item, 0)])
            verb = found.get(line, b"x").split()[0]
            if any(write(each.template).encode().startswith(verb) for each in heads):
                found.pop(line, None)
    return found


ODD = frozenset({"silence", "accept", "pause"})
OUT_OF_STEP = frozenset({"smtp.noop.421-in-the-meantime"})
"""Here the server speaks while no call is made."""


def is_plain(trace: Trace) -> bool:
    """Whether an actor can play it: its `T:` lines tell all, no time has to pass, TLS is good."""
    directives = [item for item in trace.items if isinstance(item, Directive)]
    is_odd = any(each.name in ODD or (each.name == "starttls" and each.args) for each in directives)
    has_batch = any(isinstance(i, Call) and i.op == "pop3.batch" for i in trace.items)
    is_drawn = "${random" in trace.path.read_text("utf-8") if trace.items else True
    return trace.moves_all and not (is_odd or has_batch or is_drawn or trace.id in OUT_OF_STEP)


PLAIN = {trace.id: trace for trace in everything() if is_plain(trace)}
EXTRAS = {
    "READY": b"NOOP\r\n",
    "MAIL": b"VRFY b\r\n",
    "RCPT": b"EXPN b\r\n",
    "GREETED": b"NOOP\r\n",
    "AUTHORIZATION": b"CAPA\r\n",
    "TRANSACTION": b"STAT\r\n",
}


@pytest.mark.parametrize("case", PLAIN)
def test_no_trace_fails_a_client_for_a_free_command(case: str) -> None:
    """Before each call that may have one, an answered command more."""
    trace = PLAIN[case]
    extras = places(trace)
    run = perform(trace, extras)
    noted = (Verdict.INFO, Verdict.NON_STRICT) if extras else (Verdict.PASS,)
    assert run.verdict in noted, run.reason


def ends_in(trace: Trace, state: str) -> list[int]:
    """The lines of the calls behind which the client stands in this state, by the model."""
    log = DryRun(trace, options=True).log
    moves = predict(trace.protocol, log)
    found, line = [], 0
    for event in log:
        if event.kind is Kind.CALL:
            line = event.line
        elif event.kind is Kind.RETURN:
            states = [move.next for move in moves if move.seq <= event.seq]
            if states and states[-1] == state:
                found.append(line)
    return found


@pytest.mark.parametrize("variant", ["whole", "octets", "crlf", "coalesced"])
@pytest.mark.parametrize("case", ALL_REFUSED)
def test_rset_behind_a_group_of_which_nothing_is_left(case: str, variant: str) -> None:
    """RFC 5321 section 4.1.1.5 and RFC 2920 section 3.1: it may follow within the same call."""
    (trace,) = [each for each in everything() if each.id == case]
    run = perform(trace, {}, dict.fromkeys(ends_in(trace, "MAIL"), b"RSET\r\n"), variant)
    assert (run.verdict, run.wire) == (Verdict.INFO, Verdict.INFO), run.reason
    assert run.reason == "the client sends RSET, which RFC 5321 section 4.1.1.5 allows here"


NOOPS = b"NOOP\r\n"


def test_a_strict_case_fails_by_its_command() -> None:
    """The header key, in the case's own words."""
    text = (
        "id: smtp.noop.one\ntitle: one\n{}\n"
        "A: smtp.connect\nS: 220 s\nR: ok\nA: smtp.ehlo\nC: EHLO c\nS: 250 s\nR: ok\n"
    )
    free, strict = trace_of(text.format("")), trace_of(text.format("strict: NOOP\n"))
    assert perform(free, {}, {7: NOOPS}).verdict is Verdict.INFO
    run = perform(strict, {}, {8: NOOPS})
    assert run.verdict is Verdict.FAIL
    assert run.reason == "the client sends octets that no C: line expects"


@pytest.mark.parametrize(
    "outcome, verdict", [("ok", Verdict.FAIL), ("refused", Verdict.INCONCLUSIVE)]
)
def test_quit_before_the_end_leaves_the_case(outcome: str, verdict: Verdict) -> None:
    """After an error legally; a client that was asked to go on does not go by itself."""
    trace = trace_of(
        "id: smtp.quit.one\ntitle: one\n\n"
        f"A: smtp.connect\nS: 220 s\nR: ok\nA: smtp.ehlo\nC: EHLO c\nS: 250 s\nR: {outcome}\n"
        "A: smtp.mail from=a@b\nC: MAIL FROM:<a@b>\nS: 250 ok\nR: ok\n"
    )
    assert perform(trace, {}, {7: b"QUIT\r\n"}).verdict is verdict


def test_a_transaction_that_is_taken_back_is_inconclusive() -> None:
    """RSET is legal within a transaction; what the trace goes on with is then not tested."""
    trace = trace_of(
        "id: smtp.rset.one\ntitle: one\n\n"
        "A: smtp.connect\nS: 220 s\nR: ok\nA: smtp.ehlo\nC: EHLO c\nS: 250 s\nR: ok\n"
        "A: smtp.mail from=a@b\nC: MAIL FROM:<a@b>\nS: 250 ok\nR: ok\n"
        "A: smtp.rcpt to=c@d\nC: RCPT TO:<c@d>\nS: 250 ok\nR: ok\n"
    )
    again = b"MAIL FROM:<a@b>\r\n"
    subject = Actor(trace, {15: again}, {11: b"RSET\r\n"}, SEED)
    run = Runner(subject, SEED).run_case(trace, "whole")
    subject.stop()
    assert run.verdict is Verdict.INCONCLUSIVE, run.reason
    run = perform(trace, {}, {11: b"RSET\r\n"})
    assert run.verdict is Verdict.FAIL and "envelope.mail-first" in run.monitors


@pytest.mark.parametrize("extra, state", [(b"NOOP\r\n", "READY"), (b"STAT\r\n", "TRANSACTION")])
def test_the_moves_of_a_free_command_are_those_of_the_model(extra: bytes, state: str) -> None:
    """`moves: all` lists them nowhere; a move that the wire does not show is still found."""
    case = {
        "READY": "smtp.rfc5321.appendix-d1-typical",
        "TRANSACTION": "pop3.rfc1939.section-10-session",
    }
    (trace,) = [each for each in everything() if each.id == case[state]]
    (line, *_) = ends_in(trace, state)
    subject = Actor(trace, {}, {line: extra}, SEED, moves=True)
    run = Runner(subject, SEED).run_case(trace, "whole")
    subject.stop()
    assert (run.verdict, run.moves) == (Verdict.INFO, Verdict.PASS), run.reason
    assert run.moves_taken.count((state, f"CMD_{extra[:4].decode()}", f"WAIT_{extra[:4].decode()}"))
    liar = Actor(trace, {}, {line: extra}, SEED, moves=True)
    liar.forgets_extras = True
    run = Runner(liar, SEED).run_case(trace, "whole")
    liar.stop()
    assert (run.verdict, run.moves) == (Verdict.FAIL, Verdict.FAIL)


def test_a_free_command_that_the_model_has_no_row_for_is_no_wrong_move() -> None:
    """NOOP before EHLO is legal, and the state machine of nobody in particular lacks it."""
    wire = Wire().connect().s("220 h").c("NOOP").s("250 ok")
    begin = [("START", "CONNECTED", "WAIT_GREETING"), ("WAIT_GREETING", "GREETING_OK", "GREETED")]
    own = [("GREETED", "CMD_NOOP", "WAIT_NOOP"), ("WAIT_NOOP", "REPLY_2YZ", "GREETED")]
    reported = [(move, 1) for move in [*begin, *own]]
    (trace,) = [each for each in everything() if each.id == "smtp.rfc5321.appendix-d1-typical"]
    parted = compare_predicted(trace, wire.events, reported)
    assert parted is not None and parted.verdict is Verdict.FAIL
    noted = Event(99, 99, 1, Kind.NOTE, data={"text": "free", "extra": "NOOP"})
    assert compare_predicted(trace, [*wire.events, noted], reported) is None


def test_who_sends_free_commands_for_ever_ends() -> None:
    """So many are answered, and the finding says how many."""
    (trace,) = [each for each in everything() if each.id == "smtp.rfc5321.appendix-d1-typical"]
    (line, *_) = ends_in(trace, "READY")
    run = perform(trace, {}, {line: NOOPS * (EXTRAS_MAX + 5)})
    assert run.verdict is Verdict.FAIL
    assert run.reason.startswith(f"the client has sent {EXTRAS_MAX} commands that the trace does")


@pytest.mark.parametrize(("protocol", "command"), [("pop3", "CMD_STAT"), ("smtp", "CMD_NOOP")])
def test_a_made_case_leaves_the_client_what_an_rfc_leaves_it(protocol: str, command: str) -> None:
    """NOOP may be sent at any time (RFC 5321 section 4.1.4), STAT only after the login."""
    made = [each for each in members("no-row", protocol) if each.title.startswith(f"{command} ")]
    open_states = [each for each in made if each.name.endswith(("-greeted", "-mail", "-rcpt"))]
    for each in made:
        result = [item for item in each.trace.items if isinstance(item, Result)][-1]
        assert not each.trace.strict
        assert each in open_states or "ok" not in result.outcomes or "QUIT" in str(each.trace)
    assert made and bool(open_states) is (protocol == "smtp")


def test_a_call_for_starttls_may_say_ehlo_itself() -> None:
    """RFC 3207 section 4.2: EHLO is the first command under TLS; many libraries do it in one call."""
    trace = PLAIN["smtp.rfc3207.section-5-starttls"]
    call = next(i.line for i in trace.items if isinstance(i, Call) and i.op == "smtp.starttls")
    run = perform(trace, {}, {call: b"EHLO mail.example.com\r\n"})
    assert (run.verdict, "EHLO" in run.reason) == (Verdict.INFO, True), run.reason
