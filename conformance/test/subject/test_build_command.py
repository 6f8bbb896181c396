"""The command of a subject's file makes its client."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.subject import NotInstalled, SubjectError, UnknownSubject, build, load


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
