"""Chromium for tests of pages, and what a page must keep to be readable.

It is installed by `./mailspec setup ci`; elsewhere these tests are skipped and counted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MOST_WAIT_S = 60
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
NEEDED = [
    pytest.mark.skipif(
        None in (BROWSER, DRIVER), reason="Chromium is not installed: ./mailspec setup ci"
    ),
    pytest.mark.timeout(180),
]


def opened(profile: Path) -> Iterator[Any]:
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
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"user-data-dir={profile}",
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=_service(), options=options)
    browser.set_page_load_timeout(MOST_WAIT_S)
    browser.set_script_timeout(MOST_WAIT_S)
    try:
        yield browser
    finally:
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


def look(browser: Any, width: int, scheme: str) -> None:
    """Makes the window as wide as this, and light or dark."""
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def faults(browser: Any) -> list[str]:
    """What makes the page that is shown hard to read: a sentence each."""
    found: list[str] = browser.execute_script(_FAULTS)
    return found


_FAULTS = (Path(__file__).parent / "faults.js").read_text("utf-8")
