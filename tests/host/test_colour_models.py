"""The modelled controllers of colour panels show what a panel would, and refuse what would harm one."""

from __future__ import annotations

import pytest
from modelled_panel import ModelledPanel

from calendarbot.emulator.controllers import ControllerError
from inkframe import wire
from inkframe.panels._spectra6 import Spectra6
from inkframe.panels._uc8159 import UC8159
from inkframe.panels._uc8179 import UC8179Red
from inkframe.panels.waveshare_7in3e import Panel as Waveshare7in3e

Sent = list[tuple[int, bytes]]


class SmallAcep(UC8159):
    width_px = 8
    height_px = 4
    refresh_ms = (32000, 0, 0)


class SmallSpectra(Spectra6):
    width_px = 8
    height_px = 4
    refresh_ms = (19000, 0, 0)
    settings = Waveshare7in3e.settings


class SmallRed(UC8179Red):
    width_px = 16
    height_px = 2
    refresh_ms = (17000, 0, 0)


RAINBOW = b"\x01\x23\x56\x10" * 4
WHOLE = b"\x11" * 16


class Bench(ModelledPanel):
    """After `show`, the model is what a driver leaves; `replay` sends what the driver sent, changed."""

    def __init__(self, panel: type[SmallAcep | SmallSpectra | SmallRed]) -> None:
        super().__init__(panel)
        self.sent: list[tuple[bool, bytes]] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append((bool(self.board._levels[2]), bytes(data)))
        super().write(data)

    def commands(self) -> Sent:
        out: Sent = []
        for is_data, data in self.sent:
            if is_data:
                out[-1] = (out[-1][0], out[-1][1] + data)
            else:
                out.append((data[0], b""))
        return out

    def replay(self, commands: Sent) -> None:
        self.controller.reset()
        for code, data in commands:
            self.board.clock.now_ms += 60_000
            self.controller.command(code)
            if data:
                self.controller.data(data)


def driven(panel: type[SmallAcep | SmallSpectra], frame: bytes) -> Bench:
    bench = Bench(panel)
    bench.show(frame, None, wire.FULL)
    return bench


both = pytest.mark.parametrize("panel", [SmallAcep, SmallSpectra])


@both
def test_a_refresh_shows_every_colour(panel: type[SmallAcep]) -> None:
    assert driven(panel, RAINBOW).controller.picture() == RAINBOW


@both
@pytest.mark.parametrize("missing", [0x00, 0x01, 0x06, 0x30, 0x50, 0x60, 0x61])
def test_a_refresh_before_a_setting_is_an_error(panel: type[SmallAcep], missing: int) -> None:
    bench = driven(panel, WHOLE)
    with pytest.raises(ControllerError, match="refresh before"):
        bench.replay([(code, data) for code, data in bench.commands() if code != missing])


@both
@pytest.mark.parametrize(
    ("left_out", "complaint"),
    [(0x04, "power off"), (0x10, "before the data RAM"), (0x02, "power on")],
)
def test_a_step_left_out_is_an_error(panel: type[SmallAcep], left_out: int, complaint: str) -> None:
    bench = driven(panel, WHOLE)
    with pytest.raises(ControllerError, match=complaint):
        bench.replay([(code, data) for code, data in bench.commands() if code != left_out])


@both
def test_a_value_that_is_no_colour_is_an_error(panel: type[SmallAcep]) -> None:
    with pytest.raises(ControllerError, match="value 7, which is no colour"):
        driven(panel, b"\x11" * 15 + b"\x17")


def test_spectra_6_has_no_colour_of_value_4() -> None:
    with pytest.raises(ControllerError, match="value 4"):
        driven(SmallSpectra, b"\x14" + b"\x11" * 15)


@both
def test_commands_while_busy_of_wrong_size_or_asleep_are_errors(panel: type[SmallAcep]) -> None:
    bench = driven(panel, WHOLE)
    commands = bench.commands()
    for code in (0x12, 0x04):
        with pytest.raises(ControllerError, match="deep sleep"):
            bench.controller.command(code)
    bench.controller.reset()
    with pytest.raises(ControllerError, match="while busy"):
        bench.controller.command(0x04)
    with pytest.raises(ControllerError, match="resolution"):
        bench.replay([(0x61, b"\x00\x08\x00\x05")])
    with pytest.raises(ControllerError, match="only 15 bytes"):
        bench.replay([(c, d[:15]) for c, d in commands])
    with pytest.raises(ControllerError, match="check code"):
        bench.replay([(0x07, b"\x00")])


def test_red_wins_over_what_the_first_plane_says() -> None:
    bench = Bench(SmallRed)
    #                 row 1     row 2
    bench.show(b"\xff\x00\xff\x00\xf0\xf0\xff\xff", None, wire.FULL)
    assert bench.controller.picture() == b"\xff\x0f\xff\x00\xf0\xf0\xff\xff"


def test_a_panel_setting_for_other_colours_is_an_error() -> None:
    bench = Bench(SmallRed)
    with pytest.raises(ControllerError, match="other colours"):
        bench.replay([(0x00, b"\x1f")])


def test_the_polarity_of_both_planes_is_what_r50h_says() -> None:
    bench = Bench(SmallRed)
    bench.show(b"\xff\x00\xff\x00\xff\xff\xff\xff", None, wire.FULL)
    turned = [
        (code, b"\x10\x07" if code == 0x50 else data)
        for code, data in bench.commands()
        if code not in (0x02, 0x07)
    ]
    bench.replay(turned)
    bench.board.clock.now_ms += 60_000
    # DDX 00: a clear bit is white in the first plane, a set one red in the second.
    assert bench.controller.picture() == b"\xff\xff\xff\xff\x00\x00\x00\x00"
