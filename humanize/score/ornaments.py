"""Trills, mordents, turns and tremolos as the notes that a player makes of them.

Speeds are those of fingers, in seconds, whatever the tempo; a tremolo has the notes that its beams
say, or half, a quarter of them where nobody could play so many. The loudest note of an ornament has
the velocity of the note that it stands over, the others lean on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.shaping import round_velocity
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.score.written import MOST_NOTES, Realisation

_TRILL_SEC = 0.085  # of a note of a trill
_SHAKE_SEC = 0.07  # of a short note of a mordent
_TURN_SEC = 0.09  # of a note of a turn
_FASTEST_SEC = 0.06  # of a note of a tremolo: 16 a second
_SHORTEST_SEC = 0.15  # a note that is too short for an ornament
_MOST = 1024  # notes of one ornament


@dataclass(frozen=True, kw_only=True)
class Struck:
    """The notes that are struck, in no order.

    Attributes
    ----------
    row : IntColumn
        Of the note table.
    onset, end : FloatColumn
        Quarter notes as played.
    pitch, velocity : IntColumn
    """

    row: IntColumn
    onset: FloatColumn
    end: FloatColumn
    pitch: IntColumn
    velocity: IntColumn


Part = tuple[float, float, int, float]  # share of the note where it begins and ends, step, loudness


def struck_notes(
    notes: NoteTable,
    velocities: IntColumn,
    delay: FloatColumn,
    realisations: Mapping[int, Realisation],
) -> Struck:
    """Return the notes that are struck, ornaments played out.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    velocities : (n,) IntColumn
        1-127.
    delay : (n,) FloatColumn
        Quarter notes later than written that a note is struck.
    realisations : mapping of int to Realisation
        By ``notes.source``.
    """
    sources = np.array(sorted(realisations), dtype=np.int64)
    ornamented = np.isin(notes.source, sources)
    plain = np.flatnonzero(~ornamented)
    onset, end = notes.onset_beat + delay, notes.onset_beat + notes.duration_beat
    columns: list[list[NDArray[Any]]] = [
        [plain], [onset[plain]], [end[plain]], [notes.pitch[plain]], [velocities[plain]],
    ]  # fmt: skip
    partners = _partners(notes, realisations, ornamented)
    room = MOST_NOTES
    for row in np.flatnonzero(ornamented).tolist():
        sign = realisations[int(notes.source[row])]
        begin, stop = float(onset[row]), float(end[row])
        whole = max(stop - begin + float(delay[row]), 1e-9)
        seconds = float(notes.duration_sec[row]) * (stop - begin) / whole
        begin, stop, seconds = partners.get(row, (begin, stop, seconds))
        parts = _few(_parts(sign, stop - begin, seconds), room)
        room -= len(parts)
        first, last, step, loud = (np.array(values) for values in zip(*parts, strict=True))
        columns[0].append(np.full(len(parts), row))
        columns[1].append(begin + first * (stop - begin))
        columns[2].append(begin + last * (stop - begin))
        columns[3].append(np.clip(notes.pitch[row] + step, 0, 127))
        columns[4].append(round_velocity(velocities[row] * loud))
    whole_numbers = (True, False, False, True, True)
    joined: list[NDArray[Any]] = [
        np.concatenate(own).astype(np.int64 if whole else np.float64)
        for own, whole in zip(columns, whole_numbers, strict=True)
    ]
    row_of, begins, ends, pitch, velocity = joined
    return Struck(row=row_of, onset=begins, end=ends, pitch=pitch, velocity=velocity)


def _few(parts: Iterator[Part], room: int) -> list[Part]:
    """Return the parts of an ornament, or its main note where they are too many."""
    most = max(min(_MOST, room), 1)
    found = list(islice(parts, most + 1))
    return found if len(found) <= most else list(_main())


def _parts(sign: Realisation, beats: float, seconds: float) -> Iterator[Part]:
    if seconds < _SHORTEST_SEC or beats <= 0:
        yield from _main()
    elif sign.kind == "trill":
        yield from _trill(sign.upper, seconds)
    elif sign.kind in ("mordent", "inverted-mordent"):
        yield from _mordent(-sign.lower if sign.kind == "mordent" else sign.upper, seconds)
    elif sign.kind in ("turn", "inverted-turn"):
        above, below = sign.upper, -sign.lower
        steps = (above, 0, below, 0) if sign.kind == "turn" else (below, 0, above, 0)
        yield from _turn(steps, seconds, delayed=sign.delayed)
    elif sign.kind == "tremolo":
        yield from _tremolo(_count(sign, beats, seconds))
    elif sign.kind == "fingered-tremolo":
        yield from _fingered_tremolo(_count(sign, beats, seconds), second=sign.delayed)
    else:
        yield from _main()


def _main() -> Iterator[Part]:
    yield 0.0, 1.0, 0, 1.0


def _trill(upper: int, seconds: float) -> Iterator[Part]:
    """Yield main note and neighbour in turn; it begins and ends with the main note."""
    count = max(round(seconds / _TRILL_SEC), 3)
    count += count % 2 == 0
    for place in range(count):
        rise = 0.08 * place / count
        loud = 1.0 if place == 0 else (0.86 if place % 2 == 0 else 0.8) + rise
        yield place / count, (place + 1) / count, upper * (place % 2), loud


def _mordent(step: int, seconds: float) -> Iterator[Part]:
    short = min(_SHAKE_SEC / seconds, 0.25)
    yield 0.0, short, 0, 0.9
    yield short, 2 * short, step, 0.8
    yield 2 * short, 1.0, 0, 1.0


def _turn(steps: Sequence[int], seconds: float, *, delayed: bool) -> Iterator[Part]:
    short = min(_TURN_SEC / seconds, 0.125 if delayed else 0.25)
    begin = 1.0 - len(steps) * short if delayed else 0.0
    if delayed:
        yield 0.0, begin, 0, 1.0
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        first = begin + place * short
        loud = 0.82 + 0.04 * place if delayed else (1.0 if last else 0.85 + 0.03 * (place == 0))
        yield first, 1.0 if last else first + short, step, loud


def _count(sign: Realisation, beats: float, seconds: float) -> int:
    """Return how many notes a tremolo has: those of its beams, or as many as can be played."""
    if not sign.strokes:
        return max(round(seconds / _SHAKE_SEC), 2)
    count = max(round(beats / 0.5**sign.strokes), 1)
    while count > 2 and seconds / count < _FASTEST_SEC:
        count = max(count // 2, 2)
    return count


def _tremolo(count: int) -> Iterator[Part]:
    for place in range(count):
        loud = 1.0 if place == 0 else 0.93 if place % 4 == 0 else 0.86
        yield place / count, (place + 1) / count, 0, loud


def _fingered_tremolo(count: int, *, second: bool) -> Iterator[Part]:
    """Yield every other note of a tremolo of two, those of its first or second note."""
    count = max(count + count % 2, 2)
    for place in range(int(second), count, 2):
        loud = 1.0 if place < 2 else 0.86
        yield place / count, (place + 1) / count, 0, loud


def _partners(
    notes: NoteTable, realisations: Mapping[int, Realisation], ornamented: NDArray[np.bool_]
) -> dict[int, tuple[float, float, float]]:
    """Return of the notes of tremolos between two the time that both share: begin, end, seconds."""
    staff, voice = notes.marking("staff"), notes.marking("voice")
    second: dict[tuple[int, float, float, float], list[int]] = {}
    first: list[int] = []
    for row in np.flatnonzero(ornamented).tolist():
        sign = realisations[int(notes.source[row])]
        if sign.kind == "fingered-tremolo" and sign.delayed:
            key = (int(notes.track[row]), float(staff[row]), float(voice[row]))
            second.setdefault((*key, round(float(notes.onset_beat[row]), 3)), []).append(row)
        elif sign.kind == "fingered-tremolo":
            first.append(row)
    found: dict[int, tuple[float, float, float]] = {}
    for row in first:
        begin = float(notes.onset_beat[row])
        end = begin + float(notes.duration_beat[row])
        key = (int(notes.track[row]), float(staff[row]), float(voice[row]))
        for other in second.get((*key, round(end, 3)), ()):
            stop = float(notes.onset_beat[other] + notes.duration_beat[other])
            seconds = float(notes.duration_sec[row] + notes.duration_sec[other])
            found[row] = found[other] = (begin, stop, seconds)
    return found
