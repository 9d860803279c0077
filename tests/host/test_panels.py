"""What every panel keeps, whatever its controller: a new panel module is tested by being there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from modelled_panel import ModelledPanel, noise, with_rows

from calendarbot.agenda import read_agenda
from calendarbot.boards import load_panel, page_size, panel_names
from calendarbot.config import config_from_options
from calendarbot.layouts import View, load
from calendarbot.render import Canvas
from inkframe import wire
from inkframe.errors import PanelError

ROOT = Path(__file__).parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
KINDS = ("full", "fast", "partial")
QUICK = [
    pytest.param(name, refresh, id=f"{name}-{KINDS[refresh]}")
    for name in panel_names()
    for refresh in (wire.FAST, wire.PARTIAL)
    if load_panel(name).refresh_ms[refresh]
]
PARTIAL = [name for name in panel_names() if load_panel(name).refresh_ms[wire.PARTIAL]]
every_panel = pytest.mark.parametrize("name", panel_names())


@every_panel
def test_a_panel_says_all_the_host_needs_to_know(name: str) -> None:
    panel = load_panel(name)
    assert panel.name
    assert panel.controller
    assert panel.rotation in (0, 90, 180, 270)
    assert len(panel.palette) <= 16
    full_ms, fast_ms, partial_ms = panel.refresh_ms
    assert full_ms > fast_ms >= 0
    assert full_ms > partial_ms >= 0
    assert (panel.most_quick_refreshes > 0) == (partial_ms > 0)
    assert panel.most_quick_refreshes <= 10


@every_panel
@pytest.mark.parametrize("hour", [6, 12])
def test_the_agenda_page_fits_on_it(name: str, hour: int) -> None:
    panel = load_panel(name)
    layout = load("agenda")
    size = page_size(panel)
    assert all(has >= least for has, least in zip(size, layout.MIN_SIZE_PX, strict=True))
    canvas = Canvas(*size, palette=panel.palette, bpp=panel.bpp, planes=panel.planes)
    now = datetime(2026, 11, 24, hour, tzinfo=BERLIN)
    midnight = now.replace(hour=0)
    config = config_from_options([ROOT / "tests" / "reference" / "office.ics"])
    agenda = read_agenda(
        config, ["office"], midnight, midnight + timedelta(days=8), BERLIN, strict=True
    )
    layout.draw(canvas, View(agenda, now, "en_GB", "", stale_since=None))
    assert (canvas.clipped, canvas.hidden, canvas.missing) == ([], [], set())
    assert len(canvas.placed) > 10


@every_panel
def test_a_full_refresh_shows_the_frame_whatever_was_there(name: str) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    for seed, held in enumerate((None, noise(panel, 7))):
        frame = noise(panel, seed)
        modelled.show(frame, held, wire.FULL)
        assert modelled.controller.picture() == frame
    assert modelled.controller.refreshes == {"full": 2, "fast": 0, "partial": 0}


@pytest.mark.parametrize(("name", "refresh"), QUICK)
def test_a_quick_refresh_told_what_is_shown_shows_the_new_frame(name: str, refresh: int) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    shown, frame = noise(panel, 1), noise(panel, 2)
    full_ms = modelled.show(shown, None, wire.FULL)
    quick_ms = modelled.show(frame, shown, refresh)
    assert modelled.controller.picture() == frame
    assert modelled.controller.refreshes[KINDS[refresh]] == 1
    assert quick_ms < full_ms


@pytest.mark.parametrize("name", PARTIAL)
def test_a_partial_refresh_told_a_wrong_old_picture_leaves_ghosts(name: str) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    shown, frame = noise(panel, 1), noise(panel, 2)
    modelled.show(shown, None, wire.FULL)
    modelled.show(frame, frame, wire.PARTIAL)
    assert modelled.controller.picture() == shown


@pytest.mark.parametrize("name", PARTIAL)
@pytest.mark.parametrize("place", ["top", "middle", "bottom", "one row", "all"])
def test_a_partial_refresh_takes_any_window_of_rows(name: str, place: str) -> None:
    panel = load_panel(name)
    height = panel.height_px
    top, bottom = {
        "top": (0, 1),
        "middle": (height // 3, height // 2 + 1),
        "bottom": (height - 9, height),
        "one row": (height - 1, height),
        "all": (0, height),
    }[place]
    modelled = ModelledPanel(panel)
    shown = noise(panel, 1)
    frame = with_rows(panel, shown, noise(panel, 2), top, bottom)
    modelled.show(shown, None, wire.FULL)
    modelled.show(frame, shown, wire.PARTIAL, (8, top, 16, bottom - top))
    assert modelled.controller.picture() == frame


@every_panel
def test_a_refresh_it_does_not_have_or_cannot_do_becomes_a_full_one(name: str) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    shown = noise(panel, 0)
    modelled.show(shown, None, wire.PARTIAL)
    full = 1
    for refresh in (wire.FAST, wire.PARTIAL):
        if not panel.refresh_ms[refresh]:
            frame = noise(panel, refresh)
            modelled.show(frame, shown, refresh)
            assert modelled.controller.picture() == frame
            full += 1
    assert modelled.controller.refreshes == {"full": full, "fast": 0, "partial": 0}


@every_panel
def test_it_is_asleep_and_without_power_after_every_refresh(name: str) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    frame = noise(panel, 0)
    for refresh in (wire.FULL, wire.FAST, wire.PARTIAL):
        modelled.show(frame, frame, refresh)
        assert modelled.controller.asleep  # the models refuse deep sleep with the power on


@every_panel
def test_a_busy_line_that_hangs_anywhere_is_an_error_in_time_and_leaves_it_asleep(
    name: str,
) -> None:
    panel = load_panel(name)
    whole = ModelledPanel(panel)
    frame = noise(panel, 0)
    whole.show(frame, None, wire.FULL)
    # Once from the start, once after the refresh began, and at some places between.
    for hangs_after in {0, whole.writes // 2, *range(whole.writes - 6, whole.writes - 3)}:
        modelled = ModelledPanel(panel)
        modelled.busy_after = hangs_after
        began_ms = modelled.board.clock.now_ms
        with pytest.raises(PanelError, match="busy for"):
            modelled.show(frame, None, wire.FULL)
        waited_ms = modelled.board.clock.now_ms - began_ms
        assert waited_ms < 4 * panel.refresh_ms[0] + 20_000
        assert modelled.controller.asleep
        assert modelled.longest_unfed_ms <= 500


@every_panel
def test_a_controller_that_hangs_in_a_refresh_is_reset_and_left_asleep(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    be_busy = modelled.controller._be_busy

    def for_ever(duration_ms: int) -> None:
        be_busy(10**9 if duration_ms >= panel.refresh_ms[0] else duration_ms)

    monkeypatch.setattr(modelled.controller, "_be_busy", for_ever)
    with pytest.raises(PanelError, match="refresh"):
        modelled.show(noise(panel, 0), None, wire.FULL)
    assert modelled.controller.asleep


@every_panel
def test_whichever_transfer_fails_it_is_left_asleep(name: str) -> None:
    panel = load_panel(name)
    frame = noise(panel, 0)
    whole = ModelledPanel(panel)
    whole.show(frame, None, wire.FULL)
    fallen = 0
    # The last command is deep sleep itself.
    for number in {*range(1, 40), *range(whole.writes - 20, whole.writes - 1)}:
        if not 0 < number < whole.writes - 1:
            continue
        modelled = ModelledPanel(panel)
        modelled.fail_at = number
        with pytest.raises(OSError, match="SPI"):
            modelled.show(frame, None, wire.FULL)
        assert modelled.controller.asleep
        fallen += 1
    assert fallen >= 15


@every_panel
def test_the_watchdog_is_fed_all_through_a_refresh(name: str) -> None:
    panel = load_panel(name)
    modelled = ModelledPanel(panel)
    took_ms = modelled.show(noise(panel, 0), None, wire.FULL)
    assert took_ms >= panel.refresh_ms[0]
    assert modelled.longest_unfed_ms <= 500


def test_the_table_of_panels_in_the_documentation_is_that_of_the_code() -> None:
    text = (ROOT / "docs" / "panels.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", text, re.MULTILINE))
    assert sorted(rows) == panel_names()
    for name, row in rows.items():
        panel = load_panel(name)
        size, controller, full, fast, partial, budget, *_ = (
            cell.strip() for cell in row.split("|")
        )
        width, height = page_size(panel)
        assert size.startswith(f"{width} × {height}")
        assert controller == panel.controller
        times = [float(cell) if cell != "–" else 0 for cell in (full, fast, partial)]
        assert times == [duration_ms / 1000 for duration_ms in panel.refresh_ms]
        assert budget == (str(panel.most_quick_refreshes) if panel.most_quick_refreshes else "–")
