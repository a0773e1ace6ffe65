"""Lines of a polyphonic piece: which notes follow each other in one voice.

Lines are separated by the streaming rule of Madsen and Widmer, Separating voices in MIDI, ISMIR
2006: from onset to onset each note goes on with the free line that is nearest in pitch, less near
the longer it was silent, or begins a new one.
"""

from __future__ import annotations

import numpy as np

from .context import Context, shared
from .windows import Ints

_FARTHEST = 16.0  # semitones, with what silence adds, that a line leaps
_SILENT_COST = 0.75  # semitones for each beat of silence
_SILENT_MOST = 16.0  # beats after which a line is over
_OVERLAP_BEAT = 0.1  # a note may begin this much before the line's last has ended


class _Line:
    """A line that may go on: its last pitch, the beat from which it is free, its number."""

    def __init__(self, number: int, pitch: int, free_from: float) -> None:
        self.number, self.pitch, self.free_from = number, pitch, free_from


@shared
def voice_of_note(c: Context) -> Ints:
    """Return the number of the line each note belongs to, counted from 0 as lines begin.

    Notes that begin together go on with the lines in order of cost: semitones, and three quarters
    of one for each beat of silence. A line has one note at a time.
    """
    pitch, onset = c.notes.pitch.tolist(), c.onset_beat.tolist()
    free_from = (c.onset_beat + c.duration_beat - _OVERLAP_BEAT).tolist()
    voice = [-1] * c.length
    lines: list[_Line] = []
    begun = 0
    for low, high in zip(c.first.tolist(), [*c.first[1:].tolist(), c.length], strict=True):
        now = onset[low]
        rows = range(low, high)
        lines = [line for line in lines if line.free_from > now - _SILENT_MOST]
        for line, row in _continued(lines, pitch, rows, now):
            voice[row] = line.number
            line.pitch, line.free_from = pitch[row], free_from[row]
        for row in rows:
            if voice[row] < 0:
                voice[row] = begun
                lines.append(_Line(begun, pitch[row], free_from[row]))
                begun += 1
    return np.array(voice, dtype=np.int64)


def _continued(
    lines: list[_Line], pitch: list[int], rows: range, now: float
) -> list[tuple[_Line, int]]:
    """Return which notes of an onset go on with which lines, the cheapest pairs first."""
    pairs = []
    for line in lines:
        if line.free_from <= now:
            silent = _SILENT_COST * (now - line.free_from)
            for row in rows:
                cost = abs(pitch[row] - line.pitch) + silent
                if cost <= _FARTHEST:
                    pairs.append((cost, line.number, row, line))
    pairs.sort(key=lambda pair: pair[:3])
    taken: set[int] = set()
    given: set[int] = set()
    chosen = []
    for _, number, row, line in pairs:
        if number not in taken and row not in given:
            taken.add(number)
            given.add(row)
            chosen.append((line, row))
    return chosen
