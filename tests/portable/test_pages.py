"""A button for the next page: other pages come with the bundle, and are shown at once, with nobody asked."""

from check import NOON, Page, body, frame_id, picture
from device_in_memory import Device

from inkframe import wire
from inkframe.cycle import NEXT_PAGE, REFRESH

HOUR = 3600
A, B, WEEK, MONTH = (picture(index, 256) for index in range(1, 5))


def device(**more):
    """Shows A, from the next hour on B; has a week and a month beside."""
    made = Device(**more)
    made.serve(
        body(
            [
                Page(NOON, A),
                Page(NOON + HOUR, B, A, wire.FAST),
                Page(wire.FIRST_PAGE, WEEK),
                Page(wire.FIRST_PAGE + 1, MONTH),
            ],
            ask_at=NOON + 8 * HOUR,
        )
    )
    made.wake()
    made.host.down = True
    return made


def test_each_press_shows_the_next_page_and_the_last_leads_back_to_the_first():
    made = device()
    shown = []
    for _ in range(4):
        made.clock.seconds += 10
        made.wake(NEXT_PAGE)
        shown.append(made.panel.shown)
    assert shown == [WEEK, MONTH, A, WEEK]
    assert len(made.host.requests) == 1


def test_the_displays_own_page_is_back_when_it_changes():
    made = device()
    made.clock.seconds += 60
    assert made.wake(NEXT_PAGE) == HOUR - 60
    made.clock.seconds += HOUR - 60
    made.wake()
    assert made.panel.shown == B


def test_a_page_that_would_have_changed_meanwhile_is_the_right_one_when_it_is_back():
    made = device()
    made.clock.seconds += HOUR + 60
    made.wake(NEXT_PAGE)
    assert made.panel.shown == WEEK
    made.wake(NEXT_PAGE)
    made.wake(NEXT_PAGE)
    assert made.panel.shown == B
    assert made.state().held == frame_id(B)


def test_the_button_for_a_refresh_leads_back_to_the_displays_own_page():
    made = device()
    made.wake(NEXT_PAGE)
    made.wake(REFRESH)
    assert made.panel.shown == A
    assert made.panel.refreshes[-1] == wire.FULL


def test_the_host_is_told_of_the_page_beneath_so_that_deltas_fit():
    made = device()
    made.host.down = False
    made.wake(NEXT_PAGE)
    made.serve(body([Page(NOON, A), Page(NOON + 8 * HOUR, MONTH, A)], built_at=NOON), 2)
    made.clock.seconds = NOON + 8 * HOUR
    made.wake()
    assert made.host.requests[-1].held == frame_id(A)
    assert made.panel.shown == MONTH
