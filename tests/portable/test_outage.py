"""Days without a host: frames in time, few wakes, one paint per change."""

from check import NOON, Page, body, picture
from device_in_memory import Device

from inkframe import backoff, wire

HALF_HOUR = 1800
DAY = 86400
FRAMES = [picture(index, 256) for index in range(1, 25)]


def offline(days=5):
    """A device that got a bundle of 24 frames, asks every hour, and then finds nobody for days."""
    pages = [Page(NOON, FRAMES[0])] + [
        Page(NOON + index * HALF_HOUR, FRAMES[index], FRAMES[index - 1], wire.PARTIAL)
        for index in range(1, 24)
    ]
    made = Device()
    made.serve(body(pages, ask_at=NOON + 3600))
    made.wake()
    made.host.down = True
    made.host.requests.clear()
    return made


def test_every_frame_is_shown_in_its_second_with_nobody_to_ask():
    made = offline()
    shown = {}
    while made.clock.seconds < NOON + DAY:
        made.clock.seconds += made.wake()
        made.wake()
        shown.setdefault(made.panel.shown, made.clock.seconds)
    for index in range(1, 24):
        assert shown[FRAMES[index]] == NOON + index * HALF_HOUR


def test_the_page_is_painted_once_per_change_and_stays():
    made = offline()
    made.wake_for(5 * DAY)
    assert len(made.panel.refreshes) == 24
    assert made.panel.shown == FRAMES[-1]


def test_an_outage_of_days_costs_few_wakes_and_fewer_requests():
    made = offline()
    first_day = made.wake_for(DAY)
    requests = len(made.host.requests)
    assert requests <= 10
    assert first_day <= 24 + requests
    later = made.wake_for(4 * DAY)
    assert later <= 4 * 4
    assert len(made.host.requests) == requests + later


def test_the_waits_between_requests_grow_and_have_an_end():
    made = offline()
    times = []
    fetch = made.host.fetch

    def noted(request):
        times.append(made.clock.seconds)
        return fetch(request)

    made.host.fetch = noted
    made.wake_for(5 * DAY)
    waits = [times[index + 1] - times[index] for index in range(len(times) - 1)]
    growing = [wait for wait in waits if wait < backoff.LONGEST_S]
    assert growing == sorted(growing)
    assert waits[: len(growing)] == growing
    assert max(waits) <= backoff.LONGEST_S * 5 // 4


def test_the_host_that_comes_back_is_found_within_the_longest_wait():
    made = offline()
    made.wake_for(3 * DAY)
    back_at = made.clock.seconds
    made.host.down = False
    made.serve(body([Page(back_at, FRAMES[3])], built_at=back_at), 2)
    made.wake_for(backoff.LONGEST_S * 5 // 4)
    made.wake()
    assert made.panel.shown == FRAMES[3]
    assert made.state().failures == 0


def test_the_status_tells_how_long_it_lasted():
    made = offline()
    made.wake_for(3 * DAY)
    failures = made.state().failures
    assert failures == len(made.host.requests)
    assert f"failures={failures - 1};error=transport;" in made.host.requests[-1].status
