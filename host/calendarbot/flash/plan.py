"""What will be erased and written where, complete and checked before a board is touched."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calendarbot.application import BOARD_FILE, CONFIG_FILE, application_files
from calendarbot.errors import ConfigError
from calendarbot.flash.filesystem import littlefs_image
from calendarbot.flash.image import TABLE_OFFSET, read_image
from calendarbot.flash.partitions import partition_table
from calendarbot.provision import wiring

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.boards import Board


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes at an offset of the flash. They may hold a key, and are in no `repr`."""

    name: str
    offset: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """`erase_bytes` from 0 on are erased: all of the flash chip."""

    board: Board
    erase_bytes: int
    regions: tuple[Region, ...]
    files: tuple[str, ...]


def board_file(board: Board, device_config: str | None) -> bytes:
    """board.json, to which what comes over the air is added: the wiring, and the panel if it is known."""
    panel = json.loads(device_config)["panel"] if device_config else board.panel
    return json.dumps({**wiring(board), **({"panel": panel} if panel else {})}).encode()


def board_files(board: Board, device_config: str | None) -> dict[str, bytes]:
    """What a board holds: the application, its wiring, and config.json when there is one."""
    files = application_files()
    files[BOARD_FILE] = board_file(board, device_config)
    if device_config is not None:
        files[CONFIG_FILE] = device_config.encode()
    return files


def plan_esp32(board: Board, firmware: Path, device_config: str | None) -> Plan:
    """`device_config` is the text of config.json. DeviceError when the image is not for this board."""
    if board.flash is None or not board.flash.partitions:
        raise ConfigError(f"{board.name}: its board.toml has no [flash] with partitions")
    image = read_image(firmware, board, board.flash)
    files = board_files(board, device_config)
    vfs = board.flash.partition("vfs")
    return Plan(
        board,
        board.flash.size_bytes,
        (
            Region("bootloader", board.flash.bootloader_offset, image.bootloader),
            Region("partition table", TABLE_OFFSET, partition_table(board.flash.partitions)),
            Region("MicroPython", board.flash.partition("factory").offset, image.application),
            Region("application", vfs.offset, littlefs_image(files, vfs.size)),
        ),
        tuple(files),
    )
