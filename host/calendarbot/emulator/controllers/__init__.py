"""Panel controllers as a person sees them: commands and data in, a picture out.

A model stands for a driver family: `inkframe.panels._uc8179` is met by `controllers.uc8179`. Each has a class
`Controller(panel, clock_ms)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Panel


class ControllerError(DeviceError):
    """The driver broke a rule of the controller: the panel would misbehave, or be damaged."""


class Controller(Protocol):
    refreshes: dict[str, int]
    """How often the panel was refreshed, by kind."""

    def reset(self) -> None: ...
    def command(self, code: int) -> None: ...
    def data(self, data: bytes) -> None: ...
    def busy_level(self) -> int:
        """The level of the busy line now."""
        ...

    def picture(self) -> bytes:
        """What the glass shows, packed as a frame."""
        ...

    def set_picture(self, picture: bytes) -> None:
        """Let the glass show this, as one does that was painted in an earlier life."""
        ...


def controller_for(panel: type[Panel], clock_ms: Callable[[], int]) -> Controller:
    """The model of the controller that `panel` has."""
    family = panel.__mro__[1].__module__.rpartition("._")[2]
    try:
        module = import_module(f"{__name__}.{family}")
    except ModuleNotFoundError:
        raise DeviceError(f"no model of the controller {family} yet") from None
    controller: Controller = module.Controller(panel, clock_ms)
    return controller
