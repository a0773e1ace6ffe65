"""Chord quality and key context of what sounds at each onset."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from .context import Context, shared
from .feature import Feature
from .windows import Floats, Ints, SecondsWindow

FAMILY = "harmony"
Bits = NDArray[np.int16]
QUALITIES: dict[str, tuple[int, ...]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
    "suspended fourth": (0, 5, 7),
    "suspended second": (0, 2, 7),
    "dominant seventh": (0, 4, 7, 10),
    "major seventh": (0, 4, 7, 11),
    "minor seventh": (0, 3, 7, 10),
    "half-diminished seventh": (0, 3, 6, 10),
    "diminished seventh": (0, 3, 6, 9),
    "minor-major seventh": (0, 3, 7, 11),
    "augmented seventh": (0, 4, 8, 10),
    "major ninth": (0, 2, 4, 7, 11),
    "dominant ninth": (0, 2, 4, 7, 10),
    "minor ninth": (0, 2, 3, 7, 10),
}
"""Chord types by the pitch classes above the root."""

_SINGLE, _OTHER = len(QUALITIES), len(QUALITIES) + 2
_DYAD = len(QUALITIES) + 1
_SYMMETRIC = ("augmented", "diminished seventh")
_FAMILY_OF = {"major": 1, "minor": 2, "diminished": 3, "augmented": 4, "suspended": 5}
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_PROFILES = np.stack((_MAJOR, _MINOR))
_SCALES = np.array(
    [
        [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1],  # major
        [1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1],  # minor: natural, with the leading note
    ],
    dtype=np.float64,
)
# Consonance of an interval class 0-6: weights rising with roughness (after Huron 1994).
_ROUGHNESS = np.array([0.0, 1.0, 0.55, 0.2, 0.1, 0.05, 0.6])
_KRUMHANSL = "Krumhansl 1990, Cognitive Foundations of Musical Pitch (probe-tone profiles)"
_HURON = "after Huron 1994, Music Perception 11(3) (interval-class consonance)"


@cache
def _chord_tables() -> tuple[Ints, Ints, Ints, Floats]:
    """Return quality, root (by sounding bass), number of pitch classes and roughness of all masks.

    Masks have bit c set where pitch class c sounds: arrays of 4,096, the root 12 x 4,096.
    """
    quality = np.full(4096, _OTHER, dtype=np.int64)
    exact = np.full(4096, -1, dtype=np.int64)
    bits = _mask_bits()
    count = bits.sum(axis=0, dtype=np.int64)
    quality[count <= 1], quality[count == 2] = _SINGLE, _DYAD
    for number, shape in reversed(list(enumerate(QUALITIES.values()))):
        for tonic in range(12):
            mask = sum(1 << (tonic + i) % 12 for i in shape)
            quality[mask], exact[mask] = number, tonic
    symmetric = np.isin(quality, [list(QUALITIES).index(n) for n in _SYMMETRIC])
    root = np.where((exact >= 0) & ~symmetric, exact, _supported_root(bits))
    return quality, root, count, _mask_roughness(bits, count)


def _mask_bits() -> Bits:
    """Return 1 where a pitch class (row) is in a mask (column)."""
    return ((np.arange(4096) >> np.arange(12)[:, None]) & 1).astype(np.int16)


def _supported_root(bits: Bits) -> Ints:
    """Return the pitch class that explains most of each mask; the bass, then the next up, on ties.

    The weights are Parncutt's root supports (1988).
    """
    explained = np.zeros_like(bits)
    for interval, weight in ((0, 10), (7, 5), (4, 3), (10, 2), (2, 1), (3, 1)):
        explained += np.int16(weight) * np.roll(bits, -interval, axis=0) * bits
    pitch_class = np.arange(12, dtype=np.int16)
    above_bass = (pitch_class - pitch_class[:, None]) % 12
    # one number to compare: what is explained, then nearness above the bass, then the pitch class
    tie = (11 - above_bass) * np.int16(16) + pitch_class
    best = (explained * np.int16(256) + tie[:, :, None]).max(axis=1)
    return (best % 16).astype(np.int64)


def _mask_roughness(bits: Bits, count: Ints) -> Floats:
    total = np.zeros(len(count))
    for tone in range(12):
        for other in range(tone + 1, 12):
            interval = min(other - tone, 12 - other + tone)
            total += _ROUGHNESS[interval] * (bits[tone] & bits[other])
    return total / np.maximum(count * (count - 1) / 2, 1)


@shared
def _mask(c: Context) -> Ints:
    return c.sounding["mask"].astype(np.int64)


@shared
def _root(c: Context) -> Ints:
    return _chord_tables()[1][c.sounding["lowest"].astype(np.int64) % 12, _mask(c)]


@shared
def _note_root(c: Context) -> Ints:
    return _root(c)[c.group]


def chord_quality(c: Context) -> Floats:
    """Chord type of all sounding notes."""
    return _chord_tables()[0][_mask(c)][c.group].astype(np.float64)


def chord_family(c: Context) -> Floats:
    """Triad family: 0 none, major, minor, diminished, augmented, suspended."""
    return _family_table()[_chord_tables()[0][_mask(c)]][c.group]


@cache
def _family_table() -> Floats:
    table = np.zeros(_OTHER + 1)
    for number, name in enumerate(QUALITIES):
        table[number] = next((v for k, v in _FAMILY_OF.items() if k in name), 0)
        if "dominant" in name:
            table[number] = 1
    table[list(QUALITIES).index("minor-major seventh")] = 2
    table[list(QUALITIES).index("half-diminished seventh")] = 3
    table[list(QUALITIES).index("augmented seventh")] = 4
    return table


def chord_pitch_classes(c: Context) -> Floats:
    """Number of sounding pitch classes: 2 dyad, 3 triad, 4 seventh, 5 ninth."""
    return _chord_tables()[2][_mask(c)][c.group].astype(np.float64)


def chord_root(c: Context) -> Floats:
    """Pitch class of the root."""
    return _note_root(c).astype(np.float64)


def chord_inversion(c: Context) -> Floats:
    """Sounding bass above the root, in semitones: 0 root position, 3-4 first inversion, ..."""
    return ((c.sounding["lowest"].astype(np.int64) - _root(c)) % 12)[c.group].astype(np.float64)


def chord_degree(c: Context) -> Floats:
    """The note's own place above the root, in semitones."""
    return ((c.notes.pitch - _note_root(c)) % 12).astype(np.float64)


def chord_roughness(c: Context) -> Floats:
    """Mean roughness of the sounding interval classes."""
    return _chord_tables()[3][_mask(c)][c.group]


def chord_roughness_change(c: Context) -> Floats:
    """Roughness less that of the onset before; 0 at the first."""
    rough = _chord_tables()[3][_mask(c)]
    return np.diff(rough, prepend=rough[:1])[c.group]


def note_roughness(c: Context) -> Floats:
    """Mean roughness of the note against the other sounding pitch classes."""
    mask, own = _mask(c)[c.group], _pitch_class(c)
    weight = _chord_tables()[2][mask] - ((mask >> own) & 1)
    return _roughness_against()[own, mask] / np.maximum(weight, 1)


@cache
def _roughness_against() -> Floats:
    """Return the summed roughness of a pitch class (row) against the others of each mask."""
    total = np.zeros((12, 4096))
    for other, held in enumerate(_mask_bits()):
        interval = (other - np.arange(12)) % 12
        total += _ROUGHNESS[np.minimum(interval, 12 - interval)][:, None] * held
    return total


@shared
def _pitch_class(c: Context) -> Ints:
    return c.notes.pitch % 12


def chord_change(c: Context) -> Floats:
    """Share of sounding pitch classes that were not sounding at the onset before."""
    mask = _mask(c)
    before = np.concatenate(([0], mask[:-1]))
    count = _chord_tables()[2]
    return (count[mask & ~before] / np.maximum(count[mask], 1))[c.group]


def octave_doubling(c: Context) -> Floats:
    """Other notes of the same onset with the same pitch class."""
    key = c.group * 12 + _pitch_class(c)
    count = np.bincount(key, minlength=c.groups * 12)
    return np.minimum(count[key] - 1, 12).astype(np.float64)


def _key_table(c: Context, window: SecondsWindow | None) -> Floats:
    """Correlation of 24 keys (12 major, 12 minor) with the pitch classes around each onset."""
    weight = np.minimum(c.duration_beat, 4.0) + 0.1
    held = np.bincount(
        c.group * 12 + _pitch_class(c), weights=weight, minlength=c.groups * 12
    ).reshape(c.groups, 12)
    if window is None:
        around = held.sum(axis=0, keepdims=True)
    else:
        total = np.vstack((np.zeros((1, 12)), np.cumsum(held, axis=0)))
        ranges = c.window(window)
        around = total[ranges.high] - total[ranges.low]
    around = around - around.mean(axis=1, keepdims=True)
    scale = np.sqrt((around * around).sum(axis=1, keepdims=True))
    return np.asarray((around / np.maximum(scale, 1e-6)) @ _key_profiles().T)


@cache
def _key_profiles() -> Floats:
    rows = [np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)]
    centred = np.array(rows) - np.mean(rows, axis=1, keepdims=True)
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


@shared
def _key(c: Context, window: SecondsWindow | None) -> tuple[Ints, Floats]:
    """Return the best key (0-11 major, 12-23 minor) and its correlation, per note."""
    table = np.round(_key_table(c, window), 9)
    best = table.argmax(axis=1)
    fit = table[np.arange(len(table)), best]
    rows = np.zeros(c.length, dtype=np.int64) if window is None else c.group
    return best[rows], fit[rows]


@shared
def _degree(c: Context, window: SecondsWindow | None) -> Ints:
    """Return the pitch class above the tonic, per note."""
    return (c.notes.pitch - _key(c, window)[0]) % 12


def _key_minor(c: Context, window: SecondsWindow | None) -> Floats:
    return (_key(c, window)[0] >= 12).astype(np.float64)


def _key_fit(c: Context, window: SecondsWindow | None) -> Floats:
    return _key(c, window)[1]


def _key_degree(c: Context, window: SecondsWindow | None) -> Floats:
    return _degree(c, window).astype(np.float64)


def _root_degree(c: Context, window: SecondsWindow | None) -> Floats:
    return ((_note_root(c) - _key(c, window)[0]) % 12).astype(np.float64)


def _diatonic(c: Context, window: SecondsWindow | None) -> Floats:
    minor = (_key(c, window)[0] >= 12).astype(np.int64)
    return _SCALES[minor, _degree(c, window)]


def _key_stability(c: Context, window: SecondsWindow | None) -> Floats:
    minor = (_key(c, window)[0] >= 12).astype(np.int64)
    return _PROFILES[minor, _degree(c, window)]


def key_distance(c: Context) -> Floats:
    """Steps on the circle of fifths from the piece's key to the local one (relative keys equal)."""
    local, whole = _key(c, SecondsWindow("around", 8.0))[0], _key(c, None)[0]
    difference = (_fifths(local) - _fifths(whole)) % 12
    return np.minimum(difference, 12 - difference).astype(np.float64)


def _fifths(key: Ints) -> Ints:
    tonic = np.where(key >= 12, key + 3, key) % 12
    return (tonic * 7) % 12


def _feature(
    compute: Callable[[Context], Floats],
    unit: str,
    formula: str,
    source: str = "",
    categories: int = 0,
    name: str = "",
) -> Feature:
    return Feature(
        name=name or compute.__name__,
        family=FAMILY,
        unit=unit,
        formula=formula,
        compute=compute,
        source=source,
        categories=categories,
    )


def _key_features(window: SecondsWindow | None) -> tuple[Feature, ...]:
    where = "piece" if window is None else window.name
    text = "the piece" if window is None else f"{window.seconds:g} s either side"
    specification: tuple[tuple[str, str, str, Callable[..., Floats], int], ...] = (
        ("key_minor", "0/1", "1 where the best key is minor", _key_minor, 0),
        ("key_fit", "correlation", "correlation with the best key's profile", _key_fit, 0),
        ("key_degree", "category", "pitch class above the tonic", _key_degree, 12),
        ("key_root_degree", "category", "chord root above the tonic", _root_degree, 12),
        ("key_diatonic", "0/1", "1 where the pitch class is in the scale", _diatonic, 0),
        ("key_stability", "rating", "probe-tone rating of the pitch class", _key_stability, 0),
    )
    return tuple(
        _feature(
            partial(compute, window=window),
            unit,
            f"{formula}; key from {text}",
            _KRUMHANSL,
            categories,
            f"{name}_{where}",
        )
        for name, unit, formula, compute, categories in specification
    )


FEATURES = (
    _feature(
        chord_quality,
        "category",
        "type of the sounding pitch classes: " + ", ".join(QUALITIES) + ", single, dyad, other",
        "",
        _OTHER + 1,
    ),
    _feature(
        chord_family,
        "category",
        "0 none, 1 major, 2 minor, 3 diminished, 4 augmented, 5 sus",
        "",
        6,
    ),
    _feature(chord_pitch_classes, "count", "number of sounding pitch classes"),
    _feature(
        chord_root,
        "category",
        "root of the chord type, else the best supported pitch class",
        "Parncutt 1988, Music Perception 6(1) (root supports)",
        12,
    ),
    _feature(chord_inversion, "category", "(sounding bass - root) mod 12", "", 12),
    _feature(chord_degree, "category", "(pitch - root) mod 12", "", 12),
    _feature(chord_roughness, "0-1", "mean roughness of sounding interval classes", _HURON),
    _feature(chord_roughness_change, "0-1", "roughness - roughness at the onset before", _HURON),
    _feature(note_roughness, "0-1", "mean roughness against other sounding pitch classes", _HURON),
    _feature(chord_change, "share", "sounding pitch classes new since the onset before / all"),
    _feature(octave_doubling, "notes", "other notes of the onset with the same pitch class"),
    *_key_features(None),
    *_key_features(SecondsWindow("around", 8.0)),
    _feature(key_distance, "fifths", "circle-of-fifths distance of local key and piece's key"),
)
