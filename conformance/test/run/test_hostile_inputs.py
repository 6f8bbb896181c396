"""What a user or a client puts where the suite reads or writes: each ends in a sentence, soon."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path

import pytest

from conformance import out_folder
from conformance.cli import diff, main
from conformance.report import transcript
from conformance.run import expect
from conformance.subject import UnknownSubject
from conformance.subject.spec import read as read_subject
from fake_servers.files import inputs
from fake_servers.log import EventLog
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_file
from fake_servers.wire import connection
from fake_servers.wire.certificates import server_context
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import VARIANTS
from fake_servers.wire.errors import EndOfStream

READERS = [
    (parse_file, TraceError),
    (read_subject, UnknownSubject),
    (expect.load, expect.ExpectError),
    (diff.read, diff.BaselineError),
    (transcript.load, OSError),
]


@pytest.mark.parametrize(("read", "error"), READERS)
@pytest.mark.parametrize(
    ("place", "message"), [("/dev/zero", "longer than"), ("pipe", "nothing came out of it")]
)
def test_a_file_that_never_ends_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: object,
    error: type[Exception],
    place: str,
    message: str,
) -> None:
    monkeypatch.setattr(inputs, "WAIT_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(error, match=message):
        read(tmp_path / place)  # type: ignore[operator]


def test_what_a_pipe_gives_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"text")
    os.close(writing)
    assert inputs.read(Path(f"/dev/fd/{reading}"), 10) == b"text"
    os.close(reading)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\ndriver = ["a\\u0000b"]\n', "NUL"),
        (f'name = "x"\ndriver = ["true"]\ncrash = [{"9" * 5000}]\n', "is not TOML"),
        (
            'name = "x"\nfeatures = ["pop3"]\n[goal."pop3.list"]\nargv = ["{host:>999999999}"]\n[exit]\n0 = "ok"\n',
            "holds more than a name",
        ),
    ],
)
def test_a_subject_that_would_end_the_suite_is_told(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(UnknownSubject, match=message):
        read_subject(tmp_path / "x.toml")


@pytest.mark.parametrize("command", ["lint", "run"])
def test_a_fault_in_a_long_line_is_told_in_a_short_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    trace = tmp_path / "a.trace"
    trace.write_text(f"id: pop3.a.b\ntitle: t\n\nA: pop3.apop user={'[' * 70_000}\n")
    assert main([command, str(trace)]) in (1, 2)
    assert all(len(text) < 2000 for text in capfd.readouterr())


def test_a_change_is_printable_and_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"id": "a\x1b[2J\nb", "variant": "whole", "reason": "\u202e" * 9999, "verdict": "FAIL"}
    for name, cases in (("old", []), ("new", [bad])):
        row = {"suite": {"variants": ["whole"]}, "cases": cases}
        (tmp_path / name).write_text(json.dumps(row))
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 1
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable() and len(printed.splitlines()) == 2
    assert len(printed) < 20_000


@pytest.mark.parametrize("line", ["[]", "1", '{"kind": []}', "[" * 100_000, "\x00"])
def test_a_log_that_is_none_is_an_error_of_its_reader(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(line)
    with pytest.raises(ValueError):
        transcript.load(tmp_path / "a.jsonl")


@pytest.mark.parametrize("kind", ["pipe", "link", "link-nowhere", "file"])
def test_a_report_takes_the_place_of_what_stood_there(tmp_path: Path, kind: str) -> None:
    other, place = tmp_path / "other", tmp_path / "results.json"
    other.write_text("other")
    if kind == "pipe":
        os.mkfifo(place)
    elif kind.startswith("link"):
        place.symlink_to(other if kind == "link" else tmp_path / "nowhere")
    else:
        place.write_text("old")
    out_folder.write(place, "new")
    assert place.read_text() == "new" and other.read_text() == "other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "results.json"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "results.json"
    place.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        out_folder.write(place, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert place.read_text() == "old"


def test_a_client_that_floods_after_a_failed_handshake_is_heard_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of it is kept, so nothing but its octets tells how much it sends."""
    monkeypatch.setattr(connection, "MOST_WEIGHT", 256 * 1024)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    log = EventLog()

    def flood() -> None:
        with theirs:
            theirs.sendall(b"\x16\x03\x01\x00\x02\xff\xff")
            try:
                for _ in range(1000):
                    theirs.sendall(b"x" * 65536)
            except OSError:
                return

    client = threading.Thread(target=flood)
    client.start()
    with Wire(ours, log, 1, VARIANTS["whole"], 5.0) as server:
        assert not server.start_tls(server_context())
        with pytest.raises(EndOfStream, match="reads no more of it"):
            while True:
                server.fill(1.0)
    client.join()
    assert log.weight < 1024 * 1024
