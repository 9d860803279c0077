"""An outage that lasts is marked on the page: once, and without a trace when it is over."""

from check import NOON, Page, body, frame_id, picture
from device_in_memory import Device, PanelInMemory, whole

from inkframe import wire
from inkframe.cycle import MARK_AFTER
from inkframe.frames import InRam
from inkframe.mark import Mark, Marked

HALF_HOUR = 1800
DAY = 86400
FRAMES = [picture(index, 256) for index in range(1, 25)]


def font(text):
    """Every letter a block."""
    return b"\xff" * (8 * len(text))


def offline(**more):
    """A device that got a bundle of 24 pages, asks every hour, and then finds nobody."""
    pages = [Page(NOON, FRAMES[0])] + [
        Page(NOON + index * HALF_HOUR, FRAMES[index], FRAMES[index - 1], wire.FAST)
        for index in range(1, 24)
    ]
    made = Device(**more)
    made.font = font
    made.serve(body(pages, ask_at=NOON + 3600, retry_s=120))
    made.wake()
    made.host.down = True
    return made


def until(made, failures):
    while made.state().failures < failures:
        made.clock.seconds += made.wake()


def upper_part(frame):
    return frame[:64]


def test_a_short_outage_leaves_no_mark():
    made = offline()
    until(made, MARK_AFTER - 1)
    assert made.panel.shown in FRAMES


def test_a_lasting_one_is_marked_after_some_hours():
    made = offline()
    until(made, MARK_AFTER)
    assert 2 * 3600 < made.clock.seconds - NOON - 3600 < 6 * 3600
    assert made.panel.shown not in FRAMES
    assert made.state().over == "!transport"


def test_the_mark_costs_one_refresh_and_the_pages_that_follow_bear_it_with_their_own():
    made = offline()
    until(made, MARK_AFTER)
    refreshes = len(made.panel.refreshes)
    shown = [
        index for index in range(24) if upper_part(FRAMES[index]) == upper_part(made.panel.shown)
    ]
    made.wake_for(3 * DAY)
    assert len(made.panel.refreshes) - refreshes == 23 - shown[0]
    assert wire.FAST in made.panel.refreshes[refreshes:], "each page cost a full refresh"
    assert upper_part(made.panel.shown) == upper_part(FRAMES[-1])
    assert made.panel.shown != FRAMES[-1]


def test_deltas_go_on_from_the_page_under_the_mark():
    made = offline()
    until(made, MARK_AFTER)
    asleep_s = made.wake()
    held = made.state().held
    assert held in [frame_id(frame) for frame in FRAMES]
    made.clock.seconds += asleep_s
    made.wake()
    assert made.host.requests[-1].held in [frame_id(frame) for frame in FRAMES]


def test_it_goes_when_the_host_answers_even_though_the_page_is_the_same():
    made = offline()
    made.wake_for(2 * DAY)
    assert made.panel.shown != FRAMES[-1]
    made.host.down = False
    made.clock.seconds = made.state().ask_at
    made.wake()
    assert made.panel.shown == FRAMES[-1]
    assert made.panel.refreshes[-1] == wire.FULL
    refreshes = len(made.panel.refreshes)
    made.wake()
    assert len(made.panel.refreshes) == refreshes


def test_another_error_behind_the_first_does_not_draw_it_anew():
    made = offline()
    made.wake_for(DAY)
    refreshes = len(made.panel.refreshes)
    made.host.down = False
    made.host.clock = lambda request: "1.2.forged"
    made.clock.seconds = made.state().ask_at
    made.wake()
    assert made.state().error == "auth"
    assert len(made.panel.refreshes) == refreshes


def test_a_panel_that_does_not_answer_is_not_asked_to_say_so():
    made = offline()
    made.panel.broken = True
    made.host.down = False
    made.wake_for(2 * DAY)
    assert made.state().error == "panel"
    assert made.state().over == ""


# The mark itself


def panel(width_px=64, height_px=32, bpp=1, planes=1, rotation=0):
    made = PanelInMemory()
    made.width_px, made.height_px, made.bpp, made.planes = width_px, height_px, bpp, planes
    made.rotation = rotation
    return made


def value(frame, width_px, bpp, x, y):
    stride = (width_px * bpp + 7) // 8
    return frame[y * stride + x * bpp // 8] >> (8 - bpp - (x * bpp & 7)) & ((1 << bpp) - 1)


def test_a_letter_is_black_on_white_in_every_format():
    for bpp, planes, black, white in ((1, 1, 0, 1), (1, 2, 0, 1), (2, 1, 0, 3), (4, 1, 0, 1)):
        on = panel(bpp=bpp, planes=planes)
        size = wire.frame_bytes(64, 32, bpp, planes)
        mark = Mark("a", lambda _: b"\x80" + bytes(7), on)
        made = whole(Marked(InRam(b"\x55" * size), mark))
        assert len(made) == size
        letter = (64 - 14 + 3, 32 - 14 + 3)
        assert value(made, 64, bpp, letter[0], letter[1]) == black
        assert value(made, 64, bpp, letter[0] + 1, letter[1]) == white
        assert value(made, 64, bpp, 64 - 14, 32 - 14) == black, "no line around it"
        stride = size // planes // 32
        assert made[: 18 * stride] == b"\x55" * 18 * stride
        if planes == 2:
            second = made[size // 2 :]
            assert value(second, 64, 1, letter[0], letter[1]) == 1, "in the third colour"


def test_it_stands_upright_on_panels_that_hang_turned():
    # The first letter's upper left pixel, seen from the panel: (x, y).
    places = {0: (53, 21), 90: (10, 53), 180: (10, 10), 270: (53, 10)}
    for rotation, (x, y) in places.items():
        width, height = (64, 64) if rotation % 180 else (64, 32)
        on = panel(width, height, rotation=rotation)
        blank = b"\xff" * (width * height // 8)
        made = whole(Marked(InRam(blank), Mark("a", lambda _: b"\x80" + bytes(7), on)))
        inside = [
            (column, row)
            for row in range(height)
            for column in range(width)
            if not value(made, width, 1, column, row)
        ]
        box = {place for place in inside if place != (x, y)}
        assert (x, y) in inside, rotation
        assert len(box) == 4 * 13, rotation


def test_pieces_of_any_length_make_the_same_frame():
    on = panel()
    mark = Mark("ab", font, on)
    pixels = InRam(FRAMES[0])
    right = whole(Marked(pixels, mark))
    for length in (1, 3, 7, 8, 100, 255):
        made = b""
        for at in range(0, 256, length):
            pieces = Marked(pixels, mark).pieces(at, min(at + length, 256))
            made += b"".join([bytes(piece) for piece in pieces])
        assert made == right
    assert whole(pixels) == FRAMES[0], "it went into the frame itself"


def test_letters_are_twice_as_large_where_they_are_seen_from_further_away():
    on = panel(800, 480)
    made = whole(Marked(InRam(b"\xff" * 48000), Mark("a", font, on)))
    rows = [row for row in range(480) if made[row * 100 : row * 100 + 100] != b"\xff" * 100]
    assert len(rows) == 28
