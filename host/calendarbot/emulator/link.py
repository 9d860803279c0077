"""The wires between a MicroPython process and the modelled board: one socket, a few short messages.

A message is one letter and what it needs, little-endian. `unix-port/_link.py` is the other end.

    S  length u32, bytes   SPI write                  O  pin u8, level u8   output
    I  pin u8              read input; reply u8       Z  milliseconds u32   sleep
    T                      ticks; reply u64 ms        R                     RTC; reply u64 ms
    C  milliseconds u64    set the RTC                W  on u8              radio
    A                      ADC; reply u32 uV          K  what woke the board; reply u8
    M  length u32, bytes   keep in RTC memory         m  RTC memory; reply length u32, bytes
    N  what the air is like: reply u8, `board.Air`
    H  pin u8, on u8       hold an output             L  milliseconds u32   light sleep
    D  milliseconds u32    deep sleep: the last message of a wake
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, BinaryIO

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from types import TracebackType

    from calendarbot.emulator.board import Board

_TIMEOUT_S = 60.0


class Link:
    """Listens on loopback for one device process after the other."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(_TIMEOUT_S)

    @property
    def port(self) -> int:
        port: int = self._server.getsockname()[1]
        return port

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def serve(self, board: Board) -> int | None:
        """Do what one process asks until it sleeps deeply (the milliseconds) or ends (None)."""
        try:
            connection, _ = self._server.accept()
        except TimeoutError:
            raise DeviceError("the firmware did not start") from None
        connection.settimeout(_TIMEOUT_S)
        with connection, connection.makefile("rwb", buffering=0) as raw:
            # Reads are buffered, replies are not: the device waits for each.
            reader = connection.makefile("rb")
            return _Session(board, reader, raw).run()


class _Session:
    def __init__(self, board: Board, reader: BinaryIO, writer: BinaryIO | socket.SocketIO) -> None:
        self._board = board
        self._reader = reader
        self._writer = writer

    def run(self) -> int | None:
        try:
            while letter := self._reader.read(1):
                if letter == b"D":
                    return self._number("<I")
                self._act(letter)
        except TimeoutError:
            raise DeviceError("the firmware hangs") from None
        return None

    def _act(self, letter: bytes) -> None:
        board = self._board
        match letter:
            case b"S":
                board.spi(self._bytes())
            case b"O":
                board.output(self._number("<B"), self._number("<B"))
            case b"H":
                board.hold(self._number("<B"), on=bool(self._number("<B")))
            case b"L":
                board.sleep_lightly(self._number("<I"))
            case b"Z":
                board.sleep(self._number("<I"))
            case b"C":
                board.set_rtc(self._number("<Q"))
            case b"W":
                board.radio(on=bool(self._number("<B")))
            case b"M":
                board.rtc_memory = self._bytes()
            case _:
                self._answer(letter)

    def _answer(self, letter: bytes) -> None:
        board = self._board
        match letter:
            case b"I":
                self._reply("<B", board.input(self._number("<B")))
            case b"T":
                self._reply("<Q", board.clock.now_ms)
            case b"R":
                self._reply("<Q", board.rtc_ms())
            case b"A":
                self._reply("<I", board.battery_mv * 1000)
            case b"N":
                self._reply("<B", board.air())
            case b"K":
                self._reply("<B", board.woken_by)
            case b"m":
                self._reply("<I", len(board.rtc_memory))
                self._writer.write(board.rtc_memory)
            case _:
                raise DeviceError(f"the firmware sent {letter!r}")

    def _bytes(self) -> bytes:
        return self._reader.read(self._number("<I"))

    def _number(self, form: str) -> int:
        raw = self._reader.read(struct.calcsize(form))
        number: int = struct.unpack(form, raw)[0]
        return number

    def _reply(self, form: str, number: int) -> None:
        self._writer.write(struct.pack(form, number))
