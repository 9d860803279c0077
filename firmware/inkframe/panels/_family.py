"""What every controller family shares: which refresh a panel gets, and that it is asleep afterwards."""

from inkframe import wire
from inkframe.compat import const
from inkframe.errors import PanelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.panels._bus import Bus
    from inkframe.parts import Pixels

_RESET_MS = const(2)
_SETTLE_MS = const(20)
COMMAND_MS = const(2000)
"""How long a controller may be busy with anything but a refresh."""


class Family:
    """A panel is a subclass of a family: data, and what differs. `inkframe.wire` says what its bits mean.

    A family has `_paint`, which ends with the panel's power off, `_power_off` and `_deep_sleep`.
    """

    name = ""
    controller = ""
    width_px = 0
    height_px = 0
    bpp = 1
    planes = 1
    palette: tuple[tuple[int, int, int], ...] = ((0, 0, 0), (255, 255, 255))
    rotation = 0
    """Degrees clockwise by which a page is turned to lie on the panel's rows. The host does the turning."""
    refresh_ms = (0, 0, 0)
    """How long a full, a fast and a partial refresh take at room temperature; 0: there is none."""
    most_quick_refreshes = 0
    """Fast and partial refreshes in a row before a full one clears their ghosts."""
    busy_level = 0

    def __init__(self, bus: "Bus") -> None:
        self._bus = bus

    def show(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        """Show `new`. `held` is what the panel shows now; None, when unknown, makes the refresh full.

        A refresh that the panel does not have becomes a full one, too. `window` = (x, y, width, height)
        in pixels holds all that a partial refresh changes. PanelError when the panel does not answer.
        Whatever happens, the panel is without power and in deep sleep afterwards.
        """
        if held is None or not self.refresh_ms[refresh]:
            refresh = wire.FULL
        painted = False
        try:
            self._paint(new, held, refresh, window)
            painted = True
        finally:
            if not painted:
                self._abandon()
            self._deep_sleep()

    def _paint(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        raise NotImplementedError

    def _power_off(self) -> None:
        raise NotImplementedError

    def _deep_sleep(self) -> None:
        raise NotImplementedError

    def _abandon(self) -> None:
        # A controller that hangs takes no command, but its reset line turns the booster off.
        for attempt in (self._reset, self._power_off):
            try:
                attempt()
            except PanelError:
                pass  # the first failure is the one to report; deep sleep is still worth a try

    def _reset(self) -> None:
        self._bus.reset(_RESET_MS, _SETTLE_MS)
        self._wait(COMMAND_MS, "reset")

    def _wait(self, timeout_ms: int, doing: str) -> None:
        self._bus.wait_idle(self.busy_level, timeout_ms, doing)

    def _wait_refreshed(self, refresh: int) -> None:
        # In the cold a refresh takes up to three times as long.
        self._wait(3 * self.refresh_ms[refresh] + 5000, "refresh")
