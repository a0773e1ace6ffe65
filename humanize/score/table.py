"""The notes of a written part as a table, ties joined, grace notes in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from humanize.notes import DRUM_CHANNEL, DRUMS, FloatColumn, IntColumn, NoteTable
from humanize.score.axis import NEAR, Axis
from humanize.score.ties import struck_notes
from humanize.score.written import WrittenNote, WrittenPart

_GRACE_BEAT = 0.125  # length of a grace note in quarter notes
_GRACES_BEAT = 1.0  # that all grace notes before one note take at most
_PITCHED_CHANNELS = [c for c in range(1, 17) if c != DRUM_CHANNEL]

Metres = Sequence[tuple[float, tuple[int, int]]]
"""Written time and time signature from there."""


@dataclass(frozen=True, kw_only=True)
class PartRows:
    """The notes of a part that are struck, in time.

    Attributes
    ----------
    part : WrittenPart
    number : int
        1-based, among all parts.
    notes : list of WrittenNote
    place, end : FloatColumn
        Written time where each stands (or the note that it is a grace note of), and where it ends.
    """

    part: WrittenPart
    number: int
    notes: list[WrittenNote]
    place: FloatColumn
    end: FloatColumn

    @classmethod
    def of(cls, part: WrittenPart, number: int, axis: Axis) -> PartRows:
        """Return the rows of a part whose ties are joined."""
        begins = axis.begins.tolist()
        timed = [
            (
                begins[note.measure] + note.onset,
                begins[last.measure] + last.onset + last.length,
                note,
            )
            for note, last in struck_notes(part.notes)
        ]
        timed.sort(key=lambda entry: entry[0])
        place = np.array([entry[0] for entry in timed])
        end = np.array([entry[1] for entry in timed])
        notes = [entry[2] for entry in timed]
        return cls(part=part, number=number, notes=notes, place=place, end=np.maximum(end, place))

    def belongs(self) -> FloatColumn:
        """Return the written time by which a note is in a stretch of music, or not."""
        late = np.array([note.late for note in self.notes], dtype=bool)
        return self.place - np.where(late, 2 * NEAR, 0.0)


def written_table(
    rows: PartRows, axis: Axis, metres: Metres, *, instrument: int, movements: Sequence[int]
) -> NoteTable:
    """Return the notes of a part as written; seconds and markings not yet filled.

    Parameters
    ----------
    rows : PartRows
    axis : Axis
    metres : Metres
    instrument : int
        Number of the part's instrument.
    movements : sequence of int
        First measures, which may be upbeats.
    """
    notes = rows.notes
    onset, end = with_graces(rows)
    numerator, denominator = _metre_of_notes(rows.place, metres)
    drums = np.array([rows.part.drums or n.unpitched for n in notes], dtype=bool)
    zeros = np.zeros(len(notes))
    channel = _PITCHED_CHANNELS[(rows.number - 1) % 15]
    return NoteTable(
        onset_beat=onset,
        duration_beat=np.maximum(end - onset, 0.0),
        onset_sec=zeros,
        duration_sec=zeros,
        pitch=np.array([n.pitch for n in notes], dtype=np.int64),
        measure=axis.measure_at(onset) + 1,
        measure_position_beat=_positions(onset, axis, numerator * 4.0 / denominator, movements),
        metre_numerator=numerator,
        metre_denominator=denominator,
        track=np.full(len(notes), rows.number),
        channel=np.where(drums, DRUM_CHANNEL, channel),
        program=np.where(drums, -1, rows.part.program),
        instrument=np.where(drums, DRUMS, instrument),
        velocity=np.array([n.velocity for n in notes], dtype=np.int64),
        source=np.arange(len(notes)),
        metre_known=bool(metres),
    )


def with_graces(rows: PartRows) -> tuple[FloatColumn, FloatColumn]:
    """Return onsets and ends with grace notes before their main note, the last nearest to it.

    Grace notes of a chord sound together. Before the first beat of a piece they take their time
    from the main note, half of its length at most. One that is tied to its main note lasts as long.
    """
    onset, end = rows.place.copy(), rows.end.copy()
    groups = _chains(rows)
    mains = _mains(rows, groups)
    for key, chain in groups.items():
        length = min(_GRACE_BEAT, min(_GRACES_BEAT, key[0] or _GRACES_BEAT) / len(chain))
        first = key[0] - length * len(chain)
        if key[0] < NEAR:
            own = mains[key]
            shortest = min((float(rows.end[r] - rows.place[r]) for r in own), default=1.0)
            length = min(length, (shortest or 1.0) / (2 * len(chain)))
            first = key[0]
            onset[own] = first + length * len(chain)
        for index, together in enumerate(chain):
            onset[together] = first + index * length
            for row in together:
                if rows.notes[row].continued is None:
                    end[row] = first + (index + 1) * length
    return onset, end


def _chains(rows: PartRows) -> dict[tuple[float, int], list[list[int]]]:
    """Return grace notes by place and voice, one after another, those of a chord together."""
    groups: dict[tuple[float, int], list[list[int]]] = defaultdict(list)
    for row, note in enumerate(rows.notes):
        if note.grace:
            group = groups[float(rows.place[row]), note.voice]
            if group and note.chord:
                group[-1].append(row)
            else:
                group.append([row])
    return groups


def _mains(
    rows: PartRows, groups: dict[tuple[float, int], list[list[int]]]
) -> dict[tuple[float, int], list[int]]:
    mains: dict[tuple[float, int], list[int]] = {key: [] for key in groups}
    if mains:
        for row, note in enumerate(rows.notes):
            key = (float(rows.place[row]), note.voice)
            if not note.grace and key in mains:
                mains[key].append(row)
    return mains


def _metre_of_notes(place: FloatColumn, metres: Metres) -> tuple[IntColumn, IntColumn]:
    changes = list(metres) or [(0.0, (4, 4))]
    index = np.searchsorted([when for when, _ in changes], place + NEAR, side="right") - 1
    values = np.array([value for _, value in changes], dtype=np.int64)[np.maximum(index, 0)]
    return values[:, 0], values[:, 1]


def _positions(
    onset: FloatColumn, axis: Axis, lengths: FloatColumn, movements: Sequence[int]
) -> FloatColumn:
    """Return quarter notes since the downbeat; an upbeat ends with its measure."""
    index = axis.measure_at(onset)
    position = onset - axis.begins[index]
    whole = np.diff(axis.begins)
    last = len(whole) - 1
    for first in movements:
        here = index == first
        if here.any() and first < last:
            missing = np.maximum(lengths - whole[first], 0.0)
            position = position + np.where(here, missing, 0.0)
    return np.maximum(position, 0.0)
