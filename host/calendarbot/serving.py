"""A configured display as the server needs it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot.build import next_ask
from calendarbot.provision import display_key
from calendarbot.server.display import ServedDisplay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.config import Config
    from calendarbot.store import Store


def served_display(config: Config, name: str, store: Store) -> ServedDisplay:
    """Raises ConfigError when the display's key cannot be read."""
    display = config.display(name)
    tz = ZoneInfo(display.tz)

    def ask_at(now: int, changes: Sequence[int]) -> int:
        moments = [datetime.fromtimestamp(change, tz) for change in changes]
        wanted = next_ask(display.policy, datetime.fromtimestamp(now, tz), moments)
        return int(wanted.timestamp())

    return ServedDisplay(
        name=name,
        title=display.title or name,
        store=store,
        key=display_key(config, name),
        tz=tz,
        next_ask=ask_at,
    )
