"""mailc sends to a served server, and fetches the same octets from the one beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.subject import Subject, load
from conformance.test.serve.served import MAIL, Served, served
from conformance.values import octets_of

LIMIT_S = 30.0
MAILS = [MAIL, b"", b".\r\n", b"x" * 998 + b"\r\n", b"Subject: 8\r\n\r\n\xc3\xa9\r\n" * 1000]

pytestmark = [
    pytest.mark.skipif(
        not (Path(__file__).parents[3] / "client").is_dir(), reason="mailc is in the clone only"
    ),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed"),
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("mailc-flood"),
]


def ask(mailc: Subject, op: str, **args: Any) -> Any:
    """The value of an operation that has to succeed."""
    answer = mailc.call(op, args, LIMIT_S)
    assert answer.outcome == "ok", (op, answer)
    return answer.value


def connect(mailc: Subject, server: Served, service: str, tls: str) -> None:
    """Connect as the user of the bench does."""
    ask(
        mailc,
        f"{service[:4]}.connect",
        host="localhost",
        port=server.ports[service],
        tls=tls,
        ca=server.ca,
        policy="tls",
        timeout_ms=10_000,
    )


def send(mailc: Subject, server: Served) -> None:
    """Each message in a transaction of its own, after STARTTLS and SCRAM."""
    connect(mailc, server, "smtp", "none")
    ask(mailc, "smtp.ehlo", name="client.example")
    ask(mailc, "smtp.starttls")
    ask(mailc, "smtp.ehlo", name="client.example")
    ask(mailc, "smtp.auth", mech="SCRAM-SHA-256", user="test", secret="test")
    for mail in MAILS:
        ask(mailc, "smtp.mail", **{"from": "a@example.org"}, params=["BODY=8BITMIME"])
        ask(mailc, "smtp.rcpt", to="b@example.com")
        ask(mailc, "smtp.data", message=mail)
    ask(mailc, "smtp.quit")
    ask(mailc, "smtp.close")


def fetch(mailc: Subject, server: Served) -> list[bytes]:
    """All messages, over POP3S and APOP."""
    connect(mailc, server, "pop3s", "implicit")
    ask(mailc, "pop3.apop", user="test", secret="test")
    count = ask(mailc, "pop3.stat")["count"]
    found = [ask(mailc, "pop3.retr", n=number)["data"] for number in range(1, count + 1)]
    ask(mailc, "pop3.quit")
    ask(mailc, "pop3.close")
    return [octets_of(octets) for octets in found]


def test_mailc_fetches_what_mailc_has_sent() -> None:
    with served("--smtp", "--starttls", "--pop3s", count=2, has_tls=True) as server:
        mailc = load("mailc")
        try:
            mailc.start()
            send(mailc, server)
            fetched = fetch(mailc, server)
        finally:
            mailc.stop()
        output = server.end()
    assert fetched == MAILS
    verdicts = [line for line in output.splitlines() if line.startswith(("#1 ", "#2 "))]
    assert any(line.startswith("#2 PASS pop3s") for line in verdicts)
    assert any(line.startswith("#1 PASS smtp") for line in verdicts)
