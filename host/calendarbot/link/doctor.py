"""What a board says of itself, and what to do about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from calendarbot.boards import load_panel, panel_names
from calendarbot.errors import DeviceError
from calendarbot.findings import Finding
from calendarbot.update_reports import WORKS, outcome_in_words
from inkframe.battery import NO_CELL_MV
from inkframe.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.boards import Board
    from calendarbot.link.connection import Connection

_SCRIPT: Final = Path(__file__).parent / "on-board" / "examine.py"
_LONGEST_SILENCE_S: Final = 45
"""Joining a network (15 s) and reaching the server (10 s), with room."""
_FIRST_YEAR: Final = 2025
_CLOCK_OFF_S: Final = 300
_WEAK_DBM: Final = -80

_WIFI_STATUS: Final = {
    201: "no access point of that name was found",
    202: "the password was refused",
    203: "the access point refused",
    -1: "the connection failed",
    -2: "no access point of that name was found",
    -3: "the password was refused",
}
"""MicroPython's network.WLAN.status(): the 200s are the esp32 port's, the negative ones the rp2 port's."""


def examine(connection: Connection, board: Board, now: datetime) -> list[Finding]:
    """Run the examination on the board. `now` is aware. Raises DeviceError."""
    printed = connection.run(_script(board), _LONGEST_SILENCE_S)
    findings: list[Finding] = []
    for line in printed.splitlines():
        if not line.startswith("{"):
            continue  # what a port prints of its own, such as a driver's warning
        try:
            facts = json.loads(line)
            findings += _JUDGES[facts.pop("what")](facts, board, now)
        except (ValueError, KeyError, TypeError):
            raise DeviceError(f"{connection.port}: the board's answer makes no sense") from None
    return findings


def _script(board: Board) -> str:
    wiring = {
        "pins": board.pins,
        "spi": board.spi,
        "battery": _battery_wiring(board),
        "transport": board.transport,
    }
    return f"WIRING = {wiring!r}\n{_SCRIPT.read_text(encoding='utf-8')}"


def _battery_wiring(board: Board) -> dict[str, Any] | None:
    if board.battery is None:
        return None
    return board.battery.model_dump() | {"divider_permille": board.battery.divider_permille}


def _firmware(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    runs = f"MicroPython {facts['version']}, {facts['machine']}"
    chip = facts["machine"].rpartition(" with ")[2].lower().replace("-", "")
    if board.chip != "unix" and chip != board.chip:
        yield Finding("chip", "bad", runs, f"this is no {board.name}; see `host boards`")
    else:
        yield Finding("chip", "good", runs)


def _files(facts: dict[str, Any], _board: Board, _now: datetime) -> Iterator[Finding]:
    present = facts["present"]
    missing = [name for name in ("main.py", "device", "inkframe") if not present[name]]
    free = f"{facts['free_bytes']:,} bytes free"
    if missing:
        yield Finding("application", "bad", f"{', '.join(missing)} missing", "run `host deploy`")
    else:
        yield Finding("application", "good", f"there, {free}")


def _slots(facts: dict[str, Any], _board: Board, _now: datetime) -> Iterator[Finding]:
    slots = Slots(raw=bytes.fromhex(facts["record"]))
    says = "runs the board's own application"
    if slots.folder:
        built = datetime.fromtimestamp(slots.version, UTC)
        says = f"runs the update of {built:%Y-%m-%d %H:%M:%S} UTC, in {slots.folder}/"
    if slots.outcome:
        says += f"; the last update: {outcome_in_words(slots.outcome)}"
    if slots.outcome in ("", *WORKS):
        yield Finding("update", "good", says)
    else:
        yield Finding(
            "update", "note", says, "see docs/update.md; `host update build` makes another"
        )


def _config(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    give = "run `host deploy --config FILE --display NAME --server URL`"
    if "error" in facts:
        yield Finding("configuration", "bad", f"config.json: {facts['error']}", give)
        return
    says = f"display {facts['display']}, {facts['panel']}, {facts['server']}"
    if facts["pins"] != board.pins or facts["spi"] != board.spi:
        yield Finding("configuration", "bad", f"{says}; made for another board's wiring", give)
    elif board.transport == "wifi" and not facts["ssid"]:
        yield Finding("configuration", "bad", f"{says}; no Wi-Fi network", f"{give} --ssid NAME")
    elif not facts["key"]:
        yield Finding("configuration", "note", f"{says}; no key: it takes unsealed bundles", give)
    else:
        yield Finding("configuration", "good", says)


def _crash(facts: dict[str, Any], _board: Board, _now: datetime) -> Iterator[Finding]:
    times = "once" if facts["times"] == 1 else f"{facts['times']} times"
    if facts["kind"] == "watchdog":
        says, todo = "hung, and was restarted by its watchdog", "`host logs` shows where it stops"
    else:
        says, todo = f"ended by {facts['kind']}", "`host logs` shows the whole error"
    yield Finding("crash", "note", f"{says}, {times} since it last reached the server", todo)


def _outputs(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    if facts["stuck"] == facts["tested"]:
        yield Finding("wiring", "note", "no output reads back: shorts cannot be told from here")
    elif facts["stuck"]:
        wires = ", ".join(f"{name} (GPIO{_gpio(board, name)})" for name in facts["stuck"])
        yield Finding(
            "wiring",
            "bad",
            f"does not follow what the board drives: {wires}",
            "look for a short to a neighbour, to ground or to 3.3 V",
        )
    else:
        yield Finding("wiring", "good", f"no short on {', '.join(facts['tested'])}")


def _gpio(board: Board, name: str) -> int:
    return board.pins[name] if name in board.pins else board.spi[name]


def _busy(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    if facts["floating"] is None:
        yield Finding("busy line", "note", "behind a shift register: it cannot be told from here")
    elif facts["floating"]:
        yield Finding(
            "busy line",
            "bad",
            f"nobody drives GPIO{board.pins['busy']}",
            "seat the panel's cable, check BUSY, VCC and GND, and that RESET is connected",
        )
    elif _stays_busy(facts):
        yield Finding(
            "busy line",
            "bad",
            f"{facts['panel']} is busy at level {facts['level']}, and stays so after a reset",
            "is it that panel? if so, check RESET and the panel's power",
        )
    else:
        yield Finding("busy line", "good", f"driven by the panel, level {facts['level']} at rest")


def _stays_busy(facts: dict[str, Any]) -> bool:
    panel = facts["panel"]
    if panel not in panel_names():
        return False
    return bool(load_panel(panel).busy_level == facts["level"])


def _battery(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    battery_mv, limits = facts["battery_mv"], board.battery
    says = f"{battery_mv:,} mV"
    if battery_mv < NO_CELL_MV or limits is None:
        yield Finding("battery", "note", f"{says}: no cell, or switched off")
    elif battery_mv < limits.critical_mv:
        todo = f"charge it: below {limits.critical_mv:,} mV it shows nothing but that it is empty"
        yield Finding("battery", "bad", says, todo)
    elif battery_mv < limits.low_mv:
        yield Finding("battery", "note", says, "charge it soon")
    else:
        yield Finding("battery", "good", says)


def _clock(facts: dict[str, Any], _board: Board, now: datetime) -> Iterator[Finding]:
    year, month, day, _, hour, minute, second = facts["utc"][:7]
    if year < _FIRST_YEAR:
        yield Finding("clock", "note", "not set: the first bundle sets it")
        return
    shows = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    off_s = round((shows - now).total_seconds())
    if abs(off_s) > _CLOCK_OFF_S:
        yield Finding("clock", "note", f"{off_s:+,} s off", "the next bundle sets it")
    else:
        yield Finding("clock", "good", f"{shows:%Y-%m-%d %H:%M} UTC")


def _wifi(facts: dict[str, Any], board: Board, _now: datetime) -> Iterator[Finding]:
    if not facts["module"]:
        yield Finding(
            "Wi-Fi",
            "bad",
            "this MicroPython has no Wi-Fi",
            f"flash the build {board.micropython} (`host flash`)",
        )
    elif not facts["connected"]:
        status = facts["status"]
        yield Finding(
            "Wi-Fi",
            "bad",
            _WIFI_STATUS.get(status, f"no connection, status {status}"),
            "check name and password, that the network is 2.4 GHz, and its distance",
        )
    elif facts["rssi_dbm"] < _WEAK_DBM:
        yield Finding(
            "Wi-Fi", "note", f"weak: {facts['rssi_dbm']} dBm", "bring it closer, or its antenna"
        )
    else:
        yield Finding("Wi-Fi", "good", f"{facts['rssi_dbm']} dBm")


def _server(facts: dict[str, Any], _board: Board, _now: datetime) -> Iterator[Finding]:
    if facts["reached"]:
        yield Finding("server", "good", "reached")
    else:
        yield Finding(
            "server",
            "bad",
            f"not reached (error {facts['errno']})",
            "is `host serve --address 0.0.0.0` running, the URL right, and no firewall between?",
        )


_JUDGES: Final[dict[str, Callable[[dict[str, Any], Board, datetime], Iterator[Finding]]]] = {
    "firmware": _firmware,
    "files": _files,
    "slots": _slots,
    "config": _config,
    "crash": _crash,
    "outputs": _outputs,
    "busy": _busy,
    "battery": _battery,
    "clock": _clock,
    "wifi": _wifi,
    "server": _server,
}
