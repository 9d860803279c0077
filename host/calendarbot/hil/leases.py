"""Whose a board is, and until when: two jobs never share a board, and a dead job's board comes free.

A file for each board in the bench's state folder:

    holder  who has it, for people; empty when nobody has
    token   the secret by which the holder renews and releases
    until   epoch seconds; a lease that is not renewed by then is over
    clean   whether the board was left as it is to be found; a new board is not known to be

Changes happen under one lock for the bench, which ends with its process, and by a rename: whoever is killed
leaves an old or a new file.
"""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from calendarbot.errors import StoreError
from calendarbot.private import FOLDER_ONLY_MINE
from calendarbot.store.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Lease:
    """A board in somebody's hands."""

    board: str
    token: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a board; see the module's text."""

    holder: str = ""
    token: str = ""
    until: int = 0
    clean: bool = False


class Leases:
    """Raises StoreError where the folder cannot be used. `clock` gives epoch seconds."""

    def __init__(self, folder: Path, lease_s: int, clock: Callable[[], float]) -> None:
        self._folder = folder
        self.lease_s = lease_s
        self._clock = clock
        self._files = Files()

    def standing(self, board: str) -> Standing:
        """Now: a lease that ran out is nobody's."""
        try:
            known = Standing(**json.loads((self._folder / f"{board}.json").read_text()))
        except (OSError, ValueError, TypeError):
            return Standing()
        over = known.until <= self._clock()
        return Standing(clean=known.clean) if over else known

    def take(self, board: str, holder: str) -> Lease | None:
        """The board, not clean from now on; None while somebody has it."""
        with self._locked():
            if self.standing(board).holder:
                return None
            token = secrets.token_hex(8)
            self._write(board, Standing(holder, token, self._end(), clean=False))
        return Lease(board, token)

    def renew(self, lease: Lease) -> bool:
        """False when it is not this lease's any more: the job has to let go of the board."""
        with self._locked():
            standing = self.standing(lease.board)
            if standing.token != lease.token:
                return False
            self._write(lease.board, Standing(standing.holder, lease.token, self._end()))
        return True

    def release(self, lease: Lease, *, clean: bool) -> None:
        """Give the board back; nothing when it is somebody else's by now."""
        with self._locked():
            if self.standing(lease.board).token == lease.token:
                self._write(lease.board, Standing(clean=clean))

    def take_away(self, board: str) -> str:
        """End whatever lease there is: who had it. The board does not count as clean."""
        with self._locked():
            holder = self.standing(board).holder
            if holder:
                self._write(board, Standing())
        return holder

    def _end(self) -> int:
        return int(self._clock()) + self.lease_s

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._files.make_folder(self._folder, FOLDER_ONLY_MINE)
            with self._files.locked(self._folder / ".lock"):
                yield
        except OSError as error:
            hint = "the bench keeps its leases there"
            raise StoreError(f"{self._folder}: {error.strerror}", hint) from None

    def _write(self, board: str, standing: Standing) -> None:
        new = self._folder / f"{board}.json.new"
        new.write_text(json.dumps(asdict(standing)))
        self._files.replace(new, self._folder / f"{board}.json")
