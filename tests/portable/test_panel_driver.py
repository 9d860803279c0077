"""The UC8179 driver: what goes over the wires, in which order, and that the panel is left asleep."""

from check import picture, raises

from inkframe import wire
from inkframe.errors import PanelError
from inkframe.frames import InRam
from inkframe.panels._bus import Bus
from inkframe.panels._uc8179 import UC8179
from inkframe.panels.waveshare_7in5_v2 import Panel as Waveshare

POF, PON, DSLP, DTM1, DRF, DTM2, CDI, TRES = 0x02, 0x04, 0x07, 0x10, 0x12, 0x13, 0x50, 0x61
PTL, PTIN, PTOUT, CCSET, TSSET = 0x90, 0x91, 0x92, 0xE0, 0xE5
IDLE, BUSY = 1, 0
NEW, HELD = picture(1, 256), picture(2, 256)
WHOLE = (0, 0, 64, 32)


class Small(UC8179):
    width_px = 64
    height_px = 32


class Wires:
    """Records what a controller would understand: a list of [command, data]."""

    def __init__(self):
        self.commands = []
        self.resets = 0
        self.slept_ms = 0
        self.fed = 0
        self.longest_unfed_ms = 0
        self._unfed_ms = 0
        self._dc = self._cs = 1
        self.busy_after = {}
        """How many ms the busy line stays low after a command; negative: for ever."""
        self._busy_ms = 0

    def write(self, data):
        assert self._cs == 0, "spoke to nobody"
        data = bytes(data)
        if self._dc:
            self.commands[-1][1] += data
        else:
            assert len(data) == 1
            self.commands.append([data[0], b""])
            self._busy_ms = self.busy_after.get(data[0], 0)

    def cs(self, level):
        self._cs = level

    def dc(self, level):
        self._dc = level

    def reset(self, level):
        self.resets += level == 0

    def busy(self):
        return BUSY if self._busy_ms else IDLE

    def sleep_ms(self, duration_ms):
        self.slept_ms += duration_ms
        self._unfed_ms += duration_ms
        self.longest_unfed_ms = max(self.longest_unfed_ms, self._unfed_ms)
        if self._busy_ms > 0:
            self._busy_ms = max(0, self._busy_ms - duration_ms)

    def feed(self):
        self.fed += 1
        self._unfed_ms = 0

    @property
    def codes(self):
        return [code for code, _ in self.commands]

    def data(self, code):
        return [data for other, data in self.commands if other == code]


def show(refresh=wire.FULL, held=HELD, window=WHOLE, panel=Small, **wires):
    """(wires, panel error or None) after one frame was shown."""
    made = Wires()
    made.busy_after = wires.get("busy_after", {PON: 50, DRF: 3000, POF: 20})
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    size = wire.frame_bytes(panel.width_px, panel.height_px, 1, 1)
    new = InRam(NEW if panel is Small else picture(1, size))
    held = None if held is None else InRam(held)
    try:
        panel(bus).show(new, held, refresh, window)
    except PanelError as error:
        return made, error
    finally:
        made.sent_bytes = bus.sent_bytes
    return made, None


def test_a_frame_is_sent_between_power_on_and_power_off_and_deep_sleep_is_last():
    for refresh in (wire.FULL, wire.FAST, wire.PARTIAL):
        wires, error = show(refresh)
        assert error is None
        codes = [code for code in wires.codes if code in (PON, DTM1, DTM2, DRF, POF, DSLP)]
        assert codes == [PON, DTM1, DTM2, DRF, POF, DSLP]
        assert wires.codes[-1] == DSLP
        assert wires.data(DSLP) == [b"\xa5"]
        assert wires.resets == 1


def test_the_panel_is_told_its_size():
    assert show()[0].data(TRES) == [bytes((0, 64, 0, 32))]
    wires, _ = show(panel=Waveshare)
    assert wires.data(TRES) == [bytes((800 >> 8, 800 & 255, 480 >> 8, 480 & 255))]
    assert len(wires.data(DTM2)[0]) == 48000


def test_a_full_refresh_drives_every_pixel():
    for held in (HELD, None):
        wires, _ = show(wire.FULL, held)
        assert wires.data(DTM2) == [NEW]
        assert wires.data(DTM1) == [bytes(value ^ 255 for value in NEW)]
        assert CCSET not in wires.codes


def test_a_fast_refresh_is_told_what_the_panel_shows():
    wires, _ = show(wire.FAST)
    assert (wires.data(DTM1), wires.data(DTM2)) == ([HELD], [NEW])
    assert wires.data(TSSET) == [b"\x5a"]


def test_a_partial_refresh_sends_the_rows_of_its_window_and_leaves_the_border():
    wires, _ = show(wire.PARTIAL, window=(8, 4, 16, 3))
    assert wires.data(PTL) == [bytes((0, 0, 0, 63, 0, 4, 0, 6, 1))]
    assert (wires.data(DTM1), wires.data(DTM2)) == ([HELD[32:56]], [NEW[32:56]])
    assert wires.codes.index(PTIN) < wires.codes.index(PTL) < wires.codes.index(DTM1)
    assert wires.codes.index(DRF) < wires.codes.index(PTOUT) < wires.codes.index(POF)
    assert wires.data(TSSET) == [b"\x6e"]
    assert wires.data(CDI) != show(wire.FULL)[0].data(CDI)


def test_without_knowing_what_is_shown_every_refresh_is_full():
    full, _ = show(wire.FULL, None)
    for refresh in (wire.FAST, wire.PARTIAL):
        wires, _ = show(refresh, None)
        assert wires.commands == full.commands


def test_the_refresh_is_waited_for_and_the_watchdog_fed_all_along():
    wires, _ = show()
    assert wires.slept_ms >= 3000
    assert wires.fed >= 290
    assert wires.longest_unfed_ms <= 500


def napping(made, nap):
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    bus.nap = nap
    return Small(bus)


def test_a_board_that_may_nap_does_so_while_the_panel_is_busy_and_feeds_the_watchdog_between():
    made, naps = Wires(), []

    def nap():
        assert made._busy_ms, "the panel was idle"
        made.sleep_ms(51)
        naps.append(51)
        return 51

    made.busy_after = {PON: 50, DRF: 3000, POF: 20}
    napping(made, nap).show(InRam(NEW), InRam(HELD), wire.FULL, WHOLE)
    assert sum(naps) >= 3000
    assert made.slept_ms - sum(naps) < 100, "it waited awake"
    assert made.fed == len(naps)
    assert made.longest_unfed_ms <= 500


def test_naps_count_for_as_long_as_they_were():
    """The chip may sleep shorter than it was told: a panel must not be given up before its time."""
    made = Wires()
    made.busy_after = {DRF: -1}

    def nap():
        made.sleep_ms(1)
        return 1

    error = raises(
        PanelError, napping(made, nap).show, InRam(NEW), InRam(HELD), wire.PARTIAL, WHOLE
    )
    assert "refresh" in str(error)
    assert 6000 < made.slept_ms < 12000


def test_a_panel_that_stays_busy_is_an_error_after_a_bounded_time_and_is_left_asleep():
    for stuck, doing in ((PON, "power on"), (DRF, "refresh")):
        wires, error = show(busy_after={stuck: -1})
        assert doing in str(error)
        assert wires.codes[-2:] == [POF, DSLP]
        assert wires.slept_ms < 30000
        assert wires.longest_unfed_ms <= 500


def test_a_panel_that_is_not_there_is_an_error_before_anything_is_sent():
    made = Wires()
    made.busy = lambda: BUSY
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    error = raises(PanelError, Small(bus).show, InRam(NEW), None, wire.FULL, WHOLE)
    assert "reset" in str(error)
    assert made.codes == [POF, DSLP]
    assert made.slept_ms < 10000


def test_a_panel_stuck_in_power_off_is_still_sent_to_sleep():
    wires, _ = show(busy_after={POF: -1})
    assert wires.codes[-1] == DSLP


def test_whatever_breaks_on_the_way_the_panel_is_powered_off():
    class Breaks(Wires):
        def write(self, data):
            super().write(data)
            if self.commands[-1][0] == DTM2:
                raise OSError(5)

    made = Breaks()
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    raises(OSError, Small(bus).show, InRam(NEW), None, wire.FULL, WHOLE)
    assert made.codes[-2:] == [POF, DSLP]


def test_what_goes_over_the_wire_is_counted():
    wires, _ = show()
    assert wires.sent_bytes == sum(1 + len(data) for _, data in wires.commands)


def test_the_chip_is_deselected_between_commands():
    made = Wires()
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    frame = InRam(bytes(1000))
    for send in (
        lambda: bus.command(1, b"ab"),
        lambda: bus.pixels(1, frame),
        lambda: bus.pixels_inverted(1, frame),
    ):
        send()
        assert made._cs == 1
        raises(AssertionError, made.write, b"x")


def test_a_frame_is_not_changed_by_being_sent_inverted():
    made = Wires()
    bus = Bus(made, made.cs, made.dc, made.reset, made.busy, made.sleep_ms, made.feed)
    for size in (1, 511, 512, 513, 1100):
        data = bytearray(picture(3, size))
        made.commands.clear()
        bus.pixels_inverted(DTM1, InRam(data))
        assert made.commands == [[DTM1, bytes(value ^ 255 for value in data)]]
        assert data == picture(3, size)
