"""The driver protocol: what a driver may answer, and what becomes of one that misbehaves."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.subject import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.driver import DriverSubject
from conformance.subject.spec import Spec

FAKE = (sys.executable, str(Path(__file__).with_name("fake_driver.py")))


@pytest.fixture(name="driver")
def a_driver() -> Iterator[DriverSubject]:
    subject = DriverSubject("fake", FAKE)
    subject.start()
    yield subject
    subject.stop()


def user(driver: DriverSubject, kind: str, limit_s: float = 5.0) -> object:
    return driver.call("pop3.user", {"user": kind, "secret": "x"}, limit_s).value.get("reply")


def test_hello_gives_version_and_features(driver: DriverSubject) -> None:
    assert driver.version == "1"
    assert "pop3.user" in driver.features and driver.has_steps and not driver.has_goals


def test_octets_that_are_not_utf8_travel_in_base64(driver: DriverSubject) -> None:
    assert user(driver, "binary") == b"\xff"


def test_a_signal_is_a_crash_and_the_next_call_has_a_new_process(driver: DriverSubject) -> None:
    with pytest.raises(Crashed, match="SIGSEGV"):
        user(driver, "crash")
    assert user(driver, "good") == "+OK"


def test_a_sanitizer_is_a_crash(driver: DriverSubject) -> None:
    with pytest.raises(Crashed, match="heap-buffer-overflow"):
        user(driver, "sanitizer")
    assert "AddressSanitizer" in driver.take_stderr()


def test_no_answer_is_a_hang_and_the_process_is_killed(driver: DriverSubject) -> None:
    with pytest.raises(Hung):
        user(driver, "hang", 0.05)
    assert user(driver, "good") == "+OK"


@pytest.mark.parametrize("kind", ["exit", "not-json", "wrong-seq", "wrong-outcome"])
def test_a_broken_adapter_is_no_verdict_on_the_client(driver: DriverSubject, kind: str) -> None:
    with pytest.raises(AdapterBroken):
        user(driver, kind)
    assert user(driver, "good") == "+OK"


def test_stderr_is_kept_and_bounded(driver: DriverSubject) -> None:
    user(driver, "noise")
    driver.restart()
    text = driver.take_stderr()
    assert 60_000 < len(text) < 70_000
    assert "octets left out" in text


def test_the_clock_is_advanced_behind_the_pending_call(driver: DriverSubject) -> None:
    thread = threading.Thread(target=driver.advance, args=(400,))
    thread.start()
    answer = driver.call("pop3.user", {"user": "clock", "secret": "x"}, 10)
    thread.join()
    assert (answer.outcome, answer.value["ms"]) == ("timeout", 400)


def test_a_program_that_is_not_there_is_not_installed() -> None:
    subject = DriverSubject("absent", ("/nonexistent/driver",))
    with pytest.raises(NotInstalled, match="/nonexistent/driver cannot be started"):
        subject.start()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("/nonexistent/driver",), "/nonexistent/driver cannot be started: .* .package perl x."),
        (("sh", "-c", "echo no x >&2; exit 2"), "x does not start: .*: no x .package perl x.$"),
    ],
)
def test_a_driver_that_does_not_start_names_its_packages(
    argv: tuple[str, ...], sentence: str
) -> None:
    subject = DriverSubject("x", argv)
    subject.needed = Spec(Path("x.toml"), "x", package="perl x").needed
    with pytest.raises(NotInstalled, match=sentence):
        subject.start()


def test_a_program_that_is_no_driver_is_not_installed() -> None:
    subject = DriverSubject("cat", ("cat",))
    with pytest.raises(NotInstalled, match="has no name"):
        subject.start()
