"""The packages that talk to boards: an extra, so that a server needs none of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def device_extra() -> Iterator[None]:
    """Imports inside may need the extra `device`. DeviceError names what is missing."""
    try:
        yield
    except ImportError as error:
        raise DeviceError(
            f"talking to boards needs the Python package {error.name!r}",
            "pip install 'calendarbot[device]'",
        ) from None
