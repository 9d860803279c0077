"""One wake after another: what is asked, what is shown, what is remembered, how long a device sleeps."""

from binascii import hexlify

from check import KEY, NOON, WRONG_KEY, Page, body, bundle, frame_id, picture
from days import HOUR, A, B, C, D, after_first_wake, day, device
from device_in_memory import Device

from inkframe import backoff, schedule, seal, wire
from inkframe.errors import TransportError
from inkframe.memory import BundleWriter

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
