"""What a device writes to its flash: nothing without need, since sectors bear some 100,000 erasures."""

from check import NOON, Page, body, picture, raises
from device_in_memory import Device, clock_header

from inkframe import wire
from inkframe.errors import StateError

HOUR = 3600
FRAMES = [picture(index, 256) for index in range(1, 9)]


def day():
    """A device on an office's day: eight pages, an hour apart; asked every two hours."""
    pages = [Page(NOON, FRAMES[0])] + [
        Page(NOON + index * HOUR, FRAMES[index], FRAMES[index - 1], wire.PARTIAL)
        for index in range(1, 8)
    ]
    made = Device()
    made.serve(body(pages, ask_at=NOON + 2 * HOUR))
    made.wake()
    return made


def wake_and_count(made):
    """(files written, bytes) of one wake."""
    memory = made.memory()
    made.memory = lambda: memory
    made.wake()
    del made.memory
    return memory.writes, memory.written_bytes


def test_a_wake_with_nothing_to_do_writes_nothing():
    made = day()
    made.clock.seconds += 60
    assert wake_and_count(made) == (0, 0)


def test_unchanged_writes_one_small_record():
    made = Device()
    made.serve(body([Page(NOON, FRAMES[0])], ask_at=NOON + 2 * HOUR))
    made.wake()
    made.clock.seconds += 2 * HOUR
    writes, written = wake_and_count(made)
    assert len(made.host.requests) == 2
    assert writes == 1
    assert written <= 200


def test_a_page_costs_its_frame_and_two_small_records():
    made = day()
    made.clock.seconds += HOUR
    writes, written = wake_and_count(made)
    assert made.panel.shown == FRAMES[1]
    assert writes == 3
    assert written <= 256 + 2 * 200


def test_a_day_of_eight_pages_and_twelve_requests_writes_few_files():
    made = day()
    writes = 0
    until = NOON + 24 * HOUR
    made.clock.seconds = NOON
    while made.clock.seconds < until:
        made.host.clock = clock_header(made.clock.seconds, made.clock.seconds + 2 * HOUR)
        memory = made.memory()
        made.memory = lambda memory=memory: memory
        asleep_s = made.wake()
        del made.memory
        writes += memory.writes
        made.clock.seconds += asleep_s
    assert writes <= 7 * 3 + 12


def test_a_state_that_could_not_be_written_is_written_the_next_time():
    made = day()
    memory = made.memory()
    state = memory.load()
    state.wakes += 1
    made.flash.full = True
    raises(StateError, memory.save, state)
    made.flash.full = False
    memory.save(state)
    assert made.state().wakes == state.wakes
