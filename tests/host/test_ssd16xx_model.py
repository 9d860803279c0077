"""The modelled SSD16xx shows what a panel would, and refuses what would harm one."""

from __future__ import annotations

import pytest

from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.controllers import ControllerError
from calendarbot.emulator.controllers.ssd16xx import Controller
from calendarbot.errors import DeviceError
from inkframe.panels._ssd16xx import SSD16xx, partial_waveform

Sent = list[tuple[int, bytes]]


class Small(SSD16xx):
    controller = "SSD1680"
    width_px = 20
    height_px = 10
    refresh_ms = (2000, 1500, 400)


class NoPartialInOtp(Small):
    waveform = ((0x32, b""),)


class UpsideDown(Small):
    controller = "SSD1677"
    x_in_pixels = True
    last_row_first = True


class NoFast(Small):
    refresh_ms = (2000, 0, 400)


WHITE = b"\xff\xff\xf0" * 10
BLACK = bytes(30)
PATTERN = bytes(range(30))
SHOWN = bytes(b & m for b, m in zip(PATTERN, WHITE, strict=True))
TO_FIRST: Sent = [(0x4E, b"\x00"), (0x4F, b"\x00\x00")]
SET_UP: Sent = [
    (0x01, b"\x09\x00\x00"),
    (0x18, b"\x80"),
    (0x3C, b"\x05"),
    (0x21, b"\x40\x80"),
    (0x11, b"\x03"),
    (0x44, b"\x00\x02"),
    (0x45, b"\x00\x00\x09\x00"),
]
OWN_WAVEFORM: Sent = [
    (0x32, partial_waveform(10, 3)),
    (0x3F, b"\x22"),
    (0x03, b"\x17"),
    (0x04, b"\x41\xb0\x32"),
    (0x2C, b"\x36"),
]
NORMAL: Sent = [(0x21, b"\x00\x80")]


class Bench:
    def __init__(self, panel: type[SSD16xx] = Small) -> None:
        self.clock = VirtualClock(0)
        self.controller = Controller(panel, self.clock)
        self.controller.reset()
        self.wait()

    def wait(self) -> None:
        self.clock.now_ms += 10_000

    def send(self, sent: Sent) -> None:
        for code, data in sent:
            self.controller.command(code)
            if data:
                self.controller.data(data)

    def run(self, sequence: int) -> None:
        self.send([(0x22, bytes([sequence])), (0x20, b"")])
        self.wait()

    def write(self, code: int, data: bytes) -> None:
        self.send([*TO_FIRST, (code, data)])

    @property
    def picture(self) -> bytes:
        return self.controller.picture()


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.send(SET_UP)
    return made


def test_display_mode_1_drives_every_pixel_and_the_bits_behind_the_last_are_nowhere(
    bench: Bench,
) -> None:
    bench.write(0x24, PATTERN)
    bench.run(0xF7)
    assert bench.picture == SHOWN
    assert bench.controller.refreshes["full"] == 1


def test_a_temperature_no_panel_has_chooses_the_fast_waveform(bench: Bench) -> None:
    bench.write(0x24, PATTERN)
    bench.send([(0x1A, b"\x64\x00")])
    bench.run(0x91)
    bench.run(0xC7)
    assert bench.controller.refreshes == {"full": 0, "fast": 1, "partial": 0}
    bench.run(0xF7)  # loads the true temperature, and with it the full waveform
    assert bench.controller.refreshes["full"] == 1


def test_display_mode_2_drives_what_differs_from_the_old_picture(bench: Bench) -> None:
    bench.write(0x24, WHITE)
    bench.run(0xF7)
    bench.send(NORMAL)
    bench.write(0x26, BLACK)
    bench.write(0x24, BLACK)
    bench.run(0xFF)
    assert bench.picture == WHITE  # told that all was black already
    bench.write(0x26, WHITE)
    bench.run(0xFF)
    assert bench.picture == BLACK


def test_a_waveform_of_ones_own_drives_what_it_says() -> None:
    bench = Bench(NoPartialInOtp)
    bench.send(SET_UP)
    bench.write(0x24, PATTERN)
    bench.run(0xF7)
    bench.send([*NORMAL, *OWN_WAVEFORM])
    bench.write(0x26, PATTERN)
    bench.write(0x24, WHITE)
    bench.run(0xCF)
    assert bench.picture == WHITE
    only_to_black = bytearray(partial_waveform(10, 3))
    only_to_black[12] = 0
    bench.send([(0x32, bytes(only_to_black))])
    bench.write(0x26, WHITE)
    bench.write(0x24, BLACK)
    bench.run(0xCF)
    assert bench.picture == BLACK
    bench.write(0x26, BLACK)
    bench.write(0x24, WHITE)
    bench.run(0xCF)
    assert bench.picture == BLACK


def test_an_upside_down_glass_shows_its_last_ram_row_first() -> None:
    bench = Bench(UpsideDown)
    bench.send(
        [
            *SET_UP[:4],
            (0x11, b"\x01"),
            (0x44, b"\x00\x00\x13\x00"),
            (0x45, b"\x09\x00\x00\x00"),
            (0x4E, b"\x00\x00"),
            (0x4F, b"\x09\x00"),
            (0x24, PATTERN),
        ]
    )
    bench.run(0xF7)
    assert bench.picture == SHOWN


def test_a_window_smaller_than_the_ram_writes_only_there(bench: Bench) -> None:
    bench.write(0x24, WHITE)
    bench.send(
        [
            (0x44, b"\x01\x01"),
            (0x45, b"\x02\x00\x03\x00"),
            (0x4E, b"\x01"),
            (0x4F, b"\x02\x00"),
            (0x24, b"\x00\x00"),
        ]
    )
    bench.run(0xF7)
    assert bench.picture == WHITE[:7] + b"\x00" + WHITE[8:10] + b"\x00" + WHITE[11:]


def test_a_reset_in_the_middle_of_a_refresh_leaves_half_a_picture(bench: Bench) -> None:
    bench.write(0x24, BLACK)
    bench.send([(0x22, b"\xf7"), (0x20, b"")])
    bench.clock.now_ms += 500
    bench.controller.reset()
    assert bench.picture[:15] == BLACK[:15]
    assert bench.picture != BLACK


WRITTEN: Sent = [*TO_FIRST, (0x24, WHITE)]
ACTIVATE = (0x20, b"")


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ([*WRITTEN, (0x22, b"\xf7"), ACTIVATE, (0x10, b"\x01")], "while busy"),
        ([(0x12, b""), (0x01, b"\x09\x00\x00")], "while busy"),
        ([(0x99, b"")], "unknown command"),
        ([(0x11, b"\x00")], "entry mode"),
        ([(0x44, b"\x00\x03")], "window x 0 to 3"),
        ([(0x44, b"\x02\x01")], "window x 2 to 1"),
        ([(0x45, b"\x00\x00\x0a\x00")], "window y 0 to 10"),
        ([(0x45, b"\x09\x00\x00\x00"), *WRITTEN], "against the data entry mode"),
        ([(0x4E, b"\x01"), (0x4F, b"\x00\x00"), (0x24, b"")], "counters"),
        ([(0x4F, b"\x00\x00"), (0x24, b"")], "before XCOUNTER"),
        ([*TO_FIRST, (0x24, bytes(31))], "got more"),
        ([*TO_FIRST, (0x24, bytes(29)), (0x22, b"\xf7")], "only 29 bytes"),
        ([(0x22, b"\xf7"), ACTIVATE], "before all of the NEW RAM"),
        ([*WRITTEN, *NORMAL, (0x22, b"\xff"), ACTIVATE], "before all of the OLD RAM"),
        ([*WRITTEN, (0x22, b"\xff"), ACTIVATE], "looks at no old picture"),
        ([*WRITTEN, (0x22, b"\x30"), ACTIVATE], "without the clock"),
        ([*WRITTEN, (0x22, b"\xb5"), ACTIVATE], "power off"),
        ([*WRITTEN, (0x22, b"\xc7"), ACTIVATE], "without a waveform"),
        ([(0x22, b"\x91"), ACTIVATE], "without a temperature"),
        ([ACTIVATE], "before UPDATE2"),
        ([(0x01, b"\x08\x00\x00"), *WRITTEN, (0x22, b"\xf7"), ACTIVATE], "number of gates"),
        ([(0x21, b"\x80\x80"), *WRITTEN, (0x22, b"\xf7"), ACTIVATE], "RAM options"),
        ([(0x10, b"\x03")], "mode 03"),
        ([(0x32, bytes(152)), (0x22, b"\xcf")], "only 152 bytes"),
        ([*WRITTEN, (0x32, bytes(153)), (0x22, b"\xc7"), ACTIVATE], "mode 1 with a register"),
    ],
)
def test_a_broken_rule_is_an_error(bench: Bench, sent: Sent, complaint: str) -> None:
    with pytest.raises(ControllerError, match=complaint):
        bench.send(sent)


def test_sleeping_with_the_power_on_is_an_error(bench: Bench) -> None:
    bench.run(0xE0)
    with pytest.raises(ControllerError, match="power on"):
        bench.send([(0x10, b"\x01")])


def test_deep_sleep_ends_only_with_a_reset_and_keeps_the_line_busy(bench: Bench) -> None:
    bench.send([(0x10, b"\x01")])
    assert bench.controller.busy_level() == 1
    with pytest.raises(ControllerError, match="deep sleep"):
        bench.send([(0x12, b"")])
    bench.controller.reset()
    bench.wait()
    assert bench.controller.busy_level() == 0
    bench.send([(0x12, b"")])


def test_after_a_reset_nothing_is_set_and_no_ram_is_known(bench: Bench) -> None:
    bench.write(0x24, WHITE)
    bench.controller.reset()
    bench.wait()
    with pytest.raises(ControllerError, match="before SENSOR"):
        bench.run(0xF7)
    bench.wait()
    bench.send(SET_UP)
    with pytest.raises(ControllerError, match="NEW RAM"):
        bench.run(0xF7)


def test_a_waveform_that_is_not_in_the_otp_cannot_be_loaded() -> None:
    bench = Bench(NoPartialInOtp)
    bench.send([*SET_UP, *NORMAL])
    with pytest.raises(ControllerError, match="no partial waveform"):
        bench.run(0xFF)
    slow = Bench(NoFast)
    slow.send([*SET_UP, *WRITTEN, (0x1A, b"\x64\x00")])
    slow.run(0x91)
    with pytest.raises(ControllerError, match="no fast refresh"):
        slow.run(0xC7)


def test_a_panel_larger_than_its_controller_is_an_error() -> None:
    class TooLarge(Small):
        width_px = 177

    class Strange(Small):
        controller = "SSD9999"

    with pytest.raises(ControllerError, match="too large"):
        Controller(TooLarge, lambda: 0)
    with pytest.raises(DeviceError, match="SSD9999"):
        Controller(Strange, lambda: 0)
