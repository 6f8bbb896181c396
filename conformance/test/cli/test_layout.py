"""`mailspec fmt`: what it changes, tells and refuses."""

from __future__ import annotations

import resource
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


def test_octets_that_are_no_text_are_named_at_their_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.trace").write_bytes(APOP.encode() + b"# \xff\n")
    assert cli.main(["fmt", str(folder / "bad.trace")]) == exit_status.USAGE
    line = APOP.count("\n") + 1
    assert f"bad.trace:{line}: a trace is UTF-8 text (at '\\\\xff')" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_stays_as_it_was(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk must not cost the user the trace."""
    wide = folder / "wide.trace"
    before = wide.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        status = cli.main(["fmt", str(wide)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    (line,) = capsys.readouterr().err.splitlines()
    assert "wide.trace" in line and "cannot be written" in line
    assert status == exit_status.CANNOT_RUN
    assert wide.read_bytes() == before


def test_a_link_stays_a_link_and_a_mode_a_mode(folder: Path) -> None:
    wide, link = folder / "wide.trace", folder / "link.trace"
    wide.chmod(0o600)
    link.symlink_to(wide.name)
    assert cli.main(["fmt", str(link)]) == exit_status.OK
    assert link.is_symlink() and wide.read_text("utf-8") == APOP
    assert wide.stat().st_mode & 0o777 == 0o600


def test_a_folder_without_permission_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    assert cli.main(["fmt", str(folder / "wide.trace")]) == exit_status.USAGE
    assert "wide.trace cannot be written: Permission denied" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["good.trace", "wide.trace"]


def test_a_broken_file_does_not_keep_the_others_from_their_layout(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bad", "worse"):
        (folder / f"{name}.trace").write_bytes(b"id: x\n")
    assert cli.main(["fmt", str(folder)]) == exit_status.USAGE
    bad, worse, count = capsys.readouterr().err.splitlines()
    assert "bad.trace:1: " in bad and "worse.trace:1: " in worse
    assert count == "1 of 4 files formatted"
    assert (folder / "wide.trace").read_text("utf-8") == APOP


def test_a_trace_that_is_not_there_is_wrong_usage_of_lint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["lint", "/nonexistent.trace"]) == exit_status.USAGE
    assert capsys.readouterr().err == (
        "mailspec: /nonexistent.trace cannot be read: no such file or directory\n"
    )
