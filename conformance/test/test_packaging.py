"""pyproject.toml installs every package and every file of data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomllib

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").is_file(),
    reason="there is no pyproject.toml beside an installed suite",
)


def settings() -> dict[str, Any]:
    loaded = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    setuptools: dict[str, Any] = loaded["tool"]["setuptools"]
    return setuptools


def test_every_package_is_installed_and_no_test() -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("conformance", "fake_servers")
        for path in (ROOT / top).rglob("*.py")
        if "test" not in path.relative_to(ROOT).parts
    }
    assert set(settings()["packages"]) == found | {"conformance.traces"}


def test_every_file_of_data_is_installed() -> None:
    data = settings()["package-data"]
    known = {
        path
        for package, patterns in data.items()
        for pattern in patterns
        for path in folder_of(package).glob(pattern)
    }
    there = {
        path
        for top in ("conformance", "traces")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "test" not in path.parts and "__pycache__" not in path.parts
    }
    missing = {path for path in there - known if path.suffix not in (".py", ".md")}
    assert missing == set()


def folder_of(package: str) -> Path:
    named: str | None = settings()["package-dir"].get(package)
    return ROOT / named if named else ROOT.joinpath(*package.split("."))
