"""The port's built-in font, as `inkframe.mark` wants its letters."""

_LETTER_PX = 8


def letters(text):
    import framebuf  # late: few wakes have anything to write

    rows = bytearray(_LETTER_PX * len(text))
    buffer = framebuf.FrameBuffer(rows, _LETTER_PX * len(text), _LETTER_PX, framebuf.MONO_HLSB)
    buffer.text(text, 0, 0, 1)
    return bytes(rows)
