"""Whose clock a device believes, and what it does without one."""

from binascii import hexlify

from check import KEY, NOON, WRONG_KEY, Page, body
from days import HOUR, A, B, device
from device_in_memory import Device, clock_header

from inkframe import backoff, seal


def test_the_hosts_clock_is_taken_and_so_is_its_wish_when_to_be_asked():
    made = device(now=NOON - 500)
    made.host.clock = clock_header(NOON + HOUR, NOON + HOUR + 600)
    assert made.wake() == 600
    assert made.clock.seconds == NOON + HOUR
    assert made.panel.shown == B


def test_a_clock_that_is_not_the_hosts_is_refused_with_all_that_came_with_it():
    def late(request):
        return clock_header(NOON + HOUR, NOON + 600)(request).replace("17", "18")

    def replayed(request):
        tag = seal.clock_tag(KEY, b"\xff" * 8, NOON + HOUR, NOON + 600)
        return f"{NOON + HOUR}.{NOON + 600}.{hexlify(tag).decode()}"

    other_key = clock_header(NOON + HOUR, NOON + 600, WRONG_KEY)
    for clock in (late, replayed, other_key, lambda request: f"{NOON}.{NOON}."):
        made = device()
        made.host.clock = clock
        made.wake()
        assert made.clock.seconds == NOON
        assert made.state().error == "auth"
        assert "bundle" not in made.flash.files


def test_nonsense_for_a_clock_is_an_error_like_any_other():
    for key in (KEY, None):
        for text in (
            "now",
            "1",
            "1.2",
            "1.2.3.4",
            "a.b.c",
            "0.0.00",
            "-5.10.00",
            "5.-10.00",
            "99999999999.1.00",
            "1.99999999999.00",
            "99999999999999999999999999.1." + "00" * 16,
            "..",
        ):
            made = device(key=key)
            made.host.clock = lambda request, text=text: text
            made.wake()
            assert made.state().error == "auth", text
            assert made.clock.seconds == NOON


def test_a_device_that_lost_its_clock_asks_and_takes_the_bundles_time_for_want_of_better():
    made = device(now=0)
    made.wake()
    assert made.clock.seconds == NOON
    assert made.panel.shown == A
    made.clock.seconds = 0
    made.wake()
    assert len(made.host.requests) == 2


def test_a_device_without_clock_and_host_tries_ever_more_rarely():
    made = device(now=0)
    made.host.down = True
    waits = [made.wake() for _ in range(12)]
    assert waits[:6] == sorted(waits[:6])
    assert waits[0] >= 60
    assert waits[-1] >= backoff.LONGEST_S


def test_the_date_header_sets_the_clock_only_where_that_is_wanted():
    for trust, expected in ((True, NOON + HOUR), (False, NOON)):
        made = device(trust_date=trust)
        made.host.date = NOON + HOUR
        made.wake()
        assert made.clock.seconds == expected


def test_times_at_the_end_of_their_range_do_no_harm():
    last = 0xFFFFFFFF
    for built_at in (1, NOON, last):
        made = Device()
        made.serve(body([Page(NOON, A)], built_at=built_at, ask_at=last, valid_until=last))
        made.wake()
        made.clock.seconds = last - 10
        made.wake()
        made.host.down = True
        made.clock.seconds = last
        made.wake()
        assert made.state().ask_at >= NOON
