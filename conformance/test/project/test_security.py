"""Each case and each test that the threat model of SECURITY.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import catalogue

FILE = Path(__file__).parents[3] / "SECURITY.md"
LEAST = 50
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="SECURITY.md is not installed")


def rows() -> list[tuple[str, list[str]]]:
    """Each line of the tables: what must not be reached, and what shows it."""
    lines = re.findall(r"^\| (?!what \|)(.*?) \| (.*) \|$", FILE.read_text("utf-8"), re.MULTILINE)
    return [(what, re.findall("`([^`]+)`", shown)) for what, shown in lines]


def test_each_line_has_something_that_shows_it() -> None:
    assert [what for what, shown in rows() if not shown] == []
    assert sum(len(shown) for _, shown in rows()) >= LEAST


def test_what_shows_it_is_there() -> None:
    named = [name for _, shown in rows() for name in shown]
    assert [name for name in named if not is_there(name)] == []


def is_there(name: str) -> bool:
    if name.startswith(("pop3.", "smtp.")):
        return name in catalogue.ids()
    file, _, test = name.partition("::")
    path = FILE.parent / file
    return path.is_file() and (not test or f" {test}(" in path.read_text("utf-8"))
