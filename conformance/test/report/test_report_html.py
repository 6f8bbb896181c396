"""index.html and the pages of the cases."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.report import transcript
from conformance.report.text import brief_version
from conformance.test.report import report_example as example
from conformance.verdict import Verdict

VOID = {"meta", "link", "br", "input", "wbr"}


class Page(HTMLParser):
    """Checks that elements nest, and collects links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [v or "" for name, v in attrs if name in ("href", "src", "xlink:href")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(name="out_dir")
def _out_dir(tmp_path: Path) -> Path:
    out_dir = tmp_path / "reports"
    example.write_logs(out_dir)
    report.write(out_dir, example.runs(), example.context())
    return out_dir


def pages(out_dir: Path) -> list[Path]:
    return sorted(out_dir.rglob("*.html"))


def test_each_case_has_a_page_and_the_index_links_it(out_dir: Path) -> None:
    names = {path.name for path in (out_dir / "cases").iterdir()}
    played = [run for run in example.runs() if run.verdict is not Verdict.UNSUPPORTED]
    assert names == {f"{run.id}.html".replace("/", "_") for run in played}
    links = Page((out_dir / "index.html").read_text("utf-8")).links
    assert {f"cases/{name}" for name in names} <= set(links)


def test_each_link_leads_to_a_file_of_the_folder(out_dir: Path) -> None:
    for path in pages(out_dir):
        for link in Page(path.read_text("utf-8")).links:
            name, _, place = link.partition("#")
            target = path.parent / name if name else path
            assert target.is_file(), (path.name, link)
            assert not place or place in Page(target.read_text("utf-8")).ids, (path.name, link)


def test_no_id_stands_twice_on_a_page(out_dir: Path) -> None:
    for path in pages(out_dir):
        ids = Page(path.read_text("utf-8")).ids
        assert len(ids) == len(set(ids)), path.name


def test_requirements_have_a_page_an_rfc(out_dir: Path) -> None:
    text = (out_dir / "requirements/rfc1939.html").read_text("utf-8")
    assert re.search(r"Section 3(?s:.)*RFC1939-3-CMD-01(?s:.)*Section 7(?s:.)*7-APOP-01", text)
    assert "../cases/pop3.digest.html" in Page(text).links
    assert "requirements/rfc1939.html" in Page((out_dir / "index.html").read_text("utf-8")).links


def test_no_page_asks_another_machine_for_anything(out_dir: Path) -> None:
    for path in pages(out_dir):
        found = re.findall(r"""(?:src|href|url|@import)\W{1,3}https?:""", path.read_text("utf-8"))
        assert found == [], path.name


def test_nothing_of_the_wire_becomes_markup(out_dir: Path) -> None:
    for path in pages(out_dir):
        text = path.read_text("utf-8")
        assert "<script>alert" not in text and "<i>" not in text
        assert re.search("[\x00-\x09\x0b-\x1f\x7f]", text) is None
    assert "&lt;script&gt;alert(1)" in (out_dir / "cases/smtp.evil.html").read_text("utf-8")


def test_a_failure_page_tells_all(out_dir: Path) -> None:
    text = (out_dir / "cases/pop3.digest.html").read_text("utf-8")
    for part in (
        "FAIL 1/2",
        "Difference at pop3/<wbr>example.<wbr>trace:<wbr>12",
        "^ octet 7",
        "RFC1939-7-APOP-01",
        "RFC 1939 section 7",
        "lines-end-in-crlf",
        "./mailspec run pop3.digest --variant octets --seed 7",
        "<h2>Transcript</h2>",
        "in 9 pieces",
        "A B C",
    ):
        assert part in text, part


def test_pages_of_an_earlier_run_go_away(out_dir: Path) -> None:
    kept = [run for run in example.runs() if run.id == "pop3.good"]
    report.write(out_dir, kept, example.context())
    assert [path.name for path in (out_dir / "cases").iterdir()] == ["pop3.good.html"]


def test_a_log_that_cannot_be_read_is_said_on_the_page(out_dir: Path) -> None:
    (out_dir / "logs/digest.jsonl").write_text("{", encoding="utf-8")
    report.write(out_dir, example.runs(), example.context())
    text = (out_dir / "cases/pop3.digest.html").read_text("utf-8")
    assert "the log cannot be read" in text


def wire(kind: str, octets: str, line: int = 1, connection: int = 1) -> dict[str, Any]:
    return {"kind": kind, "ns": 5_000_000, "connection": connection, "octets": octets, "line": line}


def test_octets_of_one_direction_and_line_are_one_step() -> None:
    events = [wire("tx", "+O"), wire("tx", "K\r\n"), wire("tx", "x\n", line=2), wire("rx", "QUIT")]
    shown = [(step.who, step.text, step.note) for step in transcript.steps(events)]
    assert shown == [
        ("server", ["+OK"], "in 2 pieces"),
        ("server", [r"x\n"], ""),
        ("client", ["QUIT"], ""),
    ]


def test_a_transcript_is_bounded() -> None:
    events = [wire("rx", "a\r\n" * 100_000), *(wire("tx", "b", line=n) for n in range(5000))]
    steps = transcript.steps(events)
    assert len(steps) == transcript.MAX_STEPS + 1
    assert steps[-1].note == f"{5001 - transcript.MAX_STEPS} more steps in the log"
    assert "99960 more lines" in steps[0].note


def test_a_cause_names_each_of_its_cases_once(out_dir: Path) -> None:
    text = (out_dir / "index.html").read_text("utf-8")
    table = text.partition('id="groups"')[2].partition("</table>")[0]
    for row in table.split("<tr>")[2:]:
        links = re.findall(r'href="([^"]+)"', row)
        assert links and len(links) == len(set(links))


@pytest.mark.parametrize(
    ("version", "brief"),
    [
        (
            "curl 7.88.1 (x86_64) " + "libname/1.2.3 " * 9,
            "curl 7.88.1 (x86_64) " + "libname/1.2.3 " * 2,
        ),
        (
            "This is fetchmail release 6.4.37" + "+MANY-NAMES" * 9,
            "This is fetchmail release 6.4.37 ",
        ),
        ("name " * 20, "name " * 12),
        ("x" * 90 + "1", "x" * 60 + " "),
    ],
)
def test_a_brief_version_has_its_number(version: str, brief: str) -> None:
    assert brief_version(version) == brief + "..."
    assert brief_version("1.9") == "1.9"
