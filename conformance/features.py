"""The features that a client can claim, from features.toml next to this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from conformance import near, paths

FILE = Path(__file__).parent / "features.toml"


@cache
def describe() -> dict[str, str]:
    """Each feature with what it means, in the order of the file."""
    return {name: str(text) for name, text in tomllib.loads(FILE.read_text("utf-8")).items()}


@cache
def load() -> frozenset[str]:
    """The names of all features."""
    return frozenset(describe())


class UnknownFeature(ValueError):
    """No feature has this name; the message is a sentence for the user."""


def matching(names: Iterable[str]) -> frozenset[str]:
    """The features that these names and globs mean. Raises UnknownFeature."""
    found: set[str] = set()
    for name in names:
        meant = {each for each in describe() if fnmatchcase(each, name)}
        if not meant:
            raise UnknownFeature(unknown(name))
        found |= meant
    return frozenset(found)


def listed(text: str) -> tuple[str, ...]:
    """The names and globs of a list with commas, all of which mean features. Raises
    UnknownFeature.
    """
    names = tuple(name.strip() for name in text.split(","))
    matching(names)
    return names


def unknown(name: str) -> str:
    """A sentence about a name that is not a feature: similar names, and where the list is."""
    meant = near.hint(name, describe(), ";")
    return f"there is no feature {name!r}{meant} {paths.shown(FILE)} lists all"
