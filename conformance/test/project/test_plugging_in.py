"""PLUGGING-IN.md tells all that there is to know."""

from __future__ import annotations

import re

import pytest

from conformance import features, paths
from conformance.cli.new_subject import KINDS
from conformance.subject.answer import OUTCOMES

PAGE = paths.PACKAGE / "PLUGGING-IN.md"


def words() -> set[str]:
    """Everything that stands in backquotes, apart from whole blocks."""
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", text))


@pytest.mark.parametrize("feature", sorted(features.load()))
def test_each_feature_is_explained(feature: str) -> None:
    assert feature in words(), f"{PAGE.name} has no line for {feature}"


def test_no_feature_is_told_of_that_is_not_there() -> None:
    named = {word for word in words() if re.fullmatch(r"(pop3|smtp|tls)\.[a-z0-9.-]+", word)}
    ops = {"pop3.fetch", "pop3.batch", "pop3.retr", "pop3.stls", "smtp.send", "smtp.bdat"}
    ops |= {"smtp.ehlo", "smtp.mail", "smtp.rcpt", "smtp.starttls"}
    cases = {word for word in named if ".goal." in word}
    assert named - cases - ops - features.load() == set()


def test_each_outcome_and_each_kind_is_there() -> None:
    assert OUTCOMES <= words()
    assert set(KINDS) <= words()


def test_each_file_that_it_names_is_there() -> None:
    for name in re.findall(r"`([a-z-]+\.toml)`", PAGE.read_text("utf-8")):
        assert name == "my-client.toml" or (paths.SUBJECTS / name).is_file()
