"""Sessions of real clients with real servers, recorded, are cases that mailc passes."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.record import trace
from conformance.record.relay import Recorder, Tls
from conformance.run import exit_status
from fake_servers.wire.certificates import ca_file, server_context
from real_servers import Account, Dovecot, Postfix, RealServer
from real_servers.test.conftest import SECRET

WAIT_S = 30
MESSAGE = b"Subject: one\r\n\r\n.a dot\r\nlast\r\n"
LOGIN = ("-u", f"tim:{SECRET}", "--login-options")
SEND = ("--mail-from", "tim@example.org", "--mail-rcpt", "green@example.com", "-T", "mail")


def curl(words: Sequence[str], folder: Path) -> None:
    """It must succeed."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed; ./mailspec setup ci installs it")
    done = subprocess.run(
        ["curl", "-sS", "-m", str(WAIT_S), "--cacert", str(ca_file()), *words],
        cwd=folder,
        capture_output=True,
        timeout=WAIT_S + 5,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def recorded(server: RealServer, service: str, words: Sequence[str], folder: Path) -> str:
    """The trace of a session of curl; `{place}` in its words is host and port."""
    to_server = ssl.create_default_context(cafile=str(server.ca))
    tls = Tls(server_context(), to_server, server.host, service.endswith("s"))
    recorder = Recorder((server.host, server.ports[service]), "127.0.0.1", tls)
    place = f"{recorder.host}:{recorder.port}"
    with ThreadPoolExecutor(1) as pool:
        client = pool.submit(curl, [word.format(place=place) for word in words], folder)
        session = recorder.record(WAIT_S)
        client.result(WAIT_S)
    case_id = f"{session.protocol}.recorded"
    return trace.text(session, case_id, "A recorded session", SECRET.encode())


def passes(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """mailc plays it and passes, and neither the linter nor fmt finds anything."""
    path = folder / "recorded.trace"
    path.write_text(text, "utf-8")
    assert SECRET not in text and "right one" not in text
    assert main(["lint", str(path)]) == main(["fmt", "--check", str(path)]) == exit_status.OK
    assert main(["run", str(path), "--out", str(folder / "out")]) == exit_status.OK
    assert "PASS: 0 of 1 judged case fails" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("pop3", ["--ssl-reqd", *LOGIN, "AUTH=PLAIN", "pop3://{place}/1"]),
        ("pop3", [*LOGIN, "AUTH=CRAM-MD5", "pop3://{place}/1"]),
        ("pop3", [*LOGIN, "AUTH=+APOP", "pop3://{place}/"]),
        ("pop3s", [*LOGIN, "AUTH=LOGIN", "pop3s://{place}/1"]),
    ],
)
def test_a_session_with_dovecot_plays_again(
    service: str,
    words: Sequence[str],
    dovecot: Dovecot,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dovecot.fill("tim", [MESSAGE])
    passes(recorded(dovecot, service, words, tmp_path), tmp_path, capsys)


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("smtp", ["--ssl-reqd", *LOGIN, "AUTH=PLAIN", *SEND, "smtp://{place}/client.example"]),
        ("smtp", [*SEND, "smtp://{place}/client.example"]),
        ("smtps", [*LOGIN, "AUTH=CRAM-MD5", *SEND, "smtps://{place}/client.example"]),
    ],
)
def test_a_session_with_postfix_plays_again(
    service: str,
    words: Sequence[str],
    postfix: Postfix,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    postfix.add_account(Account("tim", SECRET))  # another test may have given it another secret
    (tmp_path / "mail").write_bytes(MESSAGE)
    passes(recorded(postfix, service, words, tmp_path), tmp_path, capsys)
