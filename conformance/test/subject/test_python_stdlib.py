"""The driver of poplib and smtplib: what it answers, and how it maps what they raise."""

from __future__ import annotations

import json
import poplib
import smtplib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.drivers.python.outcome import outcome_of
from conformance.drivers.python.value import listed, size_of

DRIVER = Path(__file__).parents[2] / "drivers" / "python_stdlib.py"
WHERE = {"host": "127.0.0.1", "port": 1, "tls": "none", "policy": "clear", "timeout_ms": 400}


def ask(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """What the driver answers to these lines, in a process of its own."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run(
        [sys.executable, str(DRIVER)], input=lines, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_hello_says_who_answers() -> None:
    (hello,) = ask({"cmd": "hello", "proto": 1, "dir": "/"}, {"cmd": "bye"})
    assert hello["name"] == "python-stdlib"
    assert {"steps", "goals", "pop3.apop", "smtp.auth.cram-md5"} <= set(hello["features"])
    assert not {"moves", "clock", "pop3.auth.plain"} & set(hello["features"])


def test_what_cannot_be_done_is_unsupported() -> None:
    answers = ask(
        {"seq": 1, "op": "pop3.lang"},
        {"seq": 2, "op": "pop3.pop"},
        {"seq": 3, "op": "pop3.connect", **WHERE, "deadline_ms": 1},
        {"seq": 4, "op": "smtp.connect", **(WHERE | {"policy": "tls"})},
        {"seq": 5, "goal": "pop3.fetch", **WHERE, "login": "auth", "mech": "PLAIN"},
    )
    assert [row["seq"] for row in answers] == [1, 2, 3, 4, 5]
    assert {row["outcome"] for row in answers} == {"unsupported"}


def test_a_dead_port_and_an_op_without_session() -> None:
    answers = ask(
        {"seq": 1, "op": "pop3.connect", **WHERE},
        {"seq": 2, "op": "pop3.stat"},
        {"seq": 3, "op": "smtp.connect", **WHERE},
        {"seq": 4, "op": "smtp.quit"},
    )
    outcomes = [row["outcome"] for row in answers]
    assert outcomes[:3] == ["io-error", "rejected-locally", "io-error"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (poplib.error_proto(b"-ERR no"), "refused"),
        (poplib.error_proto(b"hello"), "protocol-error"),
        (poplib.error_proto("-ERR EOF"), "io-error"),
        (poplib.error_proto("-ERR APOP not supported by server"), "rejected-locally"),
        (poplib.error_proto("line too long"), "protocol-error"),
        (poplib.error_proto("-ERR STLS not supported by server"), "policy"),
        (poplib.error_proto("-ERR TLS session already established"), "rejected-locally"),
        (smtplib.SMTPDataError(554, b"no"), "refused"),
        (smtplib.SMTPResponseException(500, "Line too long."), "protocol-error"),
        (smtplib.SMTPDataError(250, b"not now"), "protocol-error"),
        (smtplib.SMTPSenderRefused(-1, b"", "a@b"), "protocol-error"),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"")}), "refused"),
        (smtplib.SMTPServerDisconnected("gone"), "io-error"),
        (smtplib.SMTPNotSupportedError("AUTH"), "policy"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError(), "io-error"),
    ],
)
def test_outcome_of_what_is_raised(error: Exception, outcome: str) -> None:
    assert outcome_of(error)[0] == outcome


def test_a_late_reply_of_smtp_is_a_timeout() -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected) as caught:
        try:
            raise TimeoutError()
        except OSError:
            raise smtplib.SMTPServerDisconnected("closed")
    assert outcome_of(caught.value)[0] == "timeout"


def test_a_refusal_tells_its_code() -> None:
    assert outcome_of(smtplib.SMTPDataError(451, b"")) == (
        "refused",
        {"code": 451, "temporary": True},
    )


def test_a_fault_of_the_driver_is_not_an_outcome() -> None:
    with pytest.raises(KeyError):
        outcome_of(KeyError("x"))


@pytest.mark.parametrize("line", [b"", b"1", b"one 120", b"1  120", b"1 x", b"-1 120"])
def test_a_line_of_list_that_cannot_be_read(line: bytes) -> None:
    with pytest.raises(Exception) as caught:
        listed([line], size_of)
    assert outcome_of(caught.value)[0] == "protocol-error"


def test_a_line_of_list_with_more_behind_the_size() -> None:
    assert listed([b"3 5000000000 unread"], size_of) == {"items": [[3, 5000000000]]}
