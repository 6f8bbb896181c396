"""A driver is built when it is missing or old, and not otherwise."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from conformance.subject import NotInstalled, SubjectError, build
from conformance.subject.spec import CMakeSpec

pytestmark = pytest.mark.skipif(shutil.which("cmake") is None, reason="there is no cmake")

LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(x NONE)
configure_file(input.txt output.txt COPYONLY)
"""


def tree(folder: Path) -> CMakeSpec:
    """A source tree whose build copies a file."""
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "CMakeLists.txt").write_text(LISTS)
    (source / "input.txt").write_text("one")
    return CMakeSpec(source, folder / "build", (source,), (), ())


def output(spec: CMakeSpec) -> str:
    return (spec.build / "output.txt").read_text()


def change(spec: CMakeSpec, text: str) -> None:
    """Change the input; the last build lies before it whatever the clock's grain is."""
    (spec.source / "input.txt").write_text(text)
    os.utime(spec.build / build.STAMP, (0, 0))


def test_it_is_built_once_and_again_after_a_change(tmp_path: Path) -> None:
    spec = tree(tmp_path)
    build.ensure(spec, "x")
    assert output(spec) == "one"
    (spec.build / "output.txt").unlink()
    build.ensure(spec, "x")
    assert not (spec.build / "output.txt").exists()
    change(spec, "two")
    build.ensure(spec, "x")
    assert output(spec) == "two"


def test_a_folder_that_belongs_to_another_place_is_made_anew(tmp_path: Path) -> None:
    spec = tree(tmp_path / "old")
    build.ensure(spec, "x")
    (tmp_path / "old").rename(tmp_path / "new")
    moved = tmp_path / "new"
    spec = CMakeSpec(moved / "source", moved / "build", (moved / "source",), (), ())
    build.ensure(spec, "x")
    assert str(moved / "source") in (spec.build / "CMakeCache.txt").read_text()


def test_a_failure_shows_the_end_of_the_output(tmp_path: Path) -> None:
    spec = tree(tmp_path)
    (spec.source / "CMakeLists.txt").write_text("project(x NONE)\nmessage(FATAL_ERROR broken)\n")
    with pytest.raises(SubjectError, match="(?s)x cannot be built: cmake -S .*broken"):
        build.ensure(spec, "x")
    assert not (spec.build / build.STAMP).exists()


def test_without_cmake_or_sources_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tree(tmp_path)
    (spec.source / "CMakeLists.txt").unlink()
    with pytest.raises(NotInstalled, match="there is no .*CMakeLists.txt"):
        build.ensure(spec, "x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match="there is no cmake"):
        build.ensure(spec, "x")
