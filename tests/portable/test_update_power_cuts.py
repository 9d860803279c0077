"""A device whose power is lost anywhere in an update, or in the way back from one, runs and says why."""

from check import frame_id
from device_in_memory import PowerCut, clock_header
from updated_device import FILES, FIRST, NEXT, A, asks_again, crashes, device, hangs, offer, runs

from inkframe.slots import TAKEN_BACK


def cut(made, step):
    made.power.cut_at = made.power.steps + step
    try:
        while made.start() is None:
            pass
    except PowerCut:
        made.power.cut_at = -1
        made.host.open_replies = 0
        made.check_belief()
        return True
    made.power.cut_at = -1
    return False


def offered(version, starts=None):
    made = device(version)
    if starts:
        made.starts[NEXT] = starts
    offer(made)
    made.clock.seconds = made.state().ask_at
    return made


def steps_of(version, starts=None):
    made = offered(version, starts)
    before = made.power.steps
    made.settle()
    return made.power.steps - before


def whole(made):
    """The application that is active is there whole, unless it is the board's own."""
    folder = made.slots().folder
    return not folder or all(made.flash.files[folder + "/" + path] == raw for path, raw in FILES)


def test_after_a_cut_at_any_step_of_an_update_it_runs_and_ends_up_updated():
    for version in (0, FIRST):
        for step in range(steps_of(version)):
            made = offered(version)
            assert cut(made, step)
            assert whole(made)
            for _ in range(4):
                asks_again(made)
                made.clock.seconds += 3600
            assert whole(made)
            runs(made, NEXT, f"update=good.{NEXT}")
            assert made.state().held == frame_id(A)


def test_after_a_cut_at_any_step_of_a_rollback_the_application_before_runs():
    for starts in (crashes, hangs):
        for step in range(steps_of(FIRST, starts)):
            made = offered(FIRST, starts)
            assert cut(made, step)
            assert whole(made)
            for _ in range(4):
                asks_again(made)
                made.clock.seconds += 3600
            assert made.slots().version == FIRST
            outcome = made.slots().report().split("update=")[1].split(".")[0]
            assert outcome in TAKEN_BACK
            runs(made, FIRST, "update=" + outcome)


def test_the_same_when_the_clock_was_lost_with_the_power():
    for step in range(0, steps_of(FIRST), 3):
        made = offered(FIRST)
        now = made.clock.seconds
        assert cut(made, step)
        made.clock.seconds = 0
        made.host.clock = clock_header(now, now + 3600)
        made.settle()
        made.host.clock = clock_header(now + 3600, now + 7200)
        for _ in range(3):
            asks_again(made)
        assert made.slots().version == NEXT
