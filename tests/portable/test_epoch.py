"""Epoch seconds and dates. tests/device compares them with CPython's own for many more."""

from check import NOON

from inkframe.epoch import from_utc, parse_http_date, to_utc

KNOWN = (
    (0, (1970, 1, 1, 0, 0, 0)),
    (951782400, (2000, 2, 29, 0, 0, 0)),
    (1709251199, (2024, 2, 29, 23, 59, 59)),
    (NOON, (2026, 11, 24, 12, 0, 0)),
    (4107542399, (2100, 2, 28, 23, 59, 59)),
    (4107542400, (2100, 3, 1, 0, 0, 0)),
    (4294967295, (2106, 2, 7, 6, 28, 15)),
)


def test_dates_that_everyone_knows_have_their_seconds_and_back():
    for seconds, date in KNOWN:
        assert from_utc(*date) == seconds
        assert to_utc(seconds) == date


def test_every_day_of_sixty_years_comes_back_as_it_went():
    for days in range(0, 60 * 365, 7):
        seconds = 1735689600 + days * 86400 + days % 86400
        assert from_utc(*to_utc(seconds)) == seconds


def test_the_date_of_an_http_reply_is_understood():
    assert parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT") == NOON
    assert parse_http_date("Thu, 01 Jan 1970 00:00:01 GMT") == 1


def test_what_is_not_such_a_date_counts_as_none():
    for text in (
        "",
        "now",
        "Tuesday, 24-Nov-26 12:00:00 GMT",
        "Tue Nov 24 12:00:00 2026",
        "Tue, 24 Nov 2026 12:00:00 CET",
        "Tue, 24 Now 2026 12:00:00 GMT",
        "Tue, 24 anF 2026 12:00:00 GMT",
        "Tue, 24 an 2026 12:00:00 GMT",
        "Tue, xx Nov 2026 12:00:00 GMT",
        "Tue, 24 Nov 2026 12:00 GMT",
        "Tue, 24 Nov 2026 12:00:00:00 GMT",
        "Tue, 24 Nov 99999999999 12:00:00 GMT",
        "Tue, 24 Nov -2026 12:00:00 GMT",
        "Tue, 24 Nov 1969 12:00:00 GMT",
        "Tue, 99 Nov 2026 12:00:00 GMT",
        "Tue, 24 Nov 2026 25:00:00 GMT",
        "Tue, 24 Nov 2026 12:-1:00 GMT",
    ):
        assert parse_http_date(text) == 0, text
