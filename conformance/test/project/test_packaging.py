"""pyproject.toml installs every package and every file of data, and what it installs works."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.test.plugin.test_fixtures import example

ROOT = Path(__file__).parents[3]
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


@pytest.mark.skipif(not (ROOT / "client").is_dir(), reason="mailc is in the clone only")
def test_the_suite_and_mailc_have_the_same_version() -> None:
    assert f"set(MAILC_VERSION {version()})\n" in (ROOT / "client/files.cmake").read_text("utf-8")


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


def ran(*command: str | Path, cwd: Path) -> str:
    """The output of a program that must succeed, without the clone on Python's path."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYT")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("words", [["lint"], ["run", "smtp.noop.*", "--subject", "python-stdlib"]])
def test_no_command_needs_what_only_tests_need(words: list[str], tmp_path: Path) -> None:
    """The packages that no dependency of the wheel brings cannot be imported here."""
    hidden = tmp_path / "hidden"
    for name in ("pytest", "_pytest", "xdist", "pytest_timeout", "aiosmtpd", "hypothesis"):
        (hidden / name).mkdir(parents=True)
        (hidden / name / "__init__.py").write_text("raise ImportError('only tests need this')")
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{hidden}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


NOT_OF_A_CLONE = shutil.ignore_patterns(".*", "build", "reports", "*.egg-info", "__pycache__")
MISSING = [
    name for name in ("ensurepip", "setuptools", "wheel") if importlib.util.find_spec(name) is None
]


@pytest.mark.timeout(240)
@pytest.mark.skipif(bool(MISSING), reason=f"not installed here: {' '.join(MISSING)}")
def test_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    clone, venv, folder = (tmp_path / name for name in ("clone", "venv", "empty"))
    shutil.copytree(ROOT, clone, ignore=NOT_OF_A_CLONE)
    folder.mkdir()
    ran(sys.executable, "-m", "venv", "--system-site-packages", venv, cwd=folder)
    pip = (venv / "bin" / "pip", "install", "-q", "--no-index", "--no-build-isolation")
    ran(*pip, clone, cwd=folder)
    shutil.rmtree(clone)
    (folder / "test_example.py").write_text(example(), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n")
    printed = ran(venv / "bin" / "python", "-m", "pytest", "-q", cwd=folder)
    assert "4 passed" in printed
    mailspec = venv / "bin" / "mailspec"
    assert ran(mailspec, "--version", cwd=folder) == f"mailspec {version()}\n"
    printed = ran(mailspec, "run", "--subject", "python-stdlib", "pop3.apop.*login", cwd=folder)
    assert "1 PASS" in printed
    ran(mailspec, "new-subject", "mine", "--kind", "python", cwd=folder)
    assert "mine is fit" in ran(mailspec, "doctor", "--subject", "./mine.toml", cwd=folder)
    assert (folder / "reports" / "index.html").is_file()


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])
