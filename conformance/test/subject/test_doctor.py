"""The doctor finds what would make verdicts worthless, and lets honest subjects pass."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import doctor
from conformance.doctor import good_path
from conformance.subject import Answer, Subject
from conformance.subject.command import CommandSubject
from conformance.subject.driver import DriverSubject
from conformance.subject.spec import GoalSpec, Spec
from conformance.test.small_cases import FAKE_DRIVER, POP3_DRIVER, driver


def test_an_honest_client_is_fit() -> None:
    with driver(POP3_DRIVER) as subject:
        assert doctor.examine(subject) == []


def test_a_client_that_takes_every_reply_for_ok_is_not() -> None:
    with driver(POP3_DRIVER, "ok-for-err") as subject:
        found = doctor.examine(subject)
    assert "answers ok for pop3 although the server refuses everything" in found[0].sentence
    assert found[0].requirement == "RFC1939-3-RESP-01"
    assert found[0].features == ("pop3",)


@pytest.mark.parametrize("bug", ["upper-digest", "wrong-count", "lost-move"])
def test_what_the_cases_judge_is_left_to_them(bug: str) -> None:
    with driver(POP3_DRIVER, bug) as subject:
        assert doctor.examine(subject) == []


class Unable(Subject):
    """Claims what it is told to claim, and can do nothing."""

    level = 1

    def __init__(self, *features: str) -> None:
        super().__init__("unable")
        self.features = frozenset(features)

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> str:
        """Nothing to stop."""
        return ""

    def take_stderr(self) -> str:
        return "first\nno such thing\n"

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        return Answer("failed" if args["login"] == "auth" else "unsupported")


@pytest.mark.parametrize("protocol", ["pop3", "smtp"])
def test_each_mechanism_that_is_claimed_is_tried(protocol: str) -> None:
    mechanisms = ("plain", "anonymous", "external")
    claimed = [f"{protocol}.auth.{name}" for name in mechanisms]
    unable = Unable("goals", protocol, "client-cert", "tls.implicit", *claimed)
    found = list(good_path.check(unable, protocol))
    sentences = " ".join(each.sentence for each in found)
    for name in mechanisms:
        assert f"({name.upper()} is claimed)" in sentences
        assert (f"{protocol}.auth.{name}",) in [each.features for each in found]
    assert "its stderr ends: no such thing" in sentences


def test_a_feature_without_its_op_is_named() -> None:
    with driver(FAKE_DRIVER) as subject:
        found = doctor.examine(subject)
    assert found and "pop3.stat answers unsupported" in found[0].sentence
    assert found[0].requirement == "driver.schema.json, pop3.stat"


def features(*names: str) -> list[str]:
    subject = DriverSubject("fake", (*FAKE_DRIVER, *names))
    subject.start()
    try:
        return [each.sentence for each in doctor.examine(subject)]
    finally:
        subject.stop()


def test_unknown_and_missing_features_are_named() -> None:
    claimed, *_ = features("steps", "pop3", "pop4")
    assert "claims the feature 'pop4'" in claimed
    assert "did you mean pop3?" in claimed and "features.toml" in claimed
    assert "neither steps nor goals" in features("pop3")[0]
    assert "neither pop3 nor smtp" in features("steps")[0]


SLOW = """
import json, sys, time
for line in sys.stdin:
    row = json.loads(line)
    if row.get("cmd") == "hello":
        print(json.dumps({"name": "slow", "version": "1", "features": ["steps", "pop3"]}))
    elif row.get("op") == "doctor.unknown":
        print(json.dumps({"seq": row["seq"], "outcome": %r}))
    elif "seq" in row:
        sys.stderr.write("about to fail\\n")
        sys.exit(3)
    sys.stdout.flush()
"""


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("ok", "it answers ok to the op doctor.unknown"),
        ("unsupported", "ended with exit status 3"),
    ],
)
def test_a_driver_that_says_ok_to_everything_or_dies_is_not_fit(
    outcome: str, sentence: str
) -> None:
    subject = DriverSubject("slow", (sys.executable, "-c", SLOW % outcome))
    subject.start()
    try:
        found = doctor.examine(subject)
    finally:
        subject.stop()
    assert sentence in " ".join(map(str, found))
    assert outcome == "ok" or "its stderr ends: about to fail" in found[0].sentence


def test_a_command_that_always_succeeds_is_not_fit() -> None:
    words = ("sh", "-c", 'printf "Subject: one\\r\\n\\r\\n.two dots\\r\\n"')
    goals = {"pop3.fetch": GoalSpec((*words, "{n}{user}{secret}"), {"user": ""}, data="stdout")}
    claimed = frozenset({"goals", "pop3", "pop3.user"})
    subject = CommandSubject(Spec(Path("x"), "x", features=claimed, goals=goals, exit={"0": "ok"}))
    subject.start()
    found = doctor.examine(subject)
    assert any("at a port where nobody listens" in each.sentence for each in found)
    assert any("refuses everything" in each.sentence for each in found)
    assert any("silent" in each.sentence for each in found)
