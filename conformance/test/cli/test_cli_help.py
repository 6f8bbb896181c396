"""What only prints: the help, the version, the list of commands; and what may have been meant."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import attacks, features, near
from conformance.cli import main, parser
from conformance.cli.arguments import commands
from conformance.lint import lint
from conformance.run import select
from conformance.test.small_cases import APOP, POP3_DRIVER

ROOT = Path(__file__).parents[3]


def without_packages(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line by a Python that has its standard library alone."""
    code = "import sys; from conformance.cli import entry; sys.exit(entry())"
    return subprocess.run(
        [sys.executable, "-S", "-P", "-c", code, *words],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_list_of_commands_is_that_of_the_parser() -> None:
    """The launcher shows it where there is no Python."""
    assert list(commands()) == list(parser().commands())


@pytest.mark.parametrize("name", commands())
@pytest.mark.parametrize("option", ["-h", "--help", "--version"])
def test_help_and_version_of_a_command_only_print(
    name: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "good", option] if name == "test" else [name, option]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    if option == "--version":
        assert printed.out.startswith("mailspec ")
    else:
        assert printed.out.startswith(f"usage: mailspec {name} ")
        assert commands()[name].split()[0] in printed.out


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["test", "-h"], ["--version"]])
def test_it_needs_no_more_than_python(words: list[str]) -> None:
    done = without_packages(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mailspec" in done.stdout


def test_without_a_command_the_commands_are_shown_and_nothing_was_judged() -> None:
    done = without_packages()
    assert (done.returncode, done.stderr) == (2, "")
    for name, text in commands().items():
        assert f"  {name} " in done.stdout and text.split()[0] in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["rnu"], 2, "mailspec: unknown command 'rnu'; did you mean run?"),
        (["xyzzy"], 2, "unknown command 'xyzzy'; there are run, list, show"),
        (["run", "--sbject", "curl"], 2, "mailspec run: unrecognized arguments: --sbject"),
        (["run", "--sbject", "curl"], 2, "; did you mean --subject?"),
        (["run", "--vairant=whole"], 2, "; did you mean --variant?"),
        (["run", "--variant", "octet"], 2, "; did you mean octets?"),
        (["lint", "--xyzzy"], 2, "unrecognized arguments: --xyzzy ('mailspec lint --help'"),
        (["run", "--subject", "crul"], 2, "there is no subject 'crul'; did you mean curl? There"),
        (["show", "pop3.apop.rfc1939-logn"], 4, "; did you mean pop3.apop.rfc1939-login?"),
        (["show", "RFC1939-7-APOP-20"], 4, "; did you mean RFC1939-7-APOP-0"),
        (["list", "pop3.nothing.*"], 4, "no case matches 'pop3.nothing.*'; "),
        (["list", "--needs", "pop3.apopp"], 4, "there is no feature 'pop3.apopp'; did you mean"),
        (["list", "--needs", "pop3.apopp"], 4, "features.toml lists all"),
        (
            ["strength", "smtp-dot-not-doubbled"],
            2,
            "there is no bug smtp-dot-not-doubbled; did you mean smtp-dot-not-doubled",
        ),
    ],
)
def test_near_names_are_suggested(
    words: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == status
    printed = capsys.readouterr().err
    assert sentence in printed
    assert len(printed.splitlines()) == 1


def test_a_feature_that_a_trace_misspells_is_told_with_its_file(tmp_path: Path) -> None:
    trace = tmp_path / "mine.trace"
    trace.write_text(APOP.replace("pop3.apop\n", "pop3.apopp\n", 1), "utf-8")
    (found,) = [str(each) for each in lint([trace]) if "there is no feature" in str(each)]
    assert "did you mean pop3.apop?" in found
    assert "features.toml lists all" in found


def test_only_what_is_nearly_as_near_is_suggested() -> None:
    assert near.hint("--sbject", ["--subject", "--strict", "--expect"]) == (
        "; did you mean --subject?"
    )
    assert near.hint("ab", ["xy"], "; else") == "; else"
    assert near.hint("a" * 70_000, ["a" * 70_000], ".") == "."


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, list[dict[str, object]]]:
    """The one document on stdout."""
    assert main(list(words)) == 0
    out = capsys.readouterr()
    assert out.err == ""
    document = json.loads(out.out)
    assert document.pop("schema") == 1
    found: dict[str, list[dict[str, object]]] = document
    return found


CASE_KEYS = {"id", "title", "kind", "protocol", "proves", "needs", "source", "file"}
CASE_KEYS |= {"line"}
REQUIREMENT_KEYS = {"id", "rfc", "section", "level", "breach", "text", "test", "state", "excuse"}
REQUIREMENT_KEYS |= {"cases", "monitors", "client_test"}
ATTACK_KEYS = {"id", "title", "source", "test", "excuse", "cases"}
SUBJECT_KEYS = {"name", "title", "level", "state", "version", "missing", "file"}


def test_list_gives_cases_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed(capsys, "list", "--json")["cases"]
    assert [row["id"] for row in rows] == [trace.id for trace in select.select([])]
    assert all(set(row) == CASE_KEYS for row in rows)
    assert {row["kind"] for row in rows} == {"trace", "goal", "family"}
    needing = printed(capsys, "list", "--needs", "pop3.apop", "--json")["cases"]
    assert needing and all("pop3.apop" in str(row["needs"]) for row in needing)


def test_list_gives_requirements_and_features_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "list", "--requirements", "rfc1939#7", "--json")
    assert set(found) == {"counts", "requirements"}
    rows = found["requirements"]
    assert all(set(row) == REQUIREMENT_KEYS for row in rows)
    assert "RFC1939-7-APOP-02" in {row["id"] for row in rows}
    rows = printed(capsys, "list", "--features", "--json")["features"]
    assert {row["name"]: row["text"] for row in rows} == features.describe()


def test_list_gives_attacks_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed(capsys, "list", "--sources", "--json")["sources"]
    assert [row["id"] for row in rows] == list(attacks.load())
    assert all(set(row) == ATTACK_KEYS for row in rows)
    (row,) = printed(capsys, "show", "TLS-01", "--json")["sources"]
    assert row == rows[0]
    named = printed(capsys, "list", "TLS-01", "--json")["cases"]
    assert [case["id"] for case in named] == row["cases"]


def test_show_gives_a_case_and_a_requirement_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    (case,) = printed(capsys, "show", "pop3.apop.rfc1939-login", "--json")["cases"]
    assert set(case) == CASE_KEYS | {"text"}
    assert "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb" in str(case["text"])
    (row,) = printed(capsys, "show", "RFC1939-7-APOP-02", "--json")["requirements"]
    assert set(row) == REQUIREMENT_KEYS
    assert "pop3.apop.rfc1939-login" in str(row["cases"])


def test_subjects_are_given_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["name"]: row for row in printed(capsys, "subjects", "--json")["subjects"]}
    assert all(set(row) == SUBJECT_KEYS for row in rows.values())
    assert rows["mailc"]["state"] == "built"
    assert rows["python-stdlib"]["state"] == "installed"
    assert rows["curl"]["level"] == "command"


@pytest.mark.parametrize(
    "words",
    ["list", "list --requirements", "list --features", "show pop3.*", "subjects", "--help"]
    + ["export pop3.apop.*", "list --json", "completion bash", "lint"],
)
def test_a_reader_that_stops_fails_nothing(words: str) -> None:
    """As in `mailspec show X | head`: nothing is said, and the status is the command's own."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "conformance", *words.split()],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_run_that_nobody_reads_comes_to_its_end(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "conformance", "run", "--out", str(tmp_path)]
    command += ["--subject", f"cmd:{shlex.join(POP3_DRIVER)}", "pop3.apop.rfc1939-login"]
    with subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert (tmp_path / "results.json").is_file()
