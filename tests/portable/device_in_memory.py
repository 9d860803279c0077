"""A whole device in memory: flash and panel whose power may fail at any step, a clock, a host to ask.

`Device` puts a real `inkframe.cycle.Cycle` between them. Runs on CPython and on MicroPython.
"""

import json
from binascii import hexlify
from io import IOBase

from check import KEY, NOON, Bytes, Page, body, bundle, frame_id

from inkframe import seal, wire
from inkframe.battery import Battery
from inkframe.config import Config
from inkframe.cycle import Cycle
from inkframe.errors import PanelError, TransportError
from inkframe.memory import Memory
from inkframe.slots import Slots
from inkframe.update import Board, offer_tag
from inkframe.updating import Updates

_SEEK_END = 2
LONGEST_SLEEP_S = 10 * 86400


class PowerCut(Exception):  # noqa: N818  # no error of the program
    """The power failed. Nothing after it has an effect."""


class Power:
    """Counts the steps at which it could fail, and fails at `cut_at`."""

    def __init__(self):
        self.steps = 0
        self.cut_at = -1

    def step(self):
        if 0 <= self.cut_at <= self.steps:
            raise PowerCut
        self.steps += 1


class Flash:
    """Files in memory, as `Memory` wants them. A cut leaves half of what was being written."""

    def __init__(self, power=None):
        self.power = power or Power()
        self.files = {}
        self.full = False
        """Every write then fails, as on a flash without room."""
        self.read_only = False
        """Nothing can be opened for writing, or renamed."""
        self.broken = ()
        """Names of files that can be opened but not read."""

    def open(self, path, mode):
        if mode == "wb":
            self.power.step()
            if self.read_only:
                raise OSError(30)
            self.files[path] = b""
        elif path not in self.files:
            raise OSError(2)
        return _File(self, path)

    def rename(self, old, new):
        self.power.step()
        if self.read_only:
            raise OSError(30)
        if old not in self.files:
            raise OSError(2)
        self.files[new] = self.files.pop(old)

    def remove(self, path):
        self.power.step()
        if path not in self.files:
            raise OSError(2)
        del self.files[path]

    def mkdir(self, path):
        """Folders need none here: they are in the names."""
        self.power.step()

    def listdir(self, path):
        inside = [name[len(path) + 1 :] for name in self.files if name.startswith(path + "/")]
        if not inside:
            raise OSError(2)
        return sorted({name.split("/")[0] for name in inside})


class _File(IOBase):
    def __init__(self, flash, path):
        super().__init__()
        self._flash = flash
        self._path = path
        self._at = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        pass

    def readinto(self, buffer):
        if self._path in self._flash.broken:
            raise OSError(5)
        piece = self._flash.files[self._path][self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def read(self, size=-1):
        length = len(self._flash.files[self._path]) if size < 0 else size
        buffer = bytearray(length)
        return bytes(buffer[: self.readinto(buffer)])

    def write(self, data):
        data = bytes(data)
        half = len(data) // 2
        for piece in (data[:half], data[half:]):
            self._flash.power.step()
            if self._flash.full:
                raise OSError(28)
            self._flash.files[self._path] += piece
        return len(data)

    def seek(self, offset, whence=0):
        self._at = offset + (len(self._flash.files[self._path]) if whence == _SEEK_END else 0)
        return self._at


class PanelInMemory:
    """Shows what it is told to, as a panel does: a partial refresh changes the window's rows only.

    `shown` is None while nobody can know what is on it: at first, and after a refresh that was cut.
    """

    width_px = 64
    height_px = 32
    bpp = 1
    planes = 1
    palette = ((0, 0, 0), (255, 255, 255))
    rotation = 0
    most_quick_refreshes = 5

    def __init__(self, power=None):
        self.power = power or Power()
        self.shown = None
        self.refreshes = []
        self.broken = False
        self.takes = None
        """A function that lets the time pass which a refresh takes."""

    def show(self, new, held, refresh, window):
        assert held is None or whole(held) == self.shown, "told a wrong picture of what it shows"
        self.power.step()
        picture = whole(new)
        if refresh == wire.PARTIAL:
            assert held is not None
            picture = self._with_rows(self.shown, picture, window[1], window[3])
        self.shown = None
        self.power.step()
        if self.broken:
            raise PanelError("busy for ever")
        if self.takes:
            self.takes()
        self.shown = picture
        self.refreshes.append(refresh)
        self.power.step()

    def _with_rows(self, shown, new, y, height):
        assert height > 0
        stride = (self.width_px * self.bpp + 7) // 8
        out = b""
        for plane in range(self.planes):
            begin = plane * self.height_px * stride
            top, bottom = begin + y * stride, begin + (y + height) * stride
            end = begin + self.height_px * stride
            out += shown[begin:top] + new[top:bottom] + shown[bottom:end]
        return out


def whole(pixels):
    return b"".join(bytes(piece) for piece in pixels.pieces(0, pixels.length))


class ClockInMemory:
    def __init__(self, seconds=0):
        self.seconds = seconds
        self.times_set = 0

    def now(self):
        return self.seconds

    def set(self, seconds):
        self.seconds = seconds
        self.times_set += 1


class Host:
    """Answers requests as a server does; keeps them to be looked at."""

    def __init__(self, power=None):
        self.power = power or Power()
        self.requests = []
        self.down = False
        self.bundle = b""
        self.choose = None
        """A function from a request to a bundle, instead of one bundle for all."""
        self.etag = b'"1"'
        self.clock = None
        """A function from a request to the Ink-Clock header."""
        self.date = 0
        self.open_replies = 0
        self.update = b""
        """What is on offer, whole; `offered` is its version."""
        self.offered = 0
        self.update_battery_mv = 3600
        self.update_key = KEY

    def fetch(self, request):
        self.power.step()
        self.requests.append(request)
        if self.down:
            raise TransportError("nobody there")
        self.power.step()
        self.open_replies += 1
        if request.file == "update.ink":
            return _Reply(self, request, self.update)
        if self.etag and request.etag == self.etag:
            return _Reply(self, request, None)
        return _Reply(self, request, self.choose(request) if self.choose else self.bundle)

    def offer(self, request):
        """The Ink-Update header."""
        key = self.update_key
        numbers = (self.offered, len(self.update), self.update_battery_mv)
        tag = hexlify(offer_tag(key, request.nonce, *numbers)).decode() if key else ""
        return ".".join([str(number) for number in numbers] + [tag])


class _Reply:
    def __init__(self, host, request, raw):
        self._host = host
        self._body = Bytes(raw or b"", 700)
        self.unchanged = raw is None
        self.size = len(raw or b"")
        self.etag = host.etag
        self.clock = host.clock(request) if host.clock else ""
        self.date = host.date
        self.update = host.offer(request) if host.update else ""

    def readinto(self, view):
        self._host.power.step()
        return self._body.readinto(view)

    def close(self):
        self._host.open_replies -= 1


def clock_header(now, ask_at, key=KEY):
    """What `Host.clock` may be, for a clock that says `now`."""

    def header(request):
        tag = seal.clock_tag(key, request.nonce, now, ask_at) if key else b""
        return f"{now}.{ask_at}.{hexlify(tag).decode()}"

    return header


class Hang(Exception):  # noqa: N818  # no error: nothing raises, the watchdog bites
    """What an application on trial does when it is to hang."""


class Device:
    """All parts, and a fresh Cycle over them for each wake, as after a deep sleep."""

    def __init__(self, key=KEY, now=NOON, **config):
        self.power = Power()
        self.flash = Flash(self.power)
        self.panel = PanelInMemory(self.power)
        self.clock = ClockInMemory(now)
        self.host = Host(self.power)
        self.log = []
        self.key = key
        values = {
            "display": "kitchen",
            "server": "http://host",
            "key": hexlify(key).decode() if key else None,
            "panel": "in_memory",
            "pins": {"cs": 0, "dc": 0, "reset": 0, "busy": 0},
            "spi": {"id": 0, "baud_hz": 0},
            "wifi": {},
            "longest_sleep_s": 86400,
        }
        values.update(config)
        self.config = Config(json.dumps(values))
        self.nonces = 0
        self.board = Board("rp2040", 0x1306)
        self.image = None
        """Makes what full images go to."""
        self.starts = {}
        """By version: what an application does when it is started, instead of a cycle."""
        self.restarts = 0
        self.battery_mv = 0
        self.font = None

    def serve(self, raw, sequence=1, etag=None):
        """From now on the host has the bundle of this body."""
        self.host.bundle = bundle(raw, sequence, self.key)
        self.host.etag = b'"%d"' % sequence if etag is None else etag

    def wake(self, reason=""):
        """One cycle. Returns the seconds to sleep; the clock stays."""
        sleep_s = self.cycle(reason).run()
        assert self.host.open_replies == 0, "a radio was left on"
        assert 0 < sleep_s <= LONGEST_SLEEP_S
        self.check_belief()
        return sleep_s

    def wake_for(self, duration_s):
        """Cycles and sleeps until `duration_s` are over. Returns how many wakes that took."""
        until = self.clock.seconds + duration_s
        wakes = 0
        while self.clock.seconds < until:
            self.clock.seconds += self.wake()
            wakes += 1
        return wakes

    def start(self):
        """From reset to sleep, as main.py does it: the seconds to sleep, or None for another reset."""
        Slots(self.flash).start()
        return self.started()

    def started(self):
        """The same, when the start was counted."""
        slots = Slots(self.flash)
        try:
            self.starts.get(slots.version, self.run)()
        except Hang:
            return None
        except ValueError:
            slots.crashed()
            return None
        slots.load()
        return None if slots.is_new else self.slept

    def run(self):
        """What an application does in a wake."""
        slots = Slots(self.flash)
        cycle = self.cycle(slots=slots)
        self.slept = cycle.run()
        memory = self.memory()
        image = self.image() if self.image else None
        updates = Updates(self.config, slots, memory, self.host, self.board, self.log.append, image)
        updates.after(cycle, slots.report(), self._nonce)
        assert self.host.open_replies == 0, "a radio was left on"
        self.check_belief()

    def serve_a_page(self):
        """One page, shown; the host is asked again an hour later."""
        page = Page(self.clock.seconds, bytes(256))
        self.serve(body([page], ask_at=self.clock.seconds + 3600), 1)
        self.settle()

    def settle(self, most=12):
        """Resets until it sleeps. Returns for how long."""
        for _ in range(most):
            slept = self.start()
            if slept is not None:
                return slept
            self.restarts += 1
        raise AssertionError("it resets for ever")

    def slots(self):
        return Slots(self.flash)

    def cycle(self, reason="", slots=None):
        return Cycle(
            self.config,
            self.memory(),
            self.clock,
            self.host,
            self.panel,
            lambda: "battery_mv=3700" + (";" + slots.report() if slots else ""),
            self._nonce,
            self.log.append,
            reason,
            Battery(self.battery_mv),
            self.font,
        )

    def memory(self):
        return Memory("", self.flash)

    def state(self):
        """What the flash remembers."""
        return self.memory().load()

    def check_belief(self):
        """The device may know less than is true of its panel, never anything else."""
        held = self.state().held
        if self.state().over:
            self.check_over(held)
        elif held != wire.NO_FRAME:
            assert self.panel.shown is not None, "believes in a picture that nobody can know"
            assert frame_id(self.panel.shown) == held, "believes in another picture than is shown"

    def check_over(self, held):
        """Under what only the device knows the frame on its flash is still the one the host knows."""
        if held != wire.NO_FRAME:
            assert frame_id(self.flash.files["frame"]) == held
            assert frame_id(self.panel.shown) != held

    def _nonce(self, length):
        self.nonces += 1
        return bytes([self.nonces & 255] * length)
