"""Epoch seconds in integers. MicroPython's own epoch depends on the port, and its floats are too short."""

from inkframe.compat import const

_LAST = const(0xFFFFFFFF)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def from_utc(year: int, month: int, day: int, hours: int, minutes: int, seconds: int) -> int:
    """Seconds since 1970 of a UTC date, in integers: MicroPython's own epoch depends on the port."""
    # Days by a year that begins in March, so that the leap day comes last.
    shifted = year - (month < 3)
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400
    days += (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719468
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def parse_http_date(text: str) -> int:
    """Epoch seconds of an IMF-fixdate (RFC 9110 §5.6.7), 0 when `text` is not one."""
    try:
        _, day, month, year, clock, zone = text.split(" ")
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        place = _MONTHS.index(month)
        date = int(year), place // 3 + 1, int(day), hours, minutes, seconds
    except ValueError:
        return 0
    if zone != "GMT" or len(month) != 3 or place % 3:
        return 0
    epoch_s = from_utc(*date)
    # A date that does not exist comes back as another one.
    return epoch_s if 0 <= epoch_s <= _LAST and to_utc(epoch_s) == date else 0


def to_utc(seconds: int) -> tuple[int, int, int, int, int, int]:
    """(year, month, day, hours, minutes, seconds) of epoch seconds: the inverse of `from_utc`."""
    days, rest = seconds // 86400 + 719468, seconds % 86400
    era, day_of_era = days // 146097, days % 146097
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return (
        year + era * 400 + (month <= 2),
        month,
        day,
        rest // 3600,
        rest // 60 % 60,
        rest % 60,
    )
