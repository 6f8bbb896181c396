"""The reports in a browser: from a failing move to its case and the line that was expected.

chromium.py says where they are skipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import cli, report
from conformance.run import exit_status
from conformance.test.report import chromium
from conformance.test.report import report_example as example
from conformance.verdict import Difference

pytest.importorskip("selenium", reason="python3-selenium is not installed: ./mailspec setup ci")
pytestmark = chromium.NEEDED


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from chromium.opened(tmp_path_factory.mktemp("chromium"))


@pytest.fixture(name="out_dir", scope="module")
def _out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run in which a case fails that took two moves."""
    out_dir = tmp_path_factory.mktemp("reports")
    example.write_logs(out_dir)
    changes: dict[str, dict[str, Any]] = {
        "pop3.digest": {"moves_taken": example.GREETED},
        "smtp.known": {
            "log": "logs/good.jsonl",
            "difference": Difference("smtp/example.trace", 12, 0, "x" * 300, "y" * 300),
        },
    }
    runs = [dataclasses.replace(run, **changes.get(run.id, {})) for run in example.runs()]
    report.write(out_dir, runs, example.context())
    return out_dir


def find(browser: Any, selector: str) -> Any:
    """The first element, which must be there."""
    return browser.find_element("css selector", selector)


def click(browser: Any, selector: str) -> None:
    """A click on what may lie outside of the window: an edge of a drawing is as wide as a hair."""
    browser.execute_script(
        "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))",
        find(browser, selector),
    )


def test_from_a_failing_edge_to_the_expected_line(browser: Any, out_dir: Path) -> None:
    browser.get((out_dir / "index.html").as_uri())
    find(browser, 'a[href="moves-pop3.html"]').click()
    click(browser, ".machine .edge.fail a")
    _, _, place = browser.current_url.partition("#")
    assert place.startswith("move")
    find(browser, f"#{place} a.fail").click()
    assert browser.current_url.endswith("/cases/pop3.digest.html")
    lines = find(browser, "pre").text.splitlines()
    assert lines[0] == r"expected  APOP a 0f\r\n"
    assert lines[2].endswith("^ octet 7")
    find(browser, 'a[href*="#RFC1939-7-APOP-01"]').click()
    assert find(browser, "tr:target .mono").text == "RFC1939-7-APOP-01"


def test_an_edge_has_the_colour_of_its_verdict(browser: Any, out_dir: Path) -> None:
    def colour(selector: str, css: str) -> str:
        return str(find(browser, selector).value_of_css_property(css))

    browser.get((out_dir / "moves-pop3.html").as_uri())
    badge = colour("tr .verdict.fail", "color")
    assert colour(".machine .edge.fail path", "stroke") == badge.replace("rgba", "rgb").replace(
        ", 1)", ")"
    )
    assert colour(".machine .edge.fail text", "fill") == colour(
        ".machine .edge.fail path", "stroke"
    )


def test_words_and_verdicts_narrow_the_list(browser: Any, out_dir: Path) -> None:
    browser.get((out_dir / "index.html").as_uri())
    find(browser, "input[type=search]").send_keys("digest")
    shown = [row for row in browser.find_elements("css selector", "#cases tbody tr") if row.text]
    assert len(shown) == 1 and "pop3.digest" in shown[0].text


VERSION = "curl 7.88.1 (x86_64-pc-linux-gnu) " + " ".join(f"lib{n}/1.{n}" for n in range(40))


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory, out_dir: Path) -> Path:
    """Twenty-five runs side by side, and the pages of each."""
    folder = tmp_path_factory.mktemp("site")
    context = dataclasses.replace(
        example.context(), subject_name="a-client-of-some-name", subject_version=VERSION
    )
    example.write_logs(folder / "other")
    report.write(folder / "other", example.runs()[4:], context)
    files = [str(path / "results.json") for path in (out_dir, folder / "other")]
    words = ["report", *files * 12, files[0], "--out", str(folder / "site")]
    assert cli.main(words) == exit_status.OK
    return folder / "site"


@pytest.mark.parametrize("scheme", chromium.SCHEMES)
@pytest.mark.parametrize("width", chromium.WIDTHS)
def test_no_page_overflows_breaks_a_word_or_is_faint(
    browser: Any, site: Path, width: int, scheme: str
) -> None:
    chromium.look(browser, width, scheme)
    pages = [site / "index.html", *sorted((site / "example").rglob("*.html"))]
    for path in pages:
        browser.get(path.as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert chromium.faults(browser) == [], path.name
    complaints = [row for row in browser.get_log("browser") if "favicon" not in row["message"]]
    assert complaints == []


def test_a_fault_of_a_page_is_found(browser: Any, tmp_path: Path) -> None:
    """The test above is not blind."""
    chromium.look(browser, 390, "light")
    page = tmp_path / "page.html"
    page.write_text(
        "<meta name=viewport content='width=device-width'><body>"
        "<p style='color: #999'>faint</p><p style='width: 3em; overflow-wrap: anywhere'>brokenword</p>"
        "<p style='width: 900px; background: #eee'>x</p><div style='margin-left: 380px'>outside</div>"
    )
    browser.get(page.as_uri())
    found = " ".join(chromium.faults(browser))
    for part in (
        "wider than the window",
        "2.8: faint",
        "broken word: brokenword",
        "window: outside",
    ):
        assert part in found


def test_each_variant_has_a_tab_that_keys_and_clicks_reach(browser: Any, out_dir: Path) -> None:
    chromium.look(browser, 1280, "light")
    browser.get((out_dir / "cases/pop3.good.html").as_uri())
    browser.get((out_dir / "cases/pop3.digest.html").as_uri())
    assert find(browser, ".tabs input:checked + label").text.startswith("octets")
    marked = find(browser, ".tabs section .here")
    assert marked.is_displayed() and find(browser, ".here mark").text == "APOP a 0F"
    assert "expected" in find(browser, ".differs").text


def test_tabs_change_by_arrow_keys(browser: Any, tmp_path: Path) -> None:
    example.write_logs(tmp_path)
    other = dataclasses.replace(
        example.DIGEST, variant="whole", reason="another reason", log="logs/good.jsonl"
    )
    report.write(tmp_path, [example.DIGEST, other], example.context())
    browser.get((tmp_path / "cases/pop3.digest.html").as_uri())
    first, second = browser.find_elements("css selector", ".tabs section")
    assert first.is_displayed() and not second.is_displayed()
    find(browser, "#tab1").send_keys("\ue014")  # the arrow to the right
    assert not first.is_displayed() and second.is_displayed()
    assert "another reason" in second.text
    find(browser, 'label[for="tab1"]').click()
    assert first.is_displayed() and not second.is_displayed()


def test_octets_unfold_on_demand(browser: Any, out_dir: Path) -> None:
    browser.get((out_dir / "cases/pop3.digest.html").as_uri())
    exact = find(browser, "details.octets pre")
    assert not exact.is_displayed()
    find(browser, "details.octets summary").click()
    assert exact.is_displayed() and exact.text == r"\xff\x00<i>\n"


def test_the_table_scrolls_in_its_own_box_below_fixed_heads(browser: Any, site: Path) -> None:
    chromium.look(browser, 390, "light")
    browser.get((site / "index.html").as_uri())
    box = find(browser, ".matrix")
    places = browser.execute_script(
        "var box = arguments[0], name = box.querySelector('th[scope]'), head = box.querySelector('.turned');"
        "var before = [name, head].map(e => e.getBoundingClientRect());"
        "box.scrollTo(200, 60);"
        "var after = [name, head].map(e => e.getBoundingClientRect());"
        "return [box.scrollLeft, after[0].left - before[0].left, after[1].top - before[1].top];",
        box,
    )
    assert places[0] == 200 and abs(places[1]) <= 1 and abs(places[2]) <= 1


def test_the_rows_of_the_table_narrow(browser: Any, site: Path) -> None:
    def shown() -> list[str]:
        rows = browser.find_elements("css selector", ".matrix tr:not(.section) th[scope] .mono")
        return [row.text for row in rows if row.is_displayed()]

    chromium.look(browser, 1280, "light")
    browser.get((site / "index.html").as_uri())
    assert shown() == ["RFC1939-3-CMD-01", "RFC1939-7-APOP-01"]
    find(browser, 'label:has(input[value="FAIL"])').click()
    assert shown() == ["RFC1939-3-CMD-01"]
    find(browser, 'label:has(input[value="FAIL"])').click()
    find(browser, "input[type=search]").send_keys("apop")
    assert shown() == ["RFC1939-7-APOP-01"]
    find(browser, "#differing").click()
    assert shown() == [] and find(browser, "#shown").text == "0 of 2"


def test_one_file_has_the_way_from_a_failure_to_its_line(browser: Any, tmp_path: Path) -> None:
    example.write_logs(tmp_path)
    runs = [dataclasses.replace(run, moves_taken=example.GREETED) for run in example.runs()]
    report.write(tmp_path, runs, example.context(), one_file=True)
    chromium.look(browser, 1280, "light")
    browser.get((tmp_path / "index.html").as_uri())
    browser.set_script_timeout(chromium.MOST_WAIT_S)
    browser.implicitly_wait(10)
    find(browser, 'a[href="#/moves-pop3.html"]').click()
    click(browser, ".machine .edge.fail a")
    place = find(browser, "tr.target").get_attribute("id")
    find(browser, f"#{place} a.fail").click()
    assert find(browser, ".here mark").text == "APOP a 0F"
    find(browser, 'a[href$="#RFC1939-7-APOP-01"]').click()
    assert find(browser, "tr.target .mono").text == "RFC1939-7-APOP-01"
    assert not browser.find_elements("css selector", 'a[href*="jsonl"]')
    browser.back()
    assert "pop3.digest" in browser.title
    browser.get((tmp_path / "index.html").as_uri())
    find(browser, "input[type=search]").send_keys("digest")
    assert find(browser, "#shown").text.startswith("1 of")
    browser.implicitly_wait(0)
