"""Whole performances of one piece: versions that differ in velocity, tempo, timing, articulation
and pedal.

Of two performances the quicker one is told by its tempo alone. So an excerpt begins and ends with
the same notes at the same moments in every version: each is played slower or faster as a whole.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from humanize.errors import OptionError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.interpretation.rules import tempo_by_rule
from humanize.interpretation.timing import TimeMap, longest_increasing, middles
from humanize.listening.alignment import align
from humanize.listening.conditions import (
    CONSTANT,
    Source,
    Version,
    Versions,
    one_piece,
    pitched,
    require_known,
    with_velocity,
)
from humanize.listening.excerpts import Excerpt
from humanize.midi.reading import MidiPieces
from humanize.midi.retiming import write_performance
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts
from humanize.options import DEFAULT_MODEL
from humanize.performance import perform_bytes

PERFORMANCES = ("deadpan", "rule", "model-timing", "model-dynamics", "model", "human")
_LEAD_SEC = 3.0  # of what comes before an excerpt and may still sound
_SHORTEST_SEC = 0.005
_RING_SEC = 0.5  # that the last note of an excerpt has at least
_TICKS, _BPM = 960, 120.0


@dataclass(frozen=True, kw_only=True)
class Performances(Versions):
    """All performances of one piece.

    Attributes
    ----------
    clock_sec : (k,) float array
        When the performance whose tempo all are brought to sounds the distinct onsets of the
        score: the pianist's, or without one the score.
    clocks : dict of str to (k,) float array
        When each condition sounds them.
    """

    clock_sec: FloatColumn
    clocks: dict[str, FloatColumn]


def make_performances(
    source: Source, conditions: Sequence[str], *, model: str | Path = DEFAULT_MODEL
) -> Performances:
    """Return each performance of a piece, in its own tempo.

    The model performs the piece as ``humanize perform`` does without options.

    Parameters
    ----------
    source : Source
    conditions : sequence of str
        Some of ``PERFORMANCES``. "deadpan" is the piece to the letter at one velocity, "rule" that
        with the tempo of ``tempo_by_rule``; "model-timing" has all that the model's performance
        has but its velocities, "model-dynamics" nothing but these.
    model : str or Path

    Raises
    ------
    OptionError
        For an unknown condition, "human" without a performance, or a piece that is in a player's
        timing already.
    HumanizeError
        If a file cannot be read, or the performance is of other notes.
    """
    name = source.name
    require_known(conditions, PERFORMANCES, source)
    reading = one_piece(source.score, name)
    score = pitched(reading)
    if score.timing == "performed":
        raise OptionError(f"{name}: a player's timing found; expected the notes as written")
    made = {"deadpan": _even(source.score), "rule": _even(_by_rule(source.score, reading))}
    if any(condition.startswith("model") for condition in conditions):
        made |= _of_model(source, reading, score, model)
    rows = {c: _same_notes(score, one_piece(v.midi, name)) for c, v in made.items()}
    if source.human is not None:
        played = pitched(one_piece(source.human, f"{name}: performance"))
        rows["human"] = align(score, played, name=f"{name}: performance")
        made["human"] = _as_played(source.human)
    clocks = {c: _clock(score, rows[c], pitched(one_piece(made[c].midi, name))) for c in made}
    clock = "human" if "human" in made else "deadpan"
    heard = pitched(one_piece(made[clock].midi, name))
    return Performances(
        by_condition={c: made[c] for c in conditions},
        onset_sec=heard.onset_sec,
        aligned=float((rows[clock] >= 0).mean()),
        clock_sec=clocks[clock],
        clocks={c: clocks[c] for c in conditions},
    )


def fit(versions: Performances, excerpt: Excerpt) -> tuple[Performances, Excerpt]:
    """Return performances in which an excerpt has the same notes at its ends, at the same times.

    Parameters
    ----------
    versions : Performances
    excerpt : Excerpt
        In the time of ``versions.onset_sec``.

    Returns
    -------
    Performances
        Files of one form: their tempo is 120 throughout.
    Excerpt
        Where it is in all of them.
    """
    clock = versions.clock_sec
    inside = (clock >= excerpt.start_sec) & (clock <= excerpt.end_sec - _RING_SEC)
    ends = np.flatnonzero(inside)[[0, -1]] if inside.any() else np.zeros(2, dtype=np.int64)
    first, last = ends.tolist()
    factors = {c: _stretch(clock, versions.clocks[c], first, last) for c in versions.by_condition}
    starts_sec = {c: factors[c] * versions.clocks[c][first] for c in factors}
    before = float(clock[first]) - excerpt.start_sec
    common = min(max(float(clock[first]), *starts_sec.values()), before + _LEAD_SEC)
    fitted = {
        condition: replace(
            version,
            midi=retimed(
                version.midi,
                factors[condition],
                common - starts_sec[condition],
                versions.clocks[condition],
            ),
            tempo_ratio=1 / factors[condition],
        )
        for condition, version in versions.by_condition.items()
    }
    moved = round(common - before, 3)
    return replace(versions, by_condition=fitted), replace(excerpt, start_sec=moved)


def retimed(data: bytes, factor: float, shift_sec: float, clock_sec: FloatColumn) -> bytes:
    """Return a MIDI file whose every moment comes at ``factor`` times its own and a shift.

    By how much a note comes before or after its chord stays as it is. What sounds is kept, and
    nothing else: notes, controllers, bends and programs; notes that are over before 0 are not.

    Parameters
    ----------
    data : bytes
    factor, shift_sec : float
    clock_sec : (k,) float array
        When the file sounds its chords, increasing.
    """
    import pretty_midi

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tempi in a track that is not the first
        old = pretty_midi.PrettyMIDI(io.BytesIO(data))
    new = pretty_midi.PrettyMIDI(resolution=_TICKS, initial_tempo=_BPM)
    for part in old.instruments:
        for note in part.notes:
            off = note.start - _nearest(clock_sec, note.start)
            note.start = max(factor * (note.start - off) + off + shift_sec, 0.0)
            note.end = max(factor * note.end + shift_sec, note.start + _SHORTEST_SEC)
        part.notes = [note for note in part.notes if note.end > _SHORTEST_SEC]
        for event in (*part.control_changes, *part.pitch_bends):
            event.time = max(factor * event.time + shift_sec, 0.0)
        part.name = ""
        new.instruments.append(part)
    written = io.BytesIO()
    new.write(written)
    return written.getvalue()


def _nearest(values: FloatColumn, value: float) -> float:
    place = int(np.searchsorted(values, value))
    beside = values[max(place - 1, 0) : place + 1]
    return float(beside[np.abs(beside - value).argmin()])


def _stretch(clock: FloatColumn, own: FloatColumn, first: int, last: int) -> float:
    return float((clock[last] - clock[first]) / (own[last] - own[first])) if last > first else 1.0


def _even(data: bytes) -> Version:
    """Return a file with every velocity one."""
    reading = one_piece(data, "piece")
    notes = pitched(reading)
    return with_velocity(data, reading, notes, np.full(len(notes), float(CONSTANT)))


def _as_played(data: bytes) -> Version:
    notes = pitched(one_piece(data, "performance"))
    return Version(midi=data, mean_velocity=float(notes.velocity.mean()))


def _by_rule(score: bytes, reading: MidiPieces) -> bytes:
    notes = reading.pieces[0]
    parameters = replace(PerformanceParameters.neutral(notes), log_beat_period=tempo_by_rule(notes))
    return write_performance(score, reading, [parameters], Writing())


def _of_model(
    source: Source, reading: MidiPieces, score: NoteTable, model: str | Path
) -> dict[str, Version]:
    came = source.score if source.notation is None else source.notation
    name = source.notation_name or f"{source.name}.mid"
    performed = perform_bytes(came, name=name, model=model).bytes
    played = pitched(one_piece(performed, source.name))
    velocity = np.empty(len(score))
    velocity[_in_order(score)] = played.velocity[_in_order(played)]
    return {
        "model": _as_played(performed),
        "model-timing": _even(performed),
        "model-dynamics": with_velocity(source.score, reading, score, velocity),
    }


def _same_notes(score: NoteTable, reading: MidiPieces) -> IntColumn:
    """Return the row of the score of each note of a performance that has the same notes.

    Notes of one pitch never overtake each other.
    """
    played = pitched(reading)
    rows = np.empty(len(played), dtype=np.int64)
    rows[_in_order(played)] = _in_order(score)
    return rows


def _in_order(notes: NoteTable) -> IntColumn:
    return np.lexsort((notes.duration_sec, notes.onset_sec, notes.pitch))


def _clock(score: NoteTable, rows: IntColumn, played: NoteTable) -> FloatColumn:
    """Return when a performance sounds each distinct onset of the score, seconds: the medians of
    their notes, those that run backwards left out."""
    new = starts(score.onset_beat)
    onsets, chord = score.onset_beat[new], np.cumsum(new) - 1
    known = rows >= 0
    found, low, high = middles(chord[rows[known]], played.onset_sec[known])
    middle = (low + high) / 2
    kept = longest_increasing(middle)
    return TimeMap(beat=onsets[found][kept], sec=middle[kept]).at(onsets)
