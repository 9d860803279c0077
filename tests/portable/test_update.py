"""The update's format: what is taken, and what is refused before a byte of it is written."""

from binascii import hexlify

from check import KEY, NOON, WRONG_KEY, Bytes, an_update, raises
from device_in_memory import Flash

from inkframe import update
from inkframe.errors import AuthError, InkError, StateError, UpdateError, WireError

FILES = [("inkframe/cycle.mpy", b"one" * 700), ("device/board.mpy", b"two"), ("x.mpy", b"")]
VERSION = NOON
RAW = an_update(FILES, VERSION)
HEAD = RAW[: len(RAW) - sum(len(raw) for _, raw in FILES)]
PICO = update.Board("rp2040", 0x1306)


def manifest(raw=RAW, key=KEY):
    return update.read_manifest(Bytes(raw, 500), key)


def test_a_manifest_says_what_it_is_for_and_what_is_in_it():
    read = manifest()
    assert (read.kind, read.version, read.chip, read.mpy) == (0, VERSION, "rp2040", 0x1306)
    assert read.battery_mv == 3600
    assert [(row.path, row.length) for row in read.rows] == [
        (path, len(raw)) for path, raw in FILES
    ]
    assert read.size == len(RAW)


def test_a_manifest_of_another_key_is_refused():
    raises(AuthError, manifest, an_update(FILES, VERSION, WRONG_KEY))


def test_a_change_of_any_byte_of_the_manifest_is_noticed():
    for at in range(len(HEAD)):
        wrong = bytearray(RAW)
        wrong[at] ^= 1 << at % 8
        raises(InkError, manifest, bytes(wrong))


def test_a_manifest_cut_short_anywhere_is_refused():
    for length in range(len(HEAD)):
        raises(InkError, manifest, RAW[:length])


def test_an_update_that_is_not_signed_is_for_a_device_without_a_key_alone():
    unsigned = an_update(FILES, VERSION, None)
    assert manifest(unsigned, None).version == VERSION
    raises(AuthError, manifest, unsigned)
    raises(AuthError, manifest, RAW, None)


def test_files_stay_in_their_folder():
    for path in ("../main.py", "/main.py", "a//b", "a/../b", "", "a\nb", "a\\b"):
        raises(WireError, manifest, an_update([(path, b"")], VERSION))


def test_a_manifest_of_other_lengths_than_it_says_is_malformed():
    for at, value in ((6, 2), (6, 4), (6, 0), (6, 255)):
        raw = bytearray(HEAD[: -update.TAG_BYTES])
        raw[at] = value
        raises(WireError, manifest, bytes(raw) + update.tag_of(raw, KEY))


def test_an_update_for_another_board_an_older_one_and_a_low_battery_are_refused():
    def refused(board, running=0, **changes):
        read = manifest(an_update(FILES, VERSION, **changes))
        return raises(UpdateError, update.check_fits, read, board, running).outcome

    update.check_fits(manifest(), PICO, VERSION - 1)
    assert refused(PICO, chip="esp32c3") == "board"
    assert refused(PICO, mpy=0x1305) == "board"
    assert refused(PICO, mpy=0x0F06) == "board"
    assert refused(PICO, VERSION) == "old"
    assert refused(PICO, VERSION + 1) == "old"
    assert refused(update.Board("rp2040", 0x1306, 3599)) == "battery"
    update.check_fits(manifest(), update.Board("rp2040", 0x1306, 3600), 0)
    update.check_fits(manifest(an_update(FILES, VERSION, mpy=0x0006)), PICO, 0)


def written(raw, flash, folder="a"):
    source = Bytes(raw, 333)
    update.write_files(source, update.read_manifest(source, KEY), flash, folder)


def test_the_files_are_written_whole_and_what_was_there_before_is_gone():
    flash = Flash()
    flash.files = {"a/old.mpy": b"?", "a/deep/down/x.mpy": b"?", "b/x.mpy": b"b", "state": b"s"}
    written(RAW, flash)
    assert flash.files == {
        "a/inkframe/cycle.mpy": FILES[0][1],
        "a/device/board.mpy": FILES[1][1],
        "a/x.mpy": b"",
        "b/x.mpy": b"b",
        "state": b"s",
    }


def test_files_that_are_not_what_was_promised_are_refused_and_so_are_too_few_bytes():
    for at in range(len(HEAD), len(RAW), 97):
        wrong = bytearray(RAW)
        wrong[at] ^= 1
        raises(WireError, written, bytes(wrong), Flash())
    for length in range(len(HEAD), len(RAW), 97):
        assert raises(UpdateError, written, RAW[:length], Flash()).outcome == "cut"


def test_a_flash_that_keeps_something_else_than_was_written_is_noticed():
    flash = Flash()
    rot = flash.open

    def open_rotten(path, mode):
        if mode == "rb":
            flash.files[path] = flash.files[path][:-1] + b"!"
        return rot(path, mode)

    flash.open = open_rotten
    raises(WireError, written, RAW, flash)


def test_a_full_flash_is_a_state_error():
    flash = Flash()
    flash.full = True
    raises(StateError, written, RAW, flash)


def test_an_offer_is_for_one_request_of_one_device():
    nonce = b"12345678"

    def offer(key=KEY, given=nonce, numbers=(VERSION, 5000, 3600)):
        tag = update.offer_tag(key, given, *numbers)
        return f"{VERSION}.5000.3600." + hexlify(tag).decode()

    read = update.Offer(offer(), KEY, nonce)
    assert (read.version, read.size, read.battery_mv) == (VERSION, 5000, 3600)
    for wrong in (
        offer(WRONG_KEY),
        offer(given=b"12345679"),
        offer(numbers=(VERSION, 5000, 3500)),
        offer(numbers=(VERSION, 5001, 3600)),
        offer(numbers=(VERSION + 1, 5000, 3600)),
        offer()[:-1],
        "1.2",
        "x.y.z.",
        "-1.5.5.",
        "4294967296.5.5.",
        "",
    ):
        raises(AuthError, update.Offer, wrong, KEY, nonce)
    assert update.Offer("1.2.3.", None, nonce).version == 1
    raises(AuthError, update.Offer, "4294967296.5.5.", None, nonce)
