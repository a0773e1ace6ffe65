"""What a performance says of its pianist, without its score.

Each attribute is measured as it stands, and against what is expected of such notes: a line over a
few quantities of the notes that no pianist chooses, for velocity on top of what the model gives
the same notes. The rest is partly the pianist's own, partly the piece's, partly that
day's: it is drawn towards the average by as much as ``pianists.json`` says is not the pianist's.

References
----------
Spearman 1910 and Brown 1910 (what several measurements say more than one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from humanize.errors import InputError
from humanize.features.context import CHORD_SPREAD_SEC
from humanize.files import holds_score
from humanize.interpretation.attributes import ATTRIBUTES, Expression, pianists, spread_of
from humanize.interpretation.dynamics import without_markings
from humanize.interpretation.prediction import predict_notes
from humanize.midi.pedals import Controls
from humanize.midi.reading import pedal_controls, read_midi
from humanize.models import Model
from humanize.notes import FloatColumn, NoteTable, distinct, starts
from humanize.reporting.wording import counted
from humanize.styles.expressing import express
from humanize.styles.matching import in_chords

STABLE = ("loudness", "spread", "melody", "lead", "legato", "pedal_depth")
"""Attributes that a pianist has from piece to piece; tempo and rubato belong to the piece."""

FEWEST_NOTES = 200
FEWEST_VELOCITIES, FEWEST_SECONDS = 8, 10
FURTHEST_STYLE = 2.0
"""Standard deviations of pianists: what goes beyond is the piece."""

_OF_VELOCITY = ("loudness", "spread", "melody")
_STILL_MS = 0.5
"""Where chords are nearer together than this, nobody played them."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What one performance is like, beyond what its notes ask for.

    Attributes
    ----------
    name : str
    notes : int
    beyond : dict of str to float
        What is measured less what is expected, in the attribute's unit; NaN where the file does not
        say.
    """

    name: str
    notes: int
    beyond: dict[str, float]


def read_reference(content: bytes, *, name: str, model: Model) -> Reference:
    """Return what a performance is like.

    Parameters
    ----------
    content : bytes
        A MIDI file with a performance of any piece.
    name : str
        What messages call it.
    model : Model
        What is asked how such notes are played.

    Raises
    ------
    InputError
        If it is none: a score, flat velocities, or too few notes.
    """
    if holds_score(name, content):
        raise InputError(f"{name}: a score found; expected a performance, a MIDI file")
    reading = read_midi(content, name=name)
    notes = reading.pieces[0]
    notes = notes.take(np.flatnonzero(notes.pitched))
    if len(notes) < FEWEST_NOTES:
        raise InputError(
            f"{name}: {counted(len(notes), 'note')} to take a style from; expected "
            f"{FEWEST_NOTES} or more. Give a longer performance"
        )
    if len(distinct(notes.onset_sec.round().astype(np.int64))) < FEWEST_SECONDS:
        raise InputError(
            f"{name}: a few moments found; expected a performance of more than {FEWEST_SECONDS} s"
        )
    if len(distinct(notes.velocity)) < FEWEST_VELOCITIES:
        raise InputError(
            f"{name}: {counted(len(distinct(notes.velocity)), 'velocity level')} found; expected "
            "a performance, in which velocities change from note to note"
        )
    return Reference(
        name=name, notes=len(notes), beyond=beyond(notes, pedal_controls(reading.scan), model)
    )


def beyond(notes: NoteTable, pedals: Controls, model: Model) -> dict[str, float]:
    """Return each stable attribute of a performance less what is expected of its notes."""
    found, asked = observed(notes, pedals), asked_of_model(notes, model)
    lines, known = pianists()["style"]["lines"], quantities(notes)
    return {
        name: found[name] - asked.get(name, 0.0) - float(np.dot(lines[name], known))
        for name in STABLE
    }


def observed(notes: NoteTable, pedals: Controls) -> dict[str, float]:
    """Return the stable attributes of a performance as they stand; NaN where it does not say.

    Articulation is that of the melody, against the time to its next note.
    """
    played, expression = _expressed(notes, notes.velocity.astype(np.float64), pedals)
    found = {name: ATTRIBUTES[name].measure(expression) for name in STABLE}
    if np.abs(expression.parameters.asynchrony_ms).max() < _STILL_MS:
        found["lead"] = np.nan
    found["legato"] = _melody_legato(played, expression)
    return found


def _expressed(
    notes: NoteTable, velocity: FloatColumn, pedals: Controls
) -> tuple[NoteTable, Expression]:
    chords = in_chords(notes)
    rows = np.empty(int(notes.source.max()) + 1, dtype=np.int64)
    rows[notes.source] = np.arange(len(notes))
    order = rows[chords.source]
    played = notes.take(order)
    expression = express(chords, played.onset_sec, played.duration_sec, velocity[order], pedals)
    return played, expression


def _melody_legato(played: NoteTable, expression: Expression) -> float:
    """Return the mean log of how long melody notes are held over the time to the next."""
    melody = np.flatnonzero(expression.ground.is_melody > 0)
    onset, held = played.onset_sec[melody], played.duration_sec[melody]
    order = np.argsort(onset, kind="stable")
    gap = np.diff(onset[order])
    known = gap > CHORD_SPREAD_SEC
    if not known.any():
        return np.nan
    ratio = np.log(np.maximum(held[order][:-1][known], 1e-3) / gap[known])
    return float(np.clip(ratio, -3.0, 1.5).mean())


def asked_of_model(notes: NoteTable, model: Model) -> dict[str, float]:
    """Return the attributes of velocity that the model gives the notes of a performance."""
    predicted = predict_notes(without_markings(notes), model)
    _, expression = _expressed(notes, predicted, Controls.of_changes([]))
    return {name: ATTRIBUTES[name].measure(expression) for name in _OF_VELOCITY}


def quantities(notes: NoteTable) -> FloatColumn:
    """Return what notes are like: 1, log chords a second, notes a chord, octave and its spread."""
    chords = int(starts(in_chords(notes).onset_beat).sum())
    seconds = float(np.ptp(notes.onset_sec)) or 1.0
    return np.array([
        1.0,
        np.log(chords / seconds),
        len(notes) / chords,
        float(notes.pitch.mean()) / 12,
        float(notes.pitch.std()) / 12,
    ])  # fmt: skip


def averaged(references: Sequence[Reference]) -> dict[str, float]:
    """Return what references say of their pianist, in standard deviations of pianists.

    The mean of what goes beyond the notes, drawn towards 0 by how much of it is not the pianist;
    more references are drawn less. 0 where none says.
    """
    reliability = pianists()["style"]["reliability"]
    style = {}
    for name in STABLE:
        known = [r.beyond[name] for r in references if np.isfinite(r.beyond[name])]
        one, count = reliability[name], len(known)
        trusted = count * one / (1 + (count - 1) * one)  # Spearman and Brown
        style[name] = trusted * float(np.mean(known)) / spread_of(name) if known else 0.0
        style[name] = float(np.clip(style[name], -FURTHEST_STYLE, FURTHEST_STYLE))
    return style
