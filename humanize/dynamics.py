"""Written dynamics in MIDI velocities: recognise them, read them, and keep to them.

A notation program writes dynamics as plateaus: one velocity for all notes under a *p*, small steps
through a hairpin, single notes apart for accents. A player's velocities change from note to note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from humanize.midi import DRUMS
from humanize.notes import FloatColumn, IntColumn, NoteTable, distinct

Kind = Literal["flat", "plateaus", "performed"]
Dynamics = Literal["auto", "follow", "ignore"]
DYNAMICS: tuple[Dynamics, ...] = ("auto", "follow", "ignore")

_PLATEAU_SHARE = 0.5  # of onsets that keep a velocity of the onset before
_ACCENT = 8  # velocity units above every neighbour
_ACCENTS = ("accent", "marcato", "sforzando")
_RAMP_STEP = 20  # largest step of a hairpin from onset to onset
_PASSAGE_STEP = 8  # larger steps of the level begin a new passage
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
    level[accent] = np.nanmedian(np.where(known, around, np.nan)[:, accent], axis=0)
    centre = (np.minimum.reduceat(level, first) + np.maximum.reduceat(level, first)) / 2
    return {
        "notated_level": level,
        "notated_level_slope": _slope(centre, onset_beat[first])[group],
        "accent": accent.astype(np.float64),
    }


def with_written_dynamics(notes: NoteTable) -> tuple[NoteTable, dict[int, Kind]]:
    """Return the table with what its velocities say as markings, and what each instrument has.

    Instruments without plateaus keep missing values. Markings from a score are never replaced.
    Where one track of an instrument has dynamics and another has a single velocity throughout (a
    staff of a piano that carries no dynamics of its own), the other takes the level of the first.
    """
    kinds: dict[int, Kind] = {}
    columns = {name: notes.marking(name).copy() for name in WRITTEN}
    for rows, table in notes.instruments():
        if table.instrument[0] == DRUMS:
            continue
        kind, written = _written(table)
        kinds[int(table.instrument[0])] = kind
        for name, column in written.items():
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

    Within a passage (notes between jumps of the level), what the prediction says along with the
    level is replaced by the level itself; what is left is the pianist's shape around it.

    Parameters
    ----------
    predicted : (n,) FloatColumn
        Velocity units, for the notes of one instrument in canonical order.
    notes : NoteTable
        With ``notated_level``; where that is missing, the prediction stays.

    Returns
    -------
    (n,) FloatColumn
    """
    level = notes.marking("notated_level")
    known = np.isfinite(level)
    if not known.any():
        return predicted
    shaped = predicted.copy()
    rows = np.flatnonzero(known)
    jumps = np.abs(np.diff(level[rows], prepend=level[rows[0]])) > _PASSAGE_STEP
    for passage in np.split(rows, np.flatnonzero(jumps)):
        if len(passage):
            shaped[passage] = level[passage] + _residual(predicted[passage], level[passage])
    return _raise_accents(shaped, notes)


def _residual(predicted: FloatColumn, level: FloatColumn) -> FloatColumn:
    centred = level - level.mean()
    scale = float((centred**2).sum())
    slope = float((centred * predicted).sum()) / scale if scale > 1e-9 else 0.0
    return np.asarray(predicted - predicted.mean() - slope * centred)


def _raise_accents(shaped: FloatColumn, notes: NoteTable) -> FloatColumn:
    accent = np.any([np.nan_to_num(notes.marking(name)) > 0 for name in _ACCENTS], axis=0)
    if not accent.any():
        return shaped
    first = _group_starts(notes.onset_beat)
    group = np.cumsum(np.isin(np.arange(len(shaped)), first)) - 1
    plain = np.where(accent, -np.inf, shaped)
    loudest = np.maximum.reduceat(plain, first)
    around = np.stack([_shifted(loudest, d) for d in (-2, -1, 1, 2)])[:, group].max(axis=0)
    floor = np.where(np.isfinite(around) & (around >= 0), around + _ACCENT, -np.inf)
    return np.where(accent, np.maximum(shaped, floor), shaped)


def _group_starts(onset_beat: FloatColumn) -> IntColumn:
    return np.flatnonzero(np.diff(onset_beat, prepend=-1.0)).astype(np.int64)


def _shifted(values: NDArray[np.generic], by: int) -> FloatColumn:
    """Return the values of ``by`` onsets later; -1 beyond the ends."""
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
