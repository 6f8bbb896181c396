"""The reports in a browser: from a failing move to its case and the line that was expected.

Chromium is installed by .ci/run alone; elsewhere these tests are skipped and counted.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.test.report import report_example as example

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytest.importorskip("selenium", reason="python3-selenium is not installed: .ci/run installs it")
pytestmark = [
    pytest.mark.skipif(None in (BROWSER, DRIVER), reason="Chromium is not installed: see .ci/run"),
    pytest.mark.timeout(180),
]
MOST_WAIT_S = 60


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without a window and without a way to any other machine, as wide as a phone."""
    from selenium import webdriver

    options: Any = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for word in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "window-size=390,844",
        "host-resolver-rules=MAP * ~NOTFOUND",
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=_service(), options=options)
    browser.set_page_load_timeout(MOST_WAIT_S)
    browser.set_script_timeout(MOST_WAIT_S)
    yield browser
    browser.quit()


def _service() -> Any:
    """Chromium's driver by its address: a bare system does not know the name localhost."""
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common import utils

    class LoopbackService(Service):
        @property
        def service_url(self) -> str:
            return f"http://127.0.0.1:{self.port}"

        def is_connectable(self) -> bool:
            return bool(utils.is_connectable(self.port, "127.0.0.1"))

    return LoopbackService(str(DRIVER))


@pytest.fixture(name="out_dir", scope="module")
def _out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run in which a case fails that took two moves."""
    out_dir = tmp_path_factory.mktemp("reports")
    example.write_logs(out_dir)
    runs = [
        dataclasses.replace(run, moves_taken=example.GREETED) if run.id == "pop3.digest" else run
        for run in example.runs()
    ]
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


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
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
    if browser.find_elements("css selector", ".machine svg"):
        stroke = colour(".machine .edge.fail path", "stroke")
        badge = colour("tr .verdict.fail", "color")
        assert stroke.replace(" ", "") in badge.replace("rgba", "rgb").replace(", 1)", ")").replace(
            " ", ""
        )


def test_words_and_verdicts_narrow_the_list(browser: Any, out_dir: Path) -> None:
    browser.get((out_dir / "index.html").as_uri())
    find(browser, "input[type=search]").send_keys("digest")
    shown = [row for row in browser.find_elements("css selector", "#cases tbody tr") if row.text]
    assert len(shown) == 1 and "pop3.digest" in shown[0].text


def test_no_page_is_wider_than_a_phone_or_complains(browser: Any, out_dir: Path) -> None:
    for path in sorted(out_dir.rglob("*.html")):
        browser.get(path.as_uri())
        wide = "return document.documentElement.scrollWidth - window.innerWidth"
        assert browser.execute_script(wide) <= 0, path.name
    complaints = [row for row in browser.get_log("browser") if "favicon" not in row["message"]]
    assert complaints == []
