"""All pages in one file."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

from conformance import cli, report
from conformance.report import single_file
from conformance.run import exit_status
from conformance.test.report import report_example as example


def inside(path: Path) -> dict[str, list[str]]:
    """The pages in a file: title and body by name."""
    found = re.search(r'id="pages">([^<]*)<', path.read_text("utf-8"))
    assert found
    pages: dict[str, list[str]] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return pages


def test_the_file_has_every_page_and_needs_no_other(tmp_path: Path) -> None:
    for name, one_file in (("folder", False), ("file", True)):
        example.write_logs(tmp_path / name)
        report.write(tmp_path / name, example.runs(), example.context(), one_file)
    folder, file = tmp_path / "folder", tmp_path / "file"
    names = {str(path.relative_to(folder)) for path in folder.rglob("*.html")} - {"index.html"}
    assert set(inside(file / "index.html")) == names
    assert [path.name for path in file.rglob("*.html")] == ["index.html"]
    text = (file / "index.html").read_text("utf-8")
    assert "<style>" in text and "style.css" not in text and " src=" not in text
    title, body = inside(file / "index.html")["cases/smtp.evil.html"]
    assert title == "CRASH smtp.evil" and "&lt;script&gt;alert" in body and "<body" not in body


def test_the_pages_of_an_earlier_run_go_away(tmp_path: Path) -> None:
    report.write(tmp_path, example.runs(), example.context())
    report.write(tmp_path, example.runs(), example.context(), one_file=True)
    assert [path.name for path in tmp_path.rglob("*.html")] == ["index.html"]


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    for name in "ab":
        report.write(tmp_path / name, example.runs(), example.context(), one_file=True)
    assert (tmp_path / "a/index.html").read_bytes() == (tmp_path / "b/index.html").read_bytes()


def test_a_comparison_is_one_file_too(tmp_path: Path) -> None:
    report.write(tmp_path / "a", example.runs(), example.context())
    files = [str(tmp_path / "a/results.json")] * 2
    out = tmp_path / "site"
    assert cli.main(["report", *files, "--single-file", "--out", str(out)]) == exit_status.OK
    assert [path.name for path in out.rglob("*.html")] == ["index.html"]
    pages = inside(out / "index.html")
    assert {"example/index.html", "example-2/cases/smtp.evil.html"} <= set(pages)
    assert (out / "example-2/junit.xml").is_file()


def test_an_octet_that_is_no_text_does_not_stop_it() -> None:
    page = "<title>\udcff</title><body>\udcff</body>"
    assert "pages" in single_file.join("<title>a</title><body></body>", {"x.html": page})
