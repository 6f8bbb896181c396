"""Clients that do their worst: each gets its verdict within seconds, and nothing is left of it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.run import context, ending
from conformance.run.case import Runner
from conformance.run.subject_run import Settings, SubjectRun
from conformance.subject import (
    AdapterBroken,
    Crashed,
    Hung,
    NotInstalled,
    SubjectError,
    driver,
    files,
    load,
    process,
)
from conformance.subject.command import CommandSubject
from conformance.subject.driver import DriverSubject
from conformance.subject.spec import GoalSpec, Spec
from conformance.test.small_cases import trace_of
from conformance.test.subject.test_command import FETCH
from conformance.verdict import CaseRun, Verdict
from fake_servers.log import FILE_LIMIT
from fake_servers.wire import connection

PROGRAM = Path(__file__).with_name("hostile_driver.py")
ROOT = Path(__file__).parents[3]
APOP = """\
id:      pop3.apop.test
title:   APOP
proves:  RFC1939-7-APOP-02
needs:   pop3 pop3.apop

A: pop3.connect
S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
R: ok
A: pop3.apop user=mrose secret=tanstaaf
C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
S: +OK
R: ok
"""
LIMIT_S = 2.0
HANG_S = 0.5
"""For those that only wait until their time is up: it makes no difference how long that is."""
MOST_S = 30.0


@pytest.fixture(autouse=True)
def nobody_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """After each test no process of it lives; it had to end in time."""
    monkeypatch.setenv("MAILSPEC_TEST", str(tmp_path))
    monkeypatch.setattr(context, "answer_limit_s", lambda timeout_ms: LIMIT_S)
    monkeypatch.setattr(driver, "HELLO_LIMIT_S", LIMIT_S + 3)
    monkeypatch.setattr(connection, "MOST_WEIGHT", 2 * 1024 * 1024)
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < MOST_S
    assert living(f"MAILSPEC_TEST={tmp_path}".encode()) == []


def living(marked: bytes) -> list[str]:
    """The commands of the processes that have this in their environment, but for this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            try:
                if marked in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_text())
            except OSError:
                continue
    return found


def play(kind: str, out: Path) -> tuple[CaseRun, ending.Ending]:
    """The case against the driver that does this, and what showed at its end."""
    subject = DriverSubject("bad", (sys.executable, str(PROGRAM), kind), None, frozenset({99}))
    try:
        subject.start()
        run = Runner(subject, 1, out).run_case(trace_of(APOP), "whole")
    finally:
        found = ending.Ending.of(subject)
    return run, found


@pytest.mark.parametrize(
    ("kind", "verdict", "message"),
    [
        ("good", Verdict.PASS, ""),
        ("answers-twice", Verdict.ERROR, "without being asked|answered seq"),
        ("wrong-seq", Verdict.ERROR, "answered seq"),
        ("seq-is-true", Verdict.ERROR, "answered seq True"),
        ("surrogate", Verdict.ERROR, "surrogate"),
        ("raw-surrogate", Verdict.ERROR, "not UTF-8"),
        ("deep", Verdict.ERROR, "nested too deep"),
        ("huge-int", Verdict.ERROR, "not JSON"),
        ("nan", Verdict.ERROR, "NaN is not a JSON number"),
        ("duplicate", Verdict.ERROR, "'outcome' occurs in it twice"),
        ("no-object", Verdict.ERROR, "not a JSON object"),
        ("escape", Verdict.ERROR, r"\x1b"),
        ("fifo", Verdict.ERROR, "it is a pipe"),
        ("device", Verdict.ERROR, "it is a symbolic link"),
        ("folder", Verdict.ERROR, "it is a folder"),
        ("link-outside", Verdict.ERROR, "it is a symbolic link"),
        ("link-inside", Verdict.ERROR, "it is a symbolic link"),
        ("passwd", Verdict.ERROR, "outside its folder"),
        ("dotdot", Verdict.ERROR, "outside its folder"),
        ("huge-file", Verdict.PASS, ""),
        ("endless-line", Verdict.ERROR, "above the limit of 16 MiB"),
        ("floods-stderr", Verdict.HANG, "no answer within"),
        ("floods-socket", Verdict.FAIL, ""),
        ("floods-commands", Verdict.FAIL, ""),
        ("closes-stdout", Verdict.ERROR, "closed its stdout"),
        ("hangs", Verdict.HANG, "no answer within"),
        ("deaf", Verdict.HANG, "no answer within"),
        ("ignores-sigterm", Verdict.HANG, "no answer within"),
        ("crash", Verdict.CRASH, "SIGSEGV"),
        ("runs-in-circles", Verdict.HANG, "used up the CPU time"),
        ("crash-beside-child", Verdict.CRASH, "SIGSEGV"),
        ("crash-beside-daemon", Verdict.CRASH, "SIGSEGV"),
        ("exit-beside-child", Verdict.ERROR, "exit status 3"),
        ("double-fork", Verdict.PASS, ""),
        ("unmarked-daemon", Verdict.PASS, ""),
        ("kills-keeper", Verdict.ERROR, "watches over the client was killed"),
        ("stops-keeper", Verdict.PASS, ""),
        ("asan", Verdict.CRASH, "in parse_reply client.c:17 < main client.c:40"),
        ("valgrind-status", Verdict.CRASH, "exit status 99"),
        ("valgrind-goes-on", Verdict.CRASH, "Invalid read of size 4, in parse (client.c:9)"),
        ("unasked", Verdict.ERROR, "without being asked|answered seq|no name"),
    ],
)
def test_what_a_driver_does_has_its_verdict(
    tmp_path: Path, kind: str, verdict: Verdict, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "END_LIMIT_S", HANG_S)
    monkeypatch.setattr(files.read_file, "__defaults__", (1 << 20,))
    if verdict is Verdict.HANG:
        monkeypatch.setattr(context, "answer_limit_s", lambda timeout_ms: HANG_S)
    try:
        run, _ = play(kind, tmp_path)
    except NotInstalled as error:  # what came unasked was taken for the answer to hello
        assert kind == "unasked" and "no name" in str(error)
        return
    assert run.verdict is verdict, run
    assert any(part in run.reason for part in message.split("|")), run.reason
    assert "\x1b" not in run.reason and "Shadow" not in run.stderr
    assert all(path.stat().st_size <= FILE_LIMIT for path in (tmp_path / "log").iterdir())


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("leak", "LeakSanitizer: detected memory leaks, in keep_reply client.c:23"),
        ("valgrind-leak", "definitely lost in loss record 1 of 1, in keep_reply (client.c:23)"),
        ("crash-at-bye", "died by SIGABRT"),
    ],
)
def test_a_fault_at_the_end_is_a_crash_of_its_own(tmp_path: Path, kind: str, message: str) -> None:
    run, found = play(kind, tmp_path)
    assert run.verdict is Verdict.PASS
    (crash,) = found.runs()
    assert crash.verdict is Verdict.CRASH and message in crash.reason
    assert crash.requirements == ()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("crash-after-answer", "SIGSEGV"),
        ("asan-after-answer", "in parse_reply client.c:17"),
        ("complains-after-answer", "in parse (client.c:9)"),
    ],
)
def test_a_fault_behind_the_last_answer_is_not_charged_to_the_next_case(
    tmp_path: Path, kind: str, message: str
) -> None:
    command = shlex.join([sys.executable, str(PROGRAM), kind])
    subject_run = SubjectRun(Settings(f"cmd:{command}", ("whole",), 1, tmp_path, doctored=True))
    first, second = trace_of(APOP), trace_of(APOP.replace("apop.test", "apop.other"))
    try:
        runs = [subject_run.run_case(first, "whole")]
        time.sleep(0.3)  # the fault comes in its own time
        runs.append(subject_run.run_case(second, "whole"))
    finally:
        found = [*runs, *subject_run.finish().runs()]
    assert runs[1].verdict is Verdict.PASS, runs
    (crash,) = [run for run in found if run.verdict is Verdict.CRASH]
    assert message in crash.reason
    if crash is not runs[0]:  # it came after all that could be waited for
        assert "after pop3.apop.test was over and before pop3.apop.other began" in crash.reason


@pytest.mark.parametrize("kind", ["sleeps-at-bye", "child-after-bye", "double-fork"])
def test_what_stays_after_bye_is_ended(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.LineProcess.bye, "__defaults__", (0.5,))
    run, found = play(kind, tmp_path)
    assert run.verdict is Verdict.PASS and found.runs() == []
    if kind != "sleeps-at-bye":
        assert "sleep 90" in found.remarks("bad")[0]


def test_a_client_that_kills_its_keeper_leaves_nobody(tmp_path: Path) -> None:
    """Neither its environment nor its session tells whose daemon it is: its number does."""
    before = sleeping()
    run, _ = play("kills-keeper-beside-daemon", tmp_path)
    assert run.verdict is Verdict.ERROR, run
    until(lambda: sleeping() <= before)


def sleeping() -> set[str]:
    """The numbers of the processes that sleep as those of the hostile driver do."""
    found = set()
    for folder in filter(lambda path: path.name.isdecimal(), Path("/proc").iterdir()):
        try:
            if (folder / "cmdline").read_bytes() == b"sleep\0" + b"97\0":
                found.add(folder.name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    "kind", ["escapes-in-name", "escapes-in-version", "escapes-in-features", "silent-hello"]
)
def test_a_hello_that_cannot_be_shown_or_does_not_come_is_no_start(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "silent-hello":
        monkeypatch.setattr(driver, "HELLO_LIMIT_S", HANG_S)
    with pytest.raises(NotInstalled) as caught:
        play(kind, tmp_path)
    assert str(caught.value).isprintable()


# -- commands ---------------------------------------------------------------------------------


def ask(
    folder: Path, script: str, data: str = "stdout", limit_s: float = LIMIT_S, **more: Any
) -> Any:
    spec = GoalSpec(
        argv=("sh", "-c", script, "{n}{user}{secret}"), login={"user": ""}, data=data, **more
    )
    exits = {"0": "ok", "other": "failed"}
    crash = frozenset({99})
    subject = CommandSubject(
        Spec(Path("x.toml"), "x", goals={"pop3.fetch": spec}, exit=exits, crash=crash)
    )
    try:
        return subject.goal("pop3.fetch", FETCH, limit_s, folder)
    finally:
        subject.stop()


@pytest.mark.parametrize(
    ("script", "error", "message"),
    [
        ("sleep 90 & kill -SEGV $$", Crashed, "SIGSEGV"),
        ("setsid sleep 90 & kill -SEGV $$", Crashed, "SIGSEGV"),
        ("sleep 90 & exit 127", AdapterBroken, "exit status 127"),
        ("exit 99", Crashed, "exit status 99"),
        ("echo '==1==ERROR: LeakSanitizer: detected memory leaks' >&2; exit 1", Crashed, "leaks"),
        ("echo '==1== ERROR SUMMARY: 2 errors from 1 contexts' >&2", Crashed, "2 errors"),
        ("yes", Hung, "printed more than 16 MiB"),
        ("yes >&2", Hung, "did not finish within"),
        ("sleep 90", Hung, "did not finish within"),
        ("trap '' TERM; sleep 90", Hung, "did not finish within"),
        ("setsid sleep 90 & wait", Hung, "did not finish within"),
    ],
)
def test_what_a_command_does_has_its_verdict(
    tmp_path: Path, script: str, error: type[Exception], message: str
) -> None:
    limit_s = HANG_S if message == "did not finish within" else LIMIT_S
    with pytest.raises(error, match=message):
        ask(tmp_path, script, limit_s=limit_s)


@pytest.mark.parametrize(
    "script", ["setsid sleep 90 & exit 0", "sleep 90 & exit 0", "(setsid sleep 90 &) & exit 0"]
)
def test_the_end_of_a_command_is_that_of_all_it_started(tmp_path: Path, script: str) -> None:
    begun = time.monotonic()
    assert ask(tmp_path, f"printf m; {script}").value["messages"] == [[1, b"m"]]
    assert time.monotonic() - begun < LIMIT_S + 5


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("mkfifo 1.eml", "it is a pipe"),
        ("mkdir 1.eml", "it is a folder"),
        ("ln -s /dev/zero 1.eml", "it is a symbolic link"),
        ("ln -s /etc/passwd 1.eml", "it is a symbolic link"),
        ("ln -s nowhere 1.eml", "it is a symbolic link"),
    ],
)
@pytest.mark.parametrize("data", ["{dir}/{n}.eml", "maildir:{dir}/box"])
def test_a_message_is_a_file(tmp_path: Path, script: str, message: str, data: str) -> None:
    if data.startswith("maildir"):
        script = f"cd box/new; {script}"
    with pytest.raises(AdapterBroken, match=message):
        ask(tmp_path, script, data)


def test_of_a_huge_file_only_so_much_is_read(tmp_path: Path) -> None:
    (message,) = ask(tmp_path, "truncate -s 900M 1.eml", "{dir}/{n}.eml").value["messages"]
    assert len(message[1]) == 16 * 1024 * 1024


@pytest.mark.parametrize("script", ["yes", "sleep 90", "kill -SEGV $$; :"])
def test_a_version_that_does_not_come_is_no_start(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr("conformance.subject.command.VERSION_LIMIT_S", 0.5)
    subject = CommandSubject(Spec(Path("x.toml"), "x", version=("sh", "-c", script)))
    if script.startswith("kill"):
        subject.start()
        assert subject.version == "unknown"
    else:
        with pytest.raises(NotInstalled, match="does not report its version"):
            subject.start()
    subject.stop()


def test_a_version_is_printable_and_leaves_no_child() -> None:
    script = r"setsid sleep 90 & printf 'x \033[2J1\n'"
    subject = CommandSubject(Spec(Path("x.toml"), "x", version=("sh", "-c", script)))
    subject.start()
    assert subject.version == r"x \x1b[2J1"
    subject.stop()


# -- what a run leaves ------------------------------------------------------------------------


def killed_run(folder: Path, number: int) -> None:
    """A run that is ended by a signal while its client hangs."""
    (folder / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    words = ["-m", "conformance", "run", "--out", str(folder / "out"), "pop3.apop.rfc1939-login"]
    subject = f"cmd:{sys.executable} {PROGRAM} silent-hello"
    command = [sys.executable, *words, "--subject", subject]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as run:
        until(lambda: any("py\0silent-hello" in each for each in living(_marked(folder))))
        assert list((folder / "tmp").iterdir())
        run.send_signal(number)
        run.wait(MOST_S)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def _marked(folder: Path) -> bytes:
    return f"MAILSPEC_TEST={folder}".encode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_process_and_no_folder(tmp_path: Path, number: int) -> None:
    killed_run(tmp_path, number)
    until(lambda: not living(_marked(tmp_path)))
    until(lambda: not list((tmp_path / "tmp").iterdir()))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_leak_makes_a_run_1_and_not_3(
    tmp_path: Path, jobs: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "a.trace").write_text(APOP)
    (tmp_path / "b.trace").write_text(APOP.replace("apop.test", "apop.other"))
    words = ["run", "-j", jobs, "--out", str(tmp_path / "out"), "--variant", "whole"]
    words += ["--subject", f"cmd:{sys.executable} {PROGRAM} leak"]
    words += [str(tmp_path / "a.trace"), str(tmp_path / "b.trace")]
    code = (
        "import sys; from conformance import cli, doctor\n"
        f"doctor.examine = lambda *_: []\nsys.exit(cli.main({words!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False)
    printed = capfd.readouterr().out
    assert done.returncode == 1, printed
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert results["counts"]["CRASH"] == 1 and results["counts"]["PASS"] == 2
    assert "keep_reply client.c:23" in printed
    assert not list((tmp_path / "tmp").iterdir())
    # A helper of multiprocessing ends once it sees that the run is gone.
    until(lambda: not living(f"MAILSPEC_TEST={tmp_path}".encode()))


def test_a_name_that_no_file_can_have_is_a_driver_that_is_not_there() -> None:
    for text in (f"cmd:{'x' * 300}", f"cmd:true {'x' * 300}", "x" * 300):
        with pytest.raises(SubjectError) as caught:
            load(text).start()
        assert "too long" not in str(caught.value) or "cannot be started" in str(caught.value)
