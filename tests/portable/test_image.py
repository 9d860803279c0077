"""A full image into the partition that does not run, against a stand-in with esp32.Partition's semantics.

Sources: MicroPython's documentation, class esp32.Partition (writeblocks does not erase where an offset is
given; ioctl as in vfs.AbstractBlockDev); ESP-IDF, "App Rollback" (an image that was not marked valid is left
at the next restart).
"""

import hashlib

from check import NOON, Bytes, an_update, raises
from device_in_memory import Device, Hang

from inkframe.errors import StateError, UpdateError, WireError
from inkframe.image import BLOCK_BYTES, Image

NEW = NOON + 1
CONTENT = b"\xe9" + b"image" * 1200


class Partition:
    """One of a chip's two. NOR flash: writing only clears bits, erasing sets all of a block."""

    def __init__(self, chip, subtype, blocks=2):
        self.chip = chip
        self.subtype = subtype
        self.data = bytearray(b"\x5a" * blocks * BLOCK_BYTES)

    def info(self):
        return (0, self.subtype, 0x10000, len(self.data), "ota", False)

    def get_next_update(self):
        if len(self.chip.partitions) < 2:
            raise OSError(-261, "ESP_ERR_NOT_FOUND")
        return self.chip.partitions[self.chip.partitions[0] is self]

    def ioctl(self, command, argument):
        if command == 4:
            return len(self.data) // BLOCK_BYTES
        if command == 5:
            return BLOCK_BYTES
        if command == 6:
            begin = argument * BLOCK_BYTES
            self.data[begin : begin + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
            return 0
        raise ValueError(command)

    def writeblocks(self, block, buffer, offset=0):
        self.chip.writes += 1
        if self.chip.worn:
            raise OSError(5)
        begin = block * BLOCK_BYTES + offset
        for at in range(len(buffer)):
            self.data[begin + at] &= buffer[at]

    def readblocks(self, block, buffer, offset=0):
        begin = block * BLOCK_BYTES + offset
        buffer[:] = self.data[begin : begin + len(buffer)]

    def set_boot(self):
        if self.data[0] != 0xE9:
            raise OSError(-5379, "ESP_ERR_OTA_VALIDATE_FAILED")
        self.chip.boot, self.chip.is_pending = self, True


class Chip:
    """The boot loader's part: which image starts at a reset."""

    def __init__(self, count=2, blocks=2):
        self.partitions = [Partition(self, 16 + number, blocks) for number in range(count)]
        self.running = self.boot = self.partitions[0]
        self.running.data[0] = 0xE9
        self.is_pending = False
        self.is_on_trial = False
        self.writes = 0
        self.worn = False

    def reset(self):
        if self.is_on_trial:
            self.boot = self.running.get_next_update()
        self.is_on_trial, self.is_pending = self.is_pending, False
        self.running = self.boot

    def mark_valid(self):
        self.is_on_trial = False

    def image(self):
        return Image(self.running, self.mark_valid)


def write(chip, content=CONTENT, promised=None):
    sha256 = hashlib.sha256(promised or content).digest()
    return chip.image().write(Bytes(content, 900), len(content), sha256)


def test_an_image_is_written_to_the_partition_that_does_not_run():
    chip = Chip()
    before = bytes(chip.running.data)
    assert write(chip) == 17
    assert bytes(chip.partitions[1].data[: len(CONTENT)]) == CONTENT
    assert bytes(chip.running.data) == before
    assert chip.boot is chip.running, "it is set to boot only when it is known to be whole"


def test_a_board_with_one_partition_and_an_image_that_is_too_large_are_refused():
    assert raises(UpdateError, write, Chip(1)).outcome == "board"
    chip = Chip(blocks=1)
    assert raises(UpdateError, write, chip).outcome == "board"
    assert not chip.writes


def test_an_image_that_is_cut_short_damaged_or_badly_written_is_never_booted():
    chip = Chip()
    short = raises(UpdateError, chip.image().write, Bytes(CONTENT[:5000], 900), len(CONTENT), b"")
    assert short.outcome == "cut"
    raises(WireError, write, chip, CONTENT, CONTENT + b"!")
    chip.worn = True
    raises(StateError, write, chip)
    assert chip.boot is chip.running


class Esp32(Device):
    """A device in memory on such a chip."""

    def __init__(self):
        super().__init__()
        self.chip = Chip()
        self.board.chip = "esp32c3"
        self.image = self.chip.image

    def start(self):
        slots = self.slots()
        running = self.chip.running.subtype
        on_trial = slots.image
        slots.start(running)
        if on_trial == running and not slots.image:
            self.chip.image().start_other()
            slept = None
        else:
            slept = self.started()
        if slept is None:
            self.chip.reset()
        return slept


def offered(starts=None):
    made = Esp32()
    made.serve_a_page()
    if starts:
        made.starts[NEW] = starts
    made.host.update = an_update([("image", CONTENT)], NEW, kind=1, chip="esp32c3", mpy=0)
    made.host.offered = NEW
    made.clock.seconds = made.state().ask_at
    made.settle()
    return made


def test_a_good_image_is_started_by_a_reset_and_marked_valid_after_its_first_good_answer():
    made = offered()
    assert made.restarts == 1
    assert made.chip.running.subtype == 17
    assert not made.chip.is_on_trial
    assert made.slots().report() == f"app={NEW};update=good.{NEW}"
    made.chip.reset()
    assert made.chip.running.subtype == 17


def test_an_image_that_hangs_or_crashes_makes_place_for_the_one_before():
    def hangs():
        raise Hang

    def crashes():
        raise ValueError("no")

    for starts, outcome in ((hangs, "hang"), (crashes, "crash")):
        made = offered(starts)
        assert made.chip.running.subtype == 16
        assert not made.chip.is_on_trial
        assert made.slots().report() == f"app=0;update={outcome}.{NEW}"


def test_without_a_boot_loader_that_goes_back_the_count_of_starts_does():
    def hangs():
        raise Hang

    made = Esp32()
    made.serve_a_page()
    made.starts[NEW] = hangs
    reset = made.chip.reset

    def reset_and_stay():
        reset()
        made.chip.is_on_trial = False

    made.chip.reset = reset_and_stay
    made.host.update = an_update([("image", CONTENT)], NEW, kind=1, chip="esp32c3", mpy=0)
    made.host.offered = NEW
    made.clock.seconds = made.state().ask_at
    made.settle()
    assert made.chip.running.subtype == 16
    assert made.slots().report() == f"app=0;update=hang.{NEW}"


def test_what_is_no_image_is_not_booted():
    made = Esp32()
    made.serve_a_page()
    made.host.update = an_update([("image", b"zip")], NEW, kind=1, chip="esp32c3", mpy=0)
    made.host.offered = NEW
    made.clock.seconds = made.state().ask_at
    made.settle()
    assert made.chip.running.subtype == 16
    assert made.slots().report() == f"app=0;update=state.{NEW}"
