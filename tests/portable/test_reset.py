"""Factory reset: when it is asked for, and what is left."""

import json

from check import raises
from device_in_memory import Flash, Power, PowerCut
from test_device_config import text

from inkframe import reset
from inkframe.memory import Memory


class Button:
    """Held from the first look until `until_ms` of a time that passes by sleeping."""

    def __init__(self, until_ms):
        self.now_ms = 0
        self.fed = 0
        self._until_ms = until_ms

    def held(self):
        return self.now_ms < self._until_ms

    def asked(self):
        kept = reset.sleep_ms, reset.ticks_ms, reset.ticks_diff
        reset.sleep_ms = self._sleep
        reset.ticks_ms = lambda: self.now_ms
        reset.ticks_diff = lambda a, b: a - b
        try:
            return reset.is_asked_for(self.held, self._feed)
        finally:
            reset.sleep_ms, reset.ticks_ms, reset.ticks_diff = kept

    def _sleep(self, duration_ms):
        self.now_ms += duration_ms

    def _feed(self):
        self.fed += 1


def test_a_button_that_is_held_for_ten_seconds_and_let_go_asks_for_it():
    for until_ms, asked in ((0, False), (9900, False), (10000, True), (25000, True)):
        assert Button(until_ms).asked() == asked, until_ms


def test_a_button_that_is_stuck_does_not():
    button = Button(10**9)
    assert not button.asked()
    assert button.now_ms <= 31000
    assert button.fed > 500


def test_no_button_costs_no_time():
    button = Button(0)
    button.asked()
    assert button.now_ms == 0


def device(power=None):
    flash = Flash(power)
    flash.files.update(dict.fromkeys(reset.REMEMBERED, b"of before"))
    flash.files["config.json"] = text(buttons={"refresh": 2}).encode()
    flash.files.update({"main.py": b"the application", "slots": b"which one"})
    return flash, Memory("", flash)


def test_the_application_and_the_wiring_stay_and_nothing_else():
    flash, memory = device()
    reset.forget(memory)
    assert sorted(flash.files) == ["board.json", "main.py", "slots"]
    wiring = json.loads(flash.files["board.json"])
    assert sorted(wiring) == ["buttons", "longest_sleep_s", "panel", "pins", "spi"]
    assert wiring["pins"] == {"cs": 5, "dc": 17, "reset": 16, "busy": 4}


def test_a_configuration_that_cannot_be_read_is_taken_away_and_the_boards_description_kept():
    flash, memory = device()
    flash.files["config.json"] = b"{damaged"
    flash.files["board.json"] = b"{}"
    reset.forget(memory)
    assert sorted(flash.files) == ["board.json", "main.py", "slots"]
    assert flash.files["board.json"] == b"{}"


def test_after_a_power_cut_at_any_step_nothing_of_the_old_display_outlives_its_configuration():
    cut_at = 0
    while True:
        power = Power()
        flash, memory = device(power)
        power.cut_at = cut_at
        try:
            reset.forget(memory)
        except PowerCut:
            cut_at += 1
            if "config.json" not in flash.files:
                assert not any(name in flash.files for name in reset.REMEMBERED)
                assert "board.json" in flash.files
            continue
        break
    assert cut_at > 8


def test_a_flash_that_takes_no_writes_keeps_everything():
    flash, memory = device()
    flash.read_only = True
    raises(Exception, reset.forget, memory)
    assert "config.json" in flash.files
