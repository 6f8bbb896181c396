"""A bug put into a copy of mailc is caught, and a trace that says something else fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance import paths, requirements
from conformance.cli import main
from conformance.run import select
from fake_servers.trace.parser import text_of
from strength import bug

LOGIN = "pop3.apop.rfc1939-login"
SECTION_7 = "pop3.rfc1939.section-7-apop"
SESSION = "pop3.rfc1939.section-10-session"
SUBJECT = """\
name = "mailc-seeded"
driver = ["build/client/mailc-driver"]
table = ["build/client/mailc-table"]

[cmake]
source = "."
build = "build"
inputs = ["CMakeLists.txt", "client"]
options = ["-DCMAKE_BUILD_TYPE=Debug"]
targets = ["mailc-driver", "mailc-table"]
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Runs the command line; gives its exit status and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        argv = ["run", "--seed", "1", "--variant", "whole", "--out", str(tmp_path / "out"), *words]
        return main(argv), capsys.readouterr().out

    return run


def edited(folder: Path, case: str, old: str, new: str) -> str:
    """A copy of a case in which `old`, which stands there once, reads `new`."""
    text = text_of(select.by_id(case))
    assert text.count(old) == 1
    file = folder / "edited.trace"
    file.write_text(text.replace(old, new), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("case", "old", "new", "message"),
    [
        (LOGIN, "c4c9334b", "c4c9334a", ["edited.trace:11", "^ octet 18", "RFC1939-7-APOP-0"]),
        (
            SECTION_7,
            "T: WAIT_APOP REPLY_OK TRANSACTION\n",
            "",
            ["edited.trace:", "T: WAIT_APOP REPLY_OK TRANSACTION", "RFC1939-7-APOP-0"],
        ),
        (
            SESSION,
            "count=2 octets=320",
            "count=2 octets=321",
            ["edited.trace:", "octets=321", "octets=320", "RFC1939-"],
        ),
    ],
    ids=["digest", "move", "value"],
)
def test_a_trace_that_says_something_else_fails(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, case: str, old: str, new: str, message: list[str]
) -> None:
    status, out = run(edited(tmp_path, case, old, new))
    assert status == 1
    for words in message:
        assert words in out


def test_an_upper_case_digest_in_mailc_fails(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = paths.PACKAGE.parent
    shutil.copytree(root / "client", tmp_path / "client")
    shutil.copy(root / "CMakeLists.txt", tmp_path)
    upper_case = bug.read(bug.BUGS / "pop3-apop-digest-in-upper-case.toml", requirements.load())
    for file, text in upper_case.texts().items():
        (tmp_path / file).write_text(text, "utf-8")
    subject = tmp_path / "seeded.toml"
    subject.write_text(SUBJECT, "utf-8")
    status, out = run("--subject", str(subject), LOGIN)
    assert status == 1
    assert "traces/pop3/apop.trace:13" in out
    assert "^ octet 11" in out and "RFC1939-7-APOP-02" in out
