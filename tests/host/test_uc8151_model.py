"""The modelled UC8151 shows what a panel would, and refuses what would harm one."""

from __future__ import annotations

import pytest

from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.controllers import ControllerError
from calendarbot.emulator.controllers.uc8151 import Controller
from inkframe.panels._uc8151 import UC8151

Sent = list[tuple[int, bytes]]


class Small(UC8151):
    width_px = 16
    height_px = 8
    refresh_ms = (3500, 0, 400)


WHITE, BLACK = b"\xff" * 16, bytes(16)
OTP: Sent = [(0x00, b"\x1f"), (0x61, b"\x10\x00\x08"), (0x50, b"\x97")]


def table(voltages: int, size: int = 42) -> bytes:
    return bytes((voltages, 25, 1, 0, 0, 1)) + bytes(size - 6)


REGISTERS: Sent = [
    (0x00, b"\xbf"),
    (0x61, b"\x10\x00\x08"),
    (0x50, b"\x17"),
    (0x01, b"\x03\x00\x2b\x2b\x03"),
    (0x06, b"\x17\x17\x17"),
    (0x30, b"\x3a"),
    (0x82, b"\x12"),
    (0x20, table(0, 44)),
    (0x21, table(0)),
    (0x22, table(0x80)),
    (0x23, table(0x40)),
    (0x24, table(0)),
]
BOTH: Sent = [(0x10, BLACK), (0x13, WHITE)]


class Bench:
    def __init__(self) -> None:
        self.clock = VirtualClock(0)
        self.controller = Controller(Small, self.clock)
        self.controller.reset()
        self.wait()

    def wait(self) -> None:
        self.clock.now_ms += 10_000

    def send(self, sent: Sent) -> None:
        for code, data in sent:
            self.controller.command(code)
            if data:
                self.controller.data(data)

    def run(self, *sent: tuple[int, bytes]) -> None:
        for one in sent:
            self.send([one])
            self.wait()

    def powered(self, sent: Sent) -> None:
        self.send(sent)
        self.run((0x04, b""))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_waveforms_from_otp_drive_every_pixel(bench: Bench) -> None:
    bench.powered(OTP)
    bench.run((0x10, WHITE), (0x13, WHITE), (0x12, b""))
    assert bench.controller.picture() == WHITE
    assert bench.controller.refreshes["full"] == 1


def test_waveforms_in_registers_drive_what_they_say(bench: Bench) -> None:
    bench.powered(OTP)
    bench.run((0x10, BLACK), (0x13, WHITE), (0x12, b""))
    bench.send(REGISTERS)
    bench.run((0x10, WHITE), (0x13, BLACK), (0x12, b""))
    assert bench.controller.picture() == BLACK
    bench.run((0x10, WHITE), (0x13, WHITE), (0x12, b""))
    assert bench.controller.picture() == BLACK  # told that it was white already: a ghost
    bench.run((0x22, table(0)), (0x10, BLACK), (0x13, WHITE), (0x12, b""))
    assert bench.controller.picture() == BLACK  # a table that drives nothing
    bench.run((0x22, table(0x80)), (0x12, b""))
    assert bench.controller.picture() == WHITE
    assert bench.controller.refreshes["partial"] == 4


def test_a_window_bounds_what_is_written_and_driven(bench: Bench) -> None:
    bench.powered(OTP)
    bench.run((0x10, BLACK), (0x13, WHITE), (0x12, b""))
    bench.send([*REGISTERS, (0x91, b""), (0x90, b"\x08\x0f\x00\x02\x00\x03\x01")])
    bench.run((0x10, b"\xff\xff"), (0x13, b"\x00\x00"), (0x12, b""))
    assert bench.controller.picture() == WHITE[:5] + b"\x00\xff\x00" + WHITE[8:]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ([*BOTH, (0x12, b""), (0x10, b"")], "while busy"),
        ([(0x12, b"")], "before both data RAMs"),
        ([(0x07, b"\xa5")], "power on"),
        ([(0x07, b"\x00")], "check code"),
        ([(0x61, b"\x10\x00\x09")], "resolution"),
        ([(0x00, b"\x0f")], "not modelled"),
        ([(0x50, b"\x87"), *BOTH, (0x12, b"")], "polarity"),
        ([(0x00, b"\xbf"), *BOTH, (0x12, b"")], "before PWR"),
        ([*REGISTERS[:-1], *BOTH, (0x12, b"")], "before LUTKK"),
        ([(0x90, b"\x03\x0f\x00\x00\x00\x07\x01")], "window x"),
        ([(0x90, b"\x00\x0f\x00\x00\x00\x08\x01")], "window y"),
        ([(0x91, b""), (0x10, b"")], "without a window"),
        ([(0x22, bytes(43))], "got more"),
    ],
)
def test_a_broken_rule_is_an_error(bench: Bench, sent: Sent, complaint: str) -> None:
    bench.powered(OTP)
    with pytest.raises(ControllerError, match=complaint):
        bench.send(sent)


def test_refreshing_without_power_is_an_error(bench: Bench) -> None:
    bench.send([*OTP, *BOTH])
    with pytest.raises(ControllerError, match="power off"):
        bench.send([(0x12, b"")])


def test_deep_sleep_ends_only_with_a_reset(bench: Bench) -> None:
    bench.send([(0x07, b"\xa5")])
    with pytest.raises(ControllerError, match="deep sleep"):
        bench.send([(0x04, b"")])
    bench.controller.reset()
    bench.wait()
    bench.send([(0x04, b"")])
