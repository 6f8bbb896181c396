"""The page of a survey in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.survey import page
from conformance.survey.clients import LeftOut
from conformance.test.report import chromium
from conformance.test.survey.test_survey import stand

pytest.importorskip("selenium", reason="python3-selenium is not installed: ./mailspec setup ci")
pytestmark = chromium.NEEDED

VERSION = "This is a client, release 6.4.37" + "+FEATURE+SDPS+NTLM" * 9


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from chromium.opened(tmp_path_factory.mktemp("chromium"))


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-two clients, and one that is missing."""
    clients = [replace(stand(), name=f"a-client-{n}", version=VERSION) for n in range(22)]
    suite = {"version": "1", "cases": 2789, "variants": ["whole", "octets"]}
    path = tmp_path_factory.mktemp("survey") / "clients.html"
    left_out = [LeftOut("swaks", "swaks is not installed")]
    path.write_text(page.render("html", clients, left_out, suite), "utf-8")
    return path


@pytest.mark.parametrize("scheme", chromium.SCHEMES)
@pytest.mark.parametrize("width", chromium.WIDTHS)
def test_it_can_be_read(browser: Any, page: Path, width: int, scheme: str) -> None:
    chromium.look(browser, width, scheme)
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert chromium.faults(browser) == []


def test_the_name_stays_beside_its_numbers_and_leads_to_the_causes(
    browser: Any, page: Path
) -> None:
    chromium.look(browser, 390, "light")
    browser.get(page.as_uri())
    row = browser.find_element("css selector", "tbody tr")
    name, version = (row.find_element("css selector", each) for each in ("th", "summary"))
    assert version.text == "This is a client, release 6.4.37 ..."
    browser.execute_script("document.querySelector('.box').scrollTo(200, 0)")
    left = "return document.querySelector('.box').scrollLeft"
    place = "return arguments[0].getBoundingClientRect().left"
    assert browser.execute_script(left) == 200 and browser.execute_script(place, name) >= 0
    name.find_element("css selector", "a").click()
    assert browser.current_url.endswith(f"#{name.text}")
    assert browser.find_element("css selector", "section:target h3").text == name.text
