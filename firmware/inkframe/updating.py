"""What a wake does about updates, when its cycle is over: confirm what is on trial, or take what is offered.

Nothing of an update may cost a page: the cycle has shown its frame before, and whatever goes wrong here is
noted for the next Ink-Status, and the wake ends as it would have.
"""

from inkframe import update
from inkframe.cycle import Request
from inkframe.errors import InkError, UpdateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.config import Config
    from inkframe.cycle import Cycle
    from inkframe.memory import Memory
    from inkframe.parts import File, Image, Response, Source, Transport
    from inkframe.slots import Slots

FILE = "update.ink"


class Updates:
    """`image` writes full images, where the chip has a second partition for them."""

    def __init__(
        self,
        config: "Config",
        slots: "Slots",
        memory: "Memory",
        transport: "Transport | None",
        board: update.Board,
        log: "Callable[[str], None]",
        image: "Image | None" = None,
    ) -> None:
        self._config = config
        self._slots = slots
        self._memory = memory
        self._transport = transport
        self._board = board
        self._log = log
        self._image = image

    def after(self, cycle: "Cycle", status: str, random: "Callable[[int], bytes]") -> bool:
        """Whether another application is to be started, by a reset and not by a sleep."""
        try:
            if self._slots.on_trial:
                self._judge(cycle)
            elif cycle.offer[0]:
                return self._consider(cycle.offer, status, random)
        except InkError as error:
            self._log("update: %s" % error)
        return False

    def _judge(self, cycle: "Cycle") -> None:
        if not cycle.went_well:
            self._slots.ended(cycle.asked)
            return
        if self._image and self._slots.image:
            self._image.confirm()
        self._slots.confirm()
        self._log("update: application %d is good" % self._slots.version)

    def _consider(
        self, said: "tuple[str, bytes]", status: str, random: "Callable[[int], bytes]"
    ) -> bool:
        slots = self._slots
        version = 0
        try:
            offer = update.Offer(said[0], self._config.key, said[1])
            version = offer.version
            if version == slots.version or slots.was_taken_back(version):
                return False
            if version < slots.version:
                raise UpdateError("old", "offered %d, this is %d" % (version, slots.version))
            update.check_battery(self._board, offer.battery_mv)
            if not slots.is_worth_a_try(version):
                return False
            self._fetch(status, random(8))
        except InkError as error:
            self._log("update: %s" % error)
            if slots.note(version, update.outcome_of(error)):
                slots.save()
            return False
        return True

    def _fetch(self, status: str, nonce: bytes) -> None:
        request = Request(self._config, self._memory.load(), b"", nonce, status)
        request.file = FILE
        assert self._transport  # noqa: S101  # only a host on the cable does without, and does not come here
        response = self._transport.fetch(request)
        try:
            self.take(response)
        finally:
            response.close()

    def take_file(self, path: str) -> None:
        """An update that lies on the flash. Raises what it is refused for."""
        files = self._slots.files
        try:
            with files.open(path, "rb") as file:
                self.take(_OnFlash(file))
        except InkError as error:
            self._slots.note(0, update.outcome_of(error))
            self._slots.save()
            raise
        finally:
            files.remove(path)

    def take(self, response: "Response | _OnFlash") -> None:
        """Receive, verify, store and name an update: all of it, or what runs stays. Raises InkError."""
        if response.unchanged or not 0 < response.size <= update.MAX_BYTES:
            raise UpdateError("cut", "update of %d bytes" % response.size)
        manifest = update.read_manifest(response, self._config.key)
        update.check_fits(manifest, self._board, self._slots.version)
        if manifest.size != response.size:
            raise UpdateError(
                "cut", "update of %d bytes, it says %d" % (response.size, manifest.size)
            )
        if manifest.kind == update.IMAGE:
            self._take_image(response, manifest)
        else:
            folder = self._slots.spare_folder
            update.write_files(response, manifest, self._slots.files, folder)
            self._ask_soon()
            self._slots.activate(manifest.version)
        self._log("update: %d is written; it starts now, on trial" % manifest.version)

    def _take_image(self, response: "Source", manifest: update.Manifest) -> None:
        if not self._image:
            raise UpdateError("board", "this board cannot take a full image")
        partition = self._image.write(response, manifest.rows[0].length, manifest.rows[0].sha256)
        self._ask_soon()
        # In this order: an image that boots and that nobody knows of is left again at the next restart.
        self._image.start_next()
        self._slots.activate_image(manifest.version, partition)

    def _ask_soon(self) -> None:
        """Only an answer of the host confirms an application: its first wake is to ask for one."""
        state = self._memory.load()
        state.ask_at = 0
        self._memory.save(state)


class _OnFlash:
    """A file in the place of a response."""

    unchanged = False

    def __init__(self, file: "File") -> None:
        self.size = file.seek(0, 2)
        file.seek(0)
        self.readinto = file.readinto
