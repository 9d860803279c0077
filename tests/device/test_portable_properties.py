"""Portable code against CPython's own: dates, HMAC; and any bytes at all into every parser."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from check import Bytes, Collect
from hypothesis import example, given
from hypothesis import strategies as st

from inkframe import backoff, epoch, seal, wire
from inkframe.config import Config
from inkframe.errors import ConfigError, InkError, WireError
from inkframe.memory import State

SECONDS = st.integers(0, 2**32 - 1)


@given(SECONDS)
@example(951827696)
def test_dates_are_those_of_cpython(seconds: int) -> None:
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    date = epoch.to_utc(seconds)
    assert date == expected.timetuple()[:6]
    assert epoch.from_utc(*date) == seconds


@given(SECONDS)
def test_http_dates_are_those_of_cpython(seconds: int) -> None:
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert epoch.parse_http_date(format_datetime(date, usegmt=True)) == seconds


@given(st.text(max_size=40))
def test_any_text_for_a_date_is_a_number_of_32_bits(text: str) -> None:
    assert 0 <= epoch.parse_http_date(text) < 2**32


@given(st.binary(max_size=64), st.lists(st.binary(max_size=150), max_size=4))
def test_hmac_is_that_of_cpython(key: bytes, pieces: list[bytes]) -> None:
    made = seal.Hmac(key)
    for piece in pieces:
        made.update(piece)
    assert made.digest() == hmac.new(key, b"".join(pieces), hashlib.sha256).digest()


@given(st.binary(max_size=300))
def test_any_bytes_for_a_bundle_are_refused(raw: bytes) -> None:
    for key in (bytes(32), None):
        try:
            seal.receive(Bytes(raw), len(raw), key, Collect(), 0)
        except WireError:
            continue
        raise AssertionError("taken for a bundle")


@given(st.binary(max_size=600), st.integers(0, 600))
def test_any_bytes_for_a_table_are_refused_or_keep_the_limits(raw: bytes, size: int) -> None:
    try:
        table = wire.Table(raw, size)
    except WireError:
        return
    assert 1 <= table.head.frames <= wire.MAX_FRAMES
    assert table.head.frame_bytes <= wire.MAX_FRAME_BYTES


@given(st.binary(max_size=200))
def test_any_bytes_for_a_state_are_refused(raw: bytes) -> None:
    assert not State().unpack(raw)


@given(st.text(max_size=200) | st.recursive(st.none(), st.lists).map(str))
def test_any_text_for_a_configuration_is_refused(text: str) -> None:
    try:
        Config(text)
    except ConfigError:
        return
    raise AssertionError("taken for a configuration")


@given(st.integers(1, 10**6), st.integers(1, 86400), SECONDS)
def test_a_wait_is_bounded_whatever_happened(failures: int, retry_s: int, spread: int) -> None:
    wait = backoff.after(failures, retry_s, spread)
    assert min(retry_s, backoff.LONGEST_S) <= wait <= backoff.LONGEST_S * 5 // 4


def test_every_error_of_the_package_is_an_ink_error() -> None:
    assert issubclass(WireError, InkError)
    assert issubclass(ConfigError, InkError)
