"""From drum notes to what a drummer makes of them: velocity and lag of each hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.drums.bundle import DrumModel, load_drum_model
from humanize.drums.feel import Feel
from humanize.drums.hits import DrumHits, hits_of
from humanize.drums.sampling import GHOST, STROKE, sample_hits
from humanize.midi.names import names_click
from humanize.notes import DRUMS, FloatColumn, NoteTable, distinct

_SOFT = 0.6  # of the loud hits of a drum: what is written softer is a ghost
_LOUD = 90  # percentile


@dataclass(frozen=True, kw_only=True)
class PlayedDrums:
    """What is predicted of the drums of a note table.

    Attributes
    ----------
    velocity, lag_ms : (n,) FloatColumn
        By the rows of the table; NaN where a note is no drum, or an unknown one.
    """

    velocity: FloatColumn
    lag_ms: FloatColumn


def play_drums(
    notes: NoteTable,
    model: DrumModel | None = None,
    *,
    left: NDArray[np.bool_] | None = None,
    feel: Feel | None = None,
    seed: int = 0,
    freedom: float = 0.0,
) -> PlayedDrums:
    """Predict velocity and lag of every known drum of a table.

    Parameters
    ----------
    notes : NoteTable
        In canonical order; its ``velocity`` tells ghosts from strokes where a drum has both.
    model : DrumModel, optional
        The one that ships by default.
    left : (n,) bool array, optional
        Notes that are left alone and not listened to, as those of a metronome.
    feel : Feel, optional
        What is added to what the model predicts.
    seed, freedom : int, float
        Which take, and how far it leaves the mean, 0-1.

    Raises
    ------
    ModelError
        If the model cannot be read.
    """
    drums = notes.instrument == DRUMS
    hits = hits_of(notes, np.flatnonzero(drums if left is None else drums & ~left))
    velocity, lag_ms = np.full(len(notes), np.nan), np.full(len(notes), np.nan)
    if len(hits):
        known = model or load_drum_model()
        predicted = known.predict(hits)
        if feel is not None:
            predicted = {
                name: own + feel.expected(name, hits.drum, hits.position)
                for name, own in predicted.items()
            }
        if freedom > 0:
            predicted = sample_hits(
                hits, predicted, known.bank, seed=seed, freedom=freedom, level=feel is None
            )
        velocity[hits.row] = with_ghosts(predicted["velocity"], hits)
        lag_ms[hits.row] = together(predicted["lag_ms"], hits)
    return PlayedDrums(velocity=velocity, lag_ms=lag_ms)


def click_notes(notes: NoteTable, track_names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which notes stand in tracks whose names say that they are a metronome."""
    clicks = [number for number, name in enumerate(track_names, start=1) if names_click(name)]
    return np.isin(notes.track, clicks)


def with_ghosts(predicted: FloatColumn, hits: DrumHits) -> FloatColumn:
    """Return velocities in which what was written as a ghost stays one, and a stroke a stroke.

    A drum has ghosts where some of its velocities, as they came, are below 0.6 of its loud ones.
    Of a drum that is flat the model alone decides.
    """
    shaped = predicted.copy()
    for drum in distinct(hits.drum).tolist():
        rows = np.flatnonzero(hits.drum == drum)
        soft = hits.velocity[rows] < _SOFT * np.percentile(hits.velocity[rows], _LOUD)
        if soft.any():
            loud = float(np.percentile(predicted[rows], _LOUD))
            kept = np.maximum(predicted[rows], STROKE * loud)
            shaped[rows] = np.where(soft, np.minimum(predicted[rows], GHOST * loud), kept)
    return shaped


def together(lag_ms: FloatColumn, hits: DrumHits) -> FloatColumn:
    """Return lags in which the hits of a flam, drag or roll have that of their main hit."""
    moved = lag_ms.copy()
    code = hits.drum * (1 << 40) + hits.tick
    main = ~hits.again
    order = np.argsort(code[main], kind="stable")
    place = np.searchsorted(code[main][order], code[hits.again])
    moved[hits.again] = lag_ms[main][order][place]
    return moved
