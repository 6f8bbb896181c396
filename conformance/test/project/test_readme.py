"""What README.md says is so: its figures, its links, its example of a subject."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import catalogue, paths
from conformance.subject import spec

CODE = re.compile("`([^`]+)`")
ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not README.is_file(), reason="README.md is not installed")


def text() -> str:
    return README.read_text("utf-8")


def test_there_are_as_many_cases_as_it_says() -> None:
    found = re.search(
        r"More than (\d+) cases with a timeline .*?\smore\s+than (\d+) with a goal",
        text(),
        re.DOTALL,
    )
    assert found is not None
    traces = [trace for trace in catalogue.everything() if not trace.family]
    goals = sum(trace.goal is not None for trace in traces)
    for count, least in ((len(traces) - goals, found.group(1)), (goals, found.group(2))):
        assert int(least) < count < 1.2 * int(least)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text())
    assert len(links) >= 8
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_its_example_is_a_subject(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", text(), re.DOTALL)
    assert block is not None
    file = tmp_path / "my-client.toml"
    file.write_text(block.group(1), "utf-8")
    subject = spec(str(file))
    assert subject.name == "my-client"
    assert set(subject.goals) == {"pop3.fetch"}


def test_its_table_has_every_subject_once() -> None:
    table = text().partition("| `--subject` |")[2].partition("\n\n")[0]
    told = [name for row in table.splitlines()[2:] for name in CODE.findall(row.split("|")[1])]
    assert sorted(told) == sorted(paths.subject_names())


def test_each_requirement_that_it_counts_is_there() -> None:
    from conformance.requirements import load

    found = re.search(r"(\d+) requirements of clients", text())
    assert found is not None
    assert int(found.group(1)) == len(list(load().of_client()))


def test_its_example_of_a_failure_is_what_the_program_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from conformance.cli import main

    block = re.search(r"\$ \./mailspec (run .*)\n\n(FAIL .*?)```", text(), re.DOTALL)
    assert block is not None
    seed = re.search(r"--seed (\d+)", block.group(2))
    assert seed is not None
    assert main([*block.group(1).split(), "--seed", seed.group(1), "--out", str(tmp_path)]) == 0
    printed = " ".join(capsys.readouterr().out.replace(str(tmp_path), "reports").split())
    assert printed.endswith(" ".join(block.group(2).split()))


def test_it_counts_the_attacks() -> None:
    from conformance import attacks

    assert f"{len(attacks.load())} published ways" in text()
