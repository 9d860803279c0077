"""What a device remembers: whole or not at all."""

# ruff: noqa: PTH102, PTH106, PTH107, PTH208  # MicroPython has no pathlib

import os
from binascii import hexlify

from check import NOON, Page, body, crc32, frame_id, picture, raises
from device_in_memory import Flash, PowerCut

from inkframe import wire
from inkframe.errors import StateError
from inkframe.memory import Memory, State

FRAME = picture(1, 256)
RAW = body([Page(NOON, FRAME), Page(NOON + 60, picture(2, 256), FRAME)])
TABLE_END = wire.HEAD_BYTES + 2 * wire.ENTRY_BYTES


def a_state():
    state = State()
    state.held, state.held_crc32 = frame_id(FRAME), crc32(FRAME)
    state.sequence, state.ask_at = 0xFFFFFFFE, NOON
    state.failures, state.quick_refreshes, state.wakes = 3, 4, 5
    state.error, state.etag = "transport", b'"abc"'
    state.over, state.battery = "auth", 1
    state.synced_at, state.drift_ppm, state.sample_ppm = NOON, -321, 321
    return state


def fields(state):
    known = (state.held, state.held_crc32, state.sequence, state.error, state.etag)
    known += (state.over, state.battery, state.synced_at, state.drift_ppm, state.sample_ppm)
    return known, (state.ask_at, state.failures, state.quick_refreshes, state.wakes)


def cut_short(function, *args):
    """Call with the power failing on the way, or not."""
    try:
        function(*args)
    except PowerCut:
        return True
    return False


def write_bundle(memory, raw=RAW, sequence=9):
    writer = memory.begin_bundle()
    for at in range(0, len(raw), 100):
        writer.write(raw[at : at + 100])
    writer.finish(crc32(raw[:TABLE_END]), sequence)
    memory.commit_bundle()


# State


def test_a_device_that_never_woke_knows_nothing():
    state = Memory("", Flash()).load()
    assert fields(state) == fields(State())
    assert state.held == wire.NO_FRAME


def test_a_state_comes_back_as_it_was_saved():
    flash = Flash()
    Memory("", flash).save(a_state())
    assert fields(Memory("", flash).load()) == fields(a_state())


def test_a_state_of_longest_fields_comes_back():
    state = a_state()
    state.etag, state.error = b"e" * 64, "x" * 16
    flash = Flash()
    Memory("", flash).save(state)
    assert fields(Memory("", flash).load()) == fields(state)


def test_counters_that_ran_over_are_held_at_their_end():
    state = a_state()
    state.failures = state.quick_refreshes = 70000
    read = State()
    assert read.unpack(state.pack())
    assert (read.failures, read.quick_refreshes) == (65535, 65535)


def test_a_damaged_state_counts_as_none():
    raw = a_state().pack()
    for at in range(len(raw)):
        wrong = bytearray(raw)
        wrong[at] ^= 0x10
        state = State()
        assert not state.unpack(bytes(wrong))
        assert fields(state) == fields(State())


def test_a_state_cut_short_or_too_long_counts_as_none():
    raw = a_state().pack()
    for length in range(len(raw)):
        assert not State().unpack(raw[:length])
    assert not State().unpack(raw + b"\0")


def with_crc(raw):
    crc = crc32(bytes(raw))
    return bytes(raw) + bytes(crc >> shift & 255 for shift in (0, 8, 16, 24))


def test_a_state_of_another_version_counts_as_none():
    raw = bytearray(a_state().pack()[:-4])
    for version in (0, 1, 3, 255):
        raw[0] = version
        assert not State().unpack(with_crc(raw))


def test_a_state_that_firmware_of_version_1_wrote_is_taken_over():
    written = a_state().pack()
    state = State()
    assert state.unpack(with_crc(b"\x01" + written[1:109]))
    right = a_state()
    right.over, right.battery = "", 0
    right.synced_at = right.drift_ppm = right.sample_ppm = 0
    assert fields(state) == fields(right)


def test_a_cut_at_any_step_of_a_save_leaves_the_old_state_or_the_new():
    old, new = State(), a_state()
    seen = set()
    for step in range(20):
        flash = Flash()
        Memory("", flash).save(old)
        flash.power.cut_at = flash.power.steps + step
        cut_short(Memory("", flash).save, new)
        flash.power.cut_at = -1
        found = fields(Memory("", flash).load())
        assert found in (fields(old), fields(new))
        seen.add(found)
    assert len(seen) == 2


def test_a_flash_that_is_full_is_a_state_error():
    flash = Flash()
    flash.full = True
    memory = Memory("", flash)
    raises(StateError, memory.save, a_state())
    raises(StateError, memory.write_frame, FRAME)
    raises(StateError, memory.begin_bundle().write, b"abc")


def test_a_flash_that_became_read_only_is_a_state_error():
    flash = Flash()
    memory = Memory("", flash)
    writer = memory.begin_bundle()
    writer.write(RAW)
    writer.finish(0, 1)
    flash.read_only = True
    raises(StateError, memory.commit_bundle)
    raises(StateError, memory.begin_bundle)
    raises(StateError, memory.save, a_state())


# Frame


def test_the_frame_held_comes_back():
    memory = Memory("", Flash())
    memory.write_frame(FRAME)
    buffer = bytearray(256)
    assert memory.read_frame(a_state(), buffer, 256)
    assert buffer == FRAME


def test_a_frame_is_not_read_when_none_is_held():
    memory = Memory("", Flash())
    memory.write_frame(FRAME)
    assert not memory.read_frame(State(), bytearray(256), 256)


def test_a_frame_that_is_missing_damaged_or_of_another_size_counts_as_none():
    flash = Flash()
    memory = Memory("", flash)
    assert not memory.read_frame(a_state(), bytearray(256), 256)
    for wrong in (b"", FRAME[:-1], FRAME + b"\0", picture(2, 256), bytes(256)):
        memory.write_frame(wrong)
        assert not memory.read_frame(a_state(), bytearray(256), 256)
    memory.write_frame(FRAME)
    flash.broken = ("frame",)
    assert not memory.read_frame(a_state(), bytearray(256), 256)


# Bundle


def test_a_bundle_comes_back_with_its_sequence_and_its_payloads():
    memory = Memory("", Flash())
    write_bundle(memory)
    held = memory.open_bundle()
    assert held.sequence == 9
    assert held.table.head.frames == 2
    for index in range(2):
        begin = held.table.offset(index)
        length = held.table.entry(index).payload_bytes
        assert held.payload(index).read(length) == RAW[begin : begin + length]


def test_a_bundle_is_not_there_before_it_is_committed():
    flash = Flash()
    memory = Memory("", flash)
    assert memory.open_bundle() is None
    memory.begin_bundle().write(RAW)
    assert memory.open_bundle() is None
    assert list(flash.files) == ["bundle.new"]


def test_a_forgotten_bundle_is_gone_and_can_be_forgotten_again():
    memory = Memory("", Flash())
    write_bundle(memory)
    memory.forget_bundle()
    assert memory.open_bundle() is None
    memory.forget_bundle()


def test_damage_in_the_table_of_a_bundle_makes_it_count_as_none():
    flash = Flash()
    memory = Memory("", flash)
    write_bundle(memory)
    right = flash.files["bundle"]
    trailer = len(right) - 8
    for at in list(range(TABLE_END)) + list(range(trailer, trailer + 4)):
        wrong = bytearray(right)
        wrong[at] ^= 4
        flash.files["bundle"] = bytes(wrong)
        assert memory.open_bundle() is None


def test_a_bundle_cut_short_anywhere_counts_as_none():
    flash = Flash()
    memory = Memory("", flash)
    write_bundle(memory)
    right = flash.files["bundle"]
    for length in range(len(right)):
        flash.files["bundle"] = right[:length]
        assert memory.open_bundle() is None
    flash.files["bundle"] = right
    flash.broken = ("bundle",)
    assert memory.open_bundle() is None


def test_a_cut_at_any_step_of_writing_a_bundle_leaves_the_old_one_or_the_new():
    seen = set()
    for step in range(40):
        flash = Flash()
        memory = Memory("", flash)
        write_bundle(memory, RAW, 8)
        flash.power.cut_at = flash.power.steps + step
        cut_short(write_bundle, memory, RAW, 9)
        flash.power.cut_at = -1
        seen.add(memory.open_bundle().sequence)
    assert seen == {8, 9}


def test_writes_are_counted():
    memory = Memory("", Flash())
    memory.save(State())
    memory.write_frame(FRAME)
    write_bundle(memory)
    assert memory.writes == 3
    assert memory.written_bytes == len(State().pack()) + 256 + len(RAW) + 8


def test_without_files_handed_in_the_real_ones_are_used():
    folder = "/tmp/test_memory_" + hexlify(os.urandom(6)).decode()
    os.mkdir(folder)
    try:
        memory = Memory(folder + "/")
        memory.save(a_state())
        memory.save(a_state())
        write_bundle(memory)
        assert fields(Memory(folder + "/").load()) == fields(a_state())
        held = memory.open_bundle()
        assert held.sequence == 9
        held.close()
        assert sorted(os.listdir(folder)) == ["bundle", "state"]
        memory.forget_bundle()
        assert memory.open_bundle() is None
    finally:
        for name in os.listdir(folder):
            os.remove(folder + "/" + name)
        os.rmdir(folder)
