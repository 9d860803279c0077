"""Which frame is due, and how long a device sleeps."""

from check import NOON, Page, body, picture

from inkframe import schedule, wire

FRAMES = [picture(index, 256) for index in range(3)]


def table(*times):
    raw = body([Page(time, FRAMES[0], payload=b"x") for time in times])
    return wire.Table(raw, len(raw))


def test_no_frame_is_due_before_the_first_ones_time():
    assert schedule.due(table(NOON, NOON + 60), NOON - 1) == schedule.NONE_DUE
    assert schedule.due(table(NOON, NOON + 60), 0) == schedule.NONE_DUE


def test_a_frame_is_due_from_its_second_until_the_next_ones():
    three = table(NOON, NOON + 60, NOON + 90)
    assert [schedule.due(three, NOON + at) for at in (0, 59, 60, 89, 90, 91)] == [0, 0, 1, 1, 2, 2]


def test_the_last_frame_stays_due():
    assert schedule.due(table(NOON, NOON + 60), 0xFFFFFFFF) == 1


def test_of_frames_with_the_same_moment_the_last_is_due():
    assert schedule.due(table(NOON, NOON, NOON), NOON) == 2


def test_the_next_change_is_the_next_frame_that_is_not_due_yet():
    three = table(NOON, NOON + 60, NOON + 90)
    assert schedule.next_change(three, NOON - 1) == NOON
    assert schedule.next_change(three, NOON) == NOON + 60
    assert schedule.next_change(three, NOON + 60) == NOON + 90


def test_after_the_last_frame_nothing_changes():
    assert schedule.next_change(table(NOON, NOON + 60), NOON + 60) == 0


def test_a_device_sleeps_until_whatever_comes_first():
    assert schedule.sleep_s(NOON, NOON + 60, NOON + 90) == 60
    assert schedule.sleep_s(NOON, NOON + 90, NOON + 60) == 60
    assert schedule.sleep_s(NOON, 0, NOON + 60) == 60


def test_a_sleep_is_never_too_short_to_be_worth_it():
    for ask_at in (0, NOON - 1000, NOON, NOON + 4):
        assert schedule.sleep_s(NOON, 0, ask_at) == schedule.SHORTEST_SLEEP_S


def test_a_sleep_is_never_longer_than_any_host_means():
    assert schedule.sleep_s(NOON, 0, 0xFFFFFFFF) == schedule.FARTHEST_ASK_S


def test_a_frame_kept_for_a_state_is_no_change_to_wake_for():
    both = table(NOON, wire.LOW_BATTERY)
    assert schedule.next_change(both, NOON) == 0
    assert schedule.due(both, NOON + 60) == 0
    assert schedule.kept(both, wire.LOW_BATTERY) == 1
    assert schedule.kept(table(NOON), wire.LOW_BATTERY) == schedule.NONE_DUE


def test_a_clock_that_fell_back_does_not_silence_the_device():
    ask_at = 1_800_000_000
    assert not schedule.ask_due(ask_at - 3600, ask_at)
    assert schedule.ask_due(ask_at, ask_at)
    assert schedule.ask_due(0, ask_at)
    assert schedule.ask_due(ask_at - 365 * 86400, ask_at)
