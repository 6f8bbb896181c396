"""The program that runs mailc on QEMU's board: with a QEMU of ours, whose board is a script."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.subject import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.driver import DriverSubject

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "client/board/qemu.py"
LIMIT_S = 30
BOARD = """#!{python}
import os, struct, sys, time
open("pid", "w").write(str(os.getpid()))
def call(letter, *numbers, octets=b""):
    body = struct.pack("<%di" % len(numbers), *numbers) + octets
    sys.stdout.buffer.write(letter + struct.pack("<I", len(body)) + body)
    sys.stdout.buffer.flush()
    result, error, length = struct.unpack("<iII", sys.stdin.buffer.read(12))
    return result, error, sys.stdin.buffer.read(length)
def say(text):
    call(b"O", 1, octets=text.encode())
{script}
"""
HELLO = 'say(\'{"name": "board", "version": "1", "features": ["smtp"]}\\n\')\n'
BIG_CALL = "b'G' + struct.pack('<Iii', 8, 0, 1 << 20)"
"""Its answer is more than a pipe holds."""

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="mailc is in the clone only")


@pytest.fixture(name="board")
def _board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Makes the script of a board; gives the command that runs it."""

    def make(script: str) -> list[str]:
        fake = tmp_path / "qemu-system-arm"
        fake.write_text(BOARD.format(python=sys.executable, script=script), "utf-8")
        fake.chmod(0o755)
        (tmp_path / "firmware.elf").touch()
        return [str(PROGRAM), str(tmp_path / "firmware.elf")]

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return make


def run(argv: list[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv, input=given, capture_output=True, timeout=LIMIT_S, check=False)


def is_gone(folder: Path) -> bool:
    """Whether the QEMU that wrote its number into `folder` ends within LIMIT_S."""
    number = int((folder / "pid").read_text())
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@contextmanager
def peer() -> Iterator[tuple[socket.socket, int]]:
    """A server, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT_S)
        yield listener, listener.getsockname()[1]


def test_its_stdin_and_stdout_are_those_of_the_board(board: Callable[[str], list[str]]) -> None:
    done = run(board("n, _, text = call(b'I', 0, 100); say(str(n) + text.decode())"), b"hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"5hello", b"")


def test_octets_arrive_and_leave_when_the_board_asks(board: Callable[[str], list[str]]) -> None:
    with peer() as (listener, port):
        script = f"""
n, _, families = call(b"N", {port}, octets=b"127.0.0.1")
assert n == 1, n
fd, _, _ = call(b"S", families[0])
assert call(b"R", 99, 10)[:2] == (-1, 3)
if call(b"C", fd, 0)[:2] == (-1, 2):
    assert call(b"P", 20000, fd, 4)[2] == b"\\x04"
assert call(b"E", fd)[0] == 0
assert call(b"R", fd, 10)[:2] == (-1, 1)
assert call(b"T", fd, octets=b"EHLO\\r\\n")[0] == 6
assert call(b"P", 20000, fd, 1)[0] == 1
assert call(b"R", fd, 2)[2] == b"25"
assert call(b"R", fd, 9)[2] == b"0\\r\\n"
assert call(b"P", 20000, fd, 1)[0] == 1
assert call(b"R", fd, 9) == (0, 0, b"")
assert call(b"X", fd)[0] == 0
assert call(b"X", fd)[0] == -1
say("done")
"""
        argv = board(script)
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
            wire, _ = listener.accept()
            wire.settimeout(LIMIT_S)
            with wire:
                assert wire.recv(100) == b"EHLO\r\n"
                wire.sendall(b"250\r\n")
            assert child.communicate(timeout=LIMIT_S)[0] == b"done"


def test_a_host_without_an_address_is_an_error(board: Callable[[str], list[str]]) -> None:
    done = run(board("say(str(call(b'N', 25, octets=b'\\xff')[:2]))"))
    assert done.stdout == b"(-1, 3)"


def test_the_exit_status_is_that_of_the_board(board: Callable[[str], list[str]]) -> None:
    assert run(board("sys.exit(70)")).returncode == 70


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("call(b'?')", "there is no call b'?'"),
        ("call(b'C', 1)", "the call b'C' is too short"),
        ("call(b'P', 0, octets=b'123')", "the call b'P' is too short"),
        ("os.write(1, b'O' + b'\\xff' * 4); time.sleep(600)", "it is longer than 1048576 octets"),
        ("os.write(1, b'O\\x09')", "it ends too early"),
        (f"os.write(1, {BIG_CALL})", "it does not read the answer"),
        ("for _ in range(17): call(b'S', 2)", "it opens more than 16 sockets"),
        ("call(b'P', 0, 0, -1)", "it polls for the events -1"),
        ("call(b'P', 0, 0, 256)", "it polls for the events 256"),
        ("call(b'I', 0, -1)", "it asks for -1 octets"),
        ("call(b'G', 0, -1)", "it asks for -1 octets"),
    ],
)
def test_a_call_that_is_wrong_ends_it(
    board: Callable[[str], list[str]], tmp_path: Path, script: str, sentence: str
) -> None:
    done = run(board(script))
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"qemu.py: the board makes a wrong call: {sentence}\n")
    assert is_gone(tmp_path)


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("os.kill(os.getpid(), 9)", -9),
        ("os.write(1, b'O\\x09'); os.kill(os.getpid(), 11)", -11),
        ("os.write(1, b'O\\x09'); sys.exit(70)", 70),
        (f"os.write(1, {BIG_CALL}); os.kill(os.getpid(), 9)", -9),
        (f"os.write(1, {BIG_CALL}); sys.exit(70)", 70),
    ],
)
def test_it_ends_as_qemu_did_also_within_a_call(
    board: Callable[[str], list[str]], script: str, status: int
) -> None:
    done = run(board(script))
    assert (done.returncode, done.stderr) == (status, b"")


def test_qemu_ends_with_it(board: Callable[[str], list[str]], tmp_path: Path) -> None:
    argv = board("say('here'); time.sleep(600)")
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.read(4) == b"here"
        child.send_signal(signal.SIGTERM)
        assert child.wait(LIMIT_S) == 143
    assert is_gone(tmp_path)


def test_qemu_ends_when_nobody_reads(board: Callable[[str], list[str]], tmp_path: Path) -> None:
    argv = board("while True: say('y' * 1000)")
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.read(4) == b"yyyy"
        child.stdout.close()
        try:
            assert child.wait(LIMIT_S) == 1
        finally:
            child.terminate()
    assert is_gone(tmp_path)


def test_a_qemu_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "firmware.elf").touch()
    (tmp_path / "python3").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    subject = DriverSubject("board", [sys.executable, str(PROGRAM), str(tmp_path / "firmware.elf")])
    with pytest.raises(NotInstalled) as caught:
        subject.start()
    subject.stop()
    assert "there is no qemu-system-arm (package qemu-system-arm)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("time.sleep(600)", Hung),
        ("os.kill(os.getpid(), 9)", Crashed),
        ("os.kill(os.getpid(), 11)", Crashed),
        ("sys.exit(70)", Crashed),
        ("while True: say('flood' * 10000 + '\\n')", AdapterBroken),
    ],
)
def test_a_board_that_hangs_dies_or_floods_leaves_nothing(
    board: Callable[[str], list[str]], tmp_path: Path, script: str, verdict: type[Exception]
) -> None:
    there = f"os.chdir({str(tmp_path)!r})\nopen('pid', 'w').write(str(os.getpid()))\n"
    ask = "call(b'I', 0, 1000)\n"
    subject = DriverSubject(
        "board", board(there + ask + HELLO + ask + script), None, frozenset([70])
    )
    subject.start()
    try:
        with pytest.raises(verdict):
            subject.call("smtp.noop", {}, 1.0)
    finally:
        subject.stop()
    assert is_gone(tmp_path)
