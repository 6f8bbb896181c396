"""`mailspec fmt`: what it changes, tells and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import cli
from conformance.run import exit_status
from conformance.test.small_cases import APOP


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "good.trace").write_text(APOP, "utf-8")
    (tmp_path / "wide.trace").write_text(APOP.replace("id:      ", "id: "), "utf-8")
    return tmp_path


def test_check_names_what_it_would_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "wide.trace").read_bytes()
    assert cli.main(["fmt", "--check", str(folder)]) == exit_status.UNEXPECTED
    printed = capsys.readouterr()
    assert printed.out == f"{folder / 'wide.trace'}\n"
    assert printed.err == "1 of 2 files not formatted\n"
    assert (folder / "wide.trace").read_bytes() == before


def test_it_changes_the_file_once(folder: Path) -> None:
    assert cli.main(["fmt", str(folder)]) == exit_status.OK
    assert (folder / "wide.trace").read_text("utf-8") == APOP
    assert cli.main(["fmt", "--check", str(folder / "wide.trace")]) == exit_status.OK


@pytest.mark.parametrize("octets", [b"id: x\n", b"\xff\n"])
def test_a_broken_trace_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], octets: bytes
) -> None:
    (folder / "bad.trace").write_bytes(octets)
    assert cli.main(["fmt", str(folder / "bad.trace")]) == exit_status.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert "bad.trace:1: " in line


def test_a_file_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fmt", "/nonexistent.trace"]) == exit_status.USAGE
    assert "cannot be read" in capsys.readouterr().err
