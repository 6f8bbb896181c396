"""The features that a client can claim, from features.toml next to this module."""

from __future__ import annotations

import tomllib
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


def unknown(name: str) -> str:
    """A sentence about a name that is not a feature: similar names, and where the list is."""
    meant = near.hint(name, describe(), ";")
    return f"there is no feature {name!r}{meant} {paths.shown(FILE)} lists all"
