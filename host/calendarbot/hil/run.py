"""Jobs side by side: a process for each, under a lease of its own, and no longer than whoever started it."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Final

from calendarbot.errors import DeviceError
from calendarbot.hil.job import Result, do_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from calendarbot.hil.bench import Bench
    from calendarbot.hil.leases import Lease, Leases

_POLL_S: Final = 0.5


def run_jobs(
    bench: Bench,
    leases: Leases,
    names: Sequence[str],
    count: int,
    holder: str,
    out: Path,
    suite: Path,
    wait_s: float,
    say: Callable[[str, str], None],
) -> list[Result]:
    """Test `count` of the boards named, whichever come free; `say` is told a board and a line about it.

    `say` is called in other processes: a function of a module.
    DeviceError when not one of them came free within `wait_s`; fewer than asked for are named in the results.
    """
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        futures = [
            pool.submit(_job, bench, leases, lease, out / lease.board, suite, say)
            for lease in _taken(leases, names, count, holder, wait_s, say)
        ]
        return [future.result() for future in futures]


def _taken(
    leases: Leases,
    names: Sequence[str],
    count: int,
    holder: str,
    wait_s: float,
    say: Callable[[str, str], None],
) -> Iterator[Lease]:
    """Each as soon as it is ours."""
    until = time.monotonic() + wait_s
    left = list(names)
    taken = 0
    while taken < count and left:
        for name in list(left):
            if taken < count and (lease := leases.take(name, holder)):
                left.remove(name)
                taken += 1
                say(name, f"leased to {holder}")
                yield lease
        if taken < count and time.monotonic() > until:
            break
        time.sleep(_POLL_S)
    if taken < count:
        busy = ", ".join(f"{name} ({leases.standing(name).holder})" for name in left)
        if not taken:
            raise DeviceError(
                f"no board came free: {busy}", "wait longer (--wait), or `host hil list`"
            )
        say("bench", f"{taken} of {count} boards tested; in use: {busy}")


def _job(
    bench: Bench,
    leases: Leases,
    lease: Lease,
    folder: Path,
    suite: Path,
    say: Callable[[str, str], None],
) -> Result:
    result = Result(lease.board, "error", "was interrupted")
    try:
        with _kept(leases, lease) as mine:
            result = do_job(
                bench, lease.board, folder, suite, mine, lambda line: say(lease.board, line)
            )
    finally:
        leases.release(lease, clean=result.clean)
        if _is_orphan():
            os._exit(
                1
            )  # nobody is left to hand the result to; a pool's process would wait for ever
    say(lease.board, f"{result.outcome}: {result.says} ({result.seconds} s)")
    return result


@contextmanager
def _kept(leases: Leases, lease: Lease) -> Iterator[Callable[[], bool]]:
    """Renew the lease while the context lasts and the run is not dead. Yields whether it still holds."""
    over, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not over.wait(leases.lease_s / 4):
            if _is_orphan() or not leases.renew(lease):
                lost.set()
                return

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield lambda: not lost.is_set()
    finally:
        over.set()
        keeper.join()


def _is_orphan() -> bool:
    run = parent_process()
    return run is not None and not run.is_alive()
