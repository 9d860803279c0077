"""The server's pages in Chromium: what a person sees, on a desk and on a telephone."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import sync_playwright

from calendarbot.config import config_from_options
from calendarbot.publish import publish_display
from calendarbot.server import run
from calendarbot.server.app import create_app
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"a desk": (1280, 800), "a telephone": (320, 640)}

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on PATH; on Debian: sudo apt install chromium"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    store = FolderStore(tmp_path_factory.mktemp("out"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        publish_display(store, config, "display", NINE, 2)
        display = served_display(config, "display", store)
    app = create_app({"display": display}, lambda: NINE.timestamp() + 60)
    with run.background(app) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module", params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page of all displays, opened, with what the browser complained about in `page.complaints`."""
    width_px, height_px = SIZES[request.param]
    opened = browser.new_page(viewport={"width": width_px, "height": height_px})
    opened.complaints = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("requestfailed", lambda asked: opened.complaints.append(asked.url))
    opened.goto(address)
    yield opened
    opened.close()


def test_the_picture_on_the_panel_is_there_and_described(page: Page) -> None:
    picture = page.locator("a.panel img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 800
    assert picture.get_attribute("alt")


def test_nothing_reaches_beyond_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_browser_has_nothing_to_complain_about(page: Page) -> None:
    assert page.complaints == []


def test_dark_and_light_are_told_apart(page: Page) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        seen.add(page.evaluate("getComputedStyle(document.body).color"))
    assert len(seen) >= 2
