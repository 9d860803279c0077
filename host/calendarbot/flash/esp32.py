"""Erasing, writing and verifying an ESP32's flash through its ROM loader, with esptool as a library."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol

from calendarbot.device_extra import device_extra
from calendarbot.errors import DeviceError
from calendarbot.ports import open_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.boards import Board
    from calendarbot.flash.plan import Plan
    from calendarbot.progress import Progress

_AGAIN: Final = "check the cable and the USB port, then run the same command again"
_HOLD_BOOT: Final = (
    "hold BOOT while pressing RESET (or while plugging it in), release it, and try again; "
    "a cable that only charges does not work"
)
_BYTES_OF_KIB: Final = {"KB": 1024, "MB": 1024 * 1024}


class Stage(Enum):
    """How far it came: the value says what state the board is in when it went no further."""

    CONNECTING = "nothing was changed"
    ERASING = "the board may be erased: it does not start, and is not damaged"
    WRITING = "the board is erased and partly written: it does not start, and is not damaged"
    VERIFYING = "the board is written, but was not verified"
    RESTARTING = "the board is written and verified, but was not restarted"


def flash_esp32(plan: Plan, port: str, progress: Progress) -> None:
    """Do what the plan says. DeviceError says in which state the board is then."""
    with device_extra():
        import esptool
    stage = Stage.CONNECTING
    log = _log_to(progress)
    with open_port(port) as opened, _errors(port, lambda: stage):
        progress("connecting", 0, 0)
        esp = esptool.detect_chip(opened)
        _check_chip(esp, plan.board, port)
        esp = esptool.run_stub(esp)
        if plan.board.flash:
            esp.change_baud(plan.board.flash.baud_hz)
        esptool.attach_flash(esp)
        _check_size(esptool.detect_flash_size(esp), plan)
        stage = Stage.ERASING
        progress("erasing", 0, 0)
        esptool.erase_flash(esp)
        stage = Stage.WRITING
        for region in plan.regions:
            log.doing = f"writing {region.name}"
            esptool.write_flash(esp, [(region.offset, region.data)])
        stage = Stage.VERIFYING
        progress("verifying", 0, 0)
        esptool.verify_flash(esp, [(region.offset, region.data) for region in plan.regions])
        stage = Stage.RESTARTING
        esptool.reset_chip(esp)


def _check_chip(esp: Any, board: Board, port: str) -> None:
    found = str(esp.CHIP_NAME)
    if found.lower().replace("-", "") != board.chip:
        raise DeviceError(
            f"the chip on {port} is an {found}, and {board.name} has {board.chip}; "
            f"{Stage.CONNECTING.value}",
            "`host boards` lists the boards with their chips",
        )
    if esp.secure_download_mode:
        raise DeviceError(
            f"the chip on {port} is locked (secure download mode); {Stage.CONNECTING.value}"
        )


def _check_size(found: str | None, plan: Plan) -> None:
    needed = max(region.offset + len(region.data) for region in plan.regions)
    if found is None or found[-2:] not in _BYTES_OF_KIB:
        return  # esptool does not know this flash chip; verification will tell
    size_bytes = int(found[:-2]) * _BYTES_OF_KIB[found[-2:]]
    if size_bytes < needed:
        raise DeviceError(
            f"the board's flash has {size_bytes:,} bytes, and {needed:,} are needed; "
            f"{Stage.CONNECTING.value}"
        )


@contextmanager
def _errors(port: str, stage: Callable[[], Stage]) -> Iterator[None]:
    """esptool's and pyserial's exceptions, as one line that says in which state the board is."""
    from esptool import FatalError

    try:
        yield
    except FatalError as error:
        raise _failed(port, stage(), _first_line(error)) from None
    except (OSError, struct.error, IndexError, StopIteration):
        # pyserial's SerialException is an OSError; the others come from a reply cut short.
        raise _failed(port, stage(), "the connection was lost") from None


def _failed(port: str, stage: Stage, what: str) -> DeviceError:
    hint = _HOLD_BOOT if stage is Stage.CONNECTING else _AGAIN
    if stage is Stage.RESTARTING:
        hint = "press RESET"
    return DeviceError(f"{port}: {what}; {stage.value}", hint)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    line = text.splitlines()[0].rstrip(".") if text else "esptool failed"
    return line[0].lower() + line[1:]


def _log_to(progress: Progress) -> _Log:
    """esptool prints nothing from here on; its progress goes to ours."""
    from esptool.logger import EsptoolLogger, TemplateLogger

    class Log(TemplateLogger):  # type: ignore[misc]  # esptool has no types
        doing = ""

        def progress_bar(self, cur_iter: int, total_iters: int, *_: object, **__: object) -> None:
            progress(self.doing, cur_iter, total_iters)

        def _nothing(self, *_: object, **__: object) -> None:
            pass

        print = note = warning = error = stage = set_verbosity = _nothing

    log = Log()
    EsptoolLogger().set_logger(log)
    return log


class _Log(Protocol):
    doing: str
