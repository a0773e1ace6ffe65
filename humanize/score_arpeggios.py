"""Chords with an arpeggio sign: how much later than written each of their notes is struck.

A note follows the one before by a fifteenth of a second, as in MuseScore, or sooner where the
shortest note of the chord would not last. All end together, as they would without the sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from humanize.notes import FloatColumn, NoteTable

_STEP_SEC = 1 / 15


@dataclass(frozen=True, kw_only=True)
class Arpeggio:
    """The sign before one note.

    Attributes
    ----------
    label : str
        Notes of one time and label are one arpeggio; those of a part without a label are one in
        each staff, or together where a staff has a single note.
    down : bool
        Whether the highest note comes first.
    """

    label: str = ""
    down: bool = False


def arpeggio_delays(
    notes: NoteTable, note_ids: Sequence[str], signs: Mapping[str, Arpeggio]
) -> FloatColumn:
    """Return how many quarter notes later than written each note is struck.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    note_ids : sequence of str
        For each row, with ``-1``, ``-2`` for the times it is played.
    signs : mapping of str to Arpeggio
        By the ids of the file.
    """
    delay = np.zeros(len(notes))
    if not signs:
        return delay
    found = [signs.get(note_id.rpartition("-")[0]) for note_id in note_ids]
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
