"""A device that is offered an update: each way it can go ends in a device that runs, and says why."""

from check import KEY, NOON, WRONG_KEY, Page, an_update, body
from updated_device import FILES, FIRST, NEXT, A, B, asks_again, crashes, device, hangs, offer, runs

from inkframe.update import Board


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
