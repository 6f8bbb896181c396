"""`mailspec report`: several runs side by side."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance import cli, report
from conformance.run import exit_status
from conformance.test.report import report_example as example
from conformance.test.report.test_report_html import Page
from conformance.verdict import Verdict


@pytest.fixture(name="runs")
def _runs(tmp_path: Path) -> list[str]:
    """The results.json of two runs: the example, and one in which the digest is right."""
    right: dict[str, Any] = {"verdict": Verdict.PASS, "reason": "", "difference": None}
    good = [
        dataclasses.replace(run, **(right if run.id == "pop3.digest" else {}))
        for run in example.runs()
    ]
    context = dataclasses.replace(example.context(), subject_name="A <b> other")
    for name, found, run_context in (
        ("a", example.runs(), example.context()),
        ("b", good, context),
    ):
        example.write_logs(tmp_path / name)
        report.write(tmp_path / name, found, run_context)
    return [str(tmp_path / name / "results.json") for name in ("a", "b")]


def test_the_matrix_has_a_row_a_requirement_and_a_column_a_subject(
    runs: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "site"
    assert cli.main(["report", *runs, runs[0], "--out", str(out)]) == exit_status.OK
    text = (out / "index.html").read_text("utf-8")
    row = text.partition("RFC1939-7-APOP-01")[2].partition("</tr>")[0]
    assert [word for word in ("FAIL", "PASS") if f">{word}<" in row] == ["FAIL", "PASS"]
    assert "A &lt;b&gt; other" in text
    for folder in ("example", "a-b-other", "example-2"):
        assert f"{folder}/requirements/rfc1939.html#RFC1939-7-APOP-01" in Page(text).links
    for folder in ("example", "example-2"):
        assert "Transcript" in (out / folder / "cases/pop3.digest.html").read_text("utf-8")


def test_what_no_subject_supports_is_folded_away(tmp_path: Path) -> None:
    unsupported = [
        dataclasses.replace(
            run, verdict=Verdict.UNSUPPORTED, difference=None, requirements=("RFC1939-7-APOP-02",)
        )
        for run in example.runs()
        if run.id == "pop3.good"
    ]
    report.write(tmp_path / "a", [*example.runs(), *unsupported][2:], example.context())
    report.write(tmp_path / "b", unsupported, example.context())
    names = [str(tmp_path / name / "results.json") for name in "ab"]
    assert cli.main(["report", *names, "--out", str(tmp_path / "site")]) == exit_status.OK
    text = (tmp_path / "site/index.html").read_text("utf-8")
    shown, _, folded = text.partition('<details id="unsupported">')
    assert "RFC1939-7-APOP-01" in shown and "APOP-02" not in shown and "APOP-02" in folded
    rows = re.findall(r'data-label="good">(\d+)</td>\s*<td.*?>(\d+)</td>', shown)
    assert rows == [("1", "4"), ("0", "0")]
    assert "NOTHING JUDGED: 0 of 0 judged cases fail, 1 cannot be put to it" in shown


def test_an_older_file_is_scored_too(runs: list[str], tmp_path: Path) -> None:
    path = Path(runs[0])
    found = json.loads(path.read_text("utf-8"))
    del found["score"], found["suite"]["interrupted"]
    path.write_text(json.dumps(found), "utf-8")
    assert cli.main(["report", runs[0], "--out", str(tmp_path / "site")]) == exit_status.OK
    again = json.loads((tmp_path / "site/example/results.json").read_text("utf-8"))
    assert again["score"] == {"judged": 5, "good": 2}


def test_each_link_of_the_site_leads_somewhere(runs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "site"
    cli.main(["report", *runs, "--out", str(out)])
    for path in out.rglob("*.html"):
        for link in Page(path.read_text("utf-8")).links:
            name = link.partition("#")[0]
            assert not name or (path.parent / name).is_file(), (path, link)


def test_the_results_come_out_as_they_went_in(runs: list[str], tmp_path: Path) -> None:
    cli.main(["report", runs[0], "--out", str(tmp_path / "site")])
    again = (tmp_path / "site/example/results.json").read_bytes()
    assert again == Path(runs[0]).read_bytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema": 7}, "schema is wrong"),
        ({"counts": {}}, "counts is wrong"),
        ({"cases": 1}, "is not a results.json"),
    ],
)
def test_what_is_no_results_json_is_refused_in_one_sentence(
    runs: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, object],
    sentence: str,
) -> None:
    path = Path(runs[0])
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    assert cli.main(["report", runs[0], "--out", str(tmp_path / "site")]) == exit_status.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert sentence in line


def test_a_log_outside_of_the_run_is_not_fetched(runs: list[str], tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("x")
    path = Path(runs[0])
    text = path.read_text("utf-8").replace("logs/digest.jsonl", "../secret.jsonl")
    path.write_text(text, "utf-8")
    assert cli.main(["report", runs[0], "--out", str(tmp_path / "site")]) == exit_status.OK
    assert not list((tmp_path / "site").rglob("secret.jsonl"))


def test_the_terminal_has_a_line_a_run_and_one_that_compares(
    runs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["report", *runs, "--out", str(tmp_path / "site")])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == [
        "example 1.0      ERROR",
        "A <b> other 1.0  ERROR",
    ]
    assert lines[-1] == (
        "2 clients, 2 requirements judged, 2 of them in more than one client;"
        " the verdicts differ in 1"
    )
    cli.main(["report", runs[0], "--out", str(tmp_path / "site")])
    assert capsys.readouterr().out.splitlines()[-1] == "1 client, 2 requirements judged"


def test_a_long_version_is_folded(runs: list[str], tmp_path: Path) -> None:
    path = Path(runs[0])
    found = json.loads(path.read_text("utf-8"))
    found["subject"]["version"] = (
        r"curl 7.88.1 (x86_64) libcurl/7.88.1\nProtocols: dict " + "x" * 90
    )
    path.write_text(json.dumps(found), "utf-8")
    cli.main(["report", runs[0], "--out", str(tmp_path / "site")])
    for name in ("index.html", "example/index.html"):
        text = (tmp_path / "site" / name).read_text("utf-8")
        assert "<summary>curl 7.88.1 (x86_64) libcurl/7.88.1 ...</summary>" in text
        assert text.count("Protocols: dict") == 1
