"""What a goal leaves on the server counts, beside what the client says about it."""

from __future__ import annotations

import poplib
import smtplib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.run import plain
from conformance.run.case import Runner
from conformance.run.select import by_id
from conformance.subject import Subject
from conformance.subject.answer import Answer
from conformance.test.small_cases import FETCH
from conformance.verdict import CaseRun, Verdict
from fake_servers.trace.parser import parse_text


def logged_in(args: Mapping[str, Any]) -> poplib.POP3:
    session = poplib.POP3(args["host"], args["port"], timeout=5)
    session.user(args["user"])
    session.pass_(args["secret"])
    return session


class Fetcher(Subject):
    """Fetches by poplib; deletes these messages, whatever it was told."""

    level = 1

    def __init__(self, deletes: tuple[int, ...]) -> None:
        super().__init__("fetcher")
        self.features = frozenset({"goals", "pop3", "pop3.user", "pop3.dele"})
        self.deletes = deletes

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> str:
        """Nothing to stop."""
        return ""

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        session = logged_in(args)
        numbers = range(1, session.stat()[0] + 1)
        messages = [[n, b"".join(x + b"\r\n" for x in session.retr(n)[1])] for n in numbers]
        for number in self.deletes:
            session.dele(number)
        session.quit()
        return Answer("ok", {"messages": messages})


class Idler(Fetcher):
    """Logs in, does nothing else, and answers this."""

    def __init__(self, outcome: str) -> None:
        super().__init__(())
        self.outcome = outcome

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        session = poplib.POP3(args["host"], args["port"], timeout=5)
        try:
            session.user(args["user"])
            session.pass_(args["secret"])
        except poplib.error_proto:
            pass
        session.quit()
        return Answer(self.outcome)


class Lister(Fetcher):
    """Asks for the number of messages by STAT, and where that fails by LIST if it may."""

    def __init__(self, lists: bool) -> None:
        super().__init__(())
        self.lists = lists

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        session = logged_in(args)
        try:
            count = session.stat()[0]
        except (poplib.error_proto, ValueError, IndexError):
            count = len(session.list()[1]) if self.lists else 0
        messages = [
            [n, b"".join(x + b"\r\n" for x in session.retr(n)[1])] for n in range(1, count + 1)
        ]
        session.quit()
        return Answer("ok", {"messages": messages})


@pytest.mark.parametrize(("lists", "verdict"), [(True, Verdict.PASS), (False, Verdict.FAIL)])
@pytest.mark.parametrize(
    "case",
    ["stat-refused", "stat-unreadable", "fetch/stat/text-of-success", "fetch/stat/without-numbers"],
)
def test_a_client_may_do_without_stat_if_it_has_all_messages(
    case: str, lists: bool, verdict: Verdict
) -> None:
    result = Runner(Lister(lists), seed=1).run_case(by_id(f"pop3.goal.{case}"), "whole")
    assert result.verdict is verdict, result.reason


class Persistent(Fetcher):
    """Sends a RETR that fails once more, or says ok without the message."""

    def __init__(self, tries: int) -> None:
        super().__init__(())
        self.tries = tries

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        session = logged_in(args)
        messages: list[list[Any]] = []
        for _ in range(self.tries):
            try:
                messages = [[1, b"".join(x + b"\r\n" for x in session.retr(1)[1])]]
                break
            except poplib.error_proto:
                pass
        session.quit()
        return Answer("ok", {"messages": messages})


@pytest.mark.parametrize(("tries", "verdict"), [(2, Verdict.PASS), (1, Verdict.FAIL)])
def test_a_client_may_ask_again_for_a_message_that_was_refused(
    tries: int, verdict: Verdict
) -> None:
    """RFC 1939 does not say that a client gives up at -ERR."""
    result = Runner(Persistent(tries), seed=1).run_case(
        by_id("pop3.goal.fetch/retr/err-in-lower-case"), "whole"
    )
    assert result.verdict is verdict, result.reason


class LocalFetcher(Fetcher):
    """Fetches all messages, in an order of its own, and stores them with the local line ends."""

    fetches_all = True
    stores_lf = True

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        assert args["n"] == "all"
        answer = super().goal(name, args, limit_s, folder)
        octets = [row[1].replace(b"\r\n", b"\n") for row in answer.value["messages"]]
        rows = [[n, text] for n, text in enumerate(reversed(octets), start=1)]
        return Answer("ok", {"messages": rows})


@pytest.mark.parametrize("case", ["fetch-by-password", "fetch-all-messages", "fetch-and-delete"])
def test_a_client_that_stores_lines_as_its_system_does_is_judged_by_them(case: str) -> None:
    trace = by_id(f"pop3.goal.{case}")
    deletes = (1,) if case == "fetch-and-delete" else ()
    result = Runner(LocalFetcher(deletes), seed=1).run_case(trace, "whole")
    assert result.verdict is Verdict.PASS, result.reason


def run(case: str, deletes: tuple[int, ...]) -> CaseRun:
    """One goal case of the traces folder, played by a Fetcher."""
    trace = by_id(f"pop3.goal.{case}")
    return Runner(Fetcher(deletes), seed=1).run_case(trace, "whole")


@pytest.mark.parametrize(
    ("case", "deletes", "verdict"),
    [
        ("fetch-and-delete", (1,), Verdict.PASS),
        ("fetch-and-delete", (), Verdict.FAIL),
        ("fetch-all-messages", (), Verdict.PASS),
        ("fetch-all-messages", (2,), Verdict.FAIL),
    ],
)
def test_the_maildrop_afterwards(case: str, deletes: tuple[int, ...], verdict: Verdict) -> None:
    result = run(case, deletes)
    assert result.verdict is verdict, result.reason
    assert verdict is Verdict.PASS or "left in the maildrop" in result.reason


class Slow(Fetcher):
    """Its timeout is over before it has connected, unless that is a long one."""

    def __init__(self, needs_ms: int) -> None:
        super().__init__(())
        self.needs_ms = needs_ms
        self.timeouts: list[int] = []

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        self.timeouts.append(args["timeout_ms"])
        if args["timeout_ms"] < self.needs_ms:
            return Answer("timeout")
        address = (args["host"], args["port"])
        with socket.create_connection(address, 0.05) as sock, pytest.raises(TimeoutError):
            sock.recv(1)
        return Answer("timeout")


def silent_server(subject: Slow) -> CaseRun:
    """A server that never greets."""
    text = FETCH.replace("pop3.apop", "pop3.user") + "on CONNECT#1: silence\nR: timeout\n"
    trace = parse_text(text, Path("silent.trace"))
    return Runner(subject, seed=1).run_case(trace, "whole")


def test_a_client_whose_time_was_over_too_soon_is_asked_again_with_more() -> None:
    """So a busy machine does not decide whether the tested point is reached."""
    rushed = Slow(needs_ms=1000)
    assert silent_server(rushed).verdict is Verdict.PASS
    assert rushed.timeouts == [400, 2000]
    in_time = Slow(needs_ms=1)
    assert silent_server(in_time).verdict is Verdict.PASS
    assert in_time.timeouts == [400]


def test_a_time_out_where_no_server_was_silent_is_believed_the_second_time() -> None:
    trace = by_id("pop3.goal.fetch-all-messages")
    too_slow = Slow(needs_ms=100_000)
    run_twice = Runner(too_slow, seed=1).run_case(trace, "whole")
    assert run_twice.verdict is Verdict.FAIL and "timeout" in run_twice.reason
    assert too_slow.timeouts == [2000, 10_000]


class Sender(Fetcher):
    """Sends a message by smtplib to these addresses, whatever it was told."""

    def __init__(self, sender: str, to: str) -> None:
        super().__init__(())
        self.features = frozenset({"goals", "smtp"})
        self.sender, self.to = sender, to

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        with smtplib.SMTP(args["host"], args["port"], "client.example", timeout=5) as session:
            session.sendmail(self.sender, [self.to], args["message"])
        return Answer("ok", {"rcpt": [[self.to, "ok", 250, None]], "delivery": "sent"})


SEND = """id: smtp.goal.x
title: x
needs: smtp
goal: smtp.send login=none from="a@bücher.example" to=['"b c"@d.example']
server: caps=[SMTPUTF8, 8BITMIME]

D: Subject: x
D:
R: ok rcpt=[['"b c"@d.example', ok]]
""".replace(
    "'\"b c\"@d.example'", '"\\"b c\\"@d.example"'
)


@pytest.mark.parametrize(
    ("sender", "to", "verdict"),
    [
        ("a@xn--bcher-kva.example", '"b c"@d.example', Verdict.PASS),
        ("a@XN--bcher-kva.Example", '"b\\ c"@D.example', Verdict.PASS),
        ("A@xn--bcher-kva.example", '"b c"@d.example', Verdict.FAIL),
        ("a@xn--bcher-kva.example", '"B c"@d.example', Verdict.FAIL),
        ("a@bucher.example", '"b c"@d.example', Verdict.FAIL),
    ],
)
def test_an_address_in_another_form_is_the_same_mailbox(
    sender: str, to: str, verdict: Verdict
) -> None:
    trace = parse_text(SEND, Path("send.trace"))
    result = Runner(Sender(sender, to), seed=1).run_case(trace, "whole")
    assert result.verdict is verdict, result.reason


IDLE = (
    FETCH.replace("login=apop", "login=user")
    .replace("pop3.apop", "pop3.user")
    .replace("caps=[UIDL]", "caps=[UIDL, USER]")
)


@pytest.mark.parametrize(
    ("outcome", "secret", "verdict"),
    [
        ("failed", "tanstaaf", Verdict.FAIL),
        ("auth-failed", "tanstaaf", Verdict.FAIL),
        ("timeout", "tanstaaf", Verdict.FAIL),
        ("failed", "wrong", Verdict.INCONCLUSIVE),
        ("policy", "tanstaaf", Verdict.INCONCLUSIVE),
    ],
)
def test_only_what_the_server_did_is_a_ground_to_leave(
    outcome: str, secret: str, verdict: Verdict
) -> None:
    text = IDLE.replace("secret=tanstaaf", f"secret={secret}")
    text += 'on RETR#1: reply "-ERR no"\nR: refused|auth-failed\n'
    trace = parse_text(text, Path("x.trace"))
    run = Runner(Idler(outcome), 1).run_case(trace, "whole")
    assert run.verdict is verdict, run.reason


class Leaver(Sender):
    """Sends a message, and closes the connection without QUIT."""

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        name = args.get("name", "client.example")
        session = smtplib.SMTP(args["host"], args["port"], name, timeout=5)
        session.sendmail(self.sender, [self.to], args["message"])
        session.close()
        return Answer("ok", {"rcpt": [[self.to, "ok", 250, None]], "delivery": "sent"})


class Stayer(Sender):
    """Sends a message, and leaves the connection open when it returns."""

    last = b""

    def __init__(self, sender: str, to: str) -> None:
        super().__init__(sender, to)
        self.sessions: list[smtplib.SMTP] = []

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        session = smtplib.SMTP(args["host"], args["port"], "client.example", timeout=5)
        self.sessions.append(session)
        session.sendmail(self.sender, [self.to], args["message"])
        assert session.sock is not None
        session.sock.sendall(self.last)
        return Answer("ok", {"rcpt": [[self.to, "ok", 250, None]], "delivery": "sent"})


class Hasty(Stayer):
    """Does not wait for the reply to its QUIT."""

    last = b"QUIT\r\n"


PLAIN_SEND = """id: smtp.goal.x
title: x
proves: RFC5321-4.2.5-EOD-01
needs: smtp
goal: smtp.send login=none from=a@c.example to=[b@d.example]
server: caps=[]

D: Subject: x
D:
"""


def test_a_client_that_closes_without_quit_fails_where_it_could_have_sent_it() -> None:
    def run(client: type[Sender], more: str) -> CaseRun:
        trace = parse_text(PLAIN_SEND + more, Path("x.trace"))
        return Runner(client("a@c.example", "b@d.example"), seed=1).run_case(trace, "whole")

    assert run(Sender, "R: ok\n").verdict is Verdict.PASS
    left = run(Leaver, "R: ok\n")
    assert (left.verdict, left.reason) == (
        Verdict.FAIL,
        "the client closed the connection without QUIT",
    )
    assert "RFC5321-4.1.1.10-QUIT-01" in left.requirements
    assert run(Leaver, 'on DOT#1: reply "250 taken", half-close\nR: ok\n').verdict is Verdict.PASS


def test_the_end_of_the_case_is_no_server_that_left_first() -> None:
    trace = parse_text(PLAIN_SEND + "R: ok\n", Path("x.trace"))
    for client, verdict in ((Stayer, Verdict.FAIL), (Hasty, Verdict.PASS)):
        subject = client("a@c.example", "b@d.example")
        assert Runner(subject, seed=1).run_case(trace, "whole").verdict is verdict
        for session in subject.sessions:
            session.close()


def test_a_client_that_never_says_quit_is_charged_once() -> None:
    runner = Runner(Leaver("jones@example.com", "green@example.org"), seed=1)
    good, other = (
        runner.run_case(plain.read(name, "smtp"), "whole")
        for name in ("send", "send-after-greeting-in-many-lines")
    )
    assert good.verdict is Verdict.FAIL
    assert (other.verdict, other.reason) == (
        Verdict.INFO,
        "as in smtp.goal.send: the client closed the connection without QUIT",
    )
