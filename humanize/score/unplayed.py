"""Measures that are written and never played: always said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from humanize.score.axis import NEAR, Axis
from humanize.score.written import WrittenScore

_MOST_STRETCHES = 6  # named in a line


def never_played(score: WrittenScore, axis: Axis) -> list[str]:
    """Return a line about the measures with notes that the order of playing leaves out."""
    change = np.zeros(len(axis.begins) + 1)
    for first, last in axis.spans:
        low = int(np.searchsorted(axis.begins, first - NEAR))
        low -= bool(low and axis.begins[low] > first + NEAR)
        change[low] += 1
        change[int(np.searchsorted(axis.begins, last - NEAR))] -= 1
    played = np.cumsum(change)[: len(score.lengths)] > 0
    sounding = np.zeros(len(score.lengths), dtype=bool)
    for part in score.parts:
        sounding[[note.measure for note in part.notes]] = True
    silent = np.flatnonzero(~played & sounding).tolist()
    if not silent:
        return []
    named = [_named(score, own) for own in _stretches(silent)]
    shown = ", ".join(named[:_MOST_STRETCHES]) + (" ..." if len(named) > _MOST_STRETCHES else "")
    many = len(silent) > 1
    return [
        f"measure{'s' * many} {shown} {'are' if many else 'is'} written and never played, by the "
        "repeats and jumps of the score"
    ]


def _stretches(numbers: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _named(score: WrittenScore, stretch: tuple[int, int]) -> str:
    first, last = (score.labels[number] for number in stretch)
    return first if stretch[0] == stretch[1] else f"{first}-{last}"
