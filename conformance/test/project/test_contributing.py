"""CONTRIBUTING.md can be followed: its paths exist, its commands parse, its examples are sound."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from conformance import cli
from conformance.cli.arguments import commands

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "CONTRIBUTING.md"
FOLDERS = ("client", "conformance", "coverage", "fake_servers", "traces", ".ci")
MADE_BY_A_RECIPE = {
    "conformance/report/NAME.py",
    "conformance/requirements/rfc6710.jsonl",
    "conformance/subjects/my-client.expect.toml",
    "coverage/strength/bugs/smtp-priority-out-of-range.toml",
    "traces/smtp/mt-priority.trace",
}
"""Paths of the page that are there only once somebody has followed a recipe."""

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="CONTRIBUTING.md is not installed")


def text() -> str:
    return PAGE.read_text("utf-8")


def paths() -> list[str]:
    """Every word of the page that is a path below the root, and every link."""
    words = re.findall(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*", text())
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text())
    return [word.rstrip("./") for word in (*words, *links)]


def commands_of_the_launcher() -> list[list[str]]:
    """Every `./mailspec ...` of the page, in words."""
    spans = re.findall(r"`+([^`]+)`+", text())
    blocks = re.findall(r"^ {4}(\./.*?)(?: +#.*)?$", text(), re.MULTILINE)
    found = (shlex.split(each) for each in (*spans, *blocks))
    return [words for words in found if words[:1] == ["./mailspec"] and len(words) > 1]


def example() -> str:
    """The case that the first recipe adds."""
    block = re.search(r"^   ```\n(   id: .*?)^   ```$", text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    return re.sub(r"^   ", "", block.group(1), flags=re.MULTILINE)


def test_every_path_exists() -> None:
    assert len(paths()) > 40
    missing = {path for path in paths() if not (ROOT / path).exists()}
    assert missing == MADE_BY_A_RECIPE


@pytest.mark.parametrize("words", commands_of_the_launcher(), ids=" ".join)
def test_every_command_parses(words: list[str]) -> None:
    assert words[1] in commands()
    if words[1] == "test":
        assert all((ROOT / path).is_file() for path in words[2:])
    else:
        cli.parser().parse_args(words[1:])


def test_every_preset_and_program_is_there() -> None:
    for preset in re.findall(r"--preset (\w+)", text()):
        assert f'"name": "{preset}"' in (ROOT / "CMakePresets.json").read_text("utf-8")
    for program in (".ci/run", "client/tools/size.py"):
        assert f"`{program}`" in text()
        assert (ROOT / program).stat().st_mode & 0o100


def test_its_case_is_new_and_without_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "traces" / "smtp" / "example.trace"
    file.parent.mkdir(parents=True)
    file.write_text(example(), "utf-8")
    assert cli.main(["lint", str(file)]) == 0, capsys.readouterr().out
    assert cli.main(["fmt", "--check", str(file)]) == 0
    name = example().split()[1]
    assert not any(name in path.read_text("utf-8") for path in (ROOT / "traces").rglob("*.trace"))


def test_each_word_of_the_glossary_stands_there_once() -> None:
    table = text().partition("## Glossary")[2].partition("\n## ")[0]
    words = re.findall(r"^\| ([^|]+?) +\|", table, re.MULTILINE)[1:]
    each = [word for row in words for word in row.split(", ")]
    assert len(words) >= 25
    assert len(set(each)) == len(each)
