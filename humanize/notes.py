"""The note table: one row per note, named numpy columns, units in the names.

Every reader produces this table and every later step starts from it. A *beat* is always a
quarter note, whatever the time signature; a second follows the tempo map of the file.

Rows stand in canonical order (onset, pitch, duration), so that nothing downstream can depend on
the order of tracks or of simultaneous events in a file. ``source`` leads from a row back to the
note of the reader that made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from humanize.errors import InputError

FloatColumn = NDArray[np.float64]
IntColumn = NDArray[np.int64]
Timing = Literal["score", "performed"]

MARKINGS: tuple[str, ...] = (
    "notated_level",  # velocity units (1-127): the dynamic in force, hairpins interpolated
    "notated_level_slope",  # velocity per beat: a hairpin or a "cresc." in progress
    "accent",  # 0 or 1 and so on below
    "marcato",
    "sforzando",  # sf, sfz, fz, rf, fp
    "staccato",
    "staccatissimo",
    "tenuto",
    "fermata",
    "slur",  # inside a slur
    "slur_start",
    "slur_end",
    "grace",
    "ornament",  # trill, mordent, turn, tremolo
    "arpeggio",
    "word_soft",  # dolce, sotto voce, leggiero, tranquillo ... in force
    "word_strong",  # agitato, marcato, con fuoco, pesante, appassionato ... in force
    "word_singing",  # cantabile, espressivo ... in force
    "word_fading",  # morendo, calando, smorzando, perdendosi ... in force
    "voice",  # voice number within the staff, 1 first
    "staff",  # 1 is the upper staff
)
"""Names of the marking columns. A missing value (NaN) means that the source cannot say; 0 means
that the source could say and has no such marking. A MIDI file fills at most ``notated_level``."""

TIME_MARKINGS: tuple[str, ...] = (
    "slowing",  # how much of a written rit., rall., allarg. ... is over, 0 to 1; 0 outside
    "hurrying",  # the same of an accel., string., stretto ...
    "pedal_pressed",  # 1 at an onset where a written pedal begins or is changed
    "pedal_lifted",  # 1 at an onset where a written pedal ends or is changed
    "pedal_known",  # 1 between written pedal marks at most 16 quarter notes apart
)
"""Marking columns that a whole performance obeys and no velocity reads."""

PEDALS: tuple[str, ...] = (
    "sustain_pedal",  # controller value (0-127) at the onset, and so on below
    "sustain_pedal_after",  # 0.1 s after the onset
    "sustain_pedal_release",  # when the key is released
    "soft_pedal",
    "soft_pedal_after",
    "soft_pedal_release",
)
"""Names of the pedal columns. Missing (NaN) where the source never moves that pedal."""

LONGEST_SEC = 1e8
"""Of a piece, some three years: beyond, seconds and beats can no longer be told apart."""
MOST_INSTRUMENTS = 500
"""Of a file, all its pieces together: each is read and predicted by itself."""
DRUMS = -1
"""The ``instrument`` of notes that are never predicted nor changed."""

KEY_SWITCHES = -2
"""The ``instrument`` of notes that choose a sampler's articulation and do not sound."""

DRUM_CHANNEL = 10
"""The ``channel`` that General MIDI keeps for percussion, counted from 1."""

TIME_DECIMALS = 6
"""Beats and seconds are rounded to this many decimals before anything is computed from them."""


@dataclass(frozen=True, kw_only=True)
class NoteTable:
    """One row per note, in canonical order.

    Attributes
    ----------
    onset_beat, duration_beat : FloatColumn
        Quarter notes from the start of the piece; durations are >= 0.
    onset_sec, duration_sec : FloatColumn
        Seconds by the tempo map.
    pitch : IntColumn
        MIDI number, 0-127.
    measure : IntColumn
        1-based number of the measure in playing order.
    measure_position_beat : FloatColumn
        Quarter notes since the downbeat of the measure.
    metre_numerator, metre_denominator : IntColumn
        The time signature in force.
    track, channel : IntColumn
        1-based, as in every sequencer.
    program : IntColumn
        General MIDI program 0-127, or -1 where the source never says.
    instrument : IntColumn
        0-based group of notes that are predicted as one instrument; ``DRUMS`` or ``KEY_SWITCHES``
        where notes are left alone.
    velocity : IntColumn
        Velocity as it came (1-127), or 0 where the source has none. No feature reads it.
    source : IntColumn
        Index of the note in the order of its reader.
    markings : mapping of str to FloatColumn
        Columns named in ``MARKINGS`` or ``TIME_MARKINGS``; a column that is left out counts as
        missing (NaN).
    pedals : mapping of str to FloatColumn
        Columns named in ``PEDALS``, likewise.
    timing : "score" or "performed"
        Whether onsets follow notation or a player's hands.
    metre_known : bool
        False where the source has no time signature and 4/4 was assumed.
    """

    onset_beat: FloatColumn
    duration_beat: FloatColumn
    onset_sec: FloatColumn
    duration_sec: FloatColumn
    pitch: IntColumn
    measure: IntColumn
    measure_position_beat: FloatColumn
    metre_numerator: IntColumn
    metre_denominator: IntColumn
    track: IntColumn
    channel: IntColumn
    program: IntColumn
    instrument: IntColumn
    velocity: IntColumn
    source: IntColumn
    markings: Mapping[str, FloatColumn] = field(default_factory=dict)
    pedals: Mapping[str, FloatColumn] = field(default_factory=dict)
    timing: Timing = "score"
    metre_known: bool = True

    def __post_init__(self) -> None:
        length = len(self.pitch)
        for name, column in self.columns().items():
            if column.shape != (length,):
                raise InputError(
                    f"note table: column {name!r} has shape {column.shape}; expected ({length},)"
                )
        known = (*MARKINGS, *TIME_MARKINGS)
        unknown = sorted(set(self.markings) - set(known))
        if unknown:
            raise InputError(f"note table: unknown markings {unknown}; expected some of {known}")
        unknown = sorted(set(self.pedals) - set(PEDALS))
        if unknown:
            raise InputError(f"note table: unknown pedals {unknown}; expected some of {PEDALS}")

    def __len__(self) -> int:
        return len(self.pitch)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return every column by name, markings and pedals included."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_COLUMNS}
        return {**own, **self.markings, **self.pedals}

    def marking(self, name: str) -> FloatColumn:
        """Return one marking column; all NaN where the source cannot say."""
        if name in self.markings:
            return self.markings[name]
        return np.full(len(self), np.nan)

    def pedal(self, name: str) -> FloatColumn:
        """Return one pedal column; all NaN where the source never moves that pedal."""
        if name in self.pedals:
            return self.pedals[name]
        return np.full(len(self), np.nan)

    def take(self, rows: NDArray[Any]) -> NoteTable:
        """Return the rows chosen by an index or boolean array, in that order."""
        own = {
            f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name not in _NOT_COLUMNS
        }
        markings = {k: v[rows] for k, v in self.markings.items()}
        pedals = {k: v[rows] for k, v in self.pedals.items()}
        return replace(self, **own, markings=markings, pedals=pedals)

    @property
    def pitched(self) -> NDArray[np.bool_]:
        """Which notes are predicted: neither drums nor key switches."""
        return self.instrument >= 0

    def is_bearable(self) -> bool:
        """Return whether every note has a time, and none lies beyond ``LONGEST_SEC``."""
        end = self.onset_sec + self.duration_sec
        return bool(np.all(np.abs(end) <= LONGEST_SEC) and np.all(np.abs(self.onset_beat) < 1e12))

    def canonical(self) -> NoteTable:
        """Return the table with times rounded and rows in canonical order."""
        rounded = replace(self, **{c: np.round(getattr(self, c), TIME_DECIMALS) for c in _TIMES})
        return rounded.take(rounded.canonical_order())

    def canonical_order(self) -> IntColumn:
        """Return the row order by onset, pitch and duration."""
        keys = (self.source, self.duration_beat, self.pitch, self.onset_beat)
        return np.lexsort(keys).astype(np.int64)

    def instruments(self) -> Iterator[tuple[IntColumn, NoteTable]]:
        """Yield the row numbers and the table of each instrument."""
        numbers = distinct(self.instrument)
        if len(numbers) == 1:
            yield np.arange(len(self)), self
            return
        for instrument in numbers:
            rows = np.flatnonzero(self.instrument == instrument).astype(np.int64)
            yield rows, self.take(rows)


def distinct(*columns: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values of one or several columns in order.

    As ``np.unique`` and ``np.union1d`` do, which import ``numpy.ma`` for it: a fifteenth of the
    start of the command.
    """
    ordered = np.sort(np.concatenate(columns))
    return ordered[starts(ordered)]


def among(values: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values are among some known ones, in order; as ``np.isin``, see above."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[place] == values)


def starts(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values differ from the one before; the first always does."""
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


_NOT_COLUMNS = frozenset({"markings", "pedals", "timing", "metre_known"})
_TIMES = ("onset_beat", "duration_beat", "onset_sec", "duration_sec", "measure_position_beat")
