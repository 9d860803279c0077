"""The modelled UC8179 shows what a panel would, and refuses what would harm one."""

from __future__ import annotations

import pytest

from calendarbot.emulator.board import Board, VirtualClock
from calendarbot.emulator.controllers import ControllerError, controller_for
from calendarbot.emulator.controllers.uc8179 import Controller
from inkframe import wire
from inkframe.frames import InRam
from inkframe.panels._bus import Bus
from inkframe.panels._uc8179 import UC8179

PINS = {"cs": 1, "dc": 2, "reset": 3, "busy": 4}


class SmallPanel(UC8179):
    width_px = 64
    height_px = 32


WHITE = bytearray(b"\xff" * 256)
BLACK = bytearray(256)
WHOLE = (0, 0, 64, 32)


class BoardSpi:
    def __init__(self, board: Board) -> None:
        self._board = board

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._board.spi(bytes(data))


class BoardPin:
    def __init__(self, board: Board, number: int) -> None:
        self._board, self._number = board, number

    def __call__(self, level: int | None = None) -> int | None:
        if level is None:
            return self._board.input(self._number)
        self._board.output(self._number, level)
        return None


@pytest.fixture
def board() -> Board:
    return Board(SmallPanel, PINS, VirtualClock(1_700_000_000_000))


@pytest.fixture
def panel(board: Board) -> SmallPanel:
    pins = {name: BoardPin(board, number) for name, number in PINS.items()}
    bus = Bus(
        BoardSpi(board),
        pins["cs"],
        pins["dc"],
        pins["reset"],
        pins["busy"],
        board.sleep,
        lambda: None,
    )
    return SmallPanel(bus)


def striped(top: int, bottom: int) -> bytearray:
    """White with black rows from `top` to before `bottom`."""
    frame = bytearray(WHITE)
    frame[top * 8 : bottom * 8] = bytes((bottom - top) * 8)
    return frame


def ready_for_refresh(controller: Controller, clock: VirtualClock) -> None:
    """As after a driver's start: powered, with both pictures white."""
    controller.reset()
    clock.now_ms += 1000
    for code, data in (
        (0x01, b"\x07\x07\x3f\x3f"),
        (0x06, b"\x17\x17\x28\x17"),
        (0x00, b"\x1f"),
        (0x61, b"\x00\x40\x00\x20"),
        (0x50, b"\x29\x07"),
        (0x04, b""),
    ):
        send(controller, code, data)
    clock.now_ms += 1000
    send(controller, 0x10, bytes(WHITE))
    send(controller, 0x13, bytes(WHITE))


def send(controller: Controller, code: int, data: bytes = b"") -> None:
    controller.command(code)
    if data:
        controller.data(data)


def send_all(controller: Controller, sent: list[tuple[int, bytes]]) -> None:
    for code, data in sent:
        send(controller, code, data)


def test_a_full_refresh_shows_the_frame_whatever_was_there(board: Board, panel: SmallPanel) -> None:
    page = striped(3, 9)
    panel.show(InRam(page), None, wire.PARTIAL, WHOLE)
    assert board.controller.picture() == bytes(page)
    assert board.controller.refreshes == {"full": 1, "fast": 0, "partial": 0}


@pytest.mark.parametrize(("refresh", "kind"), [(wire.FAST, "fast"), (wire.PARTIAL, "partial")])
def test_a_quick_refresh_told_the_true_old_picture_shows_the_new_one(
    board: Board, panel: SmallPanel, refresh: int, kind: str
) -> None:
    before, after = striped(3, 9), striped(5, 12)
    panel.show(InRam(before), None, wire.FULL, WHOLE)
    panel.show(InRam(after), InRam(before), refresh, (0, 3, 64, 9))
    assert board.controller.picture() == bytes(after)
    assert board.controller.refreshes[kind] == 1


def test_a_quick_refresh_told_a_wrong_old_picture_leaves_ghosts(
    board: Board, panel: SmallPanel
) -> None:
    panel.show(InRam(striped(3, 9)), None, wire.FULL, WHOLE)
    panel.show(InRam(WHITE), InRam(WHITE), wire.FAST, WHOLE)
    assert board.controller.picture() == bytes(striped(3, 9))


def test_a_partial_refresh_leaves_the_rows_outside_its_window(
    board: Board, panel: SmallPanel
) -> None:
    panel.show(InRam(WHITE), None, wire.FULL, WHOLE)
    panel.show(InRam(BLACK), InRam(WHITE), wire.PARTIAL, (0, 10, 64, 4))
    assert board.controller.picture() == bytes(striped(10, 14))


def test_a_reset_in_the_middle_of_a_refresh_leaves_half_a_picture(board: Board) -> None:
    controller = board.controller
    assert isinstance(controller, Controller)
    ready_for_refresh(controller, board.clock)
    send(controller, 0x12)
    board.clock.now_ms += 100
    controller.reset()
    picture = controller.picture()
    assert picture[:128] == bytes(WHITE[:128])
    assert picture != bytes(WHITE)


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ([(0x12, b""), (0x10, b"")], "while busy"),
        ([(0x07, b"\xa5")], "power on"),
        ([(0x07, b"\x00")], "check code"),
        ([(0x99, b"")], "unknown command"),
        ([(0x61, b"\x00\x40\x00\x21")], "resolution"),
        ([(0x10, bytes(255)), (0x12, b"")], "only 255 bytes"),
        ([(0x10, bytes(257))], "got more"),
        ([(0x00, b"\x3f")], "not modelled"),
        ([(0x90, bytes([0, 3, 0, 63, 0, 0, 0, 9, 1]))], "window x"),
        ([(0x90, bytes([0, 0, 0, 63, 0, 0, 0, 32, 1]))], "window y"),
        ([(0x91, b""), (0x13, bytes(8))], "without a window"),
    ],
)
def test_a_broken_rule_is_an_error(
    board: Board, sent: list[tuple[int, bytes]], complaint: str
) -> None:
    controller = board.controller
    assert isinstance(controller, Controller)
    ready_for_refresh(controller, board.clock)
    with pytest.raises(ControllerError, match=complaint):
        send_all(controller, sent)


def test_deep_sleep_ends_only_with_a_reset(board: Board, panel: SmallPanel) -> None:
    panel.show(InRam(WHITE), None, wire.FULL, WHOLE)
    with pytest.raises(ControllerError, match="deep sleep"):
        board.controller.command(0x04)
    board.controller.reset()
    board.sleep(100)
    board.controller.command(0x04)


def test_refreshing_without_power_is_an_error(board: Board) -> None:
    controller = board.controller
    assert isinstance(controller, Controller)
    ready_for_refresh(controller, board.clock)
    send(controller, 0x02)
    board.clock.now_ms += 1000
    with pytest.raises(ControllerError, match="power off"):
        send(controller, 0x12)


def test_a_panel_whose_controller_has_no_model_says_so() -> None:
    class Strange:
        pass

    class StrangePanel(Strange):
        width_px = height_px = 8

    with pytest.raises(Exception, match="no model"):
        controller_for(StrangePanel, lambda: 0)  # type: ignore[arg-type]  # that is the test
