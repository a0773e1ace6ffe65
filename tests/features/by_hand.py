"""Cases whose right values are worked out by hand, and the list of columns that have one.

A case is a function that returns a few notes and, for some columns, the value of each note. The
decorator makes a test of it, and keeps the case, so that a column without any can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps

import numpy as np

from humanize.features import feature_table
from humanize.notes import NoteTable

NONE = float("nan")
Expected = Mapping[str, Sequence[float]]
Case = Callable[[], tuple[NoteTable, Expected]]
Row = tuple[float, float, int]
CASES: list[Case] = []


def by_hand(case: Case) -> Callable[[], None]:
    """Make a test of a case."""
    CASES.append(case)

    @wraps(case)
    def test() -> None:
        notes, expected = case()
        assert expected
        table = feature_table(notes, list(expected))
        for name, column in zip(table.names, table.values.T, strict=True):
            assert len(expected[name]) == len(notes), name
            np.testing.assert_allclose(
                column, expected[name], rtol=1e-5, atol=1e-5, err_msg=f"{case.__name__}: {name}"
            )

    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would look for its return value
    return test


def score(
    rows: Iterable[Row], *, sec_per_beat: float = 1.0, metre: tuple[int, int] = (4, 4)
) -> NoteTable:
    """Return a score of (onset, duration) in beats and pitch, in canonical order."""
    onset, duration, pitch = (np.array(c, dtype=np.float64) for c in zip(*rows, strict=True))
    length = metre[0] * 4 / metre[1]
    notes = _table(pitch, metre, (onset // length).astype(np.int64) + 1, onset % length)
    return notes(onset, duration, onset * sec_per_beat, duration * sec_per_beat, "score")


def performance(rows: Iterable[Row]) -> NoteTable:
    """Return a performance of (onset, duration) in seconds and pitch, in canonical order.

    Its beats are those of a file at 150 quarter notes a minute, which no feature may believe.
    """
    onset, duration, pitch = (np.array(c, dtype=np.float64) for c in zip(*rows, strict=True))
    notes = _table(pitch, (4, 4), (onset // 1.6).astype(np.int64) + 1, onset * 2.5 % 4)
    return notes(onset * 2.5, duration * 2.5, onset, duration, "performed")


def _table(
    pitch: np.ndarray, metre: tuple[int, int], measure: np.ndarray, position: np.ndarray
) -> Callable[..., NoteTable]:
    ones = np.ones(len(pitch), dtype=np.int64)

    def finish(
        onset_beat: np.ndarray,
        duration_beat: np.ndarray,
        onset_sec: np.ndarray,
        duration_sec: np.ndarray,
        timing: str,
    ) -> NoteTable:
        notes = NoteTable(
            onset_beat=onset_beat,
            duration_beat=duration_beat,
            onset_sec=onset_sec,
            duration_sec=duration_sec,
            pitch=pitch.astype(np.int64),
            measure=measure,
            measure_position_beat=position,
            metre_numerator=metre[0] * ones,
            metre_denominator=metre[1] * ones,
            track=ones,
            channel=ones,
            program=0 * ones,
            instrument=0 * ones,
            velocity=64 * ones,
            source=np.arange(len(pitch), dtype=np.int64),
            timing="performed" if timing == "performed" else "score",
        )
        assert (notes.canonical_order() == np.arange(len(pitch))).all(), "canonical order"
        return notes.canonical()

    return finish


_EDGES_MS = (0, 50, 100, 250, 300, 500, 550, 1000, 1050, 2000, 2050, 4000, 4050, 8000, 8050)
_FAR_EDGES_MS = (16000, 16050, 32000, 32050)


def at_every_edge() -> NoteTable:
    """Return notes at, and just beyond, the edge of every window around the one in the middle.

    Two notes at every third onset, one at the others; a beat is a second. Pitches spread with the
    distance, so that a window that sees an onset more, or less, has other extremes.
    """
    middle = 40_000
    steps = (*_EDGES_MS, *_FAR_EDGES_MS)
    times = sorted({middle + sign * step for step in steps for sign in (-1, 1)})
    rows = []
    for number, time in enumerate(times):
        distance = number - times.index(middle)
        pitch = 64 + (2 * distance if number % 2 else -distance) + number % 5
        length = (0.25, 1.5, 0.5, 6.0, 1.0, 70.0, 0.75)[number % 7]
        if number % 3 == 0:
            rows.append((time / 1000, 2.0, pitch - 11))
        rows.append((time / 1000, length, pitch))
    return score(rows)


def within(notes: NoteTable, row: int, back: float, ahead: float) -> list[int]:
    """Return the rows whose onset is at most so many seconds before or after that of a row."""
    milliseconds = np.round(notes.onset_sec * 1000).astype(int).tolist()
    low, high = (milliseconds[row] + round(1000 * s) for s in (-back, ahead))
    return [i for i, time in enumerate(milliseconds) if low <= time <= high]


def around(notes: NoteTable, row: int, side: str, seconds: float) -> list[int]:
    """Return the rows inside the window of seconds that a column names."""
    back, ahead = {"past": (1, 0), "next": (0, 1), "around": (1, 1)}[side]
    return within(notes, row, back * seconds, ahead * seconds)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else NONE


def std(values: Sequence[float]) -> float:
    middle = mean(values)
    return mean([(v - middle) ** 2 for v in values]) ** 0.5 if values else NONE
