"""The power fails at any step of a wake: what comes after must not depend on where."""

from check import NOON, Page, body, frame_id, picture
from device_in_memory import Device, PowerCut, clock_header

from inkframe import wire

A, B, C, D = (picture(index, 256) for index in range(1, 5))
LATER = NOON + 7200


class Room:
    """How a device makes frames of 32 rows of 8 bytes: whole, or in bands of some rows, from file to file."""

    def __init__(self, band_rows):
        self.band_rows = band_rows
        self.of = {"frame_ram_bytes": 2 * 8 * band_rows} if band_rows else {}
        self.cut = {"band_bytes": 8 * band_rows}


WHOLE, IN_BANDS = Room(0), Room(12)


def old_day(how):
    pages = [Page(NOON, A, **how.cut), Page(NOON + 3600, B, A, wire.PARTIAL, **how.cut)]
    return body(pages, band_rows=how.band_rows, ask_at=LATER)


def new_day(how):
    pages = [
        Page(NOON, B, **how.cut),
        Page(LATER, C, B, wire.PARTIAL, **how.cut),
        Page(LATER + 3600, D, C, wire.FAST, **how.cut),
    ]
    return body(pages, band_rows=how.band_rows, built_at=LATER)


def first_wake(how):
    """A device out of the box; what it should show."""
    made = Device(now=0, **how.of)
    made.serve(new_day(how), 2)
    made.host.clock = clock_header(LATER, LATER + 86400)
    return made, C


def timed_frame(how):
    """A device that has the frame to show already."""
    made = Device(**how.of)
    made.serve(old_day(how), 1)
    made.wake()
    made.clock.seconds = NOON + 3600
    return made, B


def new_bundle(how=WHOLE):
    """A device that asks, gets a bundle and shows its frame."""
    made, _ = timed_frame(how)
    made.wake()
    made.serve(new_day(how), 2)
    made.clock.seconds = LATER
    return made, C


def lost_frame(how):
    """A device that refuses what it holds, asks, and tries again."""
    made, _ = new_bundle(how)
    made.wake()
    raw = bytearray(made.flash.files["bundle"])
    raw[-12] ^= 255
    made.flash.files["bundle"] = bytes(raw)
    made.clock.seconds = LATER + 3600
    return made, D


def situation_of(begin, how):
    return lambda: begin(how)


SITUATIONS = [
    situation_of(begin, how)
    for how in (WHOLE, IN_BANDS)
    for begin in (first_wake, timed_frame, new_bundle, lost_frame)
]


def steps_of(situation):
    made, _ = situation()
    before = made.power.steps
    made.wake()
    return made.power.steps - before


def cut(made, step):
    """One wake with the power failing at that step; whether it did."""
    made.power.cut_at = made.power.steps + step
    try:
        made.cycle().run()
    except PowerCut:
        made.power.cut_at = -1
        made.host.open_replies = 0
        made.check_belief()
        return True
    made.power.cut_at = -1
    return False


def recovers(made, shown):
    """Within a wake; where the host was asked before the damage was found, within the next one."""
    asleep_s = made.wake()
    if made.panel.shown != shown:
        assert asleep_s < 90
        made.clock.seconds += asleep_s
        made.wake()
    assert made.panel.shown == shown
    assert made.state().held == frame_id(shown)
    refreshes = len(made.panel.refreshes)
    made.wake()  # and then there is nothing left to do
    assert len(made.panel.refreshes) == refreshes


def test_without_a_cut_each_of_these_situations_ends_well():
    for situation in SITUATIONS:
        made, shown = situation()
        recovers(made, shown)
        assert steps_of(situation) >= 10


def test_after_a_cut_at_any_step_the_next_wake_shows_the_frame_that_is_due():
    for situation in SITUATIONS:
        for step in range(steps_of(situation)):
            made, shown = situation()
            assert cut(made, step)
            recovers(made, shown)


def test_the_same_when_the_clock_was_lost_with_the_power():
    for situation in SITUATIONS:
        for step in range(steps_of(situation)):
            made, shown = situation()
            now = made.clock.seconds or LATER
            cut(made, step)
            made.clock.seconds = 0
            made.host.clock = clock_header(now, now + 3600)
            recovers(made, shown)


def test_a_cut_during_the_recovery_from_a_cut_is_recovered_from_too():
    for situation in SITUATIONS:
        steps = steps_of(situation)
        for first in range(0, steps, 3):
            for second in range(0, steps + 5, 4):
                made, shown = situation()
                cut(made, first)
                cut(made, second)
                recovers(made, shown)


def test_cuts_without_end_never_make_it_believe_what_is_not_so():
    made, shown = new_bundle()
    for step in range(80):
        cut(made, step % 37)
    recovers(made, shown)


def test_with_the_host_away_after_a_cut_a_frame_that_was_sent_is_still_shown():
    for step in range(steps_of(new_bundle)):
        made, shown = new_bundle()
        cut(made, step)
        made.host.down = True
        made.wake()
        assert made.panel.shown in (B, shown)
        made.host.down = False
        made.clock.seconds += 60
        made.clock.seconds += made.wake()
        recovers(made, shown if made.clock.seconds < LATER + 3600 else D)


def test_a_frame_is_forgotten_before_the_panel_is_touched_and_known_again_only_after():
    made, _ = new_bundle()
    held = []
    show = made.panel.show

    def looks(*args):
        held.append(made.state().held)
        show(*args)
        held.append(made.state().held)

    made.panel.show = looks
    made.wake()
    held.append(made.state().held)
    assert held == [wire.NO_FRAME, wire.NO_FRAME, frame_id(C)]


def test_a_bundle_half_received_never_gets_its_name():
    made, _ = new_bundle()
    old = made.flash.files["bundle"]
    seen = set()
    for step in range(steps_of(new_bundle)):
        made, _ = new_bundle()
        cut(made, step)
        seen.add(made.flash.files["bundle"])
    made, _ = new_bundle()
    made.wake()
    assert seen == {old, made.flash.files["bundle"]}
