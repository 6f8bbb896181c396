"""The linter names file, line and token of each fault, and finds none in the traces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import paths
from conformance.lint import lint

GOOD = """id:      pop3.x
title:   x
proves:  RFC1939-7-APOP-01
needs:   pop3.apop
moves:   all

A: pop3.connect
T: START CONNECTED WAIT_GREETING
S: +OK <1.2@h>
T: WAIT_GREETING GREETING_OK AUTHORIZATION
R: ok timestamp=<1.2@h>
A: pop3.apop user=a secret=b
T: AUTHORIZATION CMD_APOP WAIT_APOP
C: APOP a ${apop <1.2@h> b}
= close
T: WAIT_APOP EOF FAILED
R: io-error
"""

GOAL = """id:      pop3.goal.x
title:   x
proves:  RFC1939-3-MULTI-07
needs:   pop3.apop
goal:    pop3.fetch login=apop user=a secret=b n=[1]
server:  users=[[a, b]] caps=[UIDL] sasl=[]

M: 1
D: Subject: one
on RETR#1: cut 10, close
R: io-error
"""


def found(folder: Path, text: str, name: str = "pop3/x.trace") -> list[tuple[int, str]]:
    """Line and token of each problem of a trace with this text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    problems = lint([folder])
    assert all(problem.file == path and problem.message for problem in problems)
    return [(problem.line, problem.token) for problem in problems]


def test_the_suites_own_traces_have_no_problem() -> None:
    assert [str(problem) for problem in lint([paths.traces()])] == []


@pytest.mark.parametrize("text", [GOOD, GOAL])
def test_a_good_trace_has_no_problem(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "token"),
    [
        ("RFC1939-7-APOP-01", "RFC1939-7-APOP-99", 3, "RFC1939-7-APOP-99"),
        ("proves:  RFC1939-7-APOP-01\n", "", 1, ""),
        ("pop3.apop\nmoves", "pop3.apop pop3.magic\nmoves", 4, "pop3.magic"),
        ("needs:   pop3.apop\n", "", 1, "pop3.apop"),
        ("needs:   pop3.apop\n", "needs:   pop3.apop pop3.uidl\n", 4, "pop3.uidl"),
        ("moves:   all", "moves:   some", 5, "some"),
        ("id:      pop3.x", "id:      smtp.x", 1, "smtp.x"),
        ("moves:   all", "variants: not octets", 5, "not"),
        ("moves:   all", "variants: not ether: why", 5, "ether"),
        (
            "moves:   all",
            "variants: not whole octets crlf coalesced dribble ipv6 tls: why",
            5,
            "not",
        ),
        ("A: pop3.apop user", "A: pop3.magic user", 12, "pop3.magic"),
        ("A: pop3.apop user", "A: pop3.apop name=x user", 12, "name"),
        ("user=a secret=b", "user=a", 12, "secret"),
        ("secret=b\n", "secret=b\nD: x\n", 12, "pop3.apop"),
        ("R: io-error", "R: io-error|sad", 17, "sad"),
        ("R: io-error", "R: io-error count=1", 17, "count"),
        ("R: io-error", "R: io-error\nD: x", 17, "D:"),
        ("T: WAIT_APOP EOF FAILED", "T: WAIT_APOP EOF CLOSED", 16, "CLOSED"),
        ("T: WAIT_APOP EOF FAILED", "T: WAIT_APOP REPLY_4YZ FAILED", 16, "WAIT_APOP REPLY_4YZ"),
        ("T: START CONNECTED WAIT_GREETING\n", "", 9, "WAIT_GREETING"),
        ("C: APOP a ${apop <1.2@h> b}", "C: APOP a ${apop $TIME b}", 14, "$TIME"),
        ("S: +OK <1.2@h>", "S: +OK $TIME", 9, "$TIME"),
        ("S: +OK <1.2@h>", "Z: +OK", 9, "Z:"),
    ],
)
def test_faults_of_linear_traces(tmp_path: Path, old: str, new: str, line: int, token: str) -> None:
    assert old in GOOD
    assert (line, token) in found(tmp_path, GOOD.replace(old, new, 1))


def test_an_argument_may_be_in_base64(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD.replace("user=a ", "user_b64=YQ== ")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "token"),
    [
        ("pop3.fetch", "pop3.steal", 5, "pop3.steal"),
        ("pop3.fetch", "smtp.send", 5, "smtp.send"),
        ("login=apop", "login=magic", 5, "magic"),
        ("login=apop", "login=user", 4, "pop3.user"),
        ("login=apop", "login=auth mech=PLAIN", 4, "pop3.auth.plain"),
        ("needs:   pop3.apop", "needs:   pop3.apop pop3.dele", 4, "pop3.dele"),
        ("login=apop ", "", 5, "login"),
        ("secret=b", "", 5, "secret"),
        ("n=[1]", "n=[1] colour=red", 5, "colour"),
        ("sasl=[]", "sasl=[] mood=good", 6, "mood"),
        ("sasl=[]", "sasl=PLAIN", 6, "sasl"),
        ("sasl=[]", "apop=perhaps", 6, "apop"),
        ("[[a, b]]", "[a, b]", 6, "users"),
        ("on RETR#1", "on EHLO#1", 10, "EHLO"),
        ("cut 10, close", "truncate", 10, "truncate"),
        ("cut 10, close", "deliver tls", 10, "tls"),
        ("cut 10, close", "rest, rest", 10, "rest"),
        ("R: io-error", "R: sad", 11, "sad"),
        ("M: 1\n", "A: pop3.connect\n", 8, "A:"),
        ("M: 1\n", "T: START CONNECTED WAIT_GREETING\n", 8, "T:"),
    ],
)
def test_faults_of_goal_cases(tmp_path: Path, old: str, new: str, line: int, token: str) -> None:
    assert old in GOAL
    assert (line, token) in found(tmp_path, GOAL.replace(old, new, 1))


@pytest.mark.parametrize(
    "text, token",
    [
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  STAT QUIT"), ""),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  all"), ""),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  EHLO"), "EHLO"),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  DELE"), "DELE"),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  stat"), "stat"),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  all STAT"), "all"),
        (GOOD.replace("moves:   all", "moves:   all\nstrict:  STAT STAT"), "STAT"),
        (GOAL.replace("\ngoal:", "\nstrict:  STAT\ngoal:"), "strict"),
    ],
)
def test_strict_names_commands_that_are_free_elsewhere(
    tmp_path: Path, text: str, token: str
) -> None:
    line = text[: text.index("\nstrict:") + 1].count("\n") + 1
    assert found(tmp_path, text) == ([(line, token)] if token else [])


def test_an_id_is_given_once(tmp_path: Path) -> None:
    for name in ("a.trace", "b.trace"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    problems = lint([tmp_path])
    assert [(p.file.name, p.line, p.token) for p in problems] == [("b.trace", 1, "pop3.x")]
    assert str(problems[0]).endswith("a.trace has this id too; ids must be unique (at 'pop3.x')")


def test_a_title_is_given_once(tmp_path: Path) -> None:
    table = GOOD.replace("pop3.x", "pop3.{id}") + "\nrows:\n| id |\n| y |\n| z |\n"
    (tmp_path / "a.trace").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.trace").write_text(table, encoding="utf-8")
    assert [(p.file.name, p.line, p.token, p.message) for p in lint([tmp_path])] == [
        ("b.trace", 21, "x", "pop3.x has this title too; titles must be unique"),
        ("b.trace", 22, "x", "pop3.x has this title too; titles must be unique"),
    ]


def test_drawn_names_are_bound_by_drawing(tmp_path: Path) -> None:
    text = GOOD.replace("user=a secret=b", "user=${random USER 5} secret=$USER")
    assert found(tmp_path, text.replace("APOP a", "APOP $USER")) == []


def test_a_second_connection_begins_again(tmp_path: Path) -> None:
    again = GOOD[GOOD.index("A: pop3.connect") :]
    assert found(tmp_path, GOOD + again) == []


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    problems = lint([tmp_path / "none.trace"])
    assert [(p.line, p.token) for p in problems] == [(1, "")]
    assert "cannot be read" in problems[0].message


BRANCHES = """A: smtp.connect
T: START CONNECTED WAIT_GREETING
S: 220 h
T: WAIT_GREETING GREETING_OK GREETED
R: ok
A: smtp.ehlo name=c
alt {{
T: GREETED CMD_EHLO WAIT_EHLO
C: EHLO c
S: 250 h
T: WAIT_EHLO REPLY_2YZ READY
}} {{
T: GREETED CMD_HELO WAIT_HELO
C: HELO c
S: 250 h
T: WAIT_HELO REPLY_2YZ {second}
}}
R: ok
A: smtp.quit
T: READY CMD_QUIT WAIT_QUIT
C: QUIT
S: 221 h
T: WAIT_QUIT REPLY_2YZ CLOSED
R: ok
"""


def test_each_branch_of_a_group_goes_on_from_its_begin(tmp_path: Path) -> None:
    head = "id: smtp.x\ntitle: x\nproves: RFC5321-2.4-CASE-01\nneeds: smtp\nmoves: all\n\n"
    good = tmp_path / "good.trace"
    good.write_text(head + BRANCHES.format(second="READY"), "utf-8")
    bad = tmp_path / "bad.trace"
    bad.write_text(
        head.replace(" x", " y").replace("smtp.x", "smtp.y") + BRANCHES.format(second="GREETED"),
        "utf-8",
    )
    messages = [f"{each.file.name}:{each.line}: {each.message}" for each in lint([good, bad])]
    assert messages == ["bad.trace:22: in the model this move leads to READY"]


def test_a_batch_names_ops_and_their_arguments(tmp_path: Path) -> None:
    trace = tmp_path / "batch.trace"
    trace.write_text(
        "id: pop3.x\ntitle: x\nproves: RFC2449-6.6-PIPE-02\nneeds: pop3 pop3.pipelining\n\n"
        "A: pop3.batch ops=[[pop3.stat], [pop3.retr, 1, 2], [smtp.noop], pop3.noop]\nR: ok\n",
        "utf-8",
    )
    assert [(each.token, each.message) for each in lint([trace])] == [
        ("pop3.noop", "the case uses this feature; name it in needs"),
        ("smtp.noop", "the case uses this feature; name it in needs"),
        ("pop3.retr", "the op has too many arguments"),
        ("smtp.noop", "a batch cannot have this op"),
    ]


def test_the_case_that_is_one_too_many_for_a_file(tmp_path: Path) -> None:
    """What a run would refuse; the rest of the file is not read."""
    head = GOOD.replace("id:      pop3.", "id:      pop3.{n}.", 1)
    rows = "".join(f"| n{n} |\n" for n in range(4100))
    text = f"{head}\nrows:\n| n |\n{rows}"
    row = text[: text.index("| n4096 |")].count("\n") + 1
    assert found(tmp_path, f"{text}\n\n{GOOD}") == [(row, "pop3.n4096.x")]


def test_a_family_does_not_need_what_only_some_members_use(tmp_path: Path) -> None:
    text = "id: smtp.x\ntitle: x\nproves: RFC5321-4.2-CODE-01\nneeds: steps smtp smtp.helo\n"
    assert found(tmp_path, text + "family: no-row\n", "smtp/x.trace") == [(4, "smtp.helo")]


@pytest.mark.parametrize(
    ("needs", "lines", "tokens"),
    [
        (
            "smtp",
            "A: smtp.auth mech=LOGIN user=a secret=b initial=no\nC: AUTH LOGIN\nS: 535 no",
            set(),
        ),
        (
            "smtp",
            "A: smtp.auth mech=PLAIN user=a secret=b initial=yes\nC: AUTH PLAIN x\nS: 235 ok",
            set(),
        ),
        (
            "smtp",
            "A: smtp.auth mech=PLAIN user=a secret=b initial=no\nC: AUTH PLAIN\nS: 334 eA==\nC: x\nS: 235 ok",
            {"smtp.auth.initial"},
        ),
        (
            "smtp",
            "A: smtp.mail from=a@b params=[SIZE=1]\nC: MAIL FROM:<a@b> SIZE=1\nS: 250 ok",
            {"smtp.size"},
        ),
        ("smtp smtp.noop", "A: smtp.rset\nC: RSET\nS: 250 ok", {"smtp.rset", "smtp.noop"}),
    ],
)
def test_needs_are_what_the_timeline_uses(
    tmp_path: Path, needs: str, lines: str, tokens: set[str]
) -> None:
    head = "id: smtp.x\ntitle: x\nproves: RFC5321-4.2-CODE-01\n"
    mech = re.search(r"mech=(\w+)", lines)
    named = f"needs: {needs} smtp.auth.{mech[1].lower()}\n" if mech else f"needs: {needs}\n"
    text = head + named + "begin: ready sasl=[LOGIN, PLAIN]\n\n" + lines + "\nR: ok|refused\n"
    assert {token for _, token in found(tmp_path, text, "smtp/x.trace")} == set(tokens)


def test_a_source_is_a_known_attack(tmp_path: Path) -> None:
    file = tmp_path / "x.trace"
    file.write_text(GOOD.replace("\nneeds:", "\nsource:  TLS-01 TLS-0\nneeds:"))
    (problem,) = [each for each in lint([file]) if each.token == "TLS-0"]
    assert problem.line == 4 and "there is no such attack; did you mean TLS-" in problem.message
