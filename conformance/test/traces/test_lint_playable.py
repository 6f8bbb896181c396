"""Faults by which a case could not be played, or would accuse a client that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import catalogue
from conformance.cli import main
from conformance.doctor.lines import schema
from conformance.lint import lint
from conformance.ops import GOALS, OPS
from conformance.run import select
from conformance.run.case import Runner
from conformance.test.small_cases import FAKE_DRIVER, driver, trace_of
from conformance.verdict import Verdict
from fake_servers.trace.error import TraceError

LINEAR = """\
id:      smtp.x
title:   x
proves:  RFC5321-4.1.3-LITERAL-01
needs:   smtp smtp.rset smtp.auth.plain

A: smtp.connect
S: 220 ready
R: ok

A: smtp.ehlo name=c.example
C: EHLO c.example
S: 250 ok
R: ok
"""

GOAL = """\
id:      smtp.goal.x
title:   x
proves:  RFC5321-3.3-ORDER-01
needs:   smtp
goal:    smtp.send login=none from=a@b to=[c@d]
server:  users=[] caps=[] sasl=[]

D: x
R: ok
"""


def problems(folder: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, token and sentence of each problem; not all of these cases use all of their needs."""
    path = folder / "smtp" / "x.trace"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    found = [(each.line, each.token, each.message) for each in lint([path])]
    return [each for each in found if not each[2].endswith(" needs")]


@pytest.mark.parametrize("text", [LINEAR, GOAL])
def test_the_good_ones_have_no_problem(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


def test_a_list_where_a_text_belongs_is_to_be_quoted(tmp_path: Path) -> None:
    text = LINEAR.replace("name=c.example", "name=[IPv6:2001:db8::1]")
    [(line, token, message)] = problems(tmp_path, text)
    assert (line, token) == (10, "name")
    assert 'quote it: name="[IPv6:2001:db8::1]"' in message


def test_so_is_one_in_a_goal_and_one_that_is_wanted(tmp_path: Path) -> None:
    [(line, token, _)] = problems(tmp_path, GOAL.replace("from=a@b", "from=[a@b]"))
    assert (line, token) == (5, "from")
    mail = "\nA: smtp.mail from=a@b\nC: MAIL FROM:<a@b>\nS: 250 ok\nR: ok enhanced=[2.1.0]\n"
    [(line, token, _)] = problems(tmp_path, LINEAR + mail)
    assert (line, token) == (18, "enhanced")


@pytest.mark.parametrize(
    ("call", "token"),
    [
        ("smtp.connect tls=perhaps", "tls"),
        ("smtp.auth user=a secret=b", "mech"),
        ("smtp.auth mech=PLAIN mechs=[PLAIN] user=a secret=b", "mech"),
        ("smtp.auth mech=PLAIN cancel_at=0", "cancel_at"),
        ("smtp.mail params=[]", "from"),
        ("smtp.rcpt to=a@b params=SIZE=1", "params"),
    ],
)
def test_an_argument_that_the_schema_forbids_is_a_problem(
    tmp_path: Path, call: str, token: str
) -> None:
    found = problems(tmp_path, f"{LINEAR}\nA: {call}\nR: ok\n")
    assert [(each[0], each[1]) for each in found] == [(15, token)]


def test_the_arguments_that_the_schema_demands_are_those_of_the_suite() -> None:
    for kind, ops in (("", OPS), ("goal_", GOALS)):
        for name, op in ops.items():
            demanded = _demanded(schema()["$defs"][f"{kind}args"][name])
            given_by_the_suite = {"host", "port", "message", "login"} - op.required
            assert demanded - given_by_the_suite == op.required, name


def _demanded(definition: dict[str, Any]) -> set[str]:
    """The arguments that one of the forms x, x_b64 and x_path must give."""
    found = set(definition["required"]) - {"seq", "op", "goal"}
    for rule in [*definition.get("allOf", []), definition]:
        names = {str(each["required"][0]) for each in rule.get("oneOf", [])}
        stem = min(names, key=len, default="")
        if names and all(name.startswith(f"{stem}_") or name == stem for name in names):
            found.add(stem)
    return found


def test_user_without_a_secret_needs_its_feature(tmp_path: Path) -> None:
    text = LINEAR.replace("smtp.x", "pop3.x").replace(
        "smtp smtp.rset smtp.auth.plain", "pop3 pop3.user"
    )
    text = text.split("A: smtp.connect")[0] + "A: pop3.user user=a\nC: USER a\nS: +OK\nR: ok\n"
    (tmp_path / "x.trace").write_text(text, "utf-8")
    assert [(p.line, p.token) for p in lint([tmp_path / "x.trace"])] == [(6, "secret")]
    (tmp_path / "x.trace").write_text(
        text.replace("pop3.user\n", "pop3.user pop3.user-alone\n"), "utf-8"
    )
    assert lint([tmp_path / "x.trace"]) == []


RSET = "\nA: smtp.rset\nC: RSET\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (LINEAR + RSET + "R: ok\nS: 250 ok\n", 17),
        (LINEAR + RSET + "R: refused|protocol-error\n= close\n", 17),
        (LINEAR + "\nA: smtp.rset\nopt {\nC: RSET\n}\nR: ok\nS: 250 ok\n", 19),
        (LINEAR.replace("S: 220 ready\nR: ok", "R: ok\nS: 220 ready"), 7),
    ],
)
def test_a_result_above_the_reply_that_it_waits_for_is_a_problem(
    tmp_path: Path, text: str, line: int
) -> None:
    [(at, token, message)] = problems(tmp_path, text)
    assert (at, token) == (line, "R:")
    assert "move the R: line below it" in message


@pytest.mark.parametrize(
    "more",
    [
        RSET + "S: 250 ok\nR: ok\nS: 250 surplus\n",
        RSET + "R: timeout\nS: 250 too late\n",
        "\nA: smtp.close\nR: ok\n= close\n",
    ],
)
def test_a_server_may_go_on_behind_a_result(tmp_path: Path, more: str) -> None:
    assert problems(tmp_path, LINEAR + more) == []


def test_users_without_a_login_cannot_be_ok(tmp_path: Path) -> None:
    locked = GOAL.replace("users=[]", "users=[[a, b]]")
    [(line, token, message)] = problems(tmp_path, locked)
    assert (line, token) == (5, "none")
    assert "remove users=, or log in" in message
    assert problems(tmp_path, locked.replace("R: ok", "R: refused|policy")) == []


BROKEN = {
    "list": (
        LINEAR.replace("name=c.example", "name=[IPv6:2001:db8::1]"),
        ":10: this is a list, but must be a text",
    ),
    "op": (LINEAR.replace("smtp.ehlo", "smtp.elho"), ":10: there is no such op"),
    "feature": (
        LINEAR.replace("plain", "plian"),
        ":4: there is no feature 'smtp.auth.plian'; did you mean smtp.auth.plain?",
    ),
    "requirement": (LINEAR.replace("LITERAL-01", "LITERAL-99"), ":3: the register has no such"),
    "outcome": (LINEAR.replace("R: ok", "R: okay", 1), ":8: there is no such outcome"),
    "order": (LINEAR + RSET + "R: ok\nS: 250 ok\n", ":17: smtp.rset waits for"),
    "family": (LINEAR.split("\n\n")[0] + "\nfamily:  nobody\n", ":5: there is no such family"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_run_refuses_a_case_that_it_could_only_lose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text, sentence = BROKEN[name]
    path = tmp_path / "x.trace"
    path.write_text(text, "utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert f"x.trace{sentence}" in printed.err + printed.out


def test_a_move_that_the_model_has_not_is_judged_and_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.trace"
    path.write_text(LINEAR.replace("S: 220", "T: START CONNECTED NOWHERE\nS: 220"), "utf-8")
    assert select.select([str(path)])[0].id == "smtp.x"
    path.write_text(LINEAR.replace("smtp.ehlo", "smtp.elho"), "utf-8")
    catalogue.read.cache_clear()
    select.read.cache_clear()
    with pytest.raises(TraceError, match="there is no such op"):
        select.select([str(path)])


def test_a_request_that_no_client_can_be_asked_is_an_error_and_not_unsupported() -> None:
    with driver(FAKE_DRIVER) as subject:
        text = "id: pop3.x\ntitle: x\nproves: RFC1939-5-STAT-01\n\nA: pop3.retr n=one\nR: ok\n"
        run = Runner(subject, 1).run_case(trace_of(text), "whole")
        assert run.verdict is Verdict.ERROR
        expected = "the trace has a call of pop3.retr that driver.schema.json does not allow"
        assert f"{expected}: n: 'one'" in run.reason
        run = Runner(subject, 1).run_case(trace_of(text.replace("one", "1")), "whole")
        assert run.verdict is Verdict.UNSUPPORTED
