"""Written dynamics in MIDI velocities: recognise them, read them, and keep to them.

A notation program writes dynamics as plateaus: one velocity for all notes under a *p*, small steps
through a hairpin, single notes apart for accents. A player's velocities change from note to note.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct

Kind = Literal["flat", "plateaus", "performed", "mix"]

UNMARKED = 80
"""How a score without dynamics is played: a notation program's mezzo-forte, velocity units."""

_PLATEAU_SHARE = 0.5  # of onsets that keep a velocity of the onset before
_ACCENT = 8  # velocity units above every neighbour
_ACCENTS = ("accent", "marcato", "sforzando")
_RAMP_STEP = 20  # largest step of a hairpin from onset to onset
_PASSAGE_STEP = 8  # larger steps of the level begin a new passage
_PASSAGE_GAP = 8.0  # beats; so does a longer silence
_AROUND = (-2, -1, 0, 1, 2)  # onsets on either side of an accent, and its own
_HIGHEST = 127
_HAIRPIN_STEP, _HAIRPIN_STEPS = 8, 4  # velocity units, and steps, that tell a hairpin


def classify_dynamics(velocity: IntColumn, onset_beat: FloatColumn) -> Kind:
    """Return what the velocities of one instrument are.

    Parameters
    ----------
    velocity : (n,) IntColumn
        In canonical order.
    onset_beat : (n,) FloatColumn

    Returns
    -------
    "flat" where all are equal, "plateaus" where at least half of the onsets keep a velocity of the
    onset before or step as a hairpin does, "performed" elsewhere.
    """
    if len(velocity) == 0 or velocity.min() == velocity.max():
        return "flat"
    first = _group_starts(onset_beat)
    if len(first) < 4:
        return "plateaus" if len(distinct(velocity)) <= 2 else "performed"
    low, high = np.minimum.reduceat(velocity, first), np.maximum.reduceat(velocity, first)
    alike = low == high
    kept = (low[1:] <= high[:-1]) & (low[:-1] <= high[1:]) & (alike[1:] | alike[:-1])
    steady = kept | _ramps((low + high) / 2)
    both = alike.mean() >= _PLATEAU_SHARE and steady.mean() >= _PLATEAU_SHARE
    return "plateaus" if both else "performed"


def _ramps(level: FloatColumn) -> NDArray[np.bool_]:
    """Return which steps belong to four or more small steps in one direction."""
    step = np.diff(level)
    small = (np.abs(step) <= _HAIRPIN_STEP) & (step != 0)
    run = np.concatenate([[0], np.cumsum((np.diff(np.sign(step)) != 0) | ~small[1:])])
    return small & (np.bincount(run, weights=small)[run] >= _HAIRPIN_STEPS)


def taken_for(found: Collection[Kind], *, follow: bool, mixed: bool) -> str:
    """Return the line that says what the velocities of a file were taken for.

    Parameters
    ----------
    found : collection of Kind
        What those of its instruments are; nothing is said of none.
    follow, mixed : bool
        Whether levels are kept to, and whether performed velocities are kept in part.
    """
    said = {
        "plateaus": f"written, and {'kept to' if follow else 'used as the notated level'} "
        "(see --dynamics)",
        "performed": f"a performance, replaced{'' if mixed else '; --strength 0.5 mixes both'}",
        "mix": "a mix, one level a track: each instrument keeps its mean (see --mean)",
        "flat": "none, all notes are equally loud; "
        f"{'that level is kept' if follow else 'the model shapes them'}",
    }
    lines = [line for kind, line in said.items() if kind in found]
    return f"dynamics of the input: {', elsewhere '.join(lines)}" if lines else ""


def written_markings(velocity: IntColumn, onset_beat: FloatColumn) -> dict[str, FloatColumn]:
    """Return the marking columns that plateaus tell: level, slope and accents.

    A note louder by more than 8 than all notes of the two onsets on either side is an accent; its
    level is that of its neighbours. Elsewhere the level is the note's velocity. The slope, in
    velocity per beat, is that of small steps in one direction.
    """
    first = _group_starts(onset_beat)
    group = np.cumsum(np.isin(np.arange(len(velocity)), first)) - 1
    high = np.maximum.reduceat(velocity, first)
    around = np.stack([_shifted(high, d) for d in (-2, -1, 1, 2)])[:, group]
    known = around >= 0
    louder = velocity > np.where(known, around, -1).max(axis=0) + _ACCENT
    accent = louder & known.any(axis=0)
    level = velocity.astype(np.float64)
    level[accent] = _level_around(np.where(known, around, np.nan)[:, accent])
    centre = (np.minimum.reduceat(level, first) + np.maximum.reduceat(level, first)) / 2
    return {
        "notated_level": level,
        "notated_level_slope": _slope(centre, onset_beat[first])[group],
        "accent": accent.astype(np.float64),
    }


def _level_around(around: FloatColumn) -> FloatColumn:
    """Return the level of accents by the two onsets before and after; of two levels the louder."""
    before, after = ((np.fmax(*side) + np.fmin(*side)) / 2 for side in (around[:2], around[2:]))
    louder = np.fmax(before, after)
    return np.where(np.abs(before - after) > _PASSAGE_STEP, louder, np.nanmedian(around, axis=0))


def with_written_dynamics(notes: NoteTable) -> tuple[NoteTable, dict[int, Kind]]:
    """Return the table with what its velocities say as markings, and what each instrument has.

    Instruments without plateaus keep missing values. Markings from a score are never replaced.
    Where one track of an instrument has dynamics and another has a single velocity throughout (a
    staff of a piano that carries no dynamics of its own), the other takes the level of the first.
    Where instruments differ, and none is performed, one with a single velocity throughout has that
    for its level: a dynamic that never changes.
    """
    kinds: dict[int, Kind] = {}
    columns = {name: notes.marking(name).copy() for name in WRITTEN}
    differ = len(distinct(notes.velocity[notes.pitched])) > 1
    pitched = [(r, t, *_written(t)) for r, t in notes.instruments() if t.instrument[0] >= 0]
    literal = differ and all(kind != "performed" for _, _, kind, _ in pitched)
    for rows, table, kind, written in pitched:
        one_level = kind == "flat" and literal
        kinds[int(table.instrument[0])] = "plateaus" if one_level else kind
        for name, column in (_single_level(table) if one_level else written).items():
            columns[name][rows] = column
    if "notated_level" in notes.markings or not any(np.isfinite(c).any() for c in columns.values()):
        return notes, kinds
    return replace(notes, markings={**notes.markings, **columns}), kinds


def _written(table: NoteTable) -> tuple[Kind, dict[str, FloatColumn]]:
    """Return what one instrument's velocities are, and the markings that they tell."""
    tracks = [np.flatnonzero(table.track == track) for track in distinct(table.track)]
    kinds = [classify_dynamics(table.velocity[r], table.onset_beat[r]) for r in tracks]
    if len(tracks) > 1 and "plateaus" in kinds and "flat" in kinds and "performed" not in kinds:
        marked = [r for r, kind in zip(tracks, kinds, strict=True) if kind == "plateaus"]
        return "plateaus", _from_marked_tracks(table, np.sort(np.concatenate(marked)))
    kind = classify_dynamics(table.velocity, table.onset_beat)
    return kind, written_markings(table.velocity, table.onset_beat) if kind == "plateaus" else {}


def _single_level(table: NoteTable) -> dict[str, FloatColumn]:
    none = np.zeros(len(table))
    level = table.velocity.astype(np.float64)
    return {"notated_level": level, "notated_level_slope": none, "accent": none}


def with_single_level(table: NoteTable) -> NoteTable:
    """Return one instrument's table with its velocity as the level, where all notes have one.

    A table that says anything of its markings stays.
    """
    if table.markings or len(distinct(table.velocity)) != 1:
        return table
    return replace(table, markings=_single_level(table))


def _from_marked_tracks(table: NoteTable, marked: IntColumn) -> dict[str, FloatColumn]:
    onset = table.onset_beat
    latest = np.searchsorted(onset[marked], onset, "right") - 1
    source = np.clip(latest, 0, None)  # before the first mark: what it will be
    found = {}
    for name, column in written_markings(table.velocity[marked], onset[marked]).items():
        own = np.zeros(len(table)) if name == "accent" else column[source]
        own[marked] = column
        found[name] = own
    return found


WRITTEN = ("notated_level", "notated_level_slope", "accent")
"""The markings that velocities can tell."""


def follow_levels(predicted: FloatColumn, notes: NoteTable) -> FloatColumn:
    """Keep each passage at its notated level and each accent above its neighbours.

    Within a passage, what the prediction says along with the level is replaced by the level
    itself; what is left is the pianist's shape around it. A passage goes on while its level moves
    in small steps, so that two hands at different levels are two passages at once.

    Parameters
    ----------
    predicted : (n,) FloatColumn
        Velocity units, for the notes of one instrument in canonical order.
    notes : NoteTable
        With ``notated_level``; where that is missing, the prediction stays but for accents.

    Returns
    -------
    (n,) FloatColumn
    """
    level = notes.marking("notated_level")
    accent = np.any([np.nan_to_num(notes.marking(name)) > 0 for name in _ACCENTS], axis=0)
    shaped = predicted.copy()
    for passage in _passages(level, notes.onset_beat):
        own = level[passage]
        if np.isfinite(own[0]):
            shaped[passage] = own + _residual(predicted[passage], own)
        if accent[passage].any():
            onset = notes.onset_beat[passage]
            shaped[passage] = _raise_accents(shaped[passage], accent[passage], onset)
    return shaped


def _passages(level: FloatColumn, onset_beat: FloatColumn) -> list[IntColumn]:
    """Return the rows of each passage; rows without a level are one."""
    passages: list[list[int]] = []
    going: dict[int, tuple[float, float]] = {}  # passage to its last level and onset
    known = np.isfinite(level)
    for row in np.flatnonzero(known).tolist():
        value, now = float(level[row]), float(onset_beat[row])
        near = [
            (abs(value - last), -when, number)
            for number, (last, when) in going.items()
            if abs(value - last) <= _PASSAGE_STEP and now - when <= _PASSAGE_GAP
        ]
        number = min(near)[2] if near else len(passages)
        if not near:
            passages.append([])
            going = {n: (last, at) for n, (last, at) in going.items() if now - at <= _PASSAGE_GAP}
        passages[number].append(row)
        going[number] = (value, now)
    rows = [np.array(passage, dtype=np.int64) for passage in passages]
    return rows if known.all() else [*rows, np.flatnonzero(~known)]


def _residual(predicted: FloatColumn, level: FloatColumn) -> FloatColumn:
    centred = level - level.mean()
    scale = float((centred**2).sum())
    slope = float((centred * predicted).sum()) / scale if scale > 1e-9 else 0.0
    return np.asarray(predicted - predicted.mean() - slope * centred)


def _raise_accents(
    shaped: FloatColumn, accent: NDArray[np.bool_], onset_beat: FloatColumn
) -> FloatColumn:
    """Raise accents above the notes of their own and of the two onsets on either side."""
    first = _group_starts(onset_beat)
    group = np.cumsum(np.isin(np.arange(len(shaped)), first)) - 1
    accented = np.maximum.reduceat(accent, first)
    beside = np.any([_shifted(accented, d) > 0 for d in _AROUND], axis=0)[group]
    room = np.where(beside & ~accent, np.minimum(shaped, _HIGHEST - _ACCENT), shaped)
    loudest = np.maximum.reduceat(np.where(accent, -np.inf, room), first)
    around = np.stack([_shifted(loudest, d) for d in _AROUND])[:, group].max(axis=0)
    floor = np.where(np.isfinite(around) & (around >= 0), around + _ACCENT, -np.inf)
    return np.where(accent, np.maximum(room, floor), room)


def _group_starts(onset_beat: FloatColumn) -> IntColumn:
    return np.flatnonzero(np.diff(onset_beat, prepend=-1.0)).astype(np.int64)


def _shifted(values: NDArray[np.generic], by: int) -> FloatColumn:
    """Return the values of ``by`` onsets later; -1 beyond the ends."""
    if by == 0:
        return values.astype(np.float64)
    out = np.full(len(values), -1.0)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def _slope(level: FloatColumn, onset: FloatColumn) -> FloatColumn:
    slope = np.zeros(len(level))
    if len(level) < 3:
        return slope
    step = np.diff(level)
    before, after = step[:-1], step[1:]
    ramp = (before * after > 0) & (np.maximum(np.abs(before), np.abs(after)) <= _RAMP_STEP)
    slope[1:-1] = np.where(ramp, (level[2:] - level[:-2]) / (onset[2:] - onset[:-2]), 0.0)
    return slope


def without_markings(notes: NoteTable) -> NoteTable:
    """Return the notes as if nothing were marked."""
    return replace(notes, markings={})


def notated_velocity(notes: NoteTable) -> NDArray[np.float64]:
    """Return how a score is played to the letter, velocity units, not rounded.

    The velocity that the file gives a note (1-127), else its notated level, else ``UNMARKED``.
    """
    level = np.nan_to_num(notes.marking("notated_level"), nan=UNMARKED)
    return np.where(notes.velocity > 0, notes.velocity, level)


def is_mix(notes: NoteTable) -> bool:
    """Return whether velocities are a mix: several instruments, each track at one velocity."""
    pitched = notes.take(np.flatnonzero(notes.pitched))
    if len(distinct(pitched.instrument)) < 2:
        return False
    return all(
        len(distinct(pitched.velocity[pitched.track == track])) == 1
        for track in distinct(pitched.track)
    )


def mix_groups(notes: NoteTable) -> IntColumn:
    """Return a number for each note: notes of one number keep their mean together.

    An instrument is one group; where each of its tracks has one velocity, and these differ, it is
    one group for each velocity.
    """
    group = notes.instrument * 1000
    for rows, table in notes.instruments():
        levels = [distinct(table.velocity[table.track == t]) for t in distinct(table.track)]
        if all(len(level) == 1 for level in levels):
            group[rows] += table.velocity
    return group


def with_shared_levels(notes: NoteTable) -> NoteTable:
    """Return a score's notes with the others' level where an instrument has no dynamics at all.

    A singer's part seldom has dynamics of its own: it goes with the piano's, as one staff of a
    piano goes with the other. The level is the mean of those in force in the other instruments.
    """
    level, slope = (notes.marking(name).copy() for name in WRITTEN[:2])
    tables = [(rows, table) for rows, table in notes.instruments() if table.instrument[0] >= 0]
    silent = [rows for rows, _ in tables if not np.isfinite(level[rows]).any()]
    marked = [rows for rows, _ in tables if np.isfinite(level[rows]).any()]
    if not silent or not marked:
        return notes
    for rows in silent:
        levels = [_in_force(level[m], notes.onset_beat[m], notes.onset_beat[rows]) for m in marked]
        slopes = [_in_force(slope[m], notes.onset_beat[m], notes.onset_beat[rows]) for m in marked]
        level[rows], slope[rows] = np.mean(levels, axis=0), np.mean(slopes, axis=0)
    return replace(
        notes, markings={**notes.markings, "notated_level": level, "notated_level_slope": slope}
    )


def _in_force(values: FloatColumn, onset_beat: FloatColumn, moments: FloatColumn) -> FloatColumn:
    """Return the value of the latest onset that has one; before the first, the first."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.zeros(len(moments))
    latest = np.searchsorted(onset_beat[known], moments, "right") - 1
    return np.asarray(values[known][np.maximum(latest, 0)])


LEVEL_WORDS = ((16, "ppp"), (33, "pp"), (49, "p"), (64, "mp"), (80, "mf"), (96, "f"), (112, "ff"),
                (126, "fff"))  # fmt: skip
"""What MuseScore plays for each dynamic."""


def level_word(velocity: float) -> str:
    """Return the dynamic that a notation program writes nearest to a velocity."""
    return min(LEVEL_WORDS, key=lambda pair: abs(pair[0] - velocity))[1]
