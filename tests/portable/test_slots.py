"""Which application starts, and when the one before it comes back."""

import sys

from check import NOON, raises
from device_in_memory import Flash, PowerCut

from inkframe.errors import StateError
from inkframe.slots import MOST_STARTS, OUTCOMES, RECORD, TAKEN_BACK, Slots

OLD, NEW = NOON, NOON + 60


def updated(flash, version=OLD):
    """A board that runs an update which proved itself."""
    slots = Slots(flash)
    slots.activate(version)
    slots.start()
    slots.confirm()
    return slots


def on_trial(flash):
    updated(flash)
    slots = Slots(flash)
    slots.activate(NEW)
    return slots


def started(flash):
    slots = Slots(flash)
    slots.start()
    return slots


def test_a_board_that_was_never_updated_runs_its_own_and_writes_nothing():
    flash = Flash()
    slots = started(flash)
    assert (slots.folder, slots.version, slots.on_trial) == ("", 0, False)
    assert slots.report() == "app=0"
    assert not flash.files


def test_an_update_goes_into_the_slot_that_does_not_run():
    flash = Flash()
    slots = updated(flash)
    assert (slots.folder, slots.spare_folder, slots.version) == ("a", "b", OLD)
    assert slots.report() == f"app={OLD};update=good.{OLD}"
    slots = updated(flash, NEW)
    assert (slots.folder, slots.spare_folder, slots.version) == ("b", "a", NEW)


def test_a_start_of_a_confirmed_application_writes_nothing():
    flash = Flash()
    updated(flash)
    steps = flash.power.steps
    started(flash)
    assert flash.power.steps == steps


def test_an_application_whose_starts_never_end_makes_place_for_the_one_before():
    flash = Flash()
    on_trial(flash)
    for _ in range(MOST_STARTS):
        slots = started(flash)
        assert (slots.folder, slots.on_trial) == ("b", True)
    slots = started(flash)
    assert (slots.folder, slots.version, slots.on_trial) == ("a", OLD, False)
    assert slots.report() == f"app={OLD};update=hang.{NEW}"
    assert slots.was_taken_back(NEW)
    assert not slots.was_taken_back(OLD)


def test_one_that_crashes_is_taken_back_and_called_so():
    flash = Flash()
    on_trial(flash)
    for _ in range(MOST_STARTS):
        started(flash).crashed()
    assert started(flash).report() == f"app={OLD};update=crash.{NEW}"


def test_one_that_never_reaches_the_host_is_taken_back_in_the_end():
    for asked, most in ((True, 8), (False, 64)):
        flash = Flash()
        on_trial(flash)
        for _ in range(most):
            slots = started(flash)
            assert slots.version == NEW
            slots.ended(asked)
        assert started(flash).report() == f"app={OLD};update=silent.{NEW}"


def test_a_wake_that_ends_starts_the_count_of_starts_anew():
    flash = Flash()
    on_trial(flash)
    for _ in range(4):
        started(flash)
        started(flash).ended(False)
    assert started(flash).version == NEW


def test_a_crash_of_a_confirmed_application_changes_nothing():
    flash = Flash()
    updated(flash).crashed()
    assert started(flash).report() == f"app={OLD};update=good.{OLD}"


def test_an_application_that_cannot_even_be_imported_makes_place_for_the_boards_own():
    flash = Flash()
    updated(flash).distrust()
    slots = started(flash)
    assert (slots.folder, slots.version) == ("", 0)
    assert slots.was_taken_back(OLD)


def test_on_trial_such_a_one_makes_place_for_the_one_before():
    flash = Flash()
    on_trial(flash)
    started(flash).distrust()
    slots = started(flash)
    assert (slots.folder, slots.version, slots.on_trial) == ("a", OLD, False)
    assert slots.report() == f"app={OLD};update=crash.{NEW}"


def test_the_first_update_of_a_board_goes_back_to_its_own_application():
    flash = Flash()
    Slots(flash).activate(NEW)
    for _ in range(MOST_STARTS):
        started(flash)
    slots = started(flash)
    assert (slots.folder, slots.version) == ("", 0)


def test_a_full_image_on_trial_brings_its_own_application_and_goes_with_it():
    flash = Flash()
    updated(flash)
    Slots(flash).activate_image(NEW, 17)
    slots = Slots(flash)
    slots.start(17)
    assert (slots.folder, slots.on_trial, slots.image) == ("", True, 17)
    slots.confirm()
    assert (slots.folder, slots.version, slots.image) == ("", NEW, 0)
    updated(flash, NEW + 60)
    Slots(flash).activate_image(NEW + 90, 16)
    slots = Slots(flash)
    slots.start(17)  # the boot loader went back to the image before
    assert (slots.folder, slots.version, slots.image) == ("a", NEW + 60, 0)
    assert slots.report() == f"app={NEW + 60};update=hang.{NEW + 90}"


def test_what_failed_is_tried_again_at_ever_longer_distance():
    flash = Flash()
    updated(flash)
    tries = [at for at in range(1, 70) if Slots(flash).is_worth_a_try(NEW)]
    assert tries == [1, 2, 4, 8, 16, 32, 64]
    assert Slots(flash).is_worth_a_try(NEW + 60)


def test_only_news_is_news():
    slots = updated(Flash())
    assert slots.note(NEW, "battery")
    assert not slots.note(NEW, "battery")
    assert slots.note(NEW, "auth")


def test_a_damaged_record_counts_as_none():
    flash = Flash()
    updated(flash)
    right = flash.files[RECORD]
    for at in range(len(right)):
        wrong = bytearray(right)
        wrong[at] ^= 0x20
        flash.files[RECORD] = bytes(wrong)
        assert started(flash).folder == ""
    for length in range(len(right)):
        flash.files[RECORD] = right[:length]
        assert started(flash).folder == ""
    flash.files[RECORD] = right + b"\0"
    assert started(flash).folder == ""


def test_a_cut_at_any_step_of_a_change_leaves_the_old_record_or_the_new():
    for change in (
        lambda slots: slots.activate(NEW),
        lambda slots: slots.start(),
        lambda slots: slots.crashed(),
        lambda slots: slots.ended(True),
        lambda slots: slots.confirm(),
    ):
        flash = Flash()
        slots = on_trial(flash)
        before = flash.files[RECORD]
        change(slots)
        after = flash.files[RECORD]
        seen = set()
        for step in range(8):
            flash = Flash()
            slots = on_trial(flash)
            flash.power.cut_at = flash.power.steps + step
            raises_or_not(change, slots)
            seen.add(flash.files[RECORD])
        assert seen == {before, after}


def raises_or_not(change, slots):
    try:
        change(slots)
    except PowerCut:
        return True
    return False


def test_a_flash_that_takes_no_writes_is_a_state_error():
    flash = Flash()
    on_trial(flash)
    flash.full = True
    raises(StateError, started, flash)


def test_imports_find_the_active_application_and_nothing_of_another():
    flash = Flash()
    slots = updated(flash)
    path, modules = sys.path[:], dict(sys.modules)
    try:
        slots.enter()
        assert sys.path[0] == "a"
        assert "inkframe.slots" not in sys.modules
        assert "inkframe" not in sys.modules
        assert "sys" not in modules or "sys" in sys.modules
    finally:
        sys.path[:] = path
        for name in modules:
            sys.modules[name] = modules[name]


def test_every_outcome_that_takes_back_has_a_name():
    assert all(outcome in OUTCOMES for outcome in TAKEN_BACK)
