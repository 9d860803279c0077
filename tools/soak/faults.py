"""What goes wrong, and when: data. Hours are counted from a day's midnight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_S = 86_400
AIR = ("no access point", "no names")
SPOILT = ("error 500", "stalled", "truncated", "corrupted", "replayed", "forged clock")
"""What a reply can suffer on its way; beside being slow."""
OUTAGES = AIR + SPOILT
"""What keeps a device from being told anything new."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`by`: seconds that the device's clock jumps, or mV that the battery has."""

    kind: str
    from_h: float
    to_h: float
    by: int = 0


ALL_DAY = (0.0, 24.0)
QUIET: tuple[Fault, ...] = ()
OFFLINE = (Fault("no access point", *ALL_DAY),)
SOME_OF_ALL = (
    Fault("no access point", 3, 3.7),
    Fault("no names", 5.5, 6.5),
    Fault("error 500", 7.5, 8),
    Fault("slow", 8.5, 10.4),
    Fault("truncated", 10.5, 11.2),
    Fault("corrupted", 12.5, 13.2),
    Fault("replayed", 14.5, 15.1),
    Fault("stalled", 16.2, 16.8),
    Fault("forged clock", 18.3, 18.8),
    Fault("clock", 20.2, 20.2, 7200),
    Fault("clock", 22.3, 22.3, -10_800),
)
POWER = (
    Fault("battery", 6, 10, 3450),
    Fault("battery", 12, 15, 3250),
    Fault("button", 9.3, 9.3),
    Fault("button", 10.1, 10.1),
    Fault("button", 16.2, 16.2),
    Fault("button", 18.4, 18.4),
)

DAYS: tuple[tuple[Fault, ...], ...] = (
    QUIET,
    OFFLINE,
    SOME_OF_ALL,
    POWER,
    QUIET,
    (Fault("no names", *ALL_DAY),),
    QUIET,
    (Fault("error 500", *ALL_DAY),),
    QUIET,
    (Fault("truncated", 9, 14),),
    (Fault("corrupted", 8, 15),),
    (Fault("replayed", 7, 18),),
    (Fault("stalled", 10, 12),),
    (Fault("slow", *ALL_DAY),),
    (Fault("clock", 9.5, 9.5, 200 * DAY_S), Fault("clock", 15.5, 15.5, -200 * DAY_S)),
    (Fault("clock", 7.5, 7.5, -20 * 365 * DAY_S), Fault("no access point", 7.4, 9.1)),
    (Fault("forged clock", 11, 13),),
    QUIET,
    OFFLINE,
    OFFLINE,
    (Fault("no access point", 0, 17.2),),
    QUIET,
    (Fault("battery", *ALL_DAY, 3450),),
    (Fault("battery", 0, 9, 3250), Fault("no access point", 8, 11)),
    tuple(Fault("button", 7 + 0.7 * press, 7 + 0.7 * press) for press in range(12)),
    (
        Fault("button", 10.2, 10.2),
        Fault("no access point", 10, 12),
        Fault("button", 11.1, 11.1),
    ),
    (Fault("no names", 6, 9), Fault("error 500", 9, 12), Fault("stalled", 12, 15)),
    (Fault("corrupted", 6, 6.5), Fault("truncated", 12, 12.5), Fault("replayed", 18, 18.5)),
    SOME_OF_ALL,
    QUIET,
)
"""Thirty days. A soak of fewer has the first ones; the first four have something of everything."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault at its time, in epoch seconds."""

    kind: str
    begins: int
    ends: int
    by: int = 0


def spells(midnight_s: int, days: Sequence[tuple[Fault, ...]]) -> list[Spell]:
    """All faults of these days from a midnight on, in order."""
    found = [
        Spell(
            fault.kind,
            midnight_s + day * DAY_S + round(fault.from_h * 3600),
            midnight_s + day * DAY_S + round(fault.to_h * 3600),
            fault.by,
        )
        for day, faults in enumerate(days)
        for fault in faults
    ]
    return sorted(found, key=lambda spell: spell.begins)


def outages(all_spells: list[Spell]) -> list[Spell]:
    """When nothing new came through; those without a gap between them are one."""
    found: list[Spell] = []
    for spell in all_spells:
        if spell.kind not in OUTAGES:
            continue
        if found and spell.begins <= found[-1].ends:
            last = found.pop()
            kind = last.kind if last.kind == spell.kind else f"{last.kind}, {spell.kind}"
            spell = Spell(kind, last.begins, max(last.ends, spell.ends))  # the two as one
        found.append(spell)
    return found
