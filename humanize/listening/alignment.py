"""Which note of a score each performed note plays, and what that gives the performed notes."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.errors import InputError, MissingExtraError
from humanize.notes import FloatColumn, IntColumn, NoteTable

LEAST_SHARE = 0.6
_SCORE = [
    ("onset_beat", "f4"),
    ("duration_beat", "f4"),
    ("pitch", "i4"),
    ("is_grace", "?"),
    ("id", "U16"),
]
_PLAYED = [
    ("onset_sec", "f4"),
    ("duration_sec", "f4"),
    ("pitch", "i4"),
    ("velocity", "i4"),
    ("id", "U16"),
]


def align(score: NoteTable, played: NoteTable, *, name: str = "performance") -> IntColumn:
    """Return the row of the score that each performed note plays.

    The alignment is parangonar's dual dynamic time warping (Peter 2023), over onsets and
    pitches; velocities are not read.

    Parameters
    ----------
    score, played : NoteTable
        The score as it was played: with the repeats that were taken.
    name : str
        What error messages call the performance.

    Returns
    -------
    (n,) int array
        -1 for a note that the score does not have.

    Raises
    ------
    InputError
        If under six tenths of the performed notes, or of the score's, have a partner.
    """
    rows = np.full(len(played), -1, dtype=np.int64)
    for pair in _matched(_score_array(score), _played_array(played)):
        if pair["label"] == "match":
            rows[int(pair["performance_id"])] = int(pair["score_id"])
    share = min(float((rows >= 0).mean()), len(np.unique(rows[rows >= 0])) / len(score))
    if share < LEAST_SHARE:
        raise InputError(
            f"{name}: {share:.0%} of the notes fit the piece; expected {LEAST_SHARE:.0%} or more: "
            "a performance of the same notes, with the same repeats"
        )
    return rows


def transfer(values: FloatColumn, rows: IntColumn, onset_sec: FloatColumn) -> FloatColumn:
    """Return the score's values for performed notes.

    A performed note without a partner takes what its neighbours in time have, interpolated.

    Parameters
    ----------
    values : (n_score,) float array
    rows : (n,) int array
        As :func:`align` returns it.
    onset_sec : (n,) float array
        Of the performed notes, ascending.
    """
    known = rows >= 0
    found = np.empty(len(rows))
    found[known] = values[rows[known]]
    found[~known] = np.interp(onset_sec[~known], onset_sec[known], found[known])
    return found


def _score_array(notes: NoteTable) -> NDArray[Any]:
    array = np.zeros(len(notes), dtype=_SCORE)
    array["onset_beat"], array["duration_beat"] = notes.onset_beat, notes.duration_beat
    array["pitch"], array["id"] = notes.pitch, np.arange(len(notes)).astype(str)
    array["is_grace"] = notes.duration_beat <= 0
    return array


def _played_array(notes: NoteTable) -> NDArray[Any]:
    array = np.zeros(len(notes), dtype=_PLAYED)
    array["onset_sec"], array["duration_sec"] = notes.onset_sec, notes.duration_sec
    array["pitch"], array["velocity"] = notes.pitch, 64
    array["id"] = np.arange(len(notes)).astype(str)
    return array


def _matched(score: NDArray[Any], played: NDArray[Any]) -> list[dict[str, Any]]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the library's own: divisions within its costs
        matcher = _library().DualDTWNoteMatcher()
        found: list[dict[str, Any]] = matcher(score, played)
    return found


def _library() -> Any:
    from humanize.score.partitura_parts import import_partitura

    import_partitura()
    try:
        import parangonar
    except ImportError:
        raise MissingExtraError("parangonar", "listen") from None
    return parangonar
