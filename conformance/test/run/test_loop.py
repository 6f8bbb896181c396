"""The loop that plays a run, in one process and in several."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from conformance.run import ending, loop, workers
from conformance.run.order import batches, cases_of
from conformance.run.subject_run import Settings, SubjectRun
from conformance.test.small_cases import APOP, CUT, FETCH, POP3_DRIVER, trace_of
from conformance.verdict import CaseRun, Verdict
from fake_servers.files import scratch
from fake_servers.trace.syntax import Trace

ROOT = Path(__file__).parents[3]
HOSTILE = Path(__file__).with_name("hostile_driver.py")
LOGIN = """\
id:      pop3.apop.NAME
title:   APOP
proves:  RFC1939-7-APOP-02
needs:   pop3 pop3.apop

A: pop3.connect
S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
R: ok
A: pop3.apop user=NAME secret=tanstaaf
C: APOP NAME c4c9334bac560ecc979e58001b3e22fb
S: +OK
R: ok
"""


def hostile_run(out: Path, kind: str) -> SubjectRun:
    """A run against the hostile driver, which no doctor is asked about."""
    subject = f"cmd:{shlex.join([sys.executable, str(HOSTILE), kind])}"
    return SubjectRun(Settings(subject, ("whole",), 1, out, doctored=True))


def logins(*names: str) -> list[Trace]:
    return [trace_of(LOGIN.replace("NAME", name)) for name in names]


def played(out: Path, kind: str, *names: str) -> tuple[dict[str, CaseRun], ending.Ending]:
    """The results of cases by their user, played by two processes."""
    subject_run = hostile_run(out, kind)
    cases = cases_of(logins(*names), subject_run.variants)
    results = {result.id.rpartition(".")[2]: result for result in loop.play(subject_run, cases, 2)}
    return results, subject_run.finish()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_needs_no_pytest(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "a.trace").write_text(APOP, "utf-8")
    words = ["run", "-j", jobs, "--out", str(tmp_path / "out"), str(tmp_path / "a.trace")]
    words += ["--subject", f"cmd:{shlex.join(POP3_DRIVER)}"]
    code = (
        "import sys; from conformance import cli\n"
        f"print('status', cli.main({words!r}), 'pytest' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "status 0 False", done.stdout + done.stderr


def test_a_process_that_dies_within_a_batch_loses_no_other_variant(tmp_path: Path) -> None:
    subject = f"cmd:{shlex.join([sys.executable, str(HOSTILE), 'kills'])}"
    variants = ("whole", "octets", "crlf")
    subject_run = SubjectRun(Settings(subject, variants, 1, tmp_path, doctored=True))
    cases = cases_of(logins("a", "killer"), variants)
    results = list(loop.play(subject_run, cases, 2))
    subject_run.finish()
    assert sorted((run.id, run.variant) for run in results) == sorted(
        (trace.id, variant) for trace, variant in cases
    )
    lost = {run.variant for run in results if run.reason == ending.LOST}
    assert lost == set(variants)


@pytest.mark.parametrize("kind", ["kills", "ends"])
def test_a_process_that_its_client_kills_loses_one_case(tmp_path: Path, kind: str) -> None:
    results, _ = played(tmp_path, kind, "a", "b", "killer", "c", "d", "e")
    lost = results.pop("killer")
    assert (lost.verdict, lost.reason) == (Verdict.ERROR, ending.LOST)
    assert lost.title == "APOP" and lost.file.endswith("test.trace")
    assert [(name, run.verdict) for name, run in sorted(results.items())] == [
        (name, Verdict.PASS) for name in "abcde"
    ]
    assert all((tmp_path / str(run.log)).is_file() for run in results.values())
    assert _becomes_true(lambda: not list(scratch.root().glob("worker-*/case-*")))


def test_a_process_that_its_client_stops_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "AWAKE_S", 0.2)
    results, _ = played(tmp_path, "stops", "a", "killer", "b")
    assert {run.verdict for run in results.values()} == {Verdict.PASS} and len(results) == 3


def test_what_shows_at_the_end_of_each_process_is_kept(tmp_path: Path) -> None:
    results, found = played(tmp_path, "leak", "a", "b", "c")
    assert {run.verdict for run in results.values()} == {Verdict.PASS}
    assert len(found.faults) == 2
    assert "2 processes ended with this fault" in found.runs()[0].reason


def test_a_run_that_is_given_up_ends_its_processes(tmp_path: Path) -> None:
    subject_run = hostile_run(tmp_path, "leak")
    text = LOGIN.replace("NAME", "slow").replace("S: ", "= pause 4500\nS: ")
    slow = trace_of(text.replace("needs:", "timeout: 60000\nneeds:"))
    cases = cases_of([*logins("a"), slow], subject_run.variants)
    with closing(loop.play(subject_run, cases, 2)) as results:
        assert next(results).id == "pop3.apop.a"
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["pop3.apop.a.whole.jsonl"]
    assert len(subject_run.finish().faults) == 2, "both subjects were ended in order"


def test_several_processes_begin_with_what_takes_long() -> None:
    quick, cut = trace_of(FETCH + "R: ok\n"), trace_of(CUT)
    late = trace_of(CUT.replace("cut 10", "pause 100"))
    pause = trace_of(APOP.replace("C: STAT\n", "C: STAT\n= pause 100\n"))
    silent = trace_of(
        APOP.replace("S: +OK 2 320\n", "= silence\n")
        .replace("R: ok count=2 octets=320", "R: timeout")
        .replace("T: WAIT_STAT REPLY_OK TRANSACTION\n", "")
    )
    variants = ("whole", "octets")
    cases = cases_of([quick, pause, cut, silent, late], variants)
    assert batches(cases) == [
        *((trace, (variant,)) for trace in (pause, silent, late) for variant in variants),
        (quick, variants),
        (cut, variants),
    ]


def _becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()
