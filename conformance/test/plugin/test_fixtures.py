"""The fixtures for other projects: the example of the README, and what they refuse."""

from __future__ import annotations

import poplib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.plugin.fixtures import Servers, Traces

ROOT = Path(__file__).parents[3]
README = ROOT / "conformance" / "README.md"
USERS = {"mrose": "tanstaaf"}


def example() -> str:
    """The test file that conformance/README.md shows."""
    block = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block is not None
    return block.group(1)


@pytest.mark.skipif(not README.is_file(), reason="conformance/README.md is not installed")
def test_the_example_of_the_readme_passes(tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(example(), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conformance.plugin", "."],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_a_breach_has_a_sentence(pop3_server: Servers) -> None:
    server = pop3_server(users=USERS)
    with socket.create_connection((server.host, server.port), 5) as client:
        client.recv(512)
        client.sendall(b"QUIT\n")
        client.shutdown(socket.SHUT_WR)
        client.recv(512)
    (breach,) = [line for line in server.breaches() if "CRLF" in line]
    assert r"actual    QUIT\n" in breach and "RFC1939" in breach


def test_a_session_over_tls(pop3_server: Servers) -> None:
    server = pop3_server(users=USERS, tls="implicit", caps=("USER",))
    context = ssl.create_default_context(cafile=str(server.ca))
    client = poplib.POP3_SSL(server.host, server.port, timeout=5, context=context)
    client.user("mrose")
    client.pass_("tanstaaf")
    client.quit()
    assert server.logins == [("USER", b"mrose")]
    assert server.breaches() == []


def test_a_server_is_bent_and_keeps_what_it_accepts(smtp_server: Servers) -> None:
    server = smtp_server(on=['MAIL#1: reply "451 later"'])
    with smtplib.SMTP(server.host, server.port, "client.example", timeout=5) as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("a@example.org", ["b@example.com"], b"one\r\n")
        client.sendmail("a@example.org", ["b@example.com"], b"two\r\n")
    assert [each.octets for each in server.delivered] == [b"two\r\n"]


def test_what_was_deleted_is_gone(pop3_server: Servers) -> None:
    server = pop3_server(users=USERS, messages=[b"one\r\n", b"two\r\n"])
    client = poplib.POP3(server.host, server.port, timeout=5)
    client.apop("mrose", "tanstaaf")
    client.dele(1)
    client.quit()
    assert server.messages == [b"two\r\n"]


def test_a_client_that_leaves_the_trace_is_told_where(trace: Traces) -> None:
    with pytest.raises(AssertionError, match=r"pop3.*\.trace:\d+: (.|\n)*expected  APOP"):
        with trace("pop3.apop.rfc1939-login") as server:
            client = poplib.POP3(server.host, server.port, timeout=5)
            with pytest.raises(poplib.error_proto):
                client.apop("mrose", "wrong")
            client.close()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"colour": "red"}, "unknown key 'colour' for pop3"),
        ({"on": ["RETR: close"]}, "#n"),
        ({"on": ["EHLO#1: close"]}, "EHLO"),
        ({"variant": "slow"}, "there is no variant 'slow'"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(
    pop3_server: Servers, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        pop3_server(**asked)  # type: ignore[arg-type]


def test_a_trace_that_is_none_is_one_sentence(trace: Traces) -> None:
    with pytest.raises(ValueError, match="unknown case|no case"):
        with trace("pop3.nothing"):
            pass
