"""How a page gets onto the panel: over which frames, how thoroughly, and after a button."""

import struct

from check import NOON, Page, body, frame_id, picture, raises, stored
from days import HOUR, A, B, C, D, after_first_wake
from device_in_memory import Device

from inkframe import wire
from inkframe.cycle import NEXT_PAGE, REFRESH
from inkframe.errors import BaseError, PanelError, StateError
from inkframe.frames import chain, covers

# How thorough a refresh is


def test_after_some_partial_refreshes_a_full_one_clears_the_ghosts():
    frames = [picture(index, 256) for index in range(1, 10)]
    pages = [Page(NOON, frames[0])] + [
        Page(NOON + index * 60, frames[index], frames[index - 1], wire.PARTIAL)
        for index in range(1, 9)
    ]
    made = Device()
    made.serve(body(pages))
    for frame in frames:
        made.wake()
        assert made.panel.shown == frame
        made.clock.seconds += 60
    assert (
        made.panel.refreshes == [wire.FULL] + [wire.PARTIAL] * 5 + [wire.FULL] + [wire.PARTIAL] * 2
    )


def lying_window(window, base=A, refresh=wire.PARTIAL):
    """A body whose second frame says that only `window` changes."""
    raw = bytearray(body([Page(NOON, A), Page(NOON + HOUR, B, base, refresh)]))
    struct.pack_into("<HHHH", raw, wire.HEAD_BYTES + wire.ENTRY_BYTES + 32, *window)
    return bytes(raw)


def test_a_window_smaller_than_the_change_does_not_make_a_mixed_picture():
    for window in ((0, 0, 64, 8), (0, 8, 64, 24), (0, 31, 64, 1), (0, 0, 0, 0), (0, 16, 64, 0)):
        made = Device()
        made.serve(lying_window(window))
        made.wake()
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == B
        assert made.panel.refreshes == [wire.FULL, wire.FULL]


def test_a_window_that_holds_all_that_changes_is_refreshed_alone():
    small = A[:80] + b"changed!" + A[88:]
    raw = bytearray(body([Page(NOON, A), Page(NOON + HOUR, small, A, wire.PARTIAL)]))
    struct.pack_into("<HHHH", raw, wire.HEAD_BYTES + wire.ENTRY_BYTES + 32, 0, 10, 64, 1)
    made = Device()
    made.serve(bytes(raw))
    made.wake()
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == small
    assert made.panel.refreshes == [wire.FULL, wire.PARTIAL]


def test_a_partial_key_frame_over_another_picture_than_its_host_thought_is_shown_whole():
    made = after_first_wake()
    made.serve(lying_window((0, 0, 64, 8), None), 2)
    made.clock.seconds += 86400
    made.wake()
    assert made.panel.shown == B


def test_planes_have_windows_too():
    made = Device()
    made.panel.planes = 2
    a, b = picture(1, 512), picture(2, 512)
    small = a[:80] + b"changed!" + a[88:336] + b"also this"[:8] + a[344:]
    raw = bytearray(
        body([Page(NOON, a), Page(NOON + 60, small, a, 2), Page(NOON + 120, b, small, 2)], planes=2)
    )
    for index in (1, 2):
        at = wire.HEAD_BYTES + index * wire.ENTRY_BYTES + 32
        struct.pack_into("<HHHH", raw, at, 0, 10, 64, 1)
    made.serve(bytes(raw))
    for expected in (a, small, b):
        made.wake()
        assert made.panel.shown == expected
        made.clock.seconds += 60
    assert made.panel.refreshes == [wire.FULL, wire.PARTIAL, wire.FULL]


def test_a_window_covers_a_change_only_in_all_its_rows_and_columns():
    panel = Device().panel
    held = bytes(256)
    new = bytearray(held)
    new[10 * 8 + 3] = 1  # row 10, pixels 24 to 31
    for window, right in (
        ((0, 0, 64, 32), True),
        ((0, 10, 64, 1), True),
        ((24, 10, 8, 1), True),
        ((31, 10, 1, 1), True),  # a byte is the least that is sent
        ((16, 9, 24, 3), True),
        ((0, 11, 64, 21), False),
        ((0, 0, 64, 10), False),
        ((32, 10, 32, 1), False),
        ((0, 10, 24, 1), False),
        ((24, 10, 0, 1), False),
        ((24, 10, 8, 0), False),
    ):
        assert covers(window, held, new, panel) == right, window


# The way from the frame held to the one due


def table(*pages):
    raw = body(pages)
    return wire.Table(raw, len(raw))


def test_the_shortest_way_is_taken():
    four = table(Page(1, A), Page(2, B, A), Page(3, C, B), Page(4, D, C))
    assert chain(four, 3, wire.NO_FRAME) == [0, 1, 2, 3]
    assert chain(four, 3, frame_id(A)) == [1, 2, 3]
    assert chain(four, 3, frame_id(C)) == [3]
    assert chain(four, 3, b"elsewise") == [0, 1, 2, 3]


def test_a_key_frame_in_between_cuts_the_way_short():
    four = table(Page(1, A), Page(2, B, A), Page(3, C), Page(4, D, C))
    assert chain(four, 3, frame_id(A)) == [2, 3]


def test_frames_that_come_back_are_found_at_their_last_place():
    four = table(Page(1, A), Page(2, B, A), Page(3, A, B), Page(4, C, A))
    assert chain(four, 3, wire.NO_FRAME) == [0, 1, 2, 3]
    assert chain(four, 3, frame_id(B)) == [2, 3]


def test_where_there_is_no_way_that_is_a_base_error():
    two = table(Page(1, B, A), Page(2, C, B))
    for held in (wire.NO_FRAME, frame_id(D)):
        raises(BaseError, chain, two, 1, held)
    apart = table(Page(1, A), Page(2, C, B))
    raises(BaseError, chain, apart, 1, frame_id(A))


def test_payloads_that_promise_another_frame_never_reach_the_panel():
    made = after_first_wake()
    made.serve(body([Page(NOON, D, payload=stored(b""))]), 2)
    made.clock.seconds += 86400
    made.wake()
    assert made.panel.shown == A
    assert made.state().error == "wire"


def test_errors_have_short_names_to_report():
    assert (PanelError.code, StateError.code, BaseError.code) == ("panel", "state", "base")


# Buttons


def test_a_button_asks_at_once_and_draws_the_page_anew():
    made = after_first_wake()
    made.clock.seconds += 60
    made.host.down = False
    assert made.wake(REFRESH) > 60
    assert len(made.host.requests) == 2
    assert made.panel.shown == A
    assert made.panel.refreshes == [wire.FULL, wire.FULL]
    made.clock.seconds += 60
    made.wake()
    assert len(made.panel.refreshes) == 2, "it is drawn once for each press"


def test_a_button_brings_a_new_page_that_the_host_has_and_refreshes_it_fully():
    made = after_first_wake()
    made.serve(body([Page(NOON, D, A, wire.PARTIAL)]), 2)
    made.wake(REFRESH)
    assert made.panel.shown == D
    assert made.panel.refreshes == [wire.FULL, wire.FULL]


def test_a_button_without_a_host_still_clears_the_panel_of_its_ghosts():
    made = after_first_wake()
    made.host.down = True
    made.wake(REFRESH)
    assert made.panel.refreshes == [wire.FULL, wire.FULL]
    assert made.state().held == frame_id(A)


def test_a_button_redraws_a_page_made_in_bands_too():
    made = Device(frame_ram_bytes=2 * 96)
    made.serve(body([Page(NOON, A, band_bytes=96)], band_rows=12))
    made.wake()
    made.wake(REFRESH)
    assert made.panel.shown == A
    assert made.panel.refreshes == [wire.FULL, wire.FULL]


def test_a_button_for_the_next_page_asks_and_refreshes_only_what_changed():
    made = after_first_wake()
    made.wake(NEXT_PAGE)
    assert len(made.host.requests) == 2
    assert len(made.panel.refreshes) == 1
