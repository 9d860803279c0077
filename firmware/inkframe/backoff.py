"""How long to wait after failures: tripling, bounded, and spread so that a fleet does not march in step.

Tripling makes a first day without a host cost fewer requests than a normal one.
"""

from inkframe.compat import const

LONGEST_S = const(21600)
DEFAULT_RETRY_S = const(60)
_MOST_GROWTH = const(9)


def after(failures: int, retry_s: int, spread: int) -> int:
    """Seconds until the next try, after `failures` (1 or more) in a row.

    `retry_s` is the first wait. `spread`, any number that differs between devices, adds up to a quarter.
    Never more than LONGEST_S and a quarter.
    """
    wait = retry_s
    for _ in range(min(failures - 1, _MOST_GROWTH)):
        wait *= 3
    wait = min(wait, LONGEST_S)
    return wait + (spread + failures * 7919) % (wait // 4 + 1)
