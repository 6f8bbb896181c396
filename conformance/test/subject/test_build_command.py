"""The command of a subject's file makes its client."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance import paths
from conformance.subject import NotInstalled, SubjectError, UnknownSubject, build, load, spec
from conformance.subject.driver import DriverSubject


def written(folder: Path, build: str) -> str:
    """A subject whose client its file makes by this command."""
    (folder / "small.py").write_text("", "utf-8")
    made = folder / "made.toml"
    made.write_text(f'name = "made"\nbuild = {build}\ndriver = ["./made.bin"]\n', "utf-8")
    return str(made)


def test_the_command_of_a_file_runs_in_its_folder_each_time(tmp_path: Path) -> None:
    text = written(tmp_path, '["sh", "-c", "echo x >>made.bin"]')
    load(text)
    load(text)
    assert (tmp_path / "made.bin").read_text() == "x\nx\n"
    load(text, checked=True)  # another process of the run has built it
    assert (tmp_path / "made.bin").read_text() == "x\nx\n"


def test_a_word_may_name_what_is_built_only_now(tmp_path: Path) -> None:
    text = written(tmp_path, '["sh", "-c", "echo >firmware.elf"]')
    Path(text).write_text(
        Path(text).read_text("utf-8").replace('"./made.bin"', '"sh", "firmware.elf"'), "utf-8"
    )
    subject = load(text)
    assert isinstance(subject, DriverSubject)
    assert str(tmp_path / "firmware.elf").encode() in subject.own_words


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            "echo it is broken; exit 3",
            "made cannot be built: sh -c echo it is broken; exit 3 ended with exit status 3:\nit",
        ),
        (
            "echo so far; sleep 60 & sleep 60",
            "made cannot be built: sh -c echo so far; sleep 60 & sleep 60 did not finish within",
        ),
    ],
)
def test_a_command_that_fails_or_does_not_end_is_one_error(
    command: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "LIMIT_S", 0.5 if "sleep" in command else 60)
    with pytest.raises(SubjectError) as caught:
        load(written(tmp_path, f'["sh", "-c", "{command}"]'))
    assert str(caught.value).startswith(sentence)


def test_a_compiler_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="made cannot be built: there is no no-such-compiler"):
        load(written(tmp_path, '["no-such-compiler", "small.py"]'))


def test_a_file_has_one_way_to_build(tmp_path: Path) -> None:
    text = written(tmp_path, '["true"]\ncmake = { source = ".", build = "build" }')
    with pytest.raises(UnknownSubject, match="it has both build and cmake"):
        load(text)


def test_what_is_built_has_a_folder_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = written(tmp_path, '["sh", "-c", "echo x >>{build}/made.bin"]')
    file = Path(text)
    file.write_text(file.read_text("utf-8").replace("./made.bin", "{build}/made.bin"), "utf-8")
    load(text)
    load(text)
    kept = paths.build_folder(file)
    assert kept.parent == tmp_path / "cache" / "mailspec"
    assert (kept / "made.bin").read_text() == "x\nx\n"
    assert spec(text).driver == (str(kept / "made.bin"),)


def test_subjects_of_the_suite_are_built_in_the_clone_and_others_apart(tmp_path: Path) -> None:
    own = paths.build_folder(paths.SUBJECTS / "own.toml")
    assert own == paths.PACKAGE.parent / "build" / "subjects" / "own"
    one, two = (paths.build_folder(tmp_path / name / "own.toml") for name in ("one", "two"))
    assert own != one != two


def test_one_folder_has_one_build_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    step = "mkdir {build}/busy && sleep 0.2 && rmdir {build}/busy"
    text = written(tmp_path, f'["sh", "-c", "{step}"]')
    with ThreadPoolExecutor() as pool:
        list(pool.map(load, [text] * 3))  # mkdir fails where another build is at work


@pytest.mark.parametrize("command", ["false", "no-such-compiler"])
def test_the_packages_that_a_build_needs_are_named(command: str, tmp_path: Path) -> None:
    text = written(tmp_path, f'["{command}"]\npackage = "libmade-dev"')
    with pytest.raises(SubjectError, match=r"cannot be built.* \(package libmade-dev\)"):
        load(text)
