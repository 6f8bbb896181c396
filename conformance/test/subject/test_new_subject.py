"""Each template of new-subject is short, is fit at once for a standard client, and gets verdicts."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.cli.new_subject import KINDS, TEMPLATES
from conformance.subject import load

LONGEST = 120
PROGRAMS = {
    "command": "curl",
    "python": "python3",
    "perl": "perl",
    "c": "cc",
    "go": "go",
    "node": "node",
    "java": "java",
    "ruby": "ruby",
    "php": "php",
    "rust": "rustc",
}
IN_CI = frozenset({"command", "python", "perl", "c", "go", "node"})
"""Kinds whose program `./mailspec setup ci` installs; .ci/run sets MAILSPEC_CI."""

GOOD = ("pop3.goal.fetch-by-password", "smtp.goal.send")
REFUSED = ("pop3.goal.retr-refused", "smtp.goal.rcpt-refused")

each_kind = pytest.mark.parametrize("kind", KINDS)


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, protocol: str) -> list[Path]:
    """The files that new-subject writes."""
    monkeypatch.chdir(folder)
    assert main(["new-subject", "mine", "--kind", kind, "--protocol", protocol]) == 0
    return sorted(folder.iterdir())


def need(kind: str) -> None:
    """Skips a test whose language is not installed; fails in CI where it has to be."""
    program = PROGRAMS[kind]
    if shutil.which(program) is not None:
        return
    sentence = f"there is no {program} here, which a client of the kind {kind} needs"
    if kind in IN_CI and os.environ.get("MAILSPEC_CI"):
        pytest.fail(f"{sentence}; ./mailspec setup ci installs it")
    pytest.skip(sentence)


@each_kind
@pytest.mark.parametrize("protocol", ["pop3", "smtp", "both"])
def test_it_is_short_and_has_what_was_asked_for_alone(
    kind: str, protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make(tmp_path, monkeypatch, kind, protocol)
    assert len(files) == (1 if kind == "command" else 2)
    text = "".join(each.read_text("utf-8") for each in files)
    for each in files:
        assert len(each.read_text("utf-8").splitlines()) <= LONGEST
    for other in ("pop3", "smtp"):
        assert (f"{other}.{'fetch' if other == 'pop3' else 'send'}" in text) == (
            protocol in (other, "both")
        )
        assert f"[{other}]" not in text and "@NAME@" not in text


def test_each_kind_has_its_files_and_no_other_is_there() -> None:
    names = {each.name.partition(".")[0] for each in TEMPLATES.iterdir()}
    assert names == set(KINDS) == set(PROGRAMS)


@pytest.mark.timeout(120)
@each_kind
def test_it_is_fit_at_once_and_gets_verdicts(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need(kind)
    make(tmp_path, monkeypatch, kind, "both")
    status = main(["doctor", "--subject", "./mine.toml"])
    assert (status, "mine is fit" in capsys.readouterr().out) == (0, True)
    words = ["--subject", "./mine.toml", "--variant", "whole", "--out", "reports"]
    main(["run", *GOOD, *REFUSED, *words])
    results = json.loads((tmp_path / "reports" / "results.json").read_text("utf-8"))
    assert {row["id"]: row["verdict"] for row in results["cases"]} == dict.fromkeys(
        (*GOOD, *REFUSED), "PASS"
    )


@pytest.mark.timeout(120)
@each_kind
@pytest.mark.parametrize("protocol", ["pop3", "smtp"])
def test_with_one_protocol_it_is_built_and_starts(
    kind: str, protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(kind)
    make(tmp_path, monkeypatch, kind, protocol)
    subject = load("./mine.toml")
    try:
        subject.start()
        assert subject.features & {"pop3", "smtp"} == {protocol}
    finally:
        assert subject.stop() == ""


@pytest.mark.parametrize("name", ["My Client", "-x", ""])
def test_a_name_that_no_subject_can_have_is_refused_before_anything_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-subject", "--", name]) == 2
    assert "small letters" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text("precious")
    monkeypatch.chdir(tmp_path)
    assert main(["new-subject", "mine", "--kind", "python"]) == 3
    assert "mine.py is there already; nothing was written" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["mine.py"]
