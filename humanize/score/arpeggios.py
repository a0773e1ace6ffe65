"""Chords with an arpeggio sign: how much later than written each of their notes is struck.

A note follows the one before by a fifteenth of a second, as in MuseScore, or sooner where the
shortest note of the chord would not last. All end together, as they would without the sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from humanize.notes import FloatColumn, NoteTable
from humanize.score.written import Arpeggio

_STEP_SEC = 1 / 15


def arpeggio_delays(notes: NoteTable, signs: Mapping[int, Arpeggio]) -> FloatColumn:
    """Return how many quarter notes later than written each note is struck.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    signs : mapping of int to Arpeggio
        By ``notes.source``.
    """
    delay = np.zeros(len(notes))
    if not signs:
        return delay
    found = [signs.get(source) for source in notes.source.tolist()]
    for rows in _chords(notes, found):
        beats, seconds = notes.duration_beat[rows], notes.duration_sec[rows]
        if len(rows) > 1 and seconds.min() > 0:
            step = min(_STEP_SEC, float(seconds.min()) / len(rows)) * beats[0] / seconds[0]
            down = any(sign.down for row in rows if (sign := found[row]) is not None)
            delay[rows[::-1] if down else rows] = step * np.arange(len(rows))
    return delay


def _chords(notes: NoteTable, signs: Sequence[Arpeggio | None]) -> list[list[int]]:
    """Return the rows of each arpeggio from its lowest note up."""
    chords: dict[tuple[float, str], list[int]] = defaultdict(list)
    staves: dict[tuple[int, float], dict[float, list[int]]] = defaultdict(lambda: defaultdict(list))
    staff = notes.marking("staff")
    for row, sign in enumerate(signs):
        onset = float(notes.onset_beat[row])
        if sign is not None and sign.label:
            chords[onset, sign.label].append(row)
        elif sign is not None:
            staves[int(notes.track[row]), onset][float(staff[row])].append(row)
    out = list(chords.values())
    for groups in staves.values():
        alone = any(len(rows) == 1 for rows in groups.values())
        out += [sorted(chain(*groups.values()))] if alone else groups.values()
    return out
