"""What ended a wake that nothing had foreseen: kept for the host, and how long to sleep after it.

    crash    "TIMES WHAT": how often since the host last heard of it, and the last one's type and place

A crash in every wake must not wear the flash out: it is written MOST_TIMES times, further and further apart,
and then no more until the host has answered. An error's message is left out: it may quote what is secret.
"""

from io import StringIO

from inkframe import backoff
from inkframe.compat import const, print_exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.memory import Memory

MOST_TIMES = const(9)
_MOST_CHARACTERS = const(80)
_FIRST_WAIT_S = const(60)
_FILE = "crash"
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@<>"


class CrashLog:
    def __init__(self, memory: "Memory") -> None:
        self._memory = memory

    def note(self, what: str) -> int:
        """Keep a crash. Returns the seconds to sleep: more each time. StateError when it cannot be kept."""
        times = min(self._read()[0] + 1, MOST_TIMES + 1)
        if times <= MOST_TIMES:
            self._memory.replace(_FILE, b"%d %s" % (times, what.encode()))
        return backoff.after(times, _FIRST_WAIT_S, 0)

    def pair(self) -> str:
        """What the status says of it, "crash=WHAT*TIMES;"; nothing when there was none."""
        times, what = self._read()
        return "crash=%s*%d;" % (what, times) if times else ""

    def forget(self) -> None:
        """The host has heard of it."""
        self._memory.forget(_FILE)

    def _read(self) -> tuple[int, str]:
        try:
            times, _, what = self._memory.read(_FILE).decode().partition(" ")
            return int(times), what
        except ValueError:
            return 0, ""  # none, or damaged


def describe(error: Exception) -> str:
    """The error's type and its place, "ValueError@inkframe/cycle.py:70", in characters a status may have."""
    text = StringIO()
    print_exception(error, text)
    place = ""
    for line in text.getvalue().split("\n"):
        parts = line.split('"')
        if len(parts) == 3 and parts[0].strip() == "File":
            file = "/".join(parts[1].split("/")[-2:])
            place = "@%s:%s" % (file, parts[2].split(" ")[2].rstrip(","))
    return _escaped(type(error).__name__ + place)


def _escaped(text: str) -> str:
    escaped = "".join(each if each in _PLAIN else "%%%02x" % (ord(each) & 255) for each in text)
    return escaped[-_MOST_CHARACTERS:]
