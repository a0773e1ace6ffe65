"""Takes: what a pianist does beside what a model expects, laid onto other notes.

A take is the model's mean, turned a little towards what is left of a real performance once the mean
is taken out of it. What is left is cut at phrases from a bank of performances, each piece of it
from where the music is as fast, as thick and as high; one piece serves velocity, tempo, asynchrony
and articulation, so that a take hangs together as its pianist did: hands, chords, phrases, louder
notes earlier.

References
----------
Hunt & Black, Unit selection in a concatenative speech synthesis system, ICASSP 1996 (units of a
recording, chosen by what is asked of them and joined).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY, Target
from humanize.interpretation.texture import Chords, chords_of
from humanize.models.residuals import ResidualBank
from humanize.notes import FloatColumn, IntColumn, NoteTable

SHORTEST, LONGEST = 16, 48
"""Of a phrase, chords."""

FADE = 4
"""Chords over which one piece of a performance goes over into the next."""

CANDIDATES = 1024
"""Places of the bank that are compared for each phrase."""

AGREEMENT = 0.84
"""How far a take at freedom 1 is the model's mean: the cosine of the angle between them. Two takes
then agree at its square, about as two pianists do."""

WIDER = 0.1
"""By how much a take's velocities spread more than the mean's, in which pianists cancel out."""

LESS_BY_PITCH = 0.3
"""How much of the mean's dependence on pitch is taken out: a model follows pitch more closely than
pianists do. These and the next two were chosen in ``benchmarks/interpretation``."""

LESS_SLOWLY = 0.5
"""How much of the slow curve of a residual is taken out: it costs agreement with pianists as what
is quick does, and what the mean lacks against a pianist is quick."""

SOFTER = 0.25
"""How much further down than up a residual stands out, by its square: pianists have notes that are
far softer than others, and no louder ones as far away."""

AMOUNT = {TEMPO.name: 0.52, TIMING.name: 1.0, ARTICULATION.name: 0.8}
"""How much of a residual is added at freedom 1."""

STRETCH = 1.5
"""Factor at freedom 1 on the tempo of a take, and on the mean of its asynchrony and articulation:
the mean's are about half as wide as a pianist's, and two takes then agree about as two pianists."""

TEMPO_SCALE = 2.4
"""Spread of the residual of the log beat period over that of the mean, the median over the
performances of the bank: pieces that are played freely are those in which the mean moves."""

MOST_SPREAD = 0.35
"""Of the residual of the log beat period: where the mean moves more, pianists do not go further."""

_MOST_OF_RESIDUAL = 8.0  # standard deviations of the tempo: beyond it a residual falls ever less
_MOST_TEMPO = 1.3  # log beat period of a take less what is notated, which it does not reach
_HELD = {TIMING.name: (-60.0, -35.0, 35.0, 60.0), ARTICULATION.name: (-3.0, -2.0, 0.9, 1.5)}
"""Of a take, in the unit: outside the inner two values go ever less far, short of the outer two."""

LONGEST_OVERHELD_SEC = 0.8
"""What a take holds a key beyond its notated end, at most."""

_LEAST_SPREAD = 6.0  # velocity: of a mean that is nearly constant
_SOFT = 24.0  # velocity: below it a take falls ever less
_LEAST_OF_RESIDUAL = 0.5  # standard deviations: what has less stays small
_AROUND = 16  # notes on either side
_INNER = (0.05, 0.95)


@dataclass(frozen=True, kw_only=True)
class Deviations:
    """What a take adds to the mean, by the notes of a table; 0 where a note is not pitched.

    Attributes
    ----------
    pitch : (n,) IntColumn
        Of the notes.
    velocity, log_beat_period : (n,) FloatColumn
        In standard deviations of the performance.
    asynchrony_ms, log_articulation : (n,) FloatColumn
        In their units, by ``freedom`` already.
    freedom : float
    """

    pitch: IntColumn
    velocity: FloatColumn
    log_beat_period: FloatColumn
    asynchrony_ms: FloatColumn
    log_articulation: FloatColumn
    freedom: float

    def on_velocity(self, mean: FloatColumn, rows: IntColumn) -> FloatColumn:
        """Return the velocities of some notes: the mean, turned towards the deviations.

        Parameters
        ----------
        mean : (m,) FloatColumn
            Of these notes; its own mean and spread are kept.
        rows : (m,) IntColumn
            Of the table.
        """
        angle = self.freedom * np.arccos(AGREEMENT)
        level, own = float(mean.mean()), float(mean.std())
        expected = np.zeros(len(mean))
        if own > 1e-9:
            expected = own * eased((mean - level) / own, self.pitch[rows], self.freedom)
        added = max(own, _LEAST_SPREAD) * self.velocity[rows]
        turned = np.cos(angle) * expected + np.sin(angle) * added
        return struck(level + (1 + self.freedom * WIDER) * turned, mean)

    def on_tempo(self, mean: FloatColumn, own: FloatColumn) -> FloatColumn:
        """Return the log beat periods of onsets: the mean with the deviations, and wider.

        Parameters
        ----------
        mean : (k,) FloatColumn
            Less what is notated.
        own : (k,) FloatColumn
            ``log_beat_period`` at the onsets.
        """
        inner = np.clip(mean, *np.quantile(mean, _INNER))  # a final ritardando makes no piece free
        spread = min(TEMPO_SCALE * float(inner.std()), MOST_SPREAD)
        residual = _MOST_OF_RESIDUAL * np.tanh(own / _MOST_OF_RESIDUAL)
        moved = mean + self.freedom * AMOUNT[TEMPO.name] * spread * residual
        wider = (1 + self.freedom * (STRETCH - 1)) * moved
        limited = _MOST_TEMPO * np.tanh(wider / _MOST_TEMPO)
        return np.asarray(wider + self.freedom * (limited - wider))

    def on_notes(self, target: Target, mean: FloatColumn, rows: IntColumn) -> FloatColumn:
        """Return asynchrony or articulation of some notes: the mean, wider, with the deviations.

        Parameters
        ----------
        target : Target
            ``TIMING`` or ``ARTICULATION``.
        mean : (m,) FloatColumn
            Of these notes, in the target's unit.
        rows : (m,) IntColumn
            Of the table.
        """
        own = self.asynchrony_ms if target == TIMING else self.log_articulation
        level = float(mean.mean()) if len(mean) else 0.0
        wider = level + (1 + self.freedom * (STRETCH - 1)) * (mean - level)
        found = wider + own[rows]
        return np.asarray(found + self.freedom * (held_back(found, *_HELD[target.name]) - found))

    def let_go(
        self, log_articulation: FloatColumn, mean: FloatColumn, duration_sec: FloatColumn
    ) -> FloatColumn:
        """Return log articulation that holds no key ``LONGEST_OVERHELD_SEC`` beyond its end.

        Unless the mean does so itself: long notes are not held by as large a factor as short ones.

        Parameters
        ----------
        log_articulation, mean, duration_sec : (n,) FloatColumn
            Of a take and of the model, and how long the notes last as notated.
        """
        most = np.log1p(LONGEST_OVERHELD_SEC / np.maximum(duration_sec, 1e-3))
        limited = np.minimum(log_articulation, np.maximum(most, mean))
        return np.asarray(log_articulation + self.freedom * (limited - log_articulation))


def held_back(
    values: FloatColumn, lowest: float, low: float, high: float, highest: float
) -> FloatColumn:
    """Return values that fall ever less beyond ``low`` and ``high``, never to the outer limits."""
    above = (highest - high) * -np.expm1(-np.maximum(values - high, 0) / (highest - high))
    below = (low - lowest) * -np.expm1(-np.maximum(low - values, 0) / (low - lowest))
    return np.asarray(np.clip(values, low, high) + above - below)


def eased(standard: FloatColumn, pitch: IntColumn, amount: float) -> FloatColumn:
    """Return a mean that follows pitch less closely.

    Parameters
    ----------
    standard : (n,) FloatColumn
        Less its mean, over its standard deviation, as what is returned.
    pitch : (n,) IntColumn
    amount : float
        0-1.
    """
    higher = pitch - _running_mean(pitch.astype(np.float64))
    louder = standard - _running_mean(standard)
    slope = float(higher @ louder) / max(float(higher @ higher), 1e-9)
    return standardised(standard - amount * LESS_BY_PITCH * slope * higher)


def struck(velocity: FloatColumn, mean: FloatColumn) -> FloatColumn:
    """Return velocities none of which is so soft that the note would not be heard.

    Pianists strike hardly one note in a thousand below 10: what falls below 24 (or the mean, where
    that is softer) falls ever less, and never to half of that.
    """
    limit = np.clip(mean, 2.0, _SOFT)
    below = np.minimum(velocity - limit, 0.0)
    return np.asarray(velocity - below + limit / 2 * np.expm1(2 * below / limit))


def brought_out(residual: FloatColumn) -> FloatColumn:
    """Return residuals of velocity quicker, with softer notes among them, at spread 1.

    Parameters
    ----------
    residual : (n,) FloatColumn
        Of notes in canonical order; what is laid in blocks is less wide than the bank.
    """
    if not len(residual):
        return residual
    own = _even(residual)
    own = _even(own - LESS_SLOWLY * _running_mean(own))
    return _even(own - SOFTER * np.minimum(own, 0.0) ** 2)


def _even(residual: FloatColumn) -> FloatColumn:
    """Return residuals less their mean, at spread 1 unless they hardly move."""
    return np.asarray((residual - residual.mean()) / max(float(residual.std()), _LEAST_OF_RESIDUAL))


def standardised(values: FloatColumn) -> FloatColumn:
    """Return values less their mean, over their standard deviation."""
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))


def _running_mean(values: FloatColumn) -> FloatColumn:
    """Return the mean over ``_AROUND`` notes on either side."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    first, stop = np.maximum(at - _AROUND, 0), np.minimum(at + _AROUND + 1, len(values))
    return np.asarray((total[stop] - total[first]) / (stop - first))


def sample_deviations(
    notes: NoteTable, bank: ResidualBank, *, seed: int, freedom: float
) -> Deviations:
    """Return what one take adds to the mean of a table.

    Parameters
    ----------
    notes : NoteTable
        In canonical order; all its pitched notes are taken for one player's.
    bank : ResidualBank
    seed : int
        The same seed gives the same deviations on every machine.
    freedom : float
        0 nothing, 1 as far as two pianists are apart.
    """
    laid = {name: np.zeros(len(notes)) for name in bank.values}
    pitched = np.flatnonzero(notes.pitched)
    if len(pitched):
        own = notes if len(pitched) == len(notes) else notes.take(pitched)
        for name, values in lay(own, bank, seed).items():
            laid[name][pitched] = values
    return deviations_of(notes, laid, freedom)


def deviations_of(notes: NoteTable, laid: Mapping[str, FloatColumn], freedom: float) -> Deviations:
    """Return the deviations of residuals, by target, for each note of a table."""
    velocity = np.zeros(len(notes))
    velocity[notes.pitched] = brought_out(laid[VELOCITY.name][notes.pitched])
    return Deviations(
        pitch=notes.pitch,
        velocity=velocity,
        log_beat_period=laid[TEMPO.name],
        asynchrony_ms=freedom * AMOUNT[TIMING.name] * laid[TIMING.name],
        log_articulation=freedom * AMOUNT[ARTICULATION.name] * laid[ARTICULATION.name],
        freedom=freedom,
    )


def lay(notes: NoteTable, bank: ResidualBank, seed: int) -> dict[str, FloatColumn]:
    """Return residuals of the bank for each note of a table, in units of the target."""
    chords = chords_of(notes)
    draw = np.random.PCG64(np.random.SeedSequence(seed))
    total = {name: np.zeros(len(notes)) for name in bank.values}
    for begin, end, stop, source in _pieces(chords, bank, draw):
        first, last = np.searchsorted(chords.of_note, [begin, stop])
        rows = np.arange(first, last)
        place = chords.of_note[rows] - begin
        weight = _weights(begin, end, stop)[place]
        chord = source + place
        note = _note_of(bank, chord, chords.rank[rows], chords.size[chords.of_note[rows]])
        for name, values in bank.values.items():
            own = values[chord if name == TEMPO.name else note]
            total[name][rows] += weight * bank.step[name] * own
    return total


def _pieces(
    chords: Chords, bank: ResidualBank, draw: np.random.PCG64
) -> Iterator[tuple[int, int, int, int]]:
    """Yield begin and end of each phrase, where it has faded out, and a place of the bank."""
    edges = phrase_edges(chords)
    room = np.repeat(bank.performance[1:], np.diff(bank.performance)) - np.arange(len(bank))
    for begin, end in pairwise(edges):
        stop = min(end + FADE, len(chords))
        places = np.flatnonzero(room >= stop - begin)
        chosen = places[_whole_numbers(draw, CANDIDATES, len(places))]
        yield begin, end, stop, _likest(bank, chosen, chords.texture[begin:stop])


def phrase_edges(chords: Chords) -> list[int]:
    """Return where phrases begin, and the number of chords last.

    A phrase ends before the chord that is longest waited for, among those that would leave it a
    length between ``SHORTEST`` and ``LONGEST``.
    """
    edges, count = [0], len(chords)
    while count - edges[-1] > LONGEST:
        low = edges[-1] + SHORTEST
        high = min(edges[-1] + LONGEST, count - SHORTEST)
        edges.append(low + int(np.argmax(chords.texture[low : high + 1, 1])))
    return [*edges, count]


def _whole_numbers(draw: np.random.PCG64, count: int, below: int) -> IntColumn:
    """Return random whole numbers; the raw stream is the same in every version of numpy."""
    return (draw.random_raw(count) % np.uint64(below)).astype(np.int64)


def _likest(bank: ResidualBank, places: IntColumn, texture: NDArray[np.int64]) -> int:
    """Return the place from which on the bank is most like the chords of a phrase."""
    found = bank.texture[places[:, None] + np.arange(len(texture))]
    return int(places[np.argmin(((found - texture) ** 2).sum(axis=(1, 2)))])


def _weights(begin: int, end: int, stop: int) -> FloatColumn:
    """Return how much of a piece is heard at each of its chords: joins keep the variance."""
    weight = np.ones(stop - begin)
    angle = np.pi / 2 * (np.arange(FADE) + 0.5) / FADE
    if begin > 0:
        weight[:FADE] = np.sin(angle)
    if stop > end:
        weight[end - begin :] = np.cos(angle[: stop - end])
    return weight


def _note_of(bank: ResidualBank, chord: IntColumn, rank: IntColumn, size: IntColumn) -> IntColumn:
    """Return the bank's note for each note: highest for highest, lowest for lowest, between else.

    A single note takes the highest.
    """
    there = bank.first[chord + 1] - bank.first[chord]
    between = (2 * rank * (there - 1) + size - 1) // np.maximum(2 * (size - 1), 1)
    return bank.first[chord] + np.where(size > 1, between, there - 1)
