"""A crash is kept until the host has heard of it, wears nothing out and tells no secret."""

from check import NOON, Page, body, picture
from device_in_memory import Device, Flash, clock_header

from inkframe.crash import MOST_TIMES, CrashLog, describe
from inkframe.memory import Memory


def crash():
    raise ValueError("secret = hunter2")


def caught():
    try:
        crash()
    except ValueError as error:
        return error


def device():
    made = Device()
    made.serve(body([Page(NOON, picture(1, 256))]))
    made.host.clock = clock_header(NOON, NOON + 3600)
    return made


def test_a_crash_is_told_by_its_type_and_place_and_never_by_its_message():
    told = describe(caught())
    assert told.startswith("ValueError@")
    assert "test_crash.py:" in told
    assert int(told.split(":")[-1]) > 10
    assert "hunter2" not in told


def test_what_is_told_keeps_to_the_characters_of_a_status():
    class Größe(Exception):  # noqa: N818  # no error of the program
        pass

    told = describe(Größe())
    assert all(32 < ord(each) < 127 and each not in ";=*" for each in told)
    assert len(told) <= 80


def test_a_crash_goes_up_with_the_next_request_that_is_answered_and_only_once():
    made = device()
    CrashLog(made.memory()).note("ValueError@a.py:7")
    CrashLog(made.memory()).note("ValueError@a.py:7")
    made.host.down = True
    made.clock.seconds += made.wake()
    made.host.down = False
    made.wake()
    made.clock.seconds += 3600
    made.wake()
    lost, heard, later = made.host.requests
    assert ";crash=ValueError@a.py:7*2;" in lost.status
    assert ";crash=ValueError@a.py:7*2;" in heard.status
    assert "crash" not in later.status


def test_a_static_server_that_hears_nothing_does_not_make_it_forget():
    made = device()
    made.host.clock = None
    CrashLog(made.memory()).note("watchdog")
    made.wake()
    assert "crash" in made.flash.files


def test_a_crash_in_every_wake_sleeps_longer_each_time_and_is_written_a_few_times_only():
    flash = Flash()
    waits, writes = [], 0
    for _ in range(40):
        memory = Memory("", flash)
        waits.append(CrashLog(memory).note("ValueError@a.py:7"))
        writes += memory.writes
    assert writes == MOST_TIMES
    assert waits[0] <= 75
    assert waits[:7] == sorted(waits[:7])
    assert 6 * 3600 <= waits[-1] <= 8 * 3600


def test_a_log_that_is_damaged_counts_as_none():
    for damaged in (b"", b"\xff\xfe", b"many words", b" "):
        flash = Flash()
        flash.files["crash"] = damaged
        log = CrashLog(Memory("", flash))
        assert log.pair() == ""
        log.note("again")
        assert log.pair() == "crash=again*1;"
