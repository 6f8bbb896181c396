"""Servers for clients on another machine or on a board."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli
from conformance.run import exit_status
from conformance.test.small_cases import APOP, POP3_DRIVER
from fake_servers import listen_address

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`mailspec run` of one case in a process of its own: the place is settled for good."""
    (folder / "one.trace").write_text(APOP, "utf-8")
    subject = ["--subject", f"cmd:{shlex.join(POP3_DRIVER)}", "--variant", "whole"]
    return subprocess.run(
        [sys.executable, "-m", "conformance", "run", "one.trace", *subject, *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_client_is_told_host_and_port(tmp_path: Path) -> None:
    port = free_port()
    done = run(tmp_path, "--listen", "0.0.0.0", "--advertise", "127.0.0.2", "--port", str(port))
    assert done.returncode == exit_status.OK, done.stdout + done.stderr
    assert "any machine that reaches this one" in done.stderr
    (log,) = (tmp_path / "reports/log").glob("*.jsonl")
    args = json.loads(log.read_text("utf-8").splitlines()[0])["data"]["args"]
    assert (args["host"], args["port"]) == ("127.0.0.2", port)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--listen", "192.0.2.1"), "cannot listen on 192.0.2.1"),
        (("--listen", "0.0.0.0"), "needs --advertise HOST"),
        (("--advertise", "localhost", "-j", "2"), "leave out -j"),
        (("--port", "0"), "a number from 1 to 65535"),
    ],
)
def test_a_place_that_cannot_be_is_a_sentence(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == exit_status.USAGE
    assert sentence in done.stderr and "Traceback" not in done.stderr


def test_usually_it_is_the_loopback_interface() -> None:
    usual = listen_address.ListenAddress()
    assert listen_address.listen_address() == usual and usual.is_default
    assert (usual.bind_host("::1"), usual.client_host("::1")) == ("::1", "::1")
    assert not usual.options
    other = listen_address.ListenAddress("10.0.0.1", "board", 25)
    assert shlex.join(other.options) == "--listen 10.0.0.1 --advertise board --port 25"
    assert (other.bind_host("::1"), other.client_host("::1")) == ("10.0.0.1", "board")


def test_the_slowest_runs_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.trace").write_text(APOP, "utf-8")
    subject = f"cmd:{shlex.join(POP3_DRIVER)}"
    words = ["run", str(tmp_path / "one.trace"), "--subject", subject, "--profile"]
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == exit_status.OK
    lines = [line for line in capsys.readouterr().out.splitlines() if " ms  " in line]
    times = [float(line.split()[0]) for line in lines]
    assert len(lines) == 4 and lines[3].endswith("ms  median")
    assert times[:3] == sorted(times[:3], reverse=True) and times[3] == times[1]
