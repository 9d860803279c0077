"""A device in memory that is offered updates, and what it is to come to."""

from check import KEY, NOON, Page, an_update, body, picture
from device_in_memory import Device, Hang

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
