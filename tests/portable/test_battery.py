"""A battery that runs down: fewer requests, then a page that says so, then rest until it is charged."""

from check import NOON, Page, body, frame_id, picture
from device_in_memory import Device, PowerCut

from inkframe import wire
from inkframe.battery import CRITICAL, GOOD, LOW, Battery

HOUR = 3600
DAY = 24 * HOUR
A, B, EMPTY = (picture(index, 256) for index in range(1, 4))


def device(kept=True, **more):
    """Shows A, and has B and the page for an empty battery."""
    made = Device(**more)
    pages = [Page(NOON, A), Page(NOON + 2 * HOUR, B, A)]
    if kept:
        pages.append(Page(wire.LOW_BATTERY, EMPTY))
    made.serve(body(pages, ask_at=NOON + HOUR, valid_until=NOON + DAY))
    made.battery_mv = 3900
    made.wake()
    return made


def font(text):
    """Every letter a block."""
    return b"\xff" * (8 * len(text))


def cut_short(function):
    try:
        function()
    except PowerCut:
        return True
    return False


def levels(*millivolts):
    found, level = [], GOOD
    for mv in millivolts:
        level = Battery(mv).level(level)
        found.append(level)
    return found


def test_a_voltage_that_wanders_about_a_limit_does_not_change_the_level_each_time():
    assert levels(3600, 3490, 3520, 3490, 3640, 3660) == [GOOD, LOW, LOW, LOW, LOW, GOOD]
    assert levels(3290, 3310, 3440, 3460, 3700) == [CRITICAL, CRITICAL, CRITICAL, LOW, GOOD]


def test_a_board_without_a_cell_runs_on_its_cable():
    assert levels(0, 40, 1900) == [GOOD, GOOD, GOOD]


def test_a_page_kept_for_an_empty_battery_is_never_shown_at_a_time():
    made = device()
    made.host.down = True
    made.wake_for(30 * DAY)
    assert made.panel.shown == B
    made.clock.seconds = 0xFFFFFEFF
    made.wake()
    assert made.panel.shown == B


def test_with_a_low_battery_the_host_is_asked_less_often_and_pages_come_in_time():
    for mv, most in ((3900, 24), (3450, 4)):
        made = device()
        made.battery_mv = mv
        made.serve(
            body([Page(NOON, A), Page(NOON + 2 * HOUR, B, A)], ask_at=NOON + HOUR, retry_s=60), 2
        )
        made.wake_for(DAY)
        assert most - 2 <= len(made.host.requests) - 1 <= most + 1, mv
        assert made.panel.shown == B


def test_a_low_battery_does_not_let_the_pages_run_out():
    made = Device()
    made.battery_mv = 3450
    made.serve(body([Page(NOON, A)], ask_at=NOON + HOUR, valid_until=NOON + 2 * HOUR))
    made.wake()
    assert made.state().ask_at == NOON + 2 * HOUR


def test_an_empty_battery_shows_its_page_once_and_then_nothing_more_happens():
    made = device()
    made.battery_mv = 3250
    made.clock.seconds += 2 * HOUR
    writes = made.power.steps
    assert made.wake() == Battery.check_s
    assert made.panel.shown == EMPTY
    refreshes, asked, steps = len(made.panel.refreshes), len(made.host.requests), made.power.steps
    assert steps > writes
    for _ in range(48):
        made.clock.seconds += Battery.check_s
        made.wake("refresh")
    assert (len(made.panel.refreshes), len(made.host.requests)) == (refreshes, asked)
    assert made.power.steps == steps, "an empty battery went into the flash"


def test_a_charged_battery_brings_the_page_back_even_with_nobody_to_ask():
    made = device()
    made.battery_mv = 3250
    made.wake()
    made.battery_mv = 3420
    made.wake()
    assert made.panel.shown == EMPTY
    made.host.down = True
    made.battery_mv = 3900
    made.clock.seconds += 2 * HOUR
    made.wake()
    assert made.panel.shown == B
    assert made.panel.refreshes[-1] == wire.FULL


def test_a_charged_battery_brings_back_the_very_page_that_was_there():
    for rows in ({}, {"frame_ram_bytes": 192}):
        made = device(kept=not rows, **rows)
        made.font = font
        if rows:
            pages = [Page(NOON, A, band_bytes=96), Page(wire.LOW_BATTERY, EMPTY, band_bytes=96)]
            made.serve(body(pages, band_rows=12), 2)
            made.clock.seconds += HOUR
            made.wake()
        made.battery_mv = 3250
        made.wake()
        assert made.panel.shown == EMPTY
        made.battery_mv = 3900
        made.wake()
        assert made.panel.shown == A
        assert made.state().held == frame_id(A)


def test_without_a_page_of_its_own_a_mark_says_that_the_battery_is_empty():
    made = device(kept=False)
    made.font = font
    made.battery_mv = 3250
    made.wake()
    assert made.panel.shown not in (A, B, EMPTY)
    assert made.panel.shown[:64] == A[:64], "the mark covers the upper part of the page"
    made.battery_mv = 3900
    made.wake()
    assert made.panel.shown == A


def test_a_panel_that_fails_with_an_empty_battery_is_not_tried_again_and_again():
    made = device()
    made.battery_mv = 3250
    made.panel.broken = True
    made.wake()
    tries = made.power.steps
    made.wake()
    assert made.power.steps == tries
    made.panel.broken = False
    made.battery_mv = 3900
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == A


def test_the_power_may_fail_at_any_step_of_that():
    for step in range(30):
        made = device()
        made.battery_mv = 3250
        made.power.cut_at = made.power.steps + step
        cut_short(made.cycle().run)
        made.power.cut_at = -1
        made.wake()
        assert made.panel.shown == EMPTY
        made.battery_mv = 3900
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == A
