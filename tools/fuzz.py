"""python -m tools.fuzz [SECONDS]: mutated calendars through parse, index and expansion, with atheris.

Begins from the cases in tests/calendars and keeps what reaches new code in .cache/fuzz. What crashes,
takes too long or takes too much memory is written to out/fuzz, and the exit code is not 0: run
`python -m tools.fuzz FILE` to see it again, make it a case, then mend it. Needs `pip install atheris`
(the extra `fuzz`).
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import atheris

with atheris.instrument_imports(include=["calendarbot.events"]):
    from calendarbot.events import index
    from calendarbot.events.reading import occurrences
    from calendarbot.events.series import Window
    from calendarbot.events.texts import Text

from calendarbot.config import CalendarOptions
from calendarbot.errors import SourceError

ROOT: Final = Path(__file__).resolve().parents[1]
_SECONDS: Final = 60
_MEMORY_MIB: Final = 1024
_SLOW_S: Final = 25
_LONGEST_BYTES: Final = 20_000

_ZONE: Final = ZoneInfo("Europe/Berlin")
# A few days with a clock change: many occurrences take time and reach nothing new.
_WINDOW: Final = Window.between(
    datetime(2026, 10, 24, tzinfo=_ZONE), datetime(2026, 10, 27, tzinfo=_ZONE)
)
_OPTIONS: Final = CalendarOptions()
# What hypothesis and libFuzzer do not invent.
_WORDS: Final = (
    *("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VTIMEZONE"),
    *(
        "BEGIN:STANDARD",
        "RRULE:",
        "EXRULE:",
        "RDATE;",
        "EXDATE;",
        "RECURRENCE-ID;",
        "VALUE=PERIOD:",
    ),
    *("VALUE=DATE:", "TZID=", "RANGE=THISANDFUTURE", "DURATION:P", "TZOFFSETTO:", "-1SU"),
    *("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"),
    *("FREQ=YEARLY", "INTERVAL=", "COUNT=", "UNTIL=", "BYSETPOS=", "BYWEEKNO=", "BYYEARDAY="),
    *("BYMONTHDAY=", "BYMONTH=", "BYDAY=", "BYHOUR=", "BYMINUTE=", "BYSECOND=", "WKST=", "RSCALE="),
    *("SKIP=FORWARD", "99991231", "00010101"),
)


def one_input(data: bytes) -> None:
    """Anything may be left out or refused; nothing may crash, or end before it begins."""
    try:
        found, left_out = occurrences([Text(data, "fuzz.ics")], "fuzz", _WINDOW, _ZONE, _OPTIONS)
    except SourceError as error:
        _check_line(error.message)
        return
    for line in left_out:
        _check_line(line)
    for one in found:
        if one.end < one.start:
            raise AssertionError(f"{one} ends before it begins")
        _check_line(one.summary)


def _check_line(text: str) -> None:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text):
        raise AssertionError(f"control characters in {text!r}")


def _no_folder() -> Path:
    raise RuntimeError("nothing is kept of what was invented")


def main(arguments: list[str]) -> None:
    patch.object(index, "cache_dir", _no_folder).start()
    seeds, kept, finds = (
        ROOT / place for place in (".cache/fuzz/seeds", ".cache/fuzz/kept", "out/fuzz")
    )
    for folder in (seeds, kept, finds):
        folder.mkdir(parents=True, exist_ok=True)
    dictionary = seeds.parent / "words"
    dictionary.write_text("".join(f'"{word}"\n' for word in _WORDS))
    options = [
        f"-dict={dictionary}",
        f"-artifact_prefix={finds}/",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-timeout={_SLOW_S}",
        f"-max_len={_LONGEST_BYTES}",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    if arguments and not arguments[0].isdigit():
        inputs = arguments
    else:
        _write_seeds(seeds)
        options.append(f"-max_total_time={arguments[0] if arguments else _SECONDS}")
        inputs = [str(kept), str(seeds)]
    atheris.Setup([sys.argv[0], *options, *inputs], one_input)
    atheris.Fuzz()


def _write_seeds(folder: Path) -> None:
    sys.path.append(str(ROOT / "tests" / "calendars"))
    from case_files import all_cases  # type: ignore[import-not-found]  # the tests' folder

    for number, case in enumerate(all_cases()):
        (folder / f"{number:04}.ics").write_bytes(case.data)


if __name__ == "__main__":
    main(sys.argv[1:])
