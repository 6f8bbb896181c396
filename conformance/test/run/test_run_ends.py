"""However a run ends, its folder has what was found, or one sentence says why it has not."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.out_folder import LOCK, FolderError, claimed, write_new
from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER

ROOT = Path(__file__).parents[3]
GOOD = f"cmd:{shlex.join(POP3_DRIVER)}"
ENOUGH = ("pop3.apop.*", "--variant", "whole")
LIMIT_S = 60


def words(out: Path, *more: str) -> list[str]:
    """A run as a process of its own."""
    command = [sys.executable, "-P", "-m", "conformance", "run", "--seed", "1"]
    subject = [] if "--subject" in more else ["--subject", GOOD]
    return [*command, *subject, "--out", str(out), *more]


def process(
    out: Path, *more: str, stdout: int | None = None, limit: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    """Its exit status, its standard output and its standard error."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words(out, *more),
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        env=env,
        text=True,
        timeout=LIMIT_S,
        preexec_fn=limit,
        check=False,
    )
    return done.returncode, done.stdout or "", done.stderr


def files_of(octets: int) -> Callable[[], None]:
    """No file may grow longer, as on a disk that is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))


def assert_one_sentence(status: int, message: str) -> None:
    lines = [line for line in message.splitlines() if line]
    assert status == 3, message
    assert len(lines) == 1 and lines[0].startswith("mailspec: "), message


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_logs_that_cannot_be_written_end_the_run(tmp_path: Path, jobs: str) -> None:
    large = tmp_path / "large.trace"
    large.write_text(FETCH + 'D| ${repeat "x\\r\\n" 9000}\nR: ok\n', "utf-8")
    more = (str(large), "pop3.apop.*", "-j", jobs)
    status, _, printed = process(tmp_path / "out", *more, limit=files_of(9000))
    assert_one_sentence(status, printed)
    assert "the reports cannot be written" in printed and "File too large" in printed


def test_reports_that_cannot_be_written_leave_the_end_of_the_run_on_the_terminal(
    tmp_path: Path,
) -> None:
    more = ("pop3.apop.rfc1939-login", "--variant", "whole")
    status, shown, printed = process(tmp_path, *more, limit=files_of(4000))
    assert_one_sentence(status, printed)
    assert "File too large" in printed
    assert "1 case in 1 run: 1 PASS" in shown and "report:" not in shown


def test_a_full_standard_output_is_told(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        status, _, printed = process(tmp_path, *ENOUGH, stdout=full)
    finally:
        os.close(full)
    assert_one_sentence(status, printed)
    assert "No space left on device" in printed


@pytest.mark.parametrize("place", ["file", "file/below", "/dev/null/x"])
def test_a_folder_that_cannot_be_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "file").touch()
    out = str(tmp_path / place)
    assert main(["run", "--subject", GOOD, "--out", out, *ENOUGH]) == 3
    printed = capsys.readouterr().err
    assert f"mailspec: the reports cannot be written to {out}" in printed


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_sigterm_leaves_the_reports_of_what_was_done(tmp_path: Path, jobs: str) -> None:
    quick, slow = tmp_path / "a-quick.trace", tmp_path / "b-slow.trace"
    quick.write_text(APOP, "utf-8")
    text = FETCH.replace("goal:  ", "timeout: 60000\ngoal:  ")
    slow.write_text(text + "on RETR#1: pause 10000, pause 10000, pause 10000\nR: ok\n", "utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    out = tmp_path / "out"
    run_words = words(out, str(quick), str(slow), "--variant", "whole", "-j", jobs)[4:]
    code = (
        "import sys; from conformance.cli import main, progress\n"
        f"progress.PLAIN_S = 0.0\nsys.exit(main({run_words!r}))"
    )
    command = [sys.executable, "-P", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "1/2 1 PASS\n"
        run.send_signal(signal.SIGTERM)
        remaining = run.stdout.read()
        assert run.wait(LIMIT_S) == 143
    results = json.loads((out / "results.json").read_text())
    assert [row["id"] for row in results["cases"]] == ["pop3.apop.test"]
    assert (out / "index.html").is_file() and "report: " in remaining
    assert remaining.endswith("\n\nINTERRUPTED: 0 of 1 judged case fails\n")


@pytest.mark.parametrize("before", ["file", "link", "pipe"])
def test_a_log_takes_the_place_of_whatever_was_there(tmp_path: Path, before: str) -> None:
    place, other = tmp_path / "a.jsonl", tmp_path / "other"
    other.write_bytes(b"other")
    if before == "file":
        place.write_bytes(b"old")
    elif before == "link":
        place.symlink_to(other)
    else:
        os.mkfifo(place)
    for octets in (b"new", b"newer"):
        write_new(place, octets)
        assert place.read_bytes() == octets and not place.is_symlink()
    assert other.read_bytes() == b"other"


def test_two_runs_do_not_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = ["run", "--subject", GOOD, "--out", str(tmp_path), *ENOUGH]
    with claimed(tmp_path, "mailspec run smtp.*"):
        assert main(again) == 3
    printed = capsys.readouterr().err
    assert f"process {os.getpid()} (mailspec run smtp.*) is writing its reports to" in printed
    assert "wait for its end, or name another folder with --out" in printed
    assert not (tmp_path / "results.json").exists()
    assert (tmp_path / LOCK).read_text().startswith(str(os.getpid()))
    assert main(again) == 0, "what is left of a lock keeps nobody out"


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom pathlib import Path\n"
        "from conformance.out_folder import claimed\n"
        f"with claimed(Path({str(tmp_path)!r}), 'x'):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-P", "-c", script], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    with claimed(tmp_path, "me"):
        with pytest.raises(FolderError, match=f"process {os.getpid()} "):
            with claimed(tmp_path, "me too"):
                pass


def test_a_requirement_that_is_not_there_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.trace"
    file.write_text(APOP.replace("RFC1939-7-APOP-02", "RFC1939-7-APOP-99"), "utf-8")
    assert main(["run", "--subject", GOOD, "--out", str(tmp_path / "out"), str(file)]) == 2
    printed = capsys.readouterr().err
    assert f"{file}:3: the register has no such requirement" in printed
    assert "RFC1939-7-APOP-99" in printed and "Traceback" not in printed
