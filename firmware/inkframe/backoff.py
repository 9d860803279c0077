"""How long to wait after failures: doubling, bounded, and spread so that a fleet does not march in step."""

from inkframe.compat import const

LONGEST_S = const(21600)
DEFAULT_RETRY_S = const(60)
_MOST_DOUBLINGS = const(12)


def after(failures: int, retry_s: int, spread: int) -> int:
    """Seconds until the next try, after `failures` (1 or more) in a row.

    `retry_s` is the first wait. `spread`, any number that differs between devices, adds up to a quarter.
    Never more than LONGEST_S and a quarter.
    """
    wait = min(retry_s << min(failures - 1, _MOST_DOUBLINGS), LONGEST_S)
    return wait + (spread + failures * 7919) % (wait // 4 + 1)
