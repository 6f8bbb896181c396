"""Families: what their members try, and what becomes of a member that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import families
from conformance import needs as needs_of
from conformance.families import no_row
from conformance.families.words import WORDS
from conformance.lint import files as lint_files
from conformance.model.table import PROTOCOLS, load
from conformance.run import family, select
from conformance.verdict import SEVERITY, CaseRun, Difference, Verdict
from fake_servers.log import EventLog
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_file, parse_text
from fake_servers.trace.syntax import Directive, Result, Send, Trace

CUTS = (
    "closed-at-every-line",
    "reset-at-every-line",
    "closed-at-every-octet",
    "reset-at-every-octet",
)


def tried(protocol: str) -> set[tuple[str, str]]:
    members = families.members("no-row", protocol)
    return {pair for member in members for pair in member.pairs}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_command_is_tried_in_each_state_that_has_no_such_row(protocol: str) -> None:
    model = load(protocol)
    commands = {e for e in WORDS[protocol].commands if WORDS[protocol].commands[e].call}
    for state in no_row.idle_states(protocol):
        for event in commands & model.events:
            assert ((state, event) in tried(protocol)) is (model.successor(state, event) is None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_waiting_state_meets_its_end_a_silence_and_what_is_no_reply(protocol: str) -> None:
    for state in no_row.waiting_states(protocol):
        if state in ("WAIT_LHLO", "WAIT_EACH") or "LOST" in state or "EMPTY" in state:
            continue  # LMTP and pipelines that lost their ground have cases of their own
        expected = {"EOF", "TIMEOUT"} | (set() if state.startswith("IN_") else {"BAD_REPLY"})
        assert expected <= {event for at, event in tried(protocol) if at == state}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_moves_of_each_member_are_in_the_model(protocol: str) -> None:
    for member in families.members("no-row", protocol):
        problems = [p.message for p in lint_files.check(member.trace) if p.token]
        assert problems == [], member.title


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_cut_session_ends_where_it_is_cut_and_is_no_success(name: str, protocol: str) -> None:
    members = families.members(name, protocol)
    assert len(members) >= 100
    for member in members:
        *_, end, result = member.trace.items
        if isinstance(end, Directive):
            assert end.name in ("close", "reset")
            assert isinstance(result, Result)
            assert "ok" not in result.outcomes or "QUIT" in _commands(member.trace)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_reply_of_a_goal_is_cut_once_at_each_octet_and_then_whole(protocol: str) -> None:
    members = families.members("cut-at-every-octet", protocol)
    places = set()
    for member in members:
        assert member.trace.goal is not None
        (bent,) = member.trace.goal.overrides
        reply, cut, rest = bent.actions
        assert (
            isinstance(reply, Send) and isinstance(cut, Directive) and isinstance(rest, Directive)
        )
        assert (cut.name, rest.name) == ("cut", "rest")
        (octets,) = reply.template
        assert isinstance(octets, bytes) and 0 < int(cut.args[0]) < len(octets)
        places.add((member.trace.goal.name, bent.command, int(cut.args[0])))
    assert len(places) == len(members) >= 50


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_damaged_reply_is_another_and_ends_the_session(protocol: str) -> None:
    members = families.members("garbled-replies", protocol)
    replies = set()
    for member in members:
        written = parse_text(member.write("pop3.x"), Path("x.trace"))
        assert written.goal == member.trace.goal
        assert member.trace.goal is not None
        (bent,) = member.trace.goal.overrides
        reply, end = bent.actions
        assert isinstance(reply, Send) and isinstance(end, Directive) and end.name == "half-close"
        replies.add((bent.command, reply.template))
    assert len(replies) == len(members) >= 50
    assert {command for command, _ in replies} >= {"CONNECT", "QUIT"}


@pytest.mark.parametrize("name", ("no-row", "reset-at-every-line", "reset-at-every-octet"))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_connection_is_reset_before_the_client_can_have_noticed_it(
    name: str, protocol: str
) -> None:
    for member in families.members(name, protocol):
        said = False
        for item in member.trace.items:
            said = said or isinstance(item, Send)
            assert said or not (isinstance(item, Directive) and item.name == "reset"), member.title


def _commands(trace: Trace) -> str:
    return " ".join(str(item) for item in trace.items if "Expect" in type(item).__name__)


def _family(protocol: str = "pop3") -> Trace:
    return select.select([f"{protocol}.family.no-row"])[0]


def _run(verdicts: dict[int, Verdict], out_dir: Path | None = None) -> CaseRun:
    """The family with these verdicts, by number; the log that it keeps is its worst member's."""
    logs: list[EventLog] = []

    def play(trace: Trace, variant: str) -> tuple[CaseRun, EventLog]:
        logs.append(EventLog())
        verdict = verdicts.get(len(logs), Verdict.PASS)
        reason = "why" if verdict != "PASS" else ""
        return CaseRun(trace.id, variant, verdict, reason=reason), logs[-1]

    run, kept = family.run(_family(), "whole", play, out_dir)
    worst = min(range(len(logs)), key=lambda n: SEVERITY.index(verdicts.get(n + 1, Verdict.PASS)))
    assert kept is logs[worst]
    return run


def test_a_family_whose_members_pass_passes_and_tells_the_pairs() -> None:
    run = _run({})
    assert run.verdict is Verdict.PASS
    assert {tuple(pair) for pair in run.details["refused"]} == tried("pop3")


def test_one_member_that_fails_fails_the_family_and_is_written_out(tmp_path: Path) -> None:
    run = _run({3: Verdict.FAIL, 5: Verdict.UNSUPPORTED}, tmp_path)
    members = families.members("no-row", "pop3")
    assert run.verdict is Verdict.FAIL
    judged = len(members) - 1
    assert f"1 of {judged} members, the first: {members[2].title}: why" in run.reason
    assert f"; 1 of {len(members)} members cannot be asked: why" in run.reason
    written = tmp_path / "families" / "pop3" / "pop3.family.no-row.trace"
    (alone,) = parse_file(written)
    assert alone.items == members[2].trace.items
    assert alone.id == run.details["member"] == f"pop3.family.no-row/{members[2].name}"
    lost = set(members[2].pairs) & {tuple(pair) for pair in run.details["refused"]}
    assert lost <= {pair for m in members if m is not members[2] for pair in m.pairs}


def test_a_family_of_which_nothing_can_be_asked_is_unsupported_and_says_so() -> None:
    def play(trace: Trace, variant: str) -> tuple[CaseRun, None]:
        missing = {"missing": ["clock"] if "eof" in trace.title.lower() else ["steps"]}
        return CaseRun(trace.id, variant, Verdict.UNSUPPORTED, details=missing), None

    run, log = family.run(_family(), "whole", play, None)
    count = len(families.members("no-row", "pop3"))
    assert (run.verdict, log) == (Verdict.UNSUPPORTED, None)
    assert run.reason == f"no member can be asked: {count} need steps"
    assert run.details["members"] == {
        "total": count,
        "judged": 0,
        "not_reached": 0,
        "unsupported": count,
        "missing": {"steps": count},
    }


@pytest.mark.parametrize("name", families.FAMILIES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_members_have_names_and_just_the_needs_that_they_use(name: str, protocol: str) -> None:
    members = families.members(name, protocol)
    assert len({member.name for member in members}) == len(members)
    case = families.case_of(_family(protocol), members[0])
    assert case.id == f"{protocol}.family.no-row/{members[0].name}"
    for member in members[:: max(1, len(members) // 40)]:
        alone = parse_text(member.write(f"{protocol}.family.x/{member.name}"), Path("x.trace"))
        assert alone.goal or alone.items, member.title
        needs = set(alone.needs) - {"clock", protocol}
        assert needs == needs_of.used(alone), member.title
        assert set(alone.needs) == set(member.trace.needs)


def test_a_single_member_is_a_case_of_its_own() -> None:
    one, *more = select.select(["smtp.family.no-row/data-in-greeted"])
    assert not more and one.member == "data-in-greeted" and one.family == "no-row"
    asked: list[str] = []

    def play(trace: Trace, variant: str) -> tuple[CaseRun, None]:
        asked.append(trace.id)
        return CaseRun(trace.id, variant, Verdict.FAIL, reason="why"), None

    run, _ = family.run(one, "whole", play, None)
    assert asked == [run.id] == ["smtp.family.no-row/data-in-greeted"]
    assert (run.reason, run.details["family"]) == ("why", "smtp.family.no-row")


def test_members_are_named_with_globs() -> None:
    found = [trace.id for trace in select.select(["*.family.no-row/noop-in-*"])]
    assert "pop3.family.no-row/noop-in-authorization" in found
    assert "smtp.family.no-row/noop-in-refused" in found
    assert [trace.id for trace in select.select(["pop3.family.no-row*"])] == ["pop3.family.no-row"]
    with pytest.raises(select.NothingSelected, match="unknown member .*no-row/nobody"):
        select.select(["pop3.family.no-row/nobody"])


def test_what_a_client_does_before_the_tested_point_is_not_held_against_it() -> None:
    cut = select.select(["smtp.family.closed-at-every-line"])[0]
    early = Difference("x", 1, None, "", "")

    def play(trace: Trace, variant: str) -> tuple[CaseRun, None]:
        return CaseRun(trace.id, variant, Verdict.FAIL, difference=early), None

    run, _ = family.run(cut, "whole", play, None)
    assert run.verdict is Verdict.INCONCLUSIVE


def test_a_failure_at_the_tested_point_counts_where_that_lies_in_a_prelude() -> None:
    """A prelude stands on the one line of `begin:`, in the file above all that follows it."""
    cut = select.select(["pop3.family.closed-at-every-octet"])[0]
    members = families.members(cut.family, "pop3")
    session = members[0].trace
    assert session.origin.begin
    points = [member.at for member in members]

    def play(trace: Trace, variant: str) -> tuple[CaseRun, None]:
        line = trace.file_line(points.pop(0))
        found = Difference("x", line, None, "", "")
        return CaseRun(trace.id, variant, Verdict.FAIL, difference=found), None

    run, _ = family.run(cut, "whole", play, None)
    assert run.verdict is Verdict.FAIL and run.difference is not None
    assert f"{len(members)} of {len(members)} members" in run.reason
    assert run.difference.line == session.origin.begin


def test_a_verb_in_lower_case_does_not_keep_a_client_from_the_tested_point() -> None:
    cut = select.select(["smtp.family.closed-at-every-line"])[0]
    early = Difference("x", 1, None, "", "")

    def play(trace: Trace, variant: str) -> tuple[CaseRun, None]:
        return CaseRun(trace.id, variant, Verdict.INFO, difference=early), None

    run, _ = family.run(cut, "whole", play, None)
    assert run.verdict is Verdict.INFO


def test_a_family_has_no_timeline_and_a_known_name() -> None:
    text = "id: pop3.x\ntitle: x\nproves: RFC1939-3-RESP-01\nfamily: no-row\n"
    with pytest.raises(TraceError, match="a family has no timeline"):
        parse_text(text + "\nA: pop3.connect\nR: ok\n", Path("x.trace"))
    unknown = parse_text(text.replace("no-row", "nobody"), Path("x.trace"))
    assert [p.message for p in lint_files.check(unknown)] == ["there is no such family"]
