"""A device that is offered an update: each way it can go ends in a device that runs, and says why."""

from check import KEY, NOON, WRONG_KEY, Page, an_update, body, frame_id, picture
from device_in_memory import Device, Hang, PowerCut, clock_header

from inkframe.slots import TAKEN_BACK
from inkframe.update import Board

A, B = picture(1, 256), picture(2, 256)
FIRST, NEXT = NOON + 1, NOON + 2
FILES = [("inkframe/cycle.mpy", b"cycle" * 300), ("device/board.mpy", b"board")]


def crashes():
    raise ValueError("no")


def hangs():
    raise Hang


def device(version=0, **config):
    """One that shows a page; with a version, that was updated to it before."""
    made = Device(**config)
    made.serve(body([Page(NOON, A)], ask_at=NOON + 3600), 1)
    made.settle()
    if version:
        offer(made, version)
        asks_again(made)
        assert made.slots().version == version
        made.host.update = b""
    return made


def offer(made, version=NEXT, files=FILES, key=KEY, **changes):
    made.host.update = an_update(files, version, key, **changes)
    made.host.offered = version
    made.host.update_battery_mv = changes.get("battery_mv", 3600)


def asks_again(made):
    """On to the time at which it asks, and through whatever follows."""
    made.clock.seconds = max(made.clock.seconds, made.state().ask_at)
    return made.settle()


def runs(made, version, says):
    """It runs that version, shows its page, and tells the host about the update."""
    assert made.slots().version == version
    assert made.slots().on_trial is False
    assert made.panel.shown == A
    asks_again(made)
    assert f"app={version}" in made.host.requests[-1].status
    assert says in made.host.requests[-1].status
    assert made.panel.shown == A


def test_a_good_update_is_installed_started_and_confirmed_by_its_first_good_answer():
    made = device()
    offer(made)
    asks_again(made)
    assert made.restarts == 1
    assert made.flash.files["a/inkframe/cycle.mpy"] == FILES[0][1]
    assert made.slots().folder == "a"
    runs(made, NEXT, f"update=good.{NEXT}")


def test_the_next_update_goes_beside_it_and_the_page_is_not_drawn_again():
    made = device(FIRST)
    refreshes = len(made.panel.refreshes)
    offer(made)
    asks_again(made)
    assert made.slots().folder == "b"
    assert made.flash.files["a/device/board.mpy"] == b"board"
    assert len(made.panel.refreshes) == refreshes
    runs(made, NEXT, f"update=good.{NEXT}")


def test_a_new_page_is_shown_before_its_update_is_fetched():
    made = device(FIRST)
    made.serve(body([Page(NOON, B)], ask_at=NOON + 7200), 2)
    offer(made)
    shown = []
    fetch = made.host.fetch

    def looks(request):
        shown.append((request.file, made.panel.shown))
        return fetch(request)

    made.host.fetch = looks
    asks_again(made)
    assert shown[0] == ("bundle.ink", A)
    assert shown[1] == ("update.ink", B)


def test_with_another_key_nothing_is_written():
    for wrong in ("update", "offer"):
        made = device(FIRST)
        before = dict(made.flash.files)
        made.host.update_key = KEY
        offer(made, key=WRONG_KEY if wrong == "update" else KEY)
        if wrong == "offer":
            made.host.update_key = WRONG_KEY
        asks_again(made)
        for path in before:
            if path.startswith(("a/", "b/")):
                assert made.flash.files[path] == before[path]
        runs(made, FIRST, "update=auth." + (str(NEXT) if wrong == "update" else "0"))


def test_an_offer_that_is_not_authentic_costs_no_request():
    made = device(FIRST)
    offer(made)
    made.host.update_key = WRONG_KEY
    asked = len(made.host.requests)
    asks_again(made)
    assert len(made.host.requests) == asked + 1


def test_an_older_version_is_refused():
    for version in (FIRST - 1, 1):
        made = device(FIRST)
        offer(made, version)
        asked = len(made.host.requests)
        asks_again(made)
        assert len(made.host.requests) == asked + 1, "it was fetched"
        runs(made, FIRST, f"update=old.{version}")


def test_the_version_that_runs_is_no_news():
    made = device(FIRST)
    offer(made, FIRST)
    runs(made, FIRST, f"update=good.{FIRST}")


def test_an_older_version_under_a_newer_offer_is_refused_too():
    made = device(FIRST)
    offer(made, FIRST - 1)
    made.host.offered = NEXT
    asks_again(made)
    runs(made, FIRST, f"update=old.{NEXT}")


def test_a_truncated_update_is_refused_wherever_it_ends():
    whole = an_update(FILES, NEXT)
    for length in (0, 1, 35, 36, 100, len(whole) - 800, len(whole) - 1):
        made = device(FIRST)
        offer(made)
        made.host.update = whole[:length] or b"\0"
        asks_again(made)
        runs(made, FIRST, f"update=cut.{NEXT}")


def test_a_connection_that_breaks_off_leaves_what_runs():
    made = device(FIRST)
    offer(made)
    host = made.host
    fetch = host.fetch

    def breaks(request):
        reply = fetch(request)
        if request.file == "update.ink":
            reply.size = len(host.update)
            host_update = host.update
            reply._body._data = host_update[: len(host_update) - 300]
        return reply

    host.fetch = breaks
    asks_again(made)
    runs(made, FIRST, f"update=cut.{NEXT}")


def test_damage_on_the_way_is_noticed_before_it_is_started():
    made = device(FIRST)
    offer(made)
    made.host.update = made.host.update[:-1] + b"!"
    asks_again(made)
    assert made.slots().version == FIRST
    runs(made, FIRST, f"update=wire.{NEXT}")


def test_an_update_for_another_board_is_refused():
    for changes in ({"chip": "esp32c3"}, {"mpy": 0x1305}, {"mpy": 0x2B06}, {"kind": 1}):
        made = device(FIRST)
        files = FILES[:1] if "kind" in changes else FILES
        offer(made, files=files, **changes)
        asks_again(made)
        runs(made, FIRST, f"update=board.{NEXT}")


def test_with_a_low_battery_it_waits_and_asks_for_nothing_until_it_is_charged():
    made = device(FIRST)
    made.board = Board("rp2040", 0x1306, 3500)
    offer(made)
    asked = len(made.host.requests)
    asks_again(made)
    asks_again(made)
    assert len(made.host.requests) == asked + 2, "it was fetched"
    runs(made, FIRST, f"update=battery.{NEXT}")
    made.board = Board("rp2040", 0x1306, 3700)
    asks_again(made)
    runs(made, NEXT, f"update=good.{NEXT}")


def test_a_flash_that_is_full_leaves_what_runs():
    made = device(FIRST)
    offer(made)
    real = made.flash.open

    def full(path, mode):
        if mode == "wb" and path.startswith("b/"):
            raise OSError(28)
        return real(path, mode)

    made.flash.open = full
    asks_again(made)
    runs(made, FIRST, f"update=state.{NEXT}")


def test_a_crash_on_the_first_start_brings_the_application_before_back():
    for version in (0, FIRST):
        made = device(version)
        made.starts[NEXT] = crashes
        offer(made)
        asks_again(made)
        runs(made, version, f"update=crash.{NEXT}")


def test_a_hang_on_the_first_start_brings_the_application_before_back():
    for version in (0, FIRST):
        made = device(version)
        made.starts[NEXT] = hangs
        offer(made)
        asks_again(made)
        runs(made, version, f"update=hang.{NEXT}")


def test_what_was_taken_back_is_not_fetched_again_and_a_newer_one_is():
    made = device(FIRST)
    made.starts[NEXT] = crashes
    offer(made)
    asks_again(made)
    asked = [request.file for request in made.host.requests].count("update.ink")
    for _ in range(5):
        asks_again(made)
    assert [request.file for request in made.host.requests].count("update.ink") == asked
    offer(made, NEXT + 1)
    asks_again(made)
    runs(made, NEXT + 1, f"update=good.{NEXT + 1}")


def test_one_that_never_gets_an_answer_is_taken_back_within_a_day():
    made = device(FIRST)
    offer(made)
    run = made.run

    def deaf():
        made.host.down = True
        run()
        made.host.down = False

    made.starts[NEXT] = deaf
    began = made.clock.seconds = made.state().ask_at
    made.settle()
    while made.slots().on_trial:
        made.clock.seconds += made.settle()
    assert made.clock.seconds - began < 86400
    runs(made, FIRST, f"update=silent.{NEXT}")


def test_an_outage_of_a_few_hours_does_not_cost_a_good_update():
    made = device(FIRST)
    offer(made)
    made.clock.seconds = made.state().ask_at
    assert made.start() is None
    made.host.down = True
    until = made.clock.seconds + 5 * 3600
    while made.clock.seconds < until:
        made.clock.seconds += made.settle()
    made.host.down = False
    asks_again(made)
    runs(made, NEXT, f"update=good.{NEXT}")


def test_a_page_due_without_a_request_neither_confirms_nor_counts_much():
    made = device(FIRST)
    due = made.clock.seconds = made.state().ask_at
    made.serve(body([Page(NOON, A), Page(due + 400, B, A)], ask_at=due + 9000, retry_s=7200), 2)
    offer(made)
    assert made.start() is None
    made.host.down = True
    made.settle()
    made.clock.seconds = due + 400
    made.settle()
    assert made.panel.shown == B
    assert made.slots().on_trial


def test_a_device_without_a_key_takes_an_update_that_is_not_signed():
    made = device(key=None)
    offer(made, key=None)
    made.host.update_key = None
    asks_again(made)
    runs(made, NEXT, f"update=good.{NEXT}")


# Power cuts


def cut(made, step):
    made.power.cut_at = made.power.steps + step
    try:
        while made.start() is None:
            pass
    except PowerCut:
        made.power.cut_at = -1
        made.host.open_replies = 0
        made.check_belief()
        return True
    made.power.cut_at = -1
    return False


def offered(version, starts=None):
    made = device(version)
    if starts:
        made.starts[NEXT] = starts
    offer(made)
    made.clock.seconds = made.state().ask_at
    return made


def steps_of(version, starts=None):
    made = offered(version, starts)
    before = made.power.steps
    made.settle()
    return made.power.steps - before


def whole(made):
    """The application that is active is there whole, unless it is the board's own."""
    folder = made.slots().folder
    return not folder or all(made.flash.files[folder + "/" + path] == raw for path, raw in FILES)


def test_after_a_cut_at_any_step_of_an_update_it_runs_and_ends_up_updated():
    for version in (0, FIRST):
        for step in range(steps_of(version)):
            made = offered(version)
            assert cut(made, step)
            assert whole(made)
            for _ in range(4):
                asks_again(made)
                made.clock.seconds += 3600
            assert whole(made)
            runs(made, NEXT, f"update=good.{NEXT}")
            assert made.state().held == frame_id(A)


def test_after_a_cut_at_any_step_of_a_rollback_the_application_before_runs():
    for starts in (crashes, hangs):
        for step in range(steps_of(FIRST, starts)):
            made = offered(FIRST, starts)
            assert cut(made, step)
            assert whole(made)
            for _ in range(4):
                asks_again(made)
                made.clock.seconds += 3600
            assert made.slots().version == FIRST
            outcome = made.slots().report().split("update=")[1].split(".")[0]
            assert outcome in TAKEN_BACK
            runs(made, FIRST, "update=" + outcome)


def test_the_same_when_the_clock_was_lost_with_the_power():
    for step in range(0, steps_of(FIRST), 3):
        made = offered(FIRST)
        now = made.clock.seconds
        assert cut(made, step)
        made.clock.seconds = 0
        made.host.clock = clock_header(now, now + 3600)
        made.settle()
        made.host.clock = clock_header(now + 3600, now + 7200)
        for _ in range(3):
            asks_again(made)
        assert made.slots().version == NEXT
