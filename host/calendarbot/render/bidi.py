"""The Unicode bidirectional algorithm (UAX #9) for one line of text.

HarfBuzz shapes runs of one direction and orders nothing, so lines that mix directions are ordered
here: `levels()` gives every character its embedding level (odd is right to left), and
`visual_order()` says in which order runs of given levels stand from left to right.

Rule names (X1, W4, N0, L2 …) are those of UAX #9, revision 46.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from calendarbot.render.brackets import bracket_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DEPTH = 125
_ISOLATES = frozenset({"LRI", "RLI", "FSI"})
_EMBEDDINGS = frozenset({"LRE", "RLE", "LRO", "RLO"})
_REMOVED = _EMBEDDINGS | {"PDF", "BN"}
_NEUTRALS = _ISOLATES | {"PDI", "B", "S", "WS", "ON"}
_STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}
"""What a character counts as where neutrals look for their neighbours (N1)."""

_RAISED = ({"L": 0, "R": 1, "EN": 2, "AN": 2}, {"L": 1, "R": 0, "EN": 1, "AN": 1})
"""I1, I2: how far a class rises above an even and an odd level."""


class _Entry(NamedTuple):
    level: int
    override: str | None
    isolate: bool


def levels(text: str, rtl: bool | None = None) -> list[int]:
    """The embedding level of every character of `text`, one line, after rule L1.

    `rtl` is the direction of the line; None takes it from the first strong character (P2, P3).
    """
    classes = [unicodedata.bidirectional(char) or "L" for char in text]
    base = int(is_rtl(text) if rtl is None else rtl)
    explicit = _Explicit(classes, base)
    resolved = list(explicit.levels)
    for sequence in _isolating_sequences(classes, explicit.levels, explicit.matches):
        sos, eos = _edges(classes, explicit.levels, sequence, base)
        types = [explicit.kinds[i] for i in sequence]
        level = explicit.levels[sequence[0]]
        _weak(types, sos)
        _brackets(text, types, classes, sequence, level, sos)
        _neutral(types, level, sos, eos)
        for i, kind in zip(sequence, types, strict=True):
            resolved[i] = level + _RAISED[level % 2][kind]
    _settle(classes, resolved, base)
    return resolved


def is_rtl(text: str, default: bool = False) -> bool:
    """Whether the first strong character of `text` is right to left (P2, P3)."""
    found = _first_strong([unicodedata.bidirectional(char) for char in text], 0)
    return default if found is None else found


def visual_order(run_levels: Sequence[int]) -> list[int]:
    """Indices of the runs in the order they stand from left to right (L2)."""
    order = list(range(len(run_levels)))
    lowest_odd = min((level for level in run_levels if level % 2), default=None)
    if lowest_odd is None:
        return order
    for level in range(max(run_levels), lowest_odd - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and run_levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = max(end, start + 1)
    return order


def _first_strong(classes: Sequence[str], start: int) -> bool | None:
    depth = 0
    for kind in classes[start:]:
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            if depth == 0 and start:
                return None
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return kind != "L"
    return None


class _Explicit:
    """X1–X8: a pass over the characters that obeys embeddings, overrides and isolates."""

    def __init__(self, classes: Sequence[str], base: int) -> None:
        self.kinds = list(classes)
        """Classes after overrides."""
        self.levels = [base] * len(classes)
        self.matches: dict[int, int] = {}
        """The PDI that ends each isolate, by the isolate's index."""
        self._classes = classes
        self._stack = [_Entry(base, None, isolate=False)]
        self._open_isolates: list[int] = []
        self._overflow_isolates = 0
        self._overflow_embeddings = 0
        for i, kind in enumerate(classes):
            if kind in _ISOLATES or kind in _EMBEDDINGS:
                self._open(i, kind)
            elif kind == "PDI":
                self._end_isolate(i)
            elif kind == "PDF":
                self._end_embedding()
            if kind in _REMOVED or (kind != "B" and kind not in _ISOLATES):
                self.levels[i] = self._stack[-1].level
            if kind not in _REMOVED and kind not in _ISOLATES and kind != "B":
                self.kinds[i] = self._stack[-1].override or kind

    def _open(self, i: int, kind: str) -> None:
        """X2–X5c."""
        last, isolate = self._stack[-1], kind in _ISOLATES
        if isolate:
            self.levels[i] = last.level
            self.kinds[i] = last.override or kind
        rtl = kind[0] == "R" or (kind == "FSI" and bool(_first_strong(self._classes, i + 1)))
        level = last.level + 1 + (last.level % 2 if rtl else 1 - last.level % 2)
        if level <= MAX_DEPTH and not self._overflow_isolates and not self._overflow_embeddings:
            forced = ("R" if rtl else "L") if kind[2] == "O" else None
            self._stack.append(_Entry(level, forced, isolate))
            if isolate:
                self._open_isolates.append(i)
        elif isolate:
            self._overflow_isolates += 1
        elif not self._overflow_isolates:
            self._overflow_embeddings += 1

    def _end_isolate(self, i: int) -> None:
        """X6a."""
        if self._overflow_isolates:
            self._overflow_isolates -= 1
        elif self._open_isolates:
            self._overflow_embeddings = 0
            while not self._stack[-1].isolate:
                self._stack.pop()
            self._stack.pop()
            self.matches[self._open_isolates.pop()] = i

    def _end_embedding(self) -> None:
        """X7."""
        if self._overflow_isolates:
            return
        if self._overflow_embeddings:
            self._overflow_embeddings -= 1
        elif not self._stack[-1].isolate and len(self._stack) > 1:
            self._stack.pop()


def _isolating_sequences(
    classes: list[str], resolved: list[int], matches: dict[int, int]
) -> list[list[int]]:
    """X9, X10 (BD13): runs of one level, joined across the isolates that interrupt them."""
    runs: list[list[int]] = []
    for i, kind in enumerate(classes):
        if kind in _REMOVED:
            continue
        if runs and resolved[runs[-1][-1]] == resolved[i]:
            runs[-1].append(i)
        else:
            runs.append([i])
    by_start = {run[0]: run for run in runs}
    ended = set(matches.values())
    sequences = []
    for run in runs:
        if run[0] in ended:
            continue
        sequence = list(run)
        while sequence[-1] in matches and matches[sequence[-1]] in by_start:
            sequence += by_start[matches[sequence[-1]]]
        sequences.append(sequence)
    return sequences


def _edges(
    classes: list[str], explicit: Sequence[int], sequence: list[int], base: int
) -> tuple[str, str]:
    """X10: sos and eos, the directions a sequence meets at its two ends."""

    def neighbour_level(where: range) -> int:
        return next((explicit[i] for i in where if classes[i] not in _REMOVED), base)

    level, last = explicit[sequence[0]], sequence[-1]
    before = neighbour_level(range(sequence[0] - 1, -1, -1))
    after = base
    if classes[last] not in _ISOLATES:
        after = neighbour_level(range(last + 1, len(classes)))
    return "R" if max(level, before) % 2 else "L", "R" if max(level, after) % 2 else "L"


def _weak(types: list[str], sos: str) -> None:
    """W1–W7."""
    previous = strong = sos
    for i, kind in enumerate(types):
        if kind == "NSM":
            types[i] = "ON" if previous in _ISOLATES or previous == "PDI" else previous
        elif kind == "EN" and strong == "AL":
            types[i] = "AN"
        previous = kind if kind in _ISOLATES or kind == "PDI" else types[i]
        if types[i] in ("L", "R", "AL"):
            strong = types[i]
    types[:] = ["R" if kind == "AL" else kind for kind in types]
    for i in range(1, len(types) - 1):
        around = {types[i - 1], types[i + 1]}
        if (types[i] in ("ES", "CS") and around == {"EN"}) or (
            types[i] == "CS" and around == {"AN"}
        ):
            types[i] = types[i - 1]
    _terminators(types)
    strong = sos
    for i, kind in enumerate(types):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            types[i] = "L"


def _terminators(types: list[str]) -> None:
    """W5, W6."""
    i = 0
    while i < len(types):
        end = i
        while end < len(types) and types[end] == "ET":
            end += 1
        touches = (i > 0 and types[i - 1] == "EN") or (end < len(types) and types[end] == "EN")
        for k in range(i, end):
            types[k] = "EN" if touches else "ON"
        if types[i] in ("ES", "CS"):
            types[i] = "ON"
        i = max(end, i + 1)


def _brackets(
    text: str, types: list[str], classes: list[str], sequence: list[int], level: int, sos: str
) -> None:
    """N0: a pair of brackets takes the direction of what it holds, else of what precedes it."""
    embedding = "R" if level % 2 else "L"
    for start, end in bracket_pairs(text, types, sequence):
        inside = {_STRONG.get(kind) for kind in types[start + 1 : end]}
        if embedding in inside:
            direction = embedding
        elif inside & {"L", "R"}:
            context = next((_STRONG[k] for k in reversed(types[:start]) if k in _STRONG), sos)
            direction = context if context != embedding else embedding
        else:
            continue
        for position in (start, end):
            types[position] = direction
            for k in range(position + 1, len(types)):
                if classes[sequence[k]] != "NSM":
                    break
                types[k] = direction


def _neutral(types: list[str], level: int, sos: str, eos: str) -> None:
    """N1, N2."""
    embedding = "R" if level % 2 else "L"
    i = 0
    while i < len(types):
        end = i
        while end < len(types) and types[end] in _NEUTRALS:
            end += 1
        if end > i:
            before = _STRONG[types[i - 1]] if i else sos
            after = _STRONG[types[end]] if end < len(types) else eos
            types[i:end] = [before if before == after else embedding] * (end - i)
        i = max(end, i + 1)


def _settle(classes: list[str], resolved: list[int], base: int) -> None:
    """L1; and characters that X9 removed take the level of what precedes them."""
    for i, kind in enumerate(classes):
        if kind in _REMOVED:
            resolved[i] = resolved[i - 1] if i else base
    trailing = True
    for i in range(len(classes) - 1, -1, -1):
        if classes[i] in ("B", "S"):
            trailing = True
        elif not (classes[i] in ("WS", "PDI") or classes[i] in _ISOLATES or classes[i] in _REMOVED):
            trailing = False
        if trailing:
            resolved[i] = base
