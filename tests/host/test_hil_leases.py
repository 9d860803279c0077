"""Whose a board is: two jobs never share one, and a dead job's comes free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.errors import StoreError
from calendarbot.hil.leases import Leases

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(tmp_path: Path, clock: Clock) -> Leases:
    return Leases(tmp_path / "leases", 120, clock)


def test_a_board_in_use_is_nobody_elses(leases: Leases) -> None:
    assert leases.take("a", "anna")
    assert leases.take("a", "ben") is None
    assert leases.take("b", "ben")
    assert leases.standing("a").holder == "anna"


def test_a_board_given_back_is_free_and_known_to_be_clean_only_when_it_was_cleaned(
    leases: Leases,
) -> None:
    assert not leases.standing("a").clean, "nobody has looked at a new board yet"
    for clean in (True, False):
        lease = leases.take("a", "anna")
        assert lease
        assert not leases.standing("a").clean
        leases.release(lease, clean=clean)
        assert leases.standing("a").holder == ""
        assert leases.standing("a").clean is clean


def test_a_dead_jobs_board_comes_free_when_its_lease_runs_out_and_is_not_clean(
    leases: Leases, clock: Clock
) -> None:
    dead = leases.take("a", "anna")
    assert dead
    clock.now += 119
    assert leases.take("a", "ben") is None
    clock.now += 1
    assert not leases.standing("a").clean
    alive = leases.take("a", "ben")
    assert alive
    assert not leases.renew(dead), "the dead came back, and was told the board is still its own"
    leases.release(dead, clean=True)
    assert leases.standing("a").holder == "ben"


def test_a_renewed_lease_holds(leases: Leases, clock: Clock) -> None:
    lease = leases.take("a", "anna")
    assert lease
    for _ in range(5):
        clock.now += 100
        assert leases.renew(lease)
        assert leases.take("a", "ben") is None


def test_a_board_taken_away_tells_its_holder_at_the_next_renewal(leases: Leases) -> None:
    lease = leases.take("a", "anna")
    assert lease
    assert leases.take_away("a") == "anna"
    assert not leases.renew(lease)
    assert leases.take_away("a") == ""


def test_a_damaged_record_counts_as_a_board_nobody_has(leases: Leases, tmp_path: Path) -> None:
    assert leases.take("a", "anna")
    (tmp_path / "leases" / "a.json").write_text('{"holder": "an')
    assert leases.take("a", "ben")


def test_a_folder_that_cannot_be_used_is_one_clear_error(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="leases"):
        Leases(tmp_path / "file" / "leases", 120, clock).take("a", "anna")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["take", "renew", "release"]))))
def test_whatever_jobs_do_at_most_one_lease_of_a_board_can_be_renewed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    clock = Clock()
    leases = Leases(tmp_path_factory.mktemp("leases"), 10, clock)
    held = []
    for who, what in steps:
        clock.now += 4
        if what == "take" and (lease := leases.take("board", who)):
            held.append(lease)
        for lease in held[-1:]:
            if what == "release":
                leases.release(lease, clean=True)
        assert sum(leases.renew(lease) for lease in held) <= 1
