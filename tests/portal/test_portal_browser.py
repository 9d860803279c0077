"""Without a cable: a real browser, the size of a phone, meets the firmware of a board that knows nothing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot.boards import load_board, load_panel
from calendarbot.config import config_from_options
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice
from calendarbot.keys import display_key
from calendarbot.provision import pairing_code
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore
from inkframe.config import Config as DeviceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fresh_board import Board
    from playwright.sync_api import Browser, Page

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
PHONE = {"width": 390, "height": 844}


@contextmanager
def phone(browser: Browser, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=scripts
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def trouble(page: Page) -> str:
    return page.get_by_role("alert").inner_text()


def test_a_phone_without_scripts_sets_a_display_up_and_it_shows_the_calendar(
    board: Board, browser: Browser, tmp_path: Path
) -> None:
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    store = FolderStore(tmp_path / "out")
    published = publish_display(store, config, "display", NINE, 1)
    app = create_app({"display": served_display(config, "display", store)}, NINE.timestamp)
    key = display_key(config, "display")
    with background(app) as server, phone(browser, scripts=False) as page:
        code = pairing_code(config, "display", server, int(NINE.timestamp()))
        page.goto(board.url)
        page.get_by_label("home").check()
        page.get_by_label("Password of the network").fill("sword-fish")
        page.get_by_label("The pairing code").fill(code)
        page.get_by_role("button", name="Connect").click()
        assert trouble(page) == (
            "The display could not join home: the Wi-Fi password is not right."
        )
        assert not (board.flash / "config.json").exists()
        assert page.get_by_label("home").is_checked()
        assert page.get_by_label("The pairing code").input_value() == code

        page.get_by_label("Password of the network").fill("swordfish")
        page.get_by_role("button", name="Connect").click()
        assert page.get_by_role("heading").inner_text() == "Done"

        printed = board.ended()
        assert printed.endswith("portal: configured\nrestarted\n")
        assert "swordfish" not in printed
        text = (board.flash / "config.json").read_text()
        given = DeviceConfig(text)
        assert (given.display, given.server, given.key) == ("display", server, key)
        assert given.wifi == {"ssid": "home", "password": "swordfish"}

        pins = load_board("simulated").pins
        panel = load_panel(given.panel)
        device = SimulatedDevice(
            panel, pins, board.flash, VirtualClock(int(NINE.timestamp()) * 1000)
        )
        woke = next(device.live(int(NINE.timestamp()) + 1))
    assert woke.picture.id == published.manifest.due(int(NINE.timestamp())).id, woke.log


def test_a_scanned_code_fills_the_form_and_leaves_the_address_bar(
    board: Board, browser: Browser
) -> None:
    with phone(browser, scripts=True) as page:
        page.goto(board.url + "#AQIDBA")
        assert page.get_by_label("The pairing code").input_value() == "AQIDBA"
        assert page.url == board.url
        page.get_by_label("Password of the network").fill("shown")
        page.get_by_label("Show the password").check()
        assert page.get_by_label("Password of the network").get_attribute("type") == "text"
        page.get_by_label("guests").check()
        page.get_by_label("Password of the network").press("Enter")
        assert trouble(page) == "The code is not complete. Copy all of it."


def test_a_new_look_at_the_networks_keeps_what_was_typed(board: Board, browser: Browser) -> None:
    with phone(browser, scripts=False) as page:
        page.goto(board.url)
        assert page.get_by_role("radio").count() == 2
        (board.flash / "air.json").write_text(json.dumps([["next door", ""]]))
        page.get_by_label("The pairing code").fill("half a co")
        page.get_by_role("button", name="Look again").click()
        assert page.get_by_role("radio").get_attribute("value") == "next door"
        assert page.get_by_label("The pairing code").input_value() == "half a co"


def test_nothing_on_the_page_is_wider_than_a_small_phone(board: Board, browser: Browser) -> None:
    (board.flash / "air.json").write_text(json.dumps([["W" * 32, "x"]]))
    with phone(browser, scripts=True) as page:
        page.set_viewport_size({"width": 320, "height": 568})
        page.goto(board.url)
        page.get_by_role("button", name="Look again").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        for target in page.locator("button:visible, li label, summary, input.text").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44
