"""One wake after another: what is asked, what is shown, what is remembered, how long a device sleeps."""

import struct
from binascii import hexlify

from check import KEY, NOON, WRONG_KEY, Page, body, bundle, frame_id, picture, raises, stored
from device_in_memory import Device, clock_header

from inkframe import backoff, schedule, seal, wire
from inkframe.cycle import NEXT_PAGE, REFRESH
from inkframe.errors import BaseError, PanelError, StateError, TransportError
from inkframe.frames import chain, covers
from inkframe.memory import BundleWriter

A, B, C, D = (picture(index, 256) for index in range(1, 5))
HOUR = 3600


def day(**times):
    """Three frames an hour apart, each a change of the one before; asked again after a day."""
    return body(
        [Page(NOON, A), Page(NOON + HOUR, B, A), Page(NOON + 2 * HOUR, C, B, wire.PARTIAL)], **times
    )


def device(**more):
    made = Device(**more)
    made.serve(day())
    return made


def after_first_wake(**more):
    made = device(**more)
    made.wake()
    return made


# Asking and showing


def test_a_first_wake_asks_and_shows_the_frame_that_is_due():
    made = device()
    assert made.wake() == HOUR
    assert made.panel.shown == A
    assert made.panel.refreshes == [wire.FULL]
    assert made.state().held == frame_id(A)
    assert made.state().sequence == 1


def test_frames_of_a_bundle_are_shown_in_their_time_without_asking():
    made = after_first_wake()
    made.host.down = True
    for frame, sleep_s in ((B, HOUR), (C, 22 * HOUR)):
        made.clock.seconds += HOUR
        assert made.wake() == sleep_s
        assert made.panel.shown == frame
    assert len(made.host.requests) == 1
    assert made.panel.refreshes == [wire.FULL, wire.FULL, wire.PARTIAL]


def test_a_wake_with_nothing_due_leaves_the_panel_alone():
    made = after_first_wake()
    made.clock.seconds += 60
    assert made.wake() == HOUR - 60
    assert len(made.panel.refreshes) == 1
    assert len(made.host.requests) == 1


def test_a_frame_that_becomes_due_while_a_slow_panel_shows_another_follows_at_once():
    made = device()
    made.clock.seconds += HOUR - 20

    def half_a_minute():
        made.clock.seconds += 30

    made.panel.takes = half_a_minute
    assert made.wake() == schedule.SHORTEST_SLEEP_S
    assert made.panel.shown == A
    assert made.wake() == HOUR - 40
    assert made.panel.shown == B


def test_a_device_that_slept_through_frames_shows_only_the_one_that_is_due():
    made = after_first_wake()
    made.clock.seconds += 2 * HOUR + 5
    made.wake()
    assert made.panel.shown == C
    assert made.panel.refreshes == [wire.FULL, wire.FULL]


def test_it_asks_again_when_the_host_said_so():
    made = after_first_wake()
    made.clock.seconds += 86399
    assert made.wake() == 5
    assert len(made.host.requests) == 1
    made.clock.seconds += 1
    made.wake()
    assert len(made.host.requests) == 2


def test_a_host_that_wants_to_be_asked_at_once_is_asked_no_sooner_than_its_back_off():
    made = Device()
    made.serve(body([Page(NOON, A)], ask_at=NOON, retry_s=300))
    assert made.wake() == 300


def test_a_request_says_what_is_held_and_how_the_device_fares():
    made = after_first_wake()
    made.clock.seconds += 86400
    made.wake()
    first, second = made.host.requests
    assert (first.display, first.held, first.etag) == ("kitchen", wire.NO_FRAME, b"")
    assert (second.held, second.etag) == (frame_id(A), b'"1"')
    assert first.status == "v=1;wakes=1;failures=0;error=;battery_mv=3700"
    assert second.status.startswith("v=1;wakes=2;")
    assert first.nonce != second.nonce


def test_a_request_is_vouched_for_with_the_devices_key():
    made = after_first_wake()
    request = made.host.requests[0]
    message = b"|" + bytes(16).replace(b"\0", b"0") + b"|" + request.status.encode() + b"|"
    message += hexlify(request.nonce)
    assert request.tag == seal.mac(seal.derive(KEY, "request"), message)
    assert after_first_wake(key=None).host.requests[0].tag == b""


def test_unchanged_keeps_the_bundle_and_asks_as_much_later_as_before():
    made = after_first_wake()
    writes = len(made.flash.files["bundle"])
    made.clock.seconds += 86400
    assert made.wake() == 86400
    assert len(made.flash.files["bundle"]) == writes
    assert made.panel.shown == C
    assert made.state().failures == 0


def test_unchanged_to_a_device_that_holds_nothing_is_an_error():
    made = Device()
    made.host.etag = b""
    cycle = made.cycle()
    made.host.fetch = lambda request: _Unchanged(made.host)
    assert 60 <= cycle.run() <= 75
    assert made.state().error == "wire"


class _Unchanged:
    unchanged, size, etag, clock, date, update = True, -1, b"", "", 0, ""

    def __init__(self, host):
        pass

    def close(self):
        pass


def test_a_new_bundle_takes_the_place_of_the_old():
    made = after_first_wake()
    made.serve(body([Page(NOON, A), Page(NOON + 86400, D, A)], built_at=NOON + 86400), 2)
    made.clock.seconds += 86400
    made.wake()
    assert made.panel.shown == D
    assert made.state().sequence == 2
    assert made.state().etag == b'"2"'


# What does not fit is refused, and the device finds back


def test_a_delta_on_another_base_is_refused_and_a_key_frame_asked_for():
    made = after_first_wake()
    made.serve(body([Page(NOON + 86400, C, D)], built_at=NOON + 86400), 2)
    made.clock.seconds += 86400
    asleep_s = made.wake()
    assert made.panel.shown == A
    assert len(made.panel.refreshes) == 1
    assert made.state().error == "base"
    made.clock.seconds += asleep_s
    made.serve(body([Page(NOON + 86400, C)]), 3)
    made.wake()
    assert made.host.requests[-1].held == wire.NO_FRAME
    assert made.host.requests[-1].etag == b""
    assert made.panel.shown == C
    assert made.state().failures == 0


def test_frames_damaged_on_flash_are_asked_for_again_in_the_same_wake():
    made = after_first_wake()
    raw = bytearray(made.flash.files["bundle"])
    raw[-20] ^= 255  # within the last payload
    made.flash.files["bundle"] = bytes(raw)
    made.clock.seconds += 2 * HOUR
    made.wake()
    assert made.panel.shown == C
    assert len(made.host.requests) == 2
    assert made.host.requests[1].etag == b""
    assert made.state().error == ""


def test_a_bundle_that_was_lost_is_asked_for_at_once_and_not_when_it_said():
    for lost in (b"", b"damaged" * 100):
        made = after_first_wake()
        made.flash.files["bundle"] = lost
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == B


def test_a_flash_that_cannot_be_read_is_no_reason_to_fall_over():
    made = after_first_wake()
    made.flash.broken = ("bundle", "frame", "state")
    made.clock.seconds += HOUR
    made.wake()
    made.flash.broken = ()
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == C


def test_a_held_frame_that_was_lost_is_made_from_a_key_frame():
    for lost in (b"", A[:-1], B):
        made = after_first_wake()
        made.flash.files["frame"] = lost
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == B
        assert made.panel.refreshes == [wire.FULL, wire.FULL]
        assert len(made.host.requests) == 1


def test_a_held_frame_that_was_lost_is_not_claimed_where_only_a_key_frame_helps():
    made = after_first_wake()
    later = NOON + 86400
    key = bundle(body([Page(later, D)], built_at=later), 2)
    delta = bundle(body([Page(later, D, A)], built_at=later), 2)
    made.host.choose = lambda request: delta if request.held == frame_id(A) else key
    made.host.etag = b'"2"'
    made.flash.files["frame"] = b"lost"
    made.clock.seconds += 86400
    made.clock.seconds += made.wake()
    made.wake()
    assert made.panel.shown == D


def test_a_bundle_of_changes_alone_is_not_kept_as_unchanged_once_the_picture_was_lost():
    made = after_first_wake()
    later = NOON + 86400
    made.serve(body([Page(later, D, A)], built_at=later), 2)
    made.panel.broken = True
    made.clock.seconds = later
    asleep_s = made.wake()
    made.panel.broken = False
    key = bundle(body([Page(later, D)], built_at=later), 2)
    made.host.choose = lambda request: key
    made.clock.seconds += asleep_s
    made.wake()
    assert (made.host.requests[-1].held, made.host.requests[-1].etag) == (wire.NO_FRAME, b"")
    assert made.panel.shown == D


def test_a_bundle_for_another_panel_is_refused():
    for size in ((64, 31, 1, 1), (56, 32, 1, 1), (64, 32, 2, 1), (64, 32, 1, 2)):
        made = after_first_wake()
        frame = picture(1, wire.frame_bytes(*size))
        made.serve(body([Page(NOON, frame)], *size), 2)
        made.clock.seconds += 86400
        held = made.flash.files["bundle"]
        made.wake()
        assert made.state().error == "wire"
        assert made.state().sequence == 1
        assert made.flash.files["bundle"] == held


def test_bundles_forged_replayed_or_cut_change_nothing():
    right = bundle(body([Page(NOON, D)]), 6)
    forged = bytearray(right)
    forged[100] ^= 1
    for raw, code in (
        (bytes(forged), "auth"),
        (bundle(body([Page(NOON, D)]), 6, WRONG_KEY), "auth"),
        (bundle(body([Page(NOON, D)]), 6, None), "auth"),
        (bundle(body([Page(NOON, D)]), 4), "replay"),
        (right[:-1], "wire"),
        (b"", "wire"),
    ):
        made = Device()
        made.serve(day(), 5)
        made.wake()
        held = made.flash.files["bundle"]
        made.host.bundle, made.host.etag = raw, b'"new"'
        made.clock.seconds += 86400 + HOUR
        made.wake()
        state = made.state()
        assert (state.error, state.sequence, state.etag) == (code, 5, b'"5"')
        assert made.flash.files["bundle"] == held
        assert made.panel.shown == C  # from the bundle it had


def test_a_forger_is_told_nothing_of_what_his_bytes_decipher_to():
    # The first block of the body holds the panel's size, depth and number of frames.
    right = bundle(body([Page(NOON, A)]))
    for at in range(16, 64):
        for bit in (1, 64):
            made = device()
            forged = bytearray(right)
            forged[at] ^= bit
            made.host.bundle = bytes(forged)
            made.wake()
            assert made.state().error == "auth"


def test_a_reply_that_breaks_off_is_tried_again_later():
    made = device()
    made.host.bundle = made.host.bundle[:]
    reply_class = type(made.host.fetch(_Asked()))
    made.host.open_replies = 0
    made.host.requests.clear()

    def breaks_off(_, view):
        raise TransportError("gone")

    whole = reply_class.readinto
    reply_class.readinto = breaks_off
    try:
        assert 60 <= made.wake() <= 75
    finally:
        reply_class.readinto = whole
    assert made.state().error == "transport"
    assert made.panel.shown is None
    made.clock.seconds += 75
    made.wake()
    assert made.panel.shown == A


class _Asked:
    file = "bundle.ink"
    etag = b""
    nonce = b"12345678"


def test_after_a_cut_before_the_state_was_saved_an_older_bundle_is_still_a_replay():
    made = Device()
    made.serve(day(), 5)
    made.wake()
    made.serve(body([Page(NOON, D)]), 7)
    made.clock.seconds += 86400
    old_state = made.flash.files["state"]
    made.wake()
    made.flash.files["state"] = old_state  # the cut came before this was replaced
    made.serve(body([Page(NOON, B)]), 6)
    made.wake()
    assert made.state().error == "replay"
    assert made.state().sequence == 7


# Clocks


def test_the_hosts_clock_is_taken_and_so_is_its_wish_when_to_be_asked():
    made = device(now=NOON - 500)
    made.host.clock = clock_header(NOON + HOUR, NOON + HOUR + 600)
    assert made.wake() == 600
    assert made.clock.seconds == NOON + HOUR
    assert made.panel.shown == B


def test_a_clock_that_is_not_the_hosts_is_refused_with_all_that_came_with_it():
    def late(request):
        return clock_header(NOON + HOUR, NOON + 600)(request).replace("17", "18")

    def replayed(request):
        tag = seal.clock_tag(KEY, b"\xff" * 8, NOON + HOUR, NOON + 600)
        return f"{NOON + HOUR}.{NOON + 600}.{hexlify(tag).decode()}"

    other_key = clock_header(NOON + HOUR, NOON + 600, WRONG_KEY)
    for clock in (late, replayed, other_key, lambda request: f"{NOON}.{NOON}."):
        made = device()
        made.host.clock = clock
        made.wake()
        assert made.clock.seconds == NOON
        assert made.state().error == "auth"
        assert "bundle" not in made.flash.files


def test_nonsense_for_a_clock_is_an_error_like_any_other():
    for key in (KEY, None):
        for text in (
            "now",
            "1",
            "1.2",
            "1.2.3.4",
            "a.b.c",
            "0.0.00",
            "-5.10.00",
            "5.-10.00",
            "99999999999.1.00",
            "1.99999999999.00",
            "99999999999999999999999999.1." + "00" * 16,
            "..",
        ):
            made = device(key=key)
            made.host.clock = lambda request, text=text: text
            made.wake()
            assert made.state().error == "auth", text
            assert made.clock.seconds == NOON


def test_a_device_that_lost_its_clock_asks_and_takes_the_bundles_time_for_want_of_better():
    made = device(now=0)
    made.wake()
    assert made.clock.seconds == NOON
    assert made.panel.shown == A
    made.clock.seconds = 0
    made.wake()
    assert len(made.host.requests) == 2


def test_a_device_without_clock_and_host_tries_ever_more_rarely():
    made = device(now=0)
    made.host.down = True
    waits = [made.wake() for _ in range(12)]
    assert waits[:6] == sorted(waits[:6])
    assert waits[0] >= 60
    assert waits[-1] >= backoff.LONGEST_S


def test_the_date_header_sets_the_clock_only_where_that_is_wanted():
    for trust, expected in ((True, NOON + HOUR), (False, NOON)):
        made = device(trust_date=trust)
        made.host.date = NOON + HOUR
        made.wake()
        assert made.clock.seconds == expected


def test_times_at_the_end_of_their_range_do_no_harm():
    last = 0xFFFFFFFF
    for built_at in (1, NOON, last):
        made = Device()
        made.serve(body([Page(NOON, A)], built_at=built_at, ask_at=last, valid_until=last))
        made.wake()
        made.clock.seconds = last - 10
        made.wake()
        made.host.down = True
        made.clock.seconds = last
        made.wake()
        assert made.state().ask_at >= NOON


# Failing


def test_a_host_that_is_away_is_asked_ever_more_rarely_and_found_again():
    made = after_first_wake()
    made.host.down = True
    made.clock.seconds += 86400
    waits = []
    for _ in range(12):
        waits.append(made.wake())
        made.clock.seconds += waits[-1]
    assert waits == sorted(waits[:6]) + waits[6:]
    assert 60 <= waits[0] <= 75
    assert all(wait <= backoff.LONGEST_S * 5 // 4 for wait in waits)
    assert made.state().failures == 12
    made.host.down = False
    made.wake()
    assert made.state().failures == 0
    assert made.host.requests[-1].status.startswith("v=1;wakes=14;failures=12;error=transport;")


def test_a_panel_that_does_not_answer_is_not_believed_to_show_anything():
    made = device()
    made.panel.broken = True
    asleep_s = made.wake()
    assert made.state().held == wire.NO_FRAME
    assert made.state().error == "panel"
    made.panel.broken = False
    made.clock.seconds += asleep_s
    made.wake()
    assert made.panel.shown == A
    assert made.state().held == frame_id(A)


def test_a_panel_that_never_answers_again_does_not_empty_the_battery():
    made = device()
    made.panel.broken = True
    assert made.wake_for(7 * 86400) < 50


def test_a_flash_that_is_full_does_not_empty_the_battery_either():
    made = device()
    made.flash.full = True
    made.cycle().run()
    assert made.panel.shown is None
    assert any("state" in line for line in made.log)


def test_a_flash_that_fails_on_closing_a_file_is_a_state_error():
    made = device()
    close = BundleWriter.__init__

    def closes_badly(writer, memory, name, file):
        close(writer, memory, name, file)
        file.close = _no_room

    BundleWriter.__init__ = closes_badly
    try:
        made.wake()
    finally:
        BundleWriter.__init__ = close
    assert made.state().error == "state"
    assert made.panel.shown is None


def _no_room():
    raise OSError(28)


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
