"""The live page in a browser: sessions of `mailspec serve` appear while they last."""

from __future__ import annotations

import poplib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.serve.page import open_page
from conformance.serve.place import Place
from conformance.serve.sessions import MOST_KEPT, Judgement, Sessions
from conformance.test.report import chromium
from conformance.test.serve.served import served
from conformance.verdict import Verdict

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


def test_the_list_has_no_session_that_is_forgotten(browser: Any) -> None:
    sessions = Sessions()
    with open_page(sessions, [], Place("127.0.0.1", 0)) as url:
        browser.get(url)
        waits(browser, "#state", "live")
        sessions.begin("pop3", "pop3", "", "127.0.0.1:1")  # it lasts
        for _ in range(MOST_KEPT):
            sessions.end(sessions.begin("pop3", "pop3", "", "127.0.0.1:5"), Judgement(Verdict.PASS))
        waits(browser, "#state", f"{MOST_KEPT + 1} sessions")
        for _ in range(3):
            sessions.end(sessions.begin("pop3", "pop3", "", "127.0.0.1:5"), Judgement(Verdict.PASS))
        waits(browser, "#sessions tr:first-child td", str(MOST_KEPT + 4))
        waits(browser, "#state", f"{MOST_KEPT + 1} sessions")
        waits(browser, "#session h2", f"Session {MOST_KEPT + 4}")
        assert chromium.faults(browser) == []
        place = (
            "return document.querySelector('#session h2').getBoundingClientRect().top / innerHeight"
        )
        assert browser.execute_script(place) < 0.8, "the conversation is far below the list"
