"""The radio's way into a network, with a stand-in for MicroPython's `network` and for time."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from inkframe import compat
from inkframe.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOME = b"home"
NEAR, FAR = b"\x02near!", b"\x02far!!"


class Air:
    """What is in reach: {bssid: (ssid, dBm)}; `deaf` are those that never answer."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.reach = {NEAR: (HOME, -50), FAR: (HOME, -80), b"\x02other": (b"other", -30)}
        self.deaf: set[bytes | None] = set()
        self.tried: list[bytes | None] = []
        self.on = False
        self.scans = 0
        self.password_is_right = True
        self._joined: bytes | None = None
        self._connecting = False

    def active(self, on: bool) -> None:
        self.on = on
        self._connecting = False

    def config(self, **options: Any) -> None:
        if "reconnects" not in options:
            raise ValueError

    def scan(self) -> list[tuple[bytes, bytes, int, int, int, bool]]:
        self.now_ms += 1600
        self.scans += 1
        return [(ssid, bssid, 6, dbm, 3, False) for bssid, (ssid, dbm) in self.reach.items()]

    def connect(self, ssid: str, password: str, bssid: bytes | None = None) -> None:
        assert (ssid, password) == ("home", "secret")
        self.tried.append(bssid)
        self._joined, self._connecting = bssid, True

    def disconnect(self) -> None:
        self._connecting = False

    def isconnected(self) -> bool:
        there = self._joined in self.reach or (self._joined is None and bool(self.reach))
        answers = there and self._joined not in self.deaf and self.password_is_right
        return self._connecting and answers

    def status(self) -> int:
        if not self.password_is_right:
            return 202
        return 1001 if self._joined in self.reach or self._joined is None else 201


@pytest.fixture
def air(monkeypatch: pytest.MonkeyPatch) -> Air:
    return Air()


@pytest.fixture
def wifi(air: Air, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    network = SimpleNamespace(STA_IF=0, WLAN=lambda _: air)
    monkeypatch.setitem(sys.modules, "network", network)
    monkeypatch.setattr(compat, "ticks_ms", lambda: air.now_ms)
    monkeypatch.setattr(compat, "sleep_ms", lambda ms: setattr(air, "now_ms", air.now_ms + ms))
    sys.modules.pop("device.wifi", None)
    module = importlib.import_module("device.wifi")
    file = str(tmp_path / "radio")
    yield lambda: module.Wifi({"ssid": "home", "password": "secret"}, file)
    sys.modules.pop("device.wifi", None)


def test_the_strongest_access_point_of_the_networks_name_is_joined(air: Air, wifi: Any) -> None:
    wifi().on()
    assert air.tried == [NEAR]


def test_the_next_wake_asks_the_same_access_point_without_looking(air: Air, wifi: Any) -> None:
    wifi().on()
    wifi().on()
    assert air.tried == [NEAR, NEAR]
    assert air.scans == 1


def test_when_the_known_one_is_gone_another_is_found_and_known_from_then_on(
    air: Air, wifi: Any
) -> None:
    wifi().on()
    del air.reach[NEAR]
    wifi().on()
    assert air.tried == [NEAR, NEAR, FAR]
    wifi().on()
    assert air.tried[-1] == FAR
    assert air.scans == 2


def test_one_that_never_answers_does_not_hold_the_others_up_for_long(air: Air, wifi: Any) -> None:
    wifi().on()
    air.deaf.add(NEAR)
    air.reach[FAR] = (HOME, -40)
    began = air.now_ms
    wifi().on()
    assert air.tried[-1] == FAR
    assert air.now_ms - began < 6000


def test_without_the_network_the_radio_is_off_again_within_two_seconds(air: Air, wifi: Any) -> None:
    air.reach = {b"\x02other": (b"other", -30)}
    with pytest.raises(TransportError, match="no network of that name"):
        wifi().on()
    assert air.now_ms <= 2000
    assert not air.on
    assert air.tried == []


def test_a_network_that_hides_its_name_is_tried_all_the_same(air: Air, wifi: Any) -> None:
    air.reach = {b"\x02hides": (b"\0\0\0\0", -30)}
    wifi().on()
    assert air.tried == [None]


def test_a_wrong_password_ends_the_try_at_once_and_is_not_told(air: Air, wifi: Any) -> None:
    air.password_is_right = False
    with pytest.raises(TransportError, match="the Wi-Fi password is not right") as caught:
        wifi().on()
    assert "secret" not in str(caught.value)
    assert air.now_ms <= 2000
    assert not air.on


def test_a_damaged_or_unwritable_file_costs_a_look_and_nothing_else(
    air: Air, wifi: Any, tmp_path: Path
) -> None:
    (tmp_path / "radio").write_bytes(b"??")
    wifi().on()
    assert air.tried == [NEAR]
    (tmp_path / "radio").unlink()
    (tmp_path / "radio").mkdir()
    wifi().on()
    assert air.tried == [NEAR, NEAR]
