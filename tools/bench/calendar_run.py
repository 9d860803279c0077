"""python -m tools.bench.calendar_run WHAT FILE…: one measurement of `bench_calendars`, as JSON.

WHAT is "cold" (the index is removed first), "warm", "peer-parse" or "peer".
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

from tools.bench.machine import peak_mb

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 24, tzinfo=ZONE)
END = START + timedelta(days=31)


def ours(files: list[Path], *, cold: bool) -> dict[str, float]:
    from calendarbot.agenda import read_agenda
    from calendarbot.config import config_from_options
    from calendarbot.events import parsing  # noqa: F401  loaded only when it is needed
    from calendarbot.private import cache_dir
    from calendarbot.sources import ics_file  # noqa: F401  this one, too

    if cold:
        shutil.rmtree(cache_dir(), ignore_errors=True)
    config = config_from_options(files, tz=ZONE.key)
    began = process_time()
    agenda = read_agenda(config, list(config.calendars), START, END, ZONE, strict=True)
    return {"ms": (process_time() - began) * 1000, "occurrences": len(agenda.occurrences)}


def peers(files: list[Path], *, parse_only: bool) -> dict[str, float]:
    import icalendar
    import recurring_ical_events  # type: ignore[import-untyped]  # it has none

    began = process_time()
    calendars = [icalendar.Calendar.from_ical(file.read_bytes()) for file in files]
    parsed_ms = (process_time() - began) * 1000
    if parse_only:
        return {"ms": parsed_ms}
    queries = [recurring_ical_events.of(calendar) for calendar in calendars]
    found = sum(len(query.between(START, END)) for query in queries)
    first_ms = (process_time() - began) * 1000
    repeated_ms = []
    for _ in range(3):
        began = process_time()
        for query in queries:
            query.between(START, END)
        repeated_ms.append((process_time() - began) * 1000)
    return {"ms": min(repeated_ms), "first_ms": first_ms, "occurrences": found}


def main(what: str, *names: str) -> None:
    files = [Path(name) for name in names]
    if what.startswith("peer"):
        result = peers(files, parse_only=what == "peer-parse")
    else:
        result = ours(files, cold=what == "cold")
    result["peak_mb"] = peak_mb()
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
