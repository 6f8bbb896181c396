"""What goes wrong in the plain good case already is charged there once, and nothing else is excused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.deviation import deviations, fit
from conformance.run import plain
from conformance.run.case import Runner
from conformance.run.plain import PLAIN
from conformance.run.select import by_id
from conformance.subject import Subject
from conformance.subject.command import CommandSubject
from conformance.subject.driver import DriverSubject
from conformance.subject.spec import GoalSpec, Spec
from conformance.test.small_cases import trace_of
from conformance.verdict import CaseRun, Verdict
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Trace

CLIENT = (sys.executable, str(Path(__file__).parent / "faulty_client.py"))
NO_LINE_END = """\
id:      smtp.goal.no-line-end
title:   The last line of a message has no end
proves:  RFC5321-4.1.1.4-EOD-02
needs:   smtp
goal:    smtp.send name=client.example.com login=none from=a@example.org to=[b@example.org]
server:  users=[] caps=[] sasl=[]

D: Subject: one
D:
D| the last line
R: ok
"""


def command(fault: str) -> Subject:
    """The client as a command, with no driver."""
    at = ("{host}", "{port}")
    goals = {
        "pop3.fetch": GoalSpec(
            argv=(*CLIENT, fault, "fetch", *at, "{user}", "{secret}", "{n}"),
            login={"user": ""},
            data="stdout",
        ),
        "smtp.send": GoalSpec(
            argv=(*CLIENT, fault, "send", *at, "{name}", "{from}", "{to}"), stdin="message"
        ),
    }
    features = frozenset({"goals", "pop3", "pop3.user", "smtp"})
    exits = {"0": "ok", "other": "failed"}
    return CommandSubject(Spec(Path("x.toml"), "x", features=features, goals=goals, exit=exits))


@contextmanager
def client(kind: str, fault: str) -> Iterator[Runner]:
    """What plays cases against the client, as a driver or as a command."""
    subject = DriverSubject("x", (*CLIENT, fault, "driver")) if kind == "driver" else command(fault)
    subject.start()
    try:
        yield Runner(subject, 1)
    finally:
        subject.stop()


def run(runner: Runner, name: str) -> CaseRun:
    """A case of the suite."""
    return runner.run_case(by_id(name), "whole")


@pytest.mark.parametrize("kind", ["driver", "command"])
def test_an_empty_line_behind_every_message_is_one_failure(kind: str) -> None:
    names = ["pop3.goal.fetch-octets-unchanged", "pop3.goal.fetch-one-dot"]
    names += ["smtp.goal.send-dots", "smtp.goal.send-blanks-and-empty-lines"]
    with client(kind, "blank") as runner:
        later = [run(runner, name) for name in names]
        fetched, sent = (run(runner, n) for n in ("pop3.goal.fetch-by-password", "smtp.goal.send"))
    assert {each.verdict for each in later} == {Verdict.INFO}
    assert later[0].reason.startswith(r"as in pop3.goal.fetch-by-password: \r\n is appended")
    assert later[3].reason.startswith(r"as in smtp.goal.send: \r\n is appended")
    assert (fetched.verdict, fetched.requirements) == (Verdict.FAIL, ("RFC1939-5-RETR-02",))
    assert (sent.verdict, sent.requirements) == (Verdict.FAIL, ("RFC5321-4.1.1.4-EOD-01",))


@pytest.mark.parametrize("kind", ["driver", "command"])
def test_the_same_empty_line_for_some_messages_only_is_not_excused(kind: str) -> None:
    trace = parse_text(NO_LINE_END, Path("x.trace"))
    with client(kind, "blank-if-open") as runner:
        good, bad = run(runner, "smtp.goal.send"), runner.run_case(trace, "whole")
    assert good.verdict is Verdict.PASS, good.reason
    assert bad.verdict is Verdict.FAIL and "the message differs" in bad.reason


@pytest.mark.parametrize("kind", ["driver", "command"])
def test_a_second_fault_is_still_found_and_shown(kind: str) -> None:
    with client(kind, "two") as runner:
        plain_case, dots = run(runner, "smtp.goal.send"), run(runner, "smtp.goal.send-dots")
        fetched = run(runner, "pop3.goal.fetch-dots") if kind == "driver" else dots
    assert r"\r\n is appended" in plain_case.reason
    assert (dots.verdict, fetched.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert dots.difference is not None and dots.difference.expected.startswith(".at the very")
    assert "RFC5321-4.5.2-DOT-01" in dots.requirements


def test_the_rest_of_a_case_is_judged_beside_what_is_excused() -> None:
    text = NO_LINE_END.replace("D| the last line", "D: the last line").replace(
        "R: ok", "R: refused"
    )
    with client("driver", "blank") as runner:
        wrong = runner.run_case(parse_text(text, Path("x.trace")), "whole")
        refused = run(runner, "smtp.goal.message-refused")
    assert (wrong.verdict, wrong.reason) == (Verdict.FAIL, "the outcome is ok, not refused")
    assert wrong.wire is Verdict.INFO and wrong.api is Verdict.FAIL
    assert refused.verdict is Verdict.PASS, refused.reason


def test_linear_cases_go_by_the_plain_good_case_too() -> None:
    with client("driver", "blank") as runner:
        sent = run(runner, "smtp.data.dots-stuffed")
        got = run(runner, "pop3.retr.dots-unstuffed")
        refused = run(runner, "smtp.data.message-refused-554")
    for found in (sent, got, refused):
        assert found.verdict is Verdict.INFO and "as in" in found.reason, found.reason
    with client("driver", "fields") as runner:
        sent = run(runner, "smtp.rfc2034.section-6-enhanced-codes")
    assert sent.verdict is Verdict.INFO and "header fields are added (date)" in sent.reason
    with client("driver", "two") as runner:
        assert run(runner, "smtp.data.dots-stuffed").verdict is Verdict.FAIL
        assert run(runner, "pop3.retr.dots-unstuffed").verdict is Verdict.FAIL


def test_the_plain_good_case_is_played_once_a_variant(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[str] = []
    really = plain.read

    def read(name: str, protocol: str) -> Trace:
        played.append(name)
        return really(name, protocol)

    monkeypatch.setattr(plain, "read", read)
    with client("driver", "blank") as runner:
        for name in ("fetch-one-dot", "fetch-dots", "fetch-octets-unchanged"):
            run(runner, f"pop3.goal.{name}")
    assert played.count("fetch-by-password") == 1


AHEAD = """\
id:      smtp.goal.mine
title:   A message is sent
proves:  {}
needs:   smtp
goal:    smtp.send name=client.example login=none from=a@example.org to=[other@example.org]
server:  users=[] caps=[] sasl=[]

D: Subject: one
R: ok
"""


def test_a_rule_that_every_session_breaks_is_charged_in_the_plain_good_case() -> None:
    with client("driver", "ahead") as runner:
        good, later = run(runner, "smtp.goal.send"), run(runner, "smtp.goal.send-dots")
        about = trace_of(AHEAD.format(good.requirements[-1]))
        own = runner.run_case(about, "whole")
    assert good.verdict is Verdict.FAIL and good.monitors == ("order.one-at-a-time",)
    assert later.verdict is Verdict.INFO and later.monitors == ()
    assert later.reason.startswith("as in smtp.goal.send: ")
    assert own.verdict is Verdict.FAIL, "a case about that rule, in which other octets are sent"


def test_a_blank_behind_every_command_is_charged_once_and_hides_nothing() -> None:
    names = ["smtp.goal.send", "pop3.goal.fetch-by-password"]
    later = ["smtp.rcpt.refused-554", "smtp.data.dots-stuffed", "pop3.retr.dots-unstuffed"]
    with client("driver", "trailing") as runner:
        good = [run(runner, name) for name in names]
        linear = [run(runner, name) for name in later]
        family = run(runner, "pop3.family.closed-at-every-line")
        wrong = run(runner, "pop3.stat.negative")
    monitors = [("line.smtp-single-blanks",), ("line.pop3-single-blanks",)]
    assert [(each.verdict, each.monitors) for each in good] == [
        (Verdict.FAIL, each) for each in monitors
    ]
    for found in linear:
        assert found.verdict is Verdict.INFO and "as in" in found.reason, found.reason
    assert "the outcome is ok" in family.reason, "the second fault, beyond the blanks"
    assert (wrong.verdict, wrong.monitors) == (Verdict.FAIL, ()), wrong.reason


def test_a_blank_behind_the_colon_is_charged_once_and_hides_nothing() -> None:
    with client("driver", "colon") as runner:
        good = run(runner, "smtp.goal.send")
        linear = run(runner, "smtp.rcpt.refused-554")
        later = run(runner, "smtp.goal.send/dot/four-digits")
    assert good.verdict is Verdict.FAIL and "path" in good.reason, good.reason
    assert linear.verdict is Verdict.INFO, linear.reason
    assert later.reason.startswith("the outcome is ok"), later.reason


def test_each_plain_good_case_is_there_and_is_plain() -> None:
    for goal, rows in PLAIN.items():
        for name in (name for row in rows for name in row):
            protocol = "smtp" if name.startswith("send") else "pop3"
            trace = plain.read(name, protocol)
            assert trace.id == f"{protocol}.goal.{name}"
            assert trace.goal is not None and trace.goal.overrides == ()
            assert trace.goal.result.outcomes == ("ok",) and goal.startswith(protocol)


MAIL = b"From: a@example.org\r\nSubject: one\r\n\r\nHello.\r\n"


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (MAIL + b"\r\n", [r"\r\n is appended"]),
        (MAIL[:-2], [r"the last \r\n is missing"]),
        (MAIL.replace(b"\r\n", b"\n"), [r"its lines end in \n"]),
        (MAIL.replace(b"\r\n", b"\n")[:-1], [r"its lines end in \n", r"the last \n is missing"]),
        (b"Date: now\r\n" + MAIL, ["header fields are added (date)"]),
        (
            MAIL.replace(b"\r\n\r\n", b"\r\nDate: a\r\n b\r\nX: y\r\n\r\n") + b"\r\n",
            ["header fields are added (date, x)", r"\r\n is appended"],
        ),
        (MAIL.replace(b"Hello", b"hello"), []),
        (MAIL[:-4], []),
        (b"", []),
    ],
)
def test_a_difference_is_told_as_changes_where_it_is_some(
    actual: bytes, message: list[str]
) -> None:
    assert [str(each) for each in deviations(MAIL, actual)] == message


def test_known_changes_explain_only_what_they_make() -> None:
    known = deviations(MAIL, MAIL + b"\r\n")
    other = b"Subject: x\r\n\r\ny\r\n"
    assert fit(other, other + b"\r\n", known).best == other + b"\r\n"
    assert fit(other, other + b"\r\n\r\n", known).found == ()
    assert fit(other, other[:-2], known).found == ()
