"""What the notes of a piece are like, chord by chord, in whole numbers.

A residual of one performance is laid only onto notes that are like those it was played on: as
fast, as thick, as high among their neighbours. Whole numbers compare alike on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

COLUMNS = ("ioi", "ioi_before", "size", "top", "lowest")
"""Of ``Chords.texture``: log time to the next chord and from the one before (16 an octave), log
number of notes (16 an octave), highest and lowest pitch against the highest pitches around
(2 a semitone)."""

_TOGETHER_SEC = 0.03  # onsets that a player means as one
_PER_OCTAVE, _PER_SEMITONE = 16, 2
_LONGEST_SEC, _SHORTEST_SEC = 8.0, 1 / 32
_AROUND = 8  # chords on either side
_LIMIT = 127


@dataclass(frozen=True, kw_only=True)
class Chords:
    """The chords of a note table, a single note being one.

    Attributes
    ----------
    of_note : (n,) IntColumn
        Number of the chord of each note.
    rank : (n,) IntColumn
        Its place in the chord by pitch, 0 the lowest.
    size : (k,) IntColumn
        Notes of each chord.
    texture : (k, 5) int array
        ``COLUMNS``, each from -127 to 127.
    gap_sec : (k,) FloatColumn
        Time from the chord before; infinite at the first.
    """

    of_note: IntColumn
    rank: IntColumn
    size: IntColumn
    texture: NDArray[np.int64]
    gap_sec: FloatColumn

    def __len__(self) -> int:
        return len(self.size)


def chords_of(notes: NoteTable) -> Chords:
    """Return the chords of a table in canonical order, all its notes taken for one player's."""
    of_note = _chord_numbers(notes)
    size = np.bincount(of_note)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    order = np.lexsort((notes.pitch, of_note))
    rank = np.empty(len(notes), dtype=np.int64)
    rank[order] = np.arange(len(notes)) - first[of_note[order]]
    lowest = notes.pitch[order][first]
    highest = notes.pitch[order][first + size - 1]
    onset = notes.onset_sec[first]
    gap = np.diff(onset, prepend=-np.inf)
    return Chords(
        of_note=of_note,
        rank=rank,
        size=size,
        texture=_texture(gap, size, highest, lowest),
        gap_sec=gap,
    )


def _chord_numbers(notes: NoteTable) -> IntColumn:
    """Return the chord of each note: one onset in a score, within 30 ms in a performance."""
    if notes.timing == "performed":
        new = np.diff(notes.onset_sec, prepend=-np.inf) > _TOGETHER_SEC
    else:
        new = starts(notes.onset_beat)
    return (np.cumsum(new) - 1).astype(np.int64)


def _texture(
    gap_sec: FloatColumn, size: IntColumn, highest: IntColumn, lowest: IntColumn
) -> NDArray[np.int64]:
    before = _octaves(np.clip(gap_sec, _SHORTEST_SEC, _LONGEST_SEC))
    around = _running_mean(highest)
    columns = (
        np.append(before[1:], before[-1:]),
        before,
        _octaves(size),
        _PER_SEMITONE * highest - around,
        _PER_SEMITONE * lowest - around,
    )
    return np.clip(np.stack(columns, axis=1), -_LIMIT, _LIMIT).astype(np.int64)


def _octaves(values: NDArray[np.number]) -> IntColumn:
    # + 1e-6: what lies on a step falls to the same side on every machine
    return np.floor(_PER_OCTAVE * np.log2(values) + 0.5 + 1e-6).astype(np.int64)


def _running_mean(pitch: IntColumn) -> IntColumn:
    """Return the mean over some chords on either side, in the unit of pitch columns."""
    total = np.concatenate([[0], np.cumsum(pitch)])
    at = np.arange(len(pitch))
    first, stop = np.maximum(at - _AROUND, 0), np.minimum(at + _AROUND + 1, len(pitch))
    return _PER_SEMITONE * (total[stop] - total[first]) // (stop - first)
