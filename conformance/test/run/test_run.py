"""What a case says of clients that are right, and wrong in exactly one way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.run.case import Runner
from conformance.run.subject_run import USUAL_VARIANTS
from conformance.test.small_cases import (
    APOP,
    CUT,
    FAKE_DRIVER,
    FETCH,
    POP3_DRIVER,
    driver,
    play,
    trace_of,
)
from conformance.verdict import CaseRun, Verdict
from fake_servers.wire.delivery import VARIANTS

GOOD_FETCH = FETCH + "R: ok\n"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("text", [APOP, GOOD_FETCH, CUT], ids=["trace", "goal", "cut"])
def test_a_client_that_is_right_passes_in_every_variant(text: str, variant: str) -> None:
    run = play(text, variant=variant)
    assert (run.verdict, run.reason) == (Verdict.PASS, "")
    assert (run.wire, run.api, run.moves) == (Verdict.PASS,) * 3


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("variant", USUAL_VARIANTS)
def test_an_upper_case_digest_fails_at_its_octet(variant: str) -> None:
    run = play(APOP, "upper-digest", variant)
    assert (run.verdict, run.wire, run.api) == (Verdict.FAIL, Verdict.FAIL, Verdict.PASS)
    assert run.difference is not None
    assert (run.difference.line, run.difference.octet) == (line_of(APOP, "C: APOP"), 11)
    assert run.difference.expected.startswith("APOP mrose c4c9")
    assert "RFC1939-7-APOP-02" in run.requirements


def test_a_changed_digit_of_the_digest_in_the_trace_fails_at_its_octet() -> None:
    run = play(APOP.replace("22fb", "22fc"))
    assert run.verdict is Verdict.FAIL
    assert run.difference is not None and run.difference.octet == len("APOP mrose ") + 31


def test_a_missing_move_fails_on_the_axis_of_moves_alone() -> None:
    run = play(APOP, "lost-move")
    assert (run.wire, run.api, run.moves) == (Verdict.PASS, Verdict.PASS, Verdict.FAIL)
    assert run.difference is not None
    assert run.difference.line == line_of(APOP, "T: AUTHORIZATION CMD_APOP")


def test_a_deleted_line_of_moves_fails_where_the_lists_part() -> None:
    text = APOP.replace("T: TRANSACTION CMD_STAT WAIT_STAT\n", "")
    run = play(text)
    assert (run.verdict, run.moves) == (Verdict.FAIL, Verdict.FAIL)
    assert run.difference is not None
    assert run.difference.line == line_of(text, "T: WAIT_STAT")
    assert run.difference.actual == "T: TRANSACTION CMD_STAT WAIT_STAT"


def test_a_move_behind_the_last_line_of_moves_is_one_too_many() -> None:
    run = play(APOP.replace("T: WAIT_STAT REPLY_OK TRANSACTION\n", ""))
    assert run.difference is not None
    assert run.difference.expected == "(no more T: lines)"


def test_without_all_moves_listed_those_listed_have_to_come_in_order() -> None:
    some = APOP.replace("moves:   all\n", "").replace("T: WAIT_APOP REPLY_OK TRANSACTION\n", "")
    assert play(some).verdict is Verdict.PASS
    assert play(some.replace("CMD_STAT WAIT_STAT", "CMD_LIST WAIT_LIST")).moves is Verdict.FAIL


def test_moves_that_no_line_lists_are_held_against_the_wire() -> None:
    run = play(GOOD_FETCH, "lost-move")
    assert (run.verdict, run.moves) == (Verdict.FAIL, Verdict.FAIL)
    assert "the wire implies" in run.reason


def test_a_wrong_value_is_named() -> None:
    run = play(APOP, "wrong-count")
    assert (run.verdict, run.wire, run.api) == (Verdict.FAIL, Verdict.PASS, Verdict.FAIL)
    assert run.difference is not None
    assert (run.difference.expected, run.difference.actual) == ("R: count=2", "R: count=3")


def test_a_cut_message_that_is_handed_over_as_whole_fails_at_its_octet() -> None:
    run = play(CUT, "cut-is-whole")
    assert run.verdict is Verdict.FAIL
    assert "message 1 differs" in run.reason.replace("message 1: the message", "message 1")


def test_a_refusal_that_is_reported_as_success_fails() -> None:
    run = play(FETCH + 'on APOP#1: reply "-ERR no"\nR: auth-failed\n', "ok-for-err")
    assert (run.verdict, run.api) == (Verdict.FAIL, Verdict.FAIL)


def test_a_refused_login_may_be_called_refused_or_auth_failed() -> None:
    for word in ("refused", "auth-failed"):
        run = play(FETCH + f'on APOP#1: reply "-ERR no"\nR: {word}\n')
        assert run.verdict is Verdict.PASS, run.reason


def test_a_line_that_ends_in_lf_alone_fails_on_the_wire() -> None:
    run = play(APOP, "lf-only")
    assert (run.verdict, run.wire) == (Verdict.FAIL, Verdict.FAIL)


def test_the_breach_of_a_should_is_non_strict_and_of_a_may_is_info() -> None:
    should = APOP.replace("RFC1939-7-APOP-02", "RFC1939-3-STATE-03")
    assert play(should, "wrong-count").verdict is Verdict.NON_STRICT
    may = APOP.replace("RFC1939-7-APOP-02", "RFC1939-4-AUTH-03")
    assert play(may, "wrong-count").verdict is Verdict.INFO


@pytest.mark.parametrize("word", ["NON-STRICT", "INFO"])
def test_a_case_may_be_milder_than_what_it_proves_and_says_why(word: str) -> None:
    text = APOP.replace("needs:", f"breach: {word}: the server began\nneeds:", 1)
    run = play(text, "wrong-count")
    assert run.verdict is Verdict(word)
    assert run.reason.endswith("; the server began")
    about = text.replace("RFC1939-7-APOP-02", "RFC1939-3-CMD-01")
    assert play(about, "lf-only").verdict is Verdict(word)  # the monitor stands for it


def test_a_client_that_needs_no_bent_point_cannot_be_asked() -> None:
    run = play(FETCH + 'on TOP#1: reply "-ERR no"\nR: refused\n')
    assert run.verdict is Verdict.UNSUPPORTED
    assert run.reason == "the client reaches its goal without TOP#1"


def test_what_it_does_wrong_on_another_way_is_judged_all_the_same() -> None:
    run = play(FETCH + 'on TOP#1: reply "-ERR no"\nR: refused\n', "lf-only")
    assert run.verdict is Verdict.FAIL, run.reason


def test_what_is_not_claimed_is_unsupported_and_not_played() -> None:
    run = play(APOP.replace("pop3 pop3.apop", "pop3.utf8"))
    assert (run.verdict, run.log) == (Verdict.UNSUPPORTED, None)
    assert "pop3.utf8" in run.reason


def test_an_op_that_the_driver_does_not_know_is_unsupported() -> None:
    run = play(APOP.split("A: pop3.stat")[0] + "A: pop3.noop\nC: NOOP\nS: +OK\nR: ok\n")
    assert run.verdict is Verdict.UNSUPPORTED


def test_a_silent_server_is_met_in_whole_only_without_a_clock() -> None:
    text = APOP.split("S: +OK\n")[0] + "= silence\nR: timeout\n"
    text = text.replace("moves:   all\n", "timeout: 50\n")
    assert play(text).verdict is Verdict.PASS
    assert play(text, variant="octets").verdict is Verdict.UNSUPPORTED


USER = """\
id:      pop3.user.test
title:   USER
proves:  RFC1939-7-USER-01
needs:   pop3 pop3.user
timeout: 20

A: pop3.connect
S: +OK
R: ok
A: pop3.user user={} secret=x
R: ok
"""


@pytest.mark.parametrize(
    ("kind", "verdict", "reason"),
    [
        ("crash", Verdict.CRASH, "died by SIGSEGV"),
        ("sanitizer", Verdict.CRASH, "heap-buffer-overflow"),
        ("hang", Verdict.HANG, "no answer within"),
        ("wrong-seq", Verdict.ERROR, "answered seq"),
    ],
)
def test_a_client_that_dies_is_told_apart_from_an_adapter_that_lies(
    monkeypatch: pytest.MonkeyPatch, kind: str, verdict: Verdict, reason: str
) -> None:
    with driver(FAKE_DRIVER) as subject, monkeypatch.context() as patch:
        runner = Runner(subject, 1)
        if kind == "hang":
            patch.setattr("conformance.run.context.IDLE_TIMEOUT_MS", 500)
        run: CaseRun = runner.run_case(trace_of(USER.format(kind)), "whole")
        patch.undo()
        good = USER.format("refused").removesuffix("R: ok\n") + "R: auth-failed\n"
        after = runner.run_case(trace_of(good), "whole")
    assert run.verdict is verdict
    assert reason in run.reason
    assert after.verdict is Verdict.PASS


def test_the_log_is_written_event_by_event_and_named_in_the_result(tmp_path: Path) -> None:
    run = play(APOP, out=tmp_path)
    assert run.log == "log/pop3.apop.test.whole.jsonl"
    events = [json.loads(line) for line in (tmp_path / run.log).read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(len(events)))
    kinds = {event["kind"] for event in events}
    assert kinds >= {"call", "return", "move", "connect", "rx", "tx"}


def test_a_result_survives_its_way_through_json() -> None:
    run = play(APOP, "upper-digest")
    assert CaseRun.from_dict(json.loads(json.dumps(run.to_dict()))) == run


def test_logs_that_are_alike_are_judged_alike_and_others_anew() -> None:
    trace = trace_of(APOP.replace("RFC1939-7-APOP-02", "RFC1939-3-CMD-01"))
    with driver(POP3_DRIVER, "lf-only") as bad, driver(POP3_DRIVER) as good:
        runner = Runner(bad, 1)
        first, second = (runner.run_case(trace, v) for v in ("whole", "octets"))
        runner.subject = good
        third = runner.run_case(trace, "whole")
    assert first.monitors and first.monitors == second.monitors
    assert (third.verdict, third.monitors) == (Verdict.PASS, ())


def test_the_log_of_an_id_with_slashes_lies_in_the_one_folder(tmp_path: Path) -> None:
    text = APOP.replace("pop3.apop.test", "pop3.apop/login/251")
    run = play(text, "upper-digest", out=tmp_path)
    assert (run.id, run.log) == ("pop3.apop/login/251", "log/pop3.apop_login_251.whole.jsonl")
    assert (tmp_path / str(run.log)).is_file()
