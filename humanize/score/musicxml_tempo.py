"""The tempo of a performance for MusicXML: one ``sound`` with a tempo a beat, where it moves.

MusicXML has a tempo in quarter notes a minute (MusicXML 4.0, attribute ``tempo`` of ``sound``). It
stands before the first note that begins on the beat in the uppermost part; a beat that is played
several times has the geometric mean of its tempi. ``without_tempi`` takes them out again.
"""

from __future__ import annotations

import re

import numpy as np

from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.performing import notated_time_map
from humanize.interpretation.timing import perform_time_map
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.score.musicxml_dynamics import with_member
from humanize.score.reading import ScoreReading
from humanize.score.text import decoded, member_of_mxl

_OURS = re.compile(rb"""<((?:[\w.-]+:)?)sound tempo="\d+\.\d\d"/>(?=<\1note[\s/>])""")
_LEAST_CHANGE = 0.005  # natural logarithm: half a percent
_LOWEST, _HIGHEST = 5.0, 1000.0  # quarter notes a minute


def beat_tempi(
    reading: ScoreReading, parameters: PerformanceParameters, *, rubato: float = 1.0
) -> dict[int, float]:
    """Return quarter notes a minute by the place of a note before which they are written.

    Parameters
    ----------
    reading : ScoreReading
        Of MusicXML.
    parameters : PerformanceParameters
        By its notes and onsets.
    rubato : float
        Factor of the log beat periods; 0 writes nothing.
    """
    notes = reading.notes
    if not rubato or not parameters.log_beat_period.any():
        return {}
    beats, places = _beats(notes, reading.places[notes.source])
    end_beat = float((notes.onset_beat + notes.duration_beat).max())
    played = perform_time_map(
        notated_time_map(notes),
        parameters.onset_beat,
        rubato * parameters.log_beat_period,
        end_beat=end_beat,
    )
    following = np.append(beats[1:], max(end_beat, float(beats[-1]) + 1.0))
    tempo = 60.0 * (following - beats) / (played.at(following) - played.at(beats))
    return _moving(places, np.log(np.clip(tempo, _LOWEST, _HIGHEST)))


def without_tempi(content: bytes, *, name: str) -> bytes:
    """Return MusicXML, compressed or not, without the tempi of an earlier performance.

    Those are ``sound`` elements with a tempo of two decimals and nothing else, right before a note:
    programs write a tempo into a direction. The very same bytes where there are none.
    """
    if content[:2] == b"PK":
        member, text = member_of_mxl(content, name)
        plain = without_tempi(text, name=name)
        return content if plain == text else with_member(content, member, plain, name=name)
    plain_text = decoded(content, name)
    if _OURS.search(plain_text.text) is None:
        return content
    return plain_text.encoded(_OURS.sub(b"", plain_text.text))


def _beats(notes: NoteTable, places: IntColumn) -> tuple[FloatColumn, IntColumn]:
    """Return the beats on which the uppermost part begins a note, and the first place of each."""
    length = 4.0 / notes.metre_denominator
    compound = (notes.metre_numerator % 3 == 0) & (notes.metre_numerator > 3)
    length = np.where(compound & (notes.metre_denominator >= 8), 3 * length, length)
    off = np.abs(np.mod(notes.measure_position_beat + length / 2, length) - length / 2)
    known = (off < 1e-3) & (places >= 0)
    upper = known & (notes.track == notes.track[known].min(initial=notes.track.max()))
    beats, group = np.unique(notes.onset_beat[upper], return_inverse=True)
    first = np.full(len(beats), np.iinfo(np.int64).max)
    np.minimum.at(first, group, places[upper])
    return beats, first


def _moving(places: IntColumn, log_tempo: FloatColumn) -> dict[int, float]:
    """Return the mean tempo of each place, in the order of playing, where it is another."""
    unique, first, group = np.unique(places, return_index=True, return_inverse=True)
    mean = np.bincount(group, log_tempo) / np.bincount(group)
    found: dict[int, float] = {}
    before = np.inf
    for own in np.argsort(first).tolist():
        if abs(mean[own] - before) >= _LEAST_CHANGE:
            found[int(unique[own])] = float(np.exp(mean[own]))
            before = mean[own]
    return found
