"""A driver on a board: behind a serial line or a TCP port, with all that such lines do."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance import paths
from conformance.subject import (
    AdapterBroken,
    Crashed,
    Hung,
    NotInstalled,
    UnknownSubject,
    device_process,
    find,
    load,
)
from conformance.subject.base import Subject
from conformance.test.subject.fake_board import answer, serial_board, tcp_board

ROOT = Path(__file__).parents[3]
USER = {"user": "good", "secret": "x"}


@pytest.fixture(autouse=True)
def _needs_pyserial(request: pytest.FixtureRequest) -> None:
    if "tcp" not in request.node.name and "address" not in request.node.name:
        if importlib.util.find_spec("serial") is None:
            assert not os.environ.get("MAILSPEC_CI"), "./mailspec setup ci has not run"
            pytest.skip("needs pyserial: Debian's package python3-serial")


@contextmanager
def started(address: str) -> Iterator[Subject]:
    subject = load(address)
    subject.start()
    try:
        yield subject
    finally:
        subject.stop()


def reply(subject: Subject, kind: str = "good", limit_s: float = 5.0) -> object:
    return subject.call("pop3.user", {"user": kind, "secret": "x"}, limit_s).value.get("reply")


def of_file(folder: Path, address: str, **keys: object) -> str:
    """The path of a subject's file with these keys."""
    rows: dict[str, object] = {"name": "board", "driver": address, **keys}
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())
    (folder / "board.toml").write_text(text, "utf-8")
    return str(folder / "board.toml")


def test_a_board_on_a_serial_line_answers() -> None:
    with serial_board(options="?baud=9600") as board, started(board.address) as subject:
        assert (subject.version, reply(subject)) == ("1", "+OK")
        assert subject.is_single


def test_a_board_behind_tcp_answers() -> None:
    with tcp_board() as address, started(address) as subject:
        assert reply(subject) == "+OK"


def test_crlf_echo_and_noise_are_no_answers() -> None:
    def chatty(line: bytes) -> bytes:
        log = b"[12.5] heap: 4711 free\r\n"
        return line + b"\r\n" + log + answer(line).replace(b"\n", b"\r\n") + b"> "

    with serial_board(chatty, options="?line_end=crlf") as board, started(board.address) as subject:
        assert reply(subject) == "+OK"
        assert reply(subject) == "+OK"
        assert "heap: 4711 free" in subject.take_stderr()
    assert all(line.endswith(b"\r") for line in board.board.heard if line)


def test_hello_is_said_again_until_the_board_has_booted() -> None:
    heard = []

    def boots(line: bytes) -> bytes:
        heard.append(line)
        boot = b"\0\0\xff\xfeU-Boot 2026.01\r\n{ DRAM: 1 MiB }\r\n"
        return boot if len(heard) < 3 else answer(line)

    with serial_board(boots) as board, started(board.address) as subject:
        assert reply(subject) == "+OK"
        assert "U-Boot" in subject.take_stderr()
    assert len(heard) >= 4 and heard[0] == heard[1] == heard[2]


def test_what_a_board_still_had_to_say_is_passed_over() -> None:
    late = []

    def slow(line: bytes) -> bytes:
        if b"late" in line:
            late.append(answer(line).replace(b"+OK", b"+OK too late"))
            return b""
        return (late.pop() if late else b"") + answer(line)

    with serial_board(slow) as board, started(board.address) as subject:
        with pytest.raises(Hung):
            reply(subject, "late", 0.05)
        assert reply(subject) == "+OK"


def test_the_board_is_reset_before_each_start(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"echo reset >>{shlex.quote(str(count))}"
    with serial_board(lambda line: answer(line) if b"silent" not in line else b"") as board:
        path = of_file(tmp_path, board.address, reset=["sh", "-c", script])
        with started(path) as subject:
            with pytest.raises(Hung):
                reply(subject, "silent", 0.05)
            assert reply(subject) == "+OK"
    assert count.read_text("utf-8").split() == ["reset", "reset"]


def test_a_reset_that_fails_is_a_sentence(tmp_path: Path) -> None:
    with serial_board() as board:
        path = of_file(tmp_path, board.address, reset=["false"])
        with pytest.raises(NotInstalled, match="the reset command false ended with status 1"):
            load(path).start()


def test_a_board_that_is_unplugged_is_an_error_and_not_the_client() -> None:
    with serial_board() as board, started(board.address) as subject:
        board.unplug()
        with pytest.raises(AdapterBroken, match="is gone"):
            reply(subject)
        for _ in range(3):
            with pytest.raises(NotInstalled, match="cannot be opened: No such file"):
                reply(subject)
        with pytest.raises(NotInstalled, match="it was tried 3 times"):
            reply(subject)


def test_a_board_behind_tcp_that_hangs_up_is_an_error() -> None:
    with tcp_board() as address, started(address) as subject:
        # The next opening is a new connection to the same board.
        assert reply(subject) == "+OK"
    with pytest.raises(NotInstalled, match="cannot be reached: Connection refused"):
        load(address).start()


def test_a_line_that_tells_of_a_fault_is_a_crash(tmp_path: Path) -> None:
    def faulty(line: bytes) -> bytes:
        return answer(line) if b"fault" not in line else b"\r\nHardFault at 0x00001234\r\n"

    with serial_board(faulty) as board:
        path = of_file(tmp_path, board.address, fault="HardFault at")
        with started(path) as subject:
            with pytest.raises(Crashed, match="told of a fault: HardFault at 0x00001234"):
                reply(subject, "fault")
            assert reply(subject) == "+OK"


@pytest.mark.parametrize("unit", [b"\xff\xfe\xfd" * 400, b"garbage\n", b"# log\r\n"])
def test_a_flood_is_an_error_and_no_hang(unit: bytes) -> None:
    def floods(line: bytes) -> bytes:
        times = 2 * device_process.MOST_NOISE // len(unit)
        return answer(line) if b"flood" not in line else unit * times

    with serial_board(floods) as board, started(board.address) as subject:
        with pytest.raises(AdapterBroken, match="octets and no answer; is its speed right"):
            reply(subject, "flood", 20)


def test_a_board_at_the_wrong_speed_does_not_start() -> None:
    with serial_board(lambda line: b"\xfc\x80" * device_process.MOST_NOISE) as board:
        with pytest.raises(NotInstalled, match="no answer to hello; is its speed right"):
            load(board.address).start()


def test_half_an_object_is_an_error() -> None:
    with serial_board(lambda line: answer(line) if b"bad" not in line else b'{"seq":1,\n') as board:
        with started(board.address) as subject:
            with pytest.raises(AdapterBroken):
                reply(subject, "bad")
            assert reply(subject) == "+OK"


def test_a_slow_board_gets_more_time(tmp_path: Path) -> None:
    with tcp_board() as address:
        with started(of_file(tmp_path, address, slack_s=30)) as subject:
            assert reply(subject, "good", 0.0) == "+OK"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("serial:", "needs the path of a device"),
        ("serial:/dev/ttyACM0?baud=fast", "baud is a number"),
        ("serial:/dev/ttyACM0?speed=9600", "there is no option 'speed'"),
        ("serial:/dev/ttyACM0?flow=yes", "flow is one of none, rtscts, xonxoff"),
        ("tcp:board", "needs a host and a port"),
        ("tcp:board:70000", "needs a host and a port"),
        ("tcp:board:4000?baud=9600", "baud is for serial lines"),
    ],
)
def test_a_wrong_address_is_a_sentence(tmp_path: Path, address: str, sentence: str) -> None:
    for text in (address, of_file(tmp_path, address)):
        with pytest.raises(UnknownSubject, match=sentence):
            find.spec(text)


def test_only_a_board_has_the_keys_of_one_address(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('name = "x"\ndriver = ["./x"]\nreset = ["true"]\n', "utf-8")
    with pytest.raises(UnknownSubject, match="reset is for a driver at serial:PATH"):
        find.spec(str(path))
    path.write_text('name = "x"\ndriver = "x"\n', "utf-8")
    with pytest.raises(UnknownSubject, match="a driver is a list of words, serial:PATH or tcp:"):
        find.spec(str(path))


def test_a_missing_pyserial_is_a_sentence_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.subject.device.find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match="package python3-serial"):
        load("serial:/dev/ttyACM0")


def test_one_board_plays_alone_tcp() -> None:
    with tcp_board() as address:
        done = subprocess.run(
            [sys.executable, "-m", "conformance", "run", "pop3.user.*", "-j", "2"]
            + ["--subject", address, "--out", "/nowhere"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    assert done.returncode == 2 and "there is only one fake: leave out -j" in done.stderr


def test_the_schema_names_every_key_of_an_address() -> None:
    text = (paths.PACKAGE / "subject.schema.json").read_text("utf-8")
    assert {"reset", "fault", "slack_s"} <= json.loads(text)["properties"].keys()
