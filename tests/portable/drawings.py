"""Frames that every runtime draws alike, so that vectors need not hold them."""

from check import Dice

SMALL_SIZE = 256
PAGE_STRIDE = 100
PAGE_ROWS = 480
_GLYPH_ROWS = 12


def small(index):
    """The frames of the hand-made bundle, 64 x 32, drawn without a decoder's help."""
    frame = bytearray(b"\xff" * SMALL_SIZE)
    frame[0:8] = bytes(8)
    frame[8:16] = bytes((1, 2, 3, 4, 5, 4, 5, 4))
    # DOWN goes on along its line: 4 ^ 1, then ^ 1 and so on.
    for at in range(16, 56):
        frame[at] = frame[at - 8]
    if index > 0:
        _second(frame)
    if index > 1:
        frame[250:256] = b"\x10\x20\x30\x40\x50\x60"
    return bytes(frame)


def _second(frame):
    """A block moved and inverted; then, down the columns, two copies from elsewhere."""
    held = bytes(frame)
    for row in range(20, 26):
        for column in range(2, 7):
            frame[row * 8 + column] = held[(row - 18) * 8 + column - 1] ^ 255
    # By columns, a place is column x 32 + row. The copies take from one column to the left, two rows down.
    for begin, length in ((33, 9), (65, 5)):
        for place in range(begin, begin + length):
            source = place - 32 + 2
            frame[place % 32 * 8 + place // 32] = held[source % 32 * 8 + source // 32]


def _alphabet():
    dice = Dice(26)
    return [
        bytes(
            0xFF if row in (0, 11) else dice.below(256) | dice.below(256)
            for row in range(_GLYPH_ROWS)
        )
        for _ in range(26)
    ]


def page(index):
    """A page of 800 x 480 with lines of made-up letters. Page 1 scrolls up by a line, page 2 inverts one."""
    frame = bytearray(b"\xff" * (PAGE_STRIDE * PAGE_ROWS))
    letters = _alphabet()
    first = 0 if index == 0 else 1
    for line in range(16):
        top = 40 + line * 26
        dice = Dice(1000 + line + first)
        inverted = 255 if index == 2 and line == 3 else 0
        for column in range(4, 14 + dice.below(60)):
            letter = letters[dice.below(26)]
            for row in range(_GLYPH_ROWS):
                frame[(top + row) * PAGE_STRIDE + column] = letter[row] ^ inverted
    for row in (30, 31, 460):
        frame[row * PAGE_STRIDE : (row + 1) * PAGE_STRIDE] = bytes(PAGE_STRIDE)
    return bytes(frame)
