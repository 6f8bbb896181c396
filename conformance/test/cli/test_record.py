"""`mailspec record`: its arguments, its file, its sentences."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli
from conformance.plugin.fixtures import Servers, Traces
from conformance.run import exit_status

ROOT = Path(__file__).parents[3]


def test_a_recorded_session_is_a_trace_of_its_own(
    smtp_server: Servers, trace: Traces, tmp_path: Path
) -> None:
    server = smtp_server()
    out = tmp_path / "one.trace"
    words = ["record", f"{server.host}:{server.port}", "--out", str(out), "--id", "smtp.my.session"]
    with subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as recording:
        assert recording.stderr is not None
        place = re.search(r"to (\S+) port (\d+); for TLS", recording.stderr.readline())
        assert place is not None
        send(place.group(1), int(place.group(2)))
        assert recording.wait(20) == exit_status.OK
    assert server.delivered[0].octets == b"Subject: one\r\n\r\n.dot\r\n"
    assert "C: ..dot\n" in out.read_text("utf-8")
    with trace(out) as again:
        send(again.host, again.port)


def send(host: str, port: int) -> None:
    with smtplib.SMTP(host, port, "client.example", timeout=5) as client:
        client.sendmail("a@example.org", ["b@example.com"], b"Subject: one\r\n\r\n.dot\r\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["here"], "HOST:PORT"),
        (["here:99999"], "HOST:PORT"),
        (["127.0.0.1:1", "--listen", "192.0.2.1"], "cannot listen on"),
        (["127.0.0.1:1", "--wait", "0.05"], "no client connected"),
        (["127.0.0.1:1", "--wait", "nan"], "seconds, at most 86400"),
        (["127.0.0.1:1", "--wait", "-1"], "seconds, at most 86400"),
        (
            ["127.0.0.1:1", "--server-ca", "/no/file"],
            "/no/file holds no certificates: No such file",
        ),
        (["127.0.0.1:1", "--server-ca", __file__], "holds no certificates"),
        (["127.0.0.1:1", "--server-ca", "x", "--no-verify"], "--server-ca has no use beside it"),
        (["127.0.0.1:1", "--secret-file", "/no/file"], "/no/file cannot be read: No such file"),
        (["127.0.0.1:1", "--secret-file", "/dev/null"], "must hold a secret of 1 to 4096 octets"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["record", *words]) == exit_status.USAGE
    assert sentence in capsys.readouterr().err.splitlines()[-1]
