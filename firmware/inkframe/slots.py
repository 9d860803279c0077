"""Which application starts: the one in slot `a` or `b`, or the one the board came with.

    slots    the record below. Without it, or when it is damaged: the board's own application
    a/, b/   an application each, in folders as at the root

The board's own is at the root of the flash or frozen into the image. It holds the copy of this module that
chooses at every start, so the record's format changes by version alone.

An update is written into the slot that nothing depends on, and named here last. It is then *on trial*: each
start is counted before anything of it runs, and one that does not confirm itself makes place for the
application before it. A confirmed application costs a start one small read, and no write.

Record, little-endian, 1 byte each: version 1; active slot; the slot before it; 1 while on trial; starts that
did not come to an end; wakes without a good answer; outcome (index in OUTCOMES); subtype of the partition
that holds a full image on trial, or 0. Then 4 bytes each: version of the active application, and of the one
before; the version the outcome is of, and how often that was offered; the version that was taken back; CRC-32
of all that. A slot is 0 for the board's own application, 1 for a, 2 for b. An application's version is the
moment it was built, epoch seconds; 0 when nobody knows.
"""

import gc
import os
import struct
import sys

from inkframe.compat import const, crc32
from inkframe.errors import StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.parts import File, Tree

RECORD = "slots"
FOLDERS = ("", "a", "b")
OUTCOMES = (
    "",
    "trial",
    "good",
    "auth",
    "old",
    "wire",
    "cut",
    "board",
    "battery",
    "state",
    "crash",
    "hang",
    "silent",
)
"""What became of an update, as reported upstream: see docs/protocol.md."""
TAKEN_BACK = ("crash", "hang", "silent")
"""Outcomes after which the application before runs again."""

MOST_STARTS = const(2)
"""Starts that never end: after these many the application before comes back. One may be a power cut."""
MOST_WAKES = const(64)
"""Wakes that come to their end without a good answer of the host. One that asked in vain counts for _ASKED:
with backoff, 8 of them are most of a day without the host."""
_ASKED = const(8)

_FORM = "<BBBBBBBBIIIII"
_FORMAT = const(1)
_BYTES = const(32)


def own_application(version: int) -> bytes:
    """The record of a board whose own application is of that version, and runs. Host only."""
    record = struct.pack(_FORM, _FORMAT, 0, 0, 0, 0, 0, 0, 0, version, version, 0, 0, 0)
    return record + struct.pack("<I", crc32(record))


class _Flash:
    """The real files, as `Slots` wants them."""

    def open(self, path: str, mode: str) -> "File":
        file: Any = open(path, mode)  # noqa: SIM115  # the caller closes it
        return file  # type: ignore[no-any-return]  # open's types depend on the mode's letters

    def rename(self, old: str, new: str) -> None:
        os.rename(old, new)

    def remove(self, path: str) -> None:
        os.remove(path)

    def mkdir(self, path: str) -> None:
        os.mkdir(path)

    def listdir(self, path: str) -> "list[str]":
        return os.listdir(path)


class Slots:
    """The record, read when this is made. `files` as in `inkframe.parts.Tree` (tests cut them short).

    `raw`: a record at hand, in the place of the one on the flash.
    """

    def __init__(self, files: "Tree | None" = None, raw: bytes | None = None) -> None:
        self.files = files or _Flash()
        self._set((0,) * 12)
        if raw is None:
            self.load()
        else:
            self.unpack(raw)

    def load(self) -> None:
        self._set((0,) * 12)
        try:
            with self.files.open(RECORD, "rb") as file:
                self.unpack(file.read(_BYTES + 5))
        except OSError:
            pass  # a board that was never updated

    def _set(self, fields: "tuple[int, ...]") -> None:
        self.active, self.before, self._trial, self._starts, self._wakes, self._outcome = fields[:6]
        self.image = fields[6]
        self.version, self.version_before, self._about, self._offers, self._taken_back = fields[7:]

    def pack(self) -> bytes:
        record = struct.pack(
            _FORM,
            _FORMAT,
            self.active,
            self.before,
            self._trial,
            min(self._starts, 255),
            min(self._wakes, 255),
            self._outcome,
            self.image,
            self.version,
            self.version_before,
            self._about,
            self._offers,
            self._taken_back,
        )
        return record + struct.pack("<I", crc32(record))

    def unpack(self, raw: bytes) -> bool:
        """Take over a packed record; False, and nothing changed, when it is not whole."""
        size = struct.calcsize(_FORM)
        if len(raw) != size + 4 or crc32(raw[:size]) != struct.unpack_from("<I", raw, size)[0]:
            return False
        fields = struct.unpack_from(_FORM, raw, 0)
        if fields[0] != _FORMAT or max(fields[1:3]) >= len(FOLDERS) or fields[6] >= len(OUTCOMES):
            return False
        self._set(fields[1:])
        return True

    def save(self) -> None:
        """StateError when the flash does not take it; the record is then as it was."""
        try:
            with self.files.open(RECORD + ".new", "wb") as file:
                file.write(self.pack())
            self.files.rename(RECORD + ".new", RECORD)
        except OSError as error:
            raise StateError(f"cannot write {RECORD}: {error}") from None

    # Starting

    @property
    def folder(self) -> str:
        """Where the active application is; empty for the board's own."""
        return FOLDERS[self.active]

    @property
    def on_trial(self) -> bool:
        """Whether the active application has not confirmed itself yet."""
        return self._trial == 1

    @property
    def is_new(self) -> bool:
        """Whether it was not even started yet."""
        return self.on_trial and not self._starts and not self._wakes

    def start(self, partition: int = 0) -> None:
        """At every start, before anything of the application runs: count it, or go back to the one before.

        `partition`: the subtype of the one that runs, where there is more than one. StateError.
        """
        if not self.on_trial:
            return
        # The boot loader goes back by itself when an image did not say that it is good.
        went_back = self.image and self.image != partition
        if went_back or self._starts >= MOST_STARTS or self._wakes >= MOST_WAKES:
            self._take_back()
        else:
            self._starts += 1
        self.save()

    def enter(self) -> None:
        """Have imports find the active application; what came from elsewhere to choose it is forgotten."""
        if self.folder:
            sys.path.insert(0, self.folder)
            for name in list(sys.modules):
                if name.split(".")[0] in ("inkframe", "device"):
                    del sys.modules[name]
            gc.collect()

    def crashed(self) -> None:
        """It broke off. On trial that is noted; the start was counted already."""
        self.load()
        if self.on_trial:
            self.note(self.version, "crash")
            self.save()

    def ended(self, asked: bool) -> None:
        """A wake on trial came to its end without a good answer; whether it had asked for one."""
        if self.on_trial:
            self._starts = 0
            self._wakes += _ASKED if asked else 1
            self.save()

    def _take_back(self) -> None:
        outcome = "crash" if OUTCOMES[self._outcome] == "crash" else "hang"
        if self.on_trial and self._wakes and not self._starts:
            outcome = "silent"
        self._taken_back = self.version
        self.note(self.version, outcome)
        self.active, self.version = self.before, self.version_before
        self._settle()

    def distrust(self) -> None:
        """The active application cannot even be imported: go back at once.

        From one on trial to the one before; from a confirmed one to the board's own.
        """
        if not self.on_trial:
            self.before = self.version_before = 0
        self.note(self.version, "crash")
        self._take_back()
        self.save()

    def _settle(self) -> None:
        self._trial = self._starts = self._wakes = self.image = 0
        self.before, self.version_before = self.active, self.version

    # Updating

    @property
    def _spare(self) -> int:
        return 2 if self.active == 1 else 1

    @property
    def spare_folder(self) -> str:
        """The slot that nothing depends on while the active application is confirmed."""
        return FOLDERS[self._spare]

    def activate(self, version: int) -> None:
        """The spare slot holds a whole application of that version: start it from now on, on trial."""
        self._activate(self._spare, version, 0)

    def activate_image(self, version: int, partition: int) -> None:
        """The same for an image in the partition of that subtype, which brings its own application."""
        self._activate(0, version, partition)

    def _activate(self, slot: int, version: int, partition: int) -> None:
        self.before, self.version_before = self.active, self.version
        self.active, self.version, self.image = slot, version, partition
        self._trial, self._starts, self._wakes = 1, 0, 0
        self.note(version, "trial")
        self.save()

    def confirm(self) -> None:
        """The active application did all it is there for."""
        if self.on_trial:
            self.note(self.version, "good")
            self._settle()
            self.save()

    def was_taken_back(self, version: int) -> bool:
        return version == self._taken_back

    def is_worth_a_try(self, version: int) -> bool:
        """Whether to fetch what is offered. One that failed is tried at its 1st, 2nd, 4th, 8th, … offer.

        Notes the offer; StateError.
        """
        if version != self._about:
            self.note(version, "")
            self._offers = 0
        self._offers += 1
        self.save()
        return not self._offers & (self._offers - 1)

    def note(self, version: int, outcome: str) -> bool:
        """What became of the update to that version; whether that is news. Not saved yet."""
        found = (version, OUTCOMES.index(outcome))
        if found == (self._about, self._outcome):
            return False
        self._about, self._outcome = found
        return True

    @property
    def outcome(self) -> str:
        """What became of the last update; one of OUTCOMES."""
        return OUTCOMES[self._outcome]

    def report(self) -> str:
        """For Ink-Status: the version that runs, and what became of the last update."""
        report = "app=%d" % self.version
        if self.outcome:
            report += ";update=%s.%d" % (self.outcome, self._about)
        return report
