"""mailc on the bench: behind a serial line, a TCP port, ssh, and in a network of its own. Its
verdicts are those of mailc beside the suite.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pty
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from conformance.subject import load

ROOT = Path(__file__).parents[3]
DRIVER = ROOT / "build/mailc/client/mailc-driver"
CASES = ("pop3.apop.*", "pop3.goal.fetch-under-tls", "pop3.stat.*", "smtp.noop.*")
CASES_OVER_ALL = (*CASES, "smtp.goal.send-under-starttls", "smtp.lmtp.one-refused-after-the-dot")
LIMIT_S = 200
NAMESPACE_LIMIT_S = 20.0

pytestmark = [
    pytest.mark.skipif(not (ROOT / "client").is_dir(), reason="mailc is in the clone only"),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed"),
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("bench"),
]


def run(folder: Path, words: Sequence[str], cases: Sequence[str]) -> dict[str, str]:
    """The verdict of each case of a run; asserts that it could be made."""
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", *cases, "--variant", "whole", *words]
        + ["--out", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    rows = json.loads((folder / "results.json").read_text("utf-8"))["cases"]
    return {row["id"]: row["verdict"] for row in rows}


@pytest.fixture(name="beside", scope="module")
def _beside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The verdicts of mailc as a program of this machine."""
    load("mailc").stop()
    return run(tmp_path_factory.mktemp("beside"), ["-j", "1"], CASES_OVER_ALL)


def only(verdicts: dict[str, str], ids: Sequence[str]) -> dict[str, str]:
    return {name: verdict for name, verdict in verdicts.items() if name in ids}


@contextmanager
def process(argv: Sequence[str], fd: int) -> Iterator[subprocess.Popen[bytes]]:
    """A driver whose stdin and stdout are this descriptor."""
    with subprocess.Popen(argv, stdin=fd, stdout=fd) as child:
        try:
            yield child
        finally:
            child.kill()


def test_behind_a_serial_line(tmp_path: Path, beside: dict[str, str]) -> None:
    if importlib.util.find_spec("serial") is None:
        assert not os.environ.get("MAILSPEC_CI"), "./mailspec setup ci has not run"
        pytest.skip("needs pyserial: Debian's package python3-serial")
    board, line = pty.openpty()
    tty.setraw(line)
    with process([str(DRIVER)], board):
        found = run(tmp_path, ["--subject", f"serial:{os.ttyname(line)}?baud=9600"], CASES)
    os.close(board)
    os.close(line)
    assert found == only(beside, list(found)) and len(found) > 20


def test_behind_a_tcp_port(tmp_path: Path, beside: dict[str, str]) -> None:
    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                wire, _ = listener.accept()
                with wire, process([str(DRIVER)], wire.fileno()) as child:
                    child.wait(LIMIT_S)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        address = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        found = run(tmp_path, ["--subject", address], CASES)
        listener.shutdown(socket.SHUT_RDWR)
    assert found == only(beside, list(found)) and len(found) > 20


def test_behind_ssh(tmp_path: Path, beside: dict[str, str]) -> None:
    """A program that does what ssh does: the words are one line of a shell in another folder."""
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\n[ "$1 $2" = "-T board" ] && shift 2 && cd / && exec sh -c "$*"\n')
    ssh.chmod(0o755)
    command = shlex.join([str(ssh), "-T", "board", str(DRIVER)])
    found = run(tmp_path / "out", ["--subject", f"cmd:{command}"], CASES)
    assert found == only(beside, list(found)) and len(found) > 20


@pytest.fixture(name="network")
def _network() -> Iterator[tuple[int, str]]:
    """A network namespace of its own: the process that holds it, and our address in its sight."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root on Linux can make a network namespace")
    if shutil.which("ip") is None:
        refuse("there is no ip (package iproute2)")
    with namespace() as pid:
        yield pid, _connect(pid)


def refuse(reason: str) -> NoReturn:
    """Leaves the test out; where it must run, it fails."""
    assert not os.environ.get("MAILSPEC_CI"), reason
    pytest.skip(reason)


@contextmanager
def namespace(limit_s: float = NAMESPACE_LIMIT_S) -> Iterator[int]:
    """The process that holds a network namespace of its own."""
    words = ["unshare", "--net", "sleep", str(LIMIT_S)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as holder:
        try:
            if not _is_apart(holder, limit_s):
                holder.kill()
                said = holder.communicate()[1].strip() or f"not done within {limit_s:g} s"
                refuse(f"this kernel does not let us: {shlex.join(words)}: {said}")
            yield holder.pid
        finally:
            holder.kill()


def _is_apart(holder: subprocess.Popen[str], limit_s: float) -> bool:
    """Whether a process that runs has left our network within this time."""
    ours = os.stat("/proc/self/ns/net").st_ino
    until = time.monotonic() + limit_s
    while holder.poll() is None and time.monotonic() < until:
        with suppress(OSError):  # it has just ended
            if os.stat(f"/proc/{holder.pid}/ns/net").st_ino != ours:
                return True
        time.sleep(0.01)
    return False


def _connect(pid: int) -> str:
    """Connects this network with that of a process; returns our address."""
    host, there = f"198.18.{pid % 250}.1", f"198.18.{pid % 250}.2"
    inside = ["nsenter", f"--net=/proc/{pid}/ns/net"]
    steps = [
        ["ip", "link", "add", f"bench{pid}", "type", "veth", "peer", "name", "eth0", "netns"]
        + [str(pid)],
        ["ip", "addr", "add", f"{host}/30", "dev", f"bench{pid}"],
        ["ip", "link", "set", f"bench{pid}", "up"],
        [*inside, "ip", "addr", "add", f"{there}/30", "dev", "eth0"],
        [*inside, "ip", "link", "set", "eth0", "up"],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            refuse(f"this kernel does not let us: {shlex.join(step)}: {done.stderr.strip()}")
    return host


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has network namespaces")
@pytest.mark.parametrize(
    ("does", "limit_s", "reason"),
    [
        ("echo unshare: Operation not permitted >&2; exit 1", LIMIT_S, "Operation not permitted"),
        ("exec sleep 100", 0.2, "not done within 0.2 s"),
    ],
)
def test_a_namespace_that_is_refused_is_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, limit_s: float, reason: str
) -> None:
    (tmp_path / "unshare").write_text(f"#!/bin/sh\n{does}\n")
    (tmp_path / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("MAILSPEC_CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=reason), namespace(limit_s):
        pass


def test_in_a_network_of_its_own(
    tmp_path: Path, beside: dict[str, str], network: tuple[int, str]
) -> None:
    pid, host = network
    subject = tmp_path / "far.toml"
    argv = ["nsenter", f"--net=/proc/{pid}/ns/net", str(DRIVER)]
    table = [str(DRIVER.with_name("mailc-table"))]
    rows = {"name": "far", "driver": argv, "table": table}
    subject.write_text("".join(f"{key} = {json.dumps(row)}\n" for key, row in rows.items()))
    words = ["--listen", host, "--subject", str(subject)]
    assert run(tmp_path, words, CASES_OVER_ALL) == beside
