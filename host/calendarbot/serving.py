"""A configured display as the server needs it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot.build import next_ask
from calendarbot.errors import ConfigError, StoreError
from calendarbot.keys import display_keys, retire
from calendarbot.server.display import ServedDisplay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.config import Config
    from calendarbot.keys import Keys
    from calendarbot.store import Store


def served_display(config: Config, name: str, store: Store) -> ServedDisplay:
    """Raises ConfigError or StoreError when the display's key cannot be read."""
    display_keys(config, name)
    display = config.display(name)
    tz = ZoneInfo(display.tz)

    def ask_at(now: int, changes: Sequence[int]) -> int:
        moments = [datetime.fromtimestamp(change, tz) for change in changes]
        wanted = next_ask(display.policy, datetime.fromtimestamp(now, tz), moments)
        return int(wanted.timestamp())

    def keys() -> Keys:
        # Read each time: a new key is in force from the moment it is there.
        try:
            return display_keys(config, name)
        except ConfigError as error:
            raise StoreError(error.message, error.hint) from None

    return ServedDisplay(
        name=name,
        title=display.title or name,
        store=store,
        keys=keys,
        tz=tz,
        next_ask=ask_at,
        retire_key=partial(retire, name),
    )
