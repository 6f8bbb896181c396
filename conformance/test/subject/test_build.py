"""A driver is built when it is missing or old, and not otherwise."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import pytest

from conformance import paths
from conformance.subject import NotInstalled, SubjectError, build, build_progress
from conformance.subject.build_progress import BuildProgress
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
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match="there is no cmake"):
        build.ensure(spec, "x")
    (spec.source / "CMakeLists.txt").unlink()
    with pytest.raises(NotInstalled, match="there is no .*CMakeLists.txt"):
        build.ensure(spec, "x")


def test_an_installed_suite_names_the_clone_and_writes_nothing_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's sources are no part of the wheel, and its folder may belong to root."""
    package = tmp_path / "site-packages" / "conformance"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    above = package.parent
    spec = CMakeSpec(above, above / "build" / "x", (above,), (), ())
    with pytest.raises(NotInstalled, match="x is built from a clone .*'mailspec subjects'"):
        build.ensure(spec, "x")
    assert list(above.iterdir()) == [package]


def test_a_build_that_has_no_place_is_one_sentence(tmp_path: Path) -> None:
    spec = tree(tmp_path)
    spec.build.write_text("a file where the folder should be")
    with pytest.raises(SubjectError, match=r"x cannot be built: .*build cannot be written to: "):
        build.ensure(spec, "x")


def test_a_build_says_what_it_does_and_one_that_is_fresh_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tree(tmp_path)
    build.ensure(spec, "x")
    printed = capsys.readouterr()
    assert printed.out == ""
    first, last = printed.err.splitlines()
    assert first == "mailspec: building x"
    assert last.startswith("mailspec: built x in ")
    build.ensure(spec, "x")
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def steps_of(out: io.StringIO, *lines: str) -> tuple[int, str]:
    """A program that prints these lines, as a step of a build that `out` shows."""
    code = f"print({chr(10).join(lines)!r})"
    progress = BuildProgress("mailc", out)
    done = build_progress.run([sys.executable, "-c", code], progress)
    progress.end(good=True)
    return done


MAKE = (
    "[  7%] Building C object a.o",
    "[ 31%] Linking C static library b.a",
    "[100%] Built target c",
)
NINJA = "[120/396] Building C object a.o", "[396/396] Linking C executable b"


@pytest.mark.parametrize(
    ("lines", "steps"), [(MAKE, ("7%", "31%")), (NINJA, ("120/396", "396/396"))]
)
def test_a_terminal_has_one_line_that_is_drawn_anew(
    lines: tuple[str, ...], steps: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_progress, "REDRAW_S", 0)
    out = Terminal()
    assert steps_of(out, *lines) == (0, "\n".join(lines))
    drawn = [f"\rmailspec: building mailc: {step}\033[K" for step in steps]
    assert out.getvalue() == "".join(drawn) + "\r\033[K"


def test_elsewhere_a_line_is_printed_each_few_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build_progress, "PLAIN_S", 3600)
    out = io.StringIO()
    steps_of(out, *MAKE)
    first, last = out.getvalue().splitlines()
    assert first == "mailspec: building mailc: 7%"
    assert last.startswith("mailspec: built mailc in ")


def test_a_step_that_makes_nothing_says_nothing() -> None:
    out = io.StringIO()
    assert steps_of(out, "ninja: no work to do.", "[100%] Built target c")[0] == 0
    assert out.getvalue() == ""
