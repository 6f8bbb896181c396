"""The live page in a browser: sessions of `mailspec serve` appear while they last."""

from __future__ import annotations

import poplib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.test.report import chromium
from conformance.test.serve.served import served

pytest.importorskip("selenium", reason="python3-selenium is not installed: ./mailspec setup ci")
pytest.importorskip("aiohttp", reason="python3-aiohttp is not installed: ./mailspec setup page")
pytestmark = chromium.NEEDED


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from chromium.opened(tmp_path_factory.mktemp("chromium"))


def waits(browser: Any, selector: str, text: str) -> None:
    """Until an element has this text; the page may replace its elements meanwhile."""
    from selenium.webdriver.support.wait import WebDriverWait

    look = (
        "return [...document.querySelectorAll(arguments[0])]"
        ".some(each => each.innerText.includes(arguments[1]))"
    )
    WebDriverWait(browser, chromium.MOST_WAIT_S).until(
        lambda _: browser.execute_script(look, selector, text), f"no {text!r} in {selector}"
    )


@pytest.mark.parametrize("scheme", chromium.SCHEMES)
@pytest.mark.parametrize("width", chromium.WIDTHS)
def test_a_session_appears_while_it_lasts(browser: Any, width: int, scheme: str) -> None:
    with served("--pop3", "--http", "0", count=1) as server:
        assert server.process.stdout is not None
        lines = iter(server.process.stdout.readline, "")
        url = next(found[1] for line in lines if (found := re.match(r"page: (\S+)", line)))
        chromium.look(browser, width, scheme)
        browser.get(url)
        waits(browser, "#state", "live")
        client = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=30)
        client.user("user")
        waits(browser, "#session", "USER user")
        waits(browser, "#sessions .verdict", "live")
        client.quit()
        waits(browser, "#session", "QUIT")
        waits(browser, "#sessions .verdict", "PASS")
        waits(browser, "#session h2 .verdict", "PASS")
        assert chromium.faults(browser) == []
        client = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=30)
        client.close()
        waits(browser, "#sessions tr:first-child td:first-child", "2")
        browser.execute_script("document.querySelector('#sessions tr:last-child button').click()")
        waits(browser, "#session h2", "Session 1")
    complaints = [row["message"] for row in browser.get_log("browser")]
    assert [text for text in complaints if "favicon" not in text and "/events" not in text] == []
