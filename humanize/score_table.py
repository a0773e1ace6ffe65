"""The notes of a partitura part as written, grace notes in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from humanize.notes import DRUM_CHANNEL, DRUMS, FloatColumn, IntColumn, NoteTable
from humanize.score_markings import part_markings
from humanize.score_time import NEAR, Axis
from humanize.score_xml import Prepared

_GRACE_BEAT = 0.125  # length of a grace note in quarter notes
_GRACES_BEAT = 1.0  # that all grace notes before one note take at most
_PITCHED_CHANNELS = [c for c in range(1, 17) if c != DRUM_CHANNEL]
_MIDDLE_C = 60


@dataclass(frozen=True, kw_only=True)
class WrittenPart:
    """One part as written: its table, ids, and where each note belongs.

    Attributes
    ----------
    table : NoteTable
        Onsets in written time, seconds not yet filled.
    ids : tuple of str
    place : FloatColumn
        Written time of the note itself, or of the note that a grace note leads to.
    """

    table: NoteTable
    ids: tuple[str, ...]
    place: FloatColumn


def notes_of(part: Any) -> list[Any]:
    """Return the notes of a part in time, ties joined, those without a pitch among them."""
    from partitura.score import UnpitchedNote

    unpitched = [n for n in part.iter_all(UnpitchedNote) if n.tie_prev is None]
    return sorted([*part.notes_tied, *unpitched], key=lambda note: note.start.t)


def written_part(
    part: Any, number: int, axis: Axis, metres: Sequence[Any], known: Prepared
) -> WrittenPart:
    """Return the notes of a part as written.

    Parameters
    ----------
    part : partitura Part
    number : int
        1-based, among all parts.
    axis : Axis
    metres : sequence of (float, (int, int))
        Written time and time signature from there.
    known : Prepared
        What the file says beyond partitura.
    """
    played = notes_of(part)
    starts = np.array([n.start.t for n in played])
    stops = np.array([n.start.t + n.duration_tied for n in played])
    place = axis.written(number - 1, part.quarter_map(starts) * 1.0)
    end = axis.written(number - 1, part.quarter_map(stops) * 1.0, ends=True)
    onset, end = with_graces(played, place, np.maximum(end, place), known.chord_graces)
    numerator, denominator = _metre_of_notes(place, metres)
    drums = np.array([_is_unpitched(n) for n in played])
    count = len(played)
    zeros = np.zeros(count)
    table = NoteTable(
        onset_beat=onset,
        duration_beat=np.maximum(end - onset, 0.0),
        onset_sec=zeros,
        duration_sec=zeros,
        pitch=_pitches(part, played, known),
        measure=axis.measure_at(onset) + 1,
        measure_position_beat=_positions(onset, axis, numerator * 4.0 / denominator),
        metre_numerator=numerator,
        metre_denominator=denominator,
        track=np.full(count, number),
        channel=np.where(drums, DRUM_CHANNEL, _PITCHED_CHANNELS[(number - 1) % 15]),
        program=np.where(drums, -1, _program(part, number - 1, known)),
        instrument=np.where(drums, DRUMS, _instrument(number - 1, known)),
        velocity=np.array([known.velocities.get(str(n.id), 0) for n in played], dtype=np.int64),
        source=np.arange(count),
        markings=part_markings(part, played),
        metre_known=bool(metres),
    )
    late = np.array([str(n.id) in known.late_graces for n in played])
    ids = tuple(str(n.id) for n in played)
    return WrittenPart(table=table, ids=ids, place=place - np.where(late, 2 * NEAR, 0.0))


def with_graces(
    played: Sequence[Any], place: FloatColumn, end: FloatColumn, chords: frozenset[str]
) -> tuple[FloatColumn, FloatColumn]:
    """Return onsets and ends with grace notes before their main note, the last nearest to it.

    Grace notes of a chord sound together. Before the first beat of a piece they take their time
    from the main note, half of its length at most.
    """
    onset, end = place.copy(), end.copy()
    groups = _chains(played, place, chords)
    mains = _mains(played, place, groups)
    for key, chain in groups.items():
        length = min(_GRACE_BEAT, min(_GRACES_BEAT, key[0] or _GRACES_BEAT) / len(chain))
        first = key[0] - length * len(chain)
        if key[0] < NEAR:
            shortest = min((float(end[row] - place[row]) for row in mains[key]), default=1.0)
            length = min(length, (shortest or 1.0) / (2 * len(chain)))
            first = key[0]
            onset[mains[key]] = first + length * len(chain)
        for index, rows in enumerate(chain):
            onset[rows] = first + index * length
            end[rows] = first + (index + 1) * length
    return onset, end


def _chains(
    played: Sequence[Any], place: FloatColumn, chords: frozenset[str]
) -> dict[tuple[float, int], list[list[int]]]:
    """Return grace notes by place and voice, one after another, those of a chord together."""
    groups: dict[tuple[float, int], list[list[int]]] = defaultdict(list)
    for row, note in enumerate(played):
        if type(note).__name__ == "GraceNote":
            group = groups[float(place[row]), note.voice or 0]
            if group and str(note.id) in chords:
                group[-1].append(row)
            else:
                group.append([row])
    return groups


def _mains(
    played: Sequence[Any], place: FloatColumn, groups: dict[tuple[float, int], Any]
) -> dict[tuple[float, int], list[int]]:
    mains: dict[tuple[float, int], list[int]] = {key: [] for key in groups}
    for row, note in enumerate(played):
        key = (float(place[row]), note.voice or 0)
        if key in mains and type(note).__name__ != "GraceNote":
            mains[key].append(row)
    return mains


def _pitches(part: Any, played: Sequence[Any], known: Prepared) -> IntColumn:
    """Return sounding pitches: transposing instruments as they are heard."""
    from partitura.score import Transposition

    pitch = np.array(
        [known.drum_pitch.get(str(n.id), getattr(n, "midi_pitch", _MIDDLE_C)) for n in played]
    )
    changes = sorted((m.start.t, int(m.chromatic or 0)) for m in part.iter_all(Transposition))
    if changes:
        times = np.array([n.start.t for n in played])
        index = np.searchsorted([t for t, _ in changes], times, side="right") - 1
        by = np.array([c for _, c in changes])[np.maximum(index, 0)]
        unpitched = np.array([_is_unpitched(n) for n in played])
        pitch = pitch + np.where((index >= 0) & ~unpitched, by, 0)
    return np.clip(pitch, 0, 127).astype(np.int64)


def _is_unpitched(note: Any) -> bool:
    return type(note).__name__ == "UnpitchedNote"


def _instrument(index: int, known: Prepared) -> int:
    return known.instruments[index] if index < len(known.instruments) else index


def _program(part: Any, index: int, known: Prepared) -> int:
    if str(part.id) in known.programs:
        return known.programs[str(part.id)]
    name = str(part.part_name or "").lower()
    together = known.instruments.count(_instrument(index, known))
    staves = getattr(part, "number_of_staves", 1)
    return 0 if "piano" in name or 2 in (staves, together) else -1


def _metre_of_notes(place: FloatColumn, metres: Sequence[Any]) -> tuple[IntColumn, IntColumn]:
    changes = list(metres) or [(0.0, (4, 4))]
    index = np.searchsorted([when for when, _ in changes], place + NEAR, side="right") - 1
    values = np.array([value for _, value in changes], dtype=np.int64)[np.maximum(index, 0)]
    return values[:, 0], values[:, 1]


def _positions(onset: FloatColumn, axis: Axis, lengths: FloatColumn) -> FloatColumn:
    """Return quarter notes since the downbeat; an upbeat ends with its measure."""
    index = axis.measure_at(onset)
    position = onset - axis.begins[index]
    if len(axis.begins) > 2:
        upbeat = np.maximum(lengths - (axis.begins[1] - axis.begins[0]), 0.0)
        position = position + np.where(index == 0, upbeat, 0.0)
    return np.maximum(position, 0.0)
