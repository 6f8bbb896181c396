"""The secret of a login is in nothing that the client leaves: its output, its answers, its files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.run.case import Runner
from conformance.subject import Subject
from conformance.subject.command import CommandSubject
from conformance.subject.driver import DriverSubject
from conformance.subject.spec import GoalSpec, Spec
from conformance.verdict import CaseRun, Verdict
from fake_servers.trace.parser import parse_text

CLIENT = (sys.executable, str(Path(__file__).parent / "leaking_client.py"))
MONITOR = "secrecy.left-behind"
SECRET = "tanstaaf-1896"
SEND = """\
id:      smtp.goal.{id}
title:   A message is sent
proves:  RFC4954-4-OK-01
needs:   smtp smtp.auth.plain
goal:    smtp.send name=client.example.com login=auth mech=PLAIN user={user} secret={secret} from=a@example.org to=[b@example.org]
server:  users=[[{user}, {secret}]] caps=[] sasl=[PLAIN]

D: Subject: {subject}
R: ok
"""
FETCH = """\
id:      pop3.goal.{id}
title:   A message is fetched
proves:  RFC1939-5-RETR-02
needs:   pop3 pop3.user
goal:    pop3.fetch login=user user={user} secret={secret} n=[1]
server:  users=[[{user}, {secret}]] caps=[USER] sasl=[] apop=no

M: 1
D: Subject: {subject}
R: ok
"""


def command(where: str) -> Subject:
    """The client as a command, whose file writes a configuration with the secret."""
    at = (where, "{what}", "{host}", "{port}")
    goals = {
        "pop3.fetch": GoalSpec(
            argv=(*CLIENT, *_of(at, "fetch"), "{user}", "{secret}"),
            login={"user": ""},
            data="{dir}/{n}.eml",
            files={"{dir}/rc": "password {secret}\n"},
        ),
        "smtp.send": GoalSpec(
            argv=(*CLIENT, *_of(at, "send"), "{name}", "{from}", "{to}", "{user}", "{secret}"),
            login={"plain": ""},
            files={"{dir}/rc": "password {secret}\n"},
            stdin="message",
        ),
    }
    features = frozenset({"goals", "pop3", "pop3.user", "smtp", "smtp.auth.plain"})
    exits = {"0": "ok", "other": "failed"}
    spec = Spec(Path("x.toml"), "x", features=features, goals=goals, exit=exits)
    return CommandSubject(spec)


def _of(words: tuple[str, ...], what: str) -> tuple[str, ...]:
    return tuple(what if word == "{what}" else word for word in words)


@contextmanager
def client(kind: str, where: str, logs: tuple[str, ...] = ()) -> Iterator[Runner]:
    """What plays cases against the client, as a driver or as a command."""
    if kind == "driver":
        subject: Subject = DriverSubject("x", (*CLIENT, where, "driver"))
    else:
        subject = command(where)
    subject.logs = frozenset(logs)
    subject.start()
    try:
        yield Runner(subject, 1)
    finally:
        subject.stop()


def run(
    runner: Runner, text: str, secret: str = SECRET, user: str = "mrose", subject: str = "one"
) -> CaseRun:
    """A case with this login; its id is that of the plain good case, which is charged."""
    name = "send-by-plain" if text.startswith("id:      smtp") else "fetch-by-password"
    filled = text.format(id=name, user=user, secret=secret, subject=subject)
    return runner.run_case(parse_text(filled, Path("leak.trace")), "whole")


LEAKS = [
    ("command", FETCH, "stderr", "stderr"),
    ("command", FETCH, "stdout", "stdout"),
    ("command", SEND, "stderr-base64", "stderr: in base64"),
    ("command", SEND, "stderr-plain", "stderr: in base64"),
    ("command", SEND, "stderr-authzid", "stderr: in base64"),
    ("command", SEND, "stderr-hex", "stderr: in hexadecimal"),
    ("command", SEND, "file", "session.log"),
    ("command", FETCH, "deep-file", ".cache/a/b/session.log"),
    ("command", FETCH, "temporary-file", "tmp"),
    ("command", SEND, "config", "rc"),
    ("driver", SEND, "stderr", "stderr"),
    ("driver", SEND, "stderr-plain", "stderr: in base64"),
    ("driver", SEND, "file", "session.log"),
    ("driver", SEND, "temporary-file", "tmp"),
]


@pytest.mark.parametrize(("kind", "text", "where", "shown"), LEAKS)
def test_a_secret_that_is_left_is_found(kind: str, text: str, where: str, shown: str) -> None:
    with client(kind, where) as runner:
        found = run(runner, text)
    assert (found.verdict, found.monitors) == (Verdict.NON_STRICT, (MONITOR,))
    assert found.requirements[-1] == "RFC4616-5-SECRET-01"
    assert found.difference is not None and shown in found.difference.actual
    assert SECRET not in found.difference.actual


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("command", "nowhere"),  # the suite's own files have the secret
        ("command", "stderr-user"),
        ("command", "device"),
        ("driver", "nowhere"),
        ("driver", "stderr-user"),
        ("driver", "device"),
    ],
)
def test_a_client_that_leaves_no_secret_passes(kind: str, where: str) -> None:
    with client(kind, where) as runner:
        assert run(runner, SEND).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("secret", "user", "subject"),
    [
        ("tea", "mrose", "one"),  # short: it is part of ordinary words
        ("password", "mrose", "one"),  # a word that clients print
        ("tanstaaf", "tanstaaf", "one"),  # it is the name, too
        ("example.org", "mrose", "one"),  # part of an address
        ("tanstaaf", "mrose", "a tanstaaf b"),  # part of the message
    ],
)
def test_a_secret_that_may_be_there_for_another_reason(
    secret: str, user: str, subject: str
) -> None:
    with client("command", "stderr") as runner:
        assert run(runner, SEND, secret, user, subject).verdict is Verdict.PASS


def test_a_log_that_the_file_of_the_subject_asks_for() -> None:
    with client("command", "stderr", logs=("stderr",)) as runner:
        assert run(runner, SEND).verdict is Verdict.PASS
    with client("command", "file", logs=("session.log",)) as runner:
        assert run(runner, SEND).verdict is Verdict.PASS
    with client("driver", "file", logs=("session.log",)) as runner:
        assert run(runner, SEND).verdict is Verdict.PASS
    with client("command", "file", logs=("stderr",)) as runner:
        assert run(runner, SEND).verdict is Verdict.NON_STRICT


def test_a_file_of_an_earlier_case_is_charged_once() -> None:
    with client("driver", "file-once") as runner:
        assert run(runner, SEND).verdict is Verdict.NON_STRICT
        assert run(runner, SEND).verdict is Verdict.PASS


def test_the_plain_good_case_is_charged_and_no_other() -> None:
    with client("command", "stderr") as runner:
        found = run(runner, SEND.replace("{id}", "another"))
    assert found.verdict is Verdict.INFO
    assert found.reason == "as in smtp.goal.send-by-plain: stderr has the secret"
