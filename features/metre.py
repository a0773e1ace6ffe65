"""Metrical position and beat stress, for every time signature, notated or estimated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .context import Context, shared
from .feature import Feature
from .windows import Bools, Floats, Ints

FAMILY = "metre"
_STEPS = (1.0, 0.5, 0.25, 0.125)
_CANDIDATE_BEATS = (2.0, 3.0, 4.0, 1.5)
_GRID = 4  # positions per beat at which an unknown metre is looked for
_EPS = 1e-4
_PERFORMED = "in a performance, whose beat is unknown"
_SOURCE = "Lerdahl and Jackendoff 1983, A Generative Theory of Tonal Music (metrical grid)"


@shared
def _metre(c: Context) -> tuple[Floats, Floats, Ints, Ints]:
    """Return position and length of the measure in beats, numerator and denominator, per note."""
    n = c.notes
    if n.metre_known or c.length < 8:
        length: Floats = n.metre_numerator * 4.0 / np.maximum(n.metre_denominator, 1)
        return n.measure_position_beat, length, n.metre_numerator, n.metre_denominator
    beats, phase = estimated_metre(c)
    position = np.asarray(np.round(np.mod(c.onset_beat - phase, beats), 6), dtype=np.float64)
    position[position > beats - _EPS] = 0.0
    full: Floats = np.full(c.length, beats)
    compound = beats == 1.5
    numerator = np.full(c.length, 3 if compound else int(beats), dtype=np.int64)
    return position, full, numerator, np.full(c.length, 8 if compound else 4, dtype=np.int64)


def estimated_metre(c: Context) -> tuple[float, float]:
    """Return measure length and phase in beats where a file has no time signature.

    Each candidate length is scored by how much more accent (durations, those over a low bass
    counted four times) falls on its best phase than on an average one; a length that merely
    repeats a shorter one gains nothing.
    """
    step = np.round(c.group_beat * _GRID).astype(np.int64)
    on_grid = np.abs(c.group_beat * _GRID - step) < 0.02
    lasting = np.minimum(c.group_duration_beat, 4.0)
    fifth = np.sort(c.pitch)[int(0.2 * (c.length - 1))]  # a fifth of the notes are not higher
    low = (c.bottom <= fifth).astype(np.float64)
    accent = np.where(on_grid, (0.25 + lasting) * (1.0 + 3.0 * low), 0.0)
    best = (4.0, 0.0)
    best_score = -np.inf
    for beats in _CANDIDATE_BEATS:
        period = int(beats * _GRID)
        profile = np.bincount(step % period, weights=accent, minlength=period)
        score = (profile.max() / max(profile.mean(), 1e-9) - 1.0) / np.sqrt(period)
        if score > best_score + 1e-9:
            best_score, best = score, (beats, float(np.argmax(profile)) / _GRID)
    return best


def _is_compound(numerator: Ints, denominator: Ints) -> Bools:
    return (numerator % 3 == 0) & (numerator > 3) & (denominator >= 8)


@shared
def _compound(c: Context) -> Bools:
    return _is_compound(*_metre(c)[2:])


@shared
def _pulse(c: Context) -> Floats:
    """Length of the felt beat: a dotted unit in compound time."""
    unit = 4.0 / np.maximum(_metre(c)[3], 1)
    return np.where(_compound(c), 3 * unit, unit)


@shared
def _even(c: Context) -> Bools:
    """Whether the measure has an even number of felt beats."""
    return np.round(_metre(c)[1] / _pulse(c)) % 2 == 0


def _multiple(values: Floats, step: Floats | float) -> Bools:
    ratio = values / step
    return np.abs(ratio - np.round(ratio)) < 0.01


@shared
def metrical_strength(c: Context) -> Floats:
    """4 downbeat, 3 half measure, 2 beat, 1 half (or third of a) beat, 0 finer."""
    position, length, _, _ = _metre(c)
    pulse = _pulse(c)
    part = np.where(_compound(c), pulse / 3, pulse / 2)
    strength = np.zeros(c.length)
    strength[_multiple(position, part)] = 1.0
    strength[_multiple(position, pulse)] = 2.0
    strength[_even(c) & _multiple(position, length / 2)] = 3.0
    strength[position < _EPS] = 4.0
    return _known(c, strength)


def _known(c: Context, values: Floats) -> Floats:
    return np.full(c.length, np.nan) if c.performed else values


def measure_position_share(c: Context) -> Floats:
    """Position as a share of the measure."""
    position, length, _, _ = _metre(c)
    return _known(c, np.clip(position / np.maximum(length, 1e-6), 0, 1))


def measure_position_beat(c: Context) -> Floats:
    """Beats since the downbeat."""
    return _known(c, np.minimum(_metre(c)[0], 32.0))


def measure_remaining_beat(c: Context) -> Floats:
    """Beats until the next downbeat."""
    position, length, _, _ = _metre(c)
    return _known(c, np.clip(length - position, 0, 32.0))


def measure_length_beat(c: Context) -> Floats:
    """Length of the measure in beats."""
    return _known(c, np.minimum(_metre(c)[1], 32.0))


def metre_numerator(c: Context) -> Floats:
    """Numerator of the time signature, at most 24."""
    return _known(c, np.minimum(_metre(c)[2].astype(np.float64), 24.0))


def metre_denominator(c: Context) -> Floats:
    """Denominator of the time signature."""
    return _known(c, _metre(c)[3].astype(np.float64))


def metre_compound(c: Context) -> Floats:
    """1 in compound time."""
    return _known(c, _compound(c).astype(np.float64))


def pulse_position_share(c: Context) -> Floats:
    """Position within the felt beat as a share of it."""
    pulse = _pulse(c)
    share = np.mod(_metre(c)[0] / pulse, 1.0)
    share[share > 1 - 1e-3] = 0.0
    return _known(c, share)


def subdivision(c: Context) -> Floats:
    """Coarsest grid the onset lies on: 0 beat, 1 half, 2 quarter, 3 eighth of it, 4 triplet, 5."""
    position = _metre(c)[0]
    kind = np.full(c.length, 5.0)
    kind[_multiple(position, 1 / 3)] = 4.0
    for number, step in reversed(list(enumerate(_STEPS))):
        kind[_multiple(position, step)] = number
    return _known(c, kind)


def syncopation(c: Context) -> Floats:
    """Strength of the strongest position sounded through, less that of the onset; 0 if none."""
    own = metrical_strength(c)
    position, length, _, _ = _metre(c)
    end = position + c.duration_beat - _EPS
    half = np.where(_even(c), length / 2, np.inf)
    through = np.zeros(c.length)
    pulse = _pulse(c)
    next_pulse = (np.floor(position / pulse + _EPS) + 1) * pulse
    through[end > next_pulse] = 2.0
    with np.errstate(invalid="ignore"):
        through[(position < half - _EPS) & (end > half)] = 3.0
    through[end > length] = 4.0
    return np.maximum(through - own, 0.0)


def _hypermeasure(c: Context, measures: int) -> Floats:
    return _known(c, ((c.notes.measure - 1) % measures).astype(np.float64))


def onset_share_at_position(c: Context) -> Floats:
    """How usual an onset at this place of the measure is in the piece, 0 to 1."""
    position, length, _, _ = _metre(c)
    place = np.round(np.clip(position, 0, 64) * 12).astype(np.int64)
    place = place[c.first] + 1000 * np.round(length[c.first] * 4).astype(np.int64)
    _, at, count = np.unique(place, return_inverse=True, return_counts=True)
    return _known(c, (count / count.max())[at][c.group])


def accent_share_at_position(c: Context) -> Floats:
    """Mean duration of onsets at this place of the measure, against the piece's mean."""
    position, length, _, _ = _metre(c)
    place = np.round(np.clip(position, 0, 64) * 12).astype(np.int64)
    place = place + 1000 * np.round(length * 4).astype(np.int64)
    _, at, count = np.unique(place, return_inverse=True, return_counts=True)
    held = np.minimum(c.duration_beat, 8.0)
    mean = np.bincount(at, weights=held) / count
    return _known(c, np.clip(mean[at] / max(float(held.mean()), 1e-3), 0, 16))


def _feature(
    compute: Callable[[Context], Floats],
    unit: str,
    formula: str,
    source: str = "",
    categories: int = 0,
) -> Feature:
    return Feature(
        name=compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        source=source,
        missing=_PERFORMED,
        categories=categories,
    )


FEATURES = (
    _feature(
        metrical_strength,
        "category",
        "4 downbeat, 3 middle of an even measure, 2 beat, 1 first subdivision, 0 finer",
        _SOURCE,
        5,
    ),
    _feature(measure_position_beat, "beats", "onset - downbeat, max 32"),
    _feature(measure_position_share, "share", "(onset - downbeat) / measure length"),
    _feature(measure_remaining_beat, "beats", "next downbeat - onset"),
    _feature(measure_length_beat, "beats", "length of the measure, max 32"),
    _feature(metre_numerator, "count", "numerator of the time signature, max 24"),
    _feature(metre_denominator, "note value", "denominator of the time signature"),
    _feature(metre_compound, "0/1", "1 for 6/8, 9/8, 12/8 and their kin"),
    _feature(pulse_position_share, "share", "position within the felt beat"),
    _feature(
        subdivision,
        "category",
        "coarsest of 1, 1/2, 1/4, 1/8, 1/3 beat that the onset is on",
        "",
        6,
    ),
    _feature(
        syncopation,
        "levels",
        "strongest metrical position sounded through - that of the onset, min 0",
        "Longuet-Higgins and Lee 1984, Music Perception 1(4)",
    ),
    _feature(onset_share_at_position, "share", "onsets here / onsets at the most usual position"),
    _feature(accent_share_at_position, "ratio", "mean duration here / mean duration of the piece"),
    Feature(
        name="measure_mod2",
        family=FAMILY,
        unit="category",
        formula="(measure - 1) mod 2",
        compute=partial(_hypermeasure, measures=2),
        missing=_PERFORMED,
        categories=2,
    ),
    Feature(
        name="measure_mod4",
        family=FAMILY,
        unit="category",
        formula="(measure - 1) mod 4",
        compute=partial(_hypermeasure, measures=4),
        missing=_PERFORMED,
        categories=4,
    ),
)
