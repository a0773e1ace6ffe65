"""Compositions compared by their music: what two scores share of their top line.

The top line is the highest note of every onset. It is cut into runs of eight notes, each a tuple of
seven intervals, so that neither key nor tempo matters; a run counts once, however often it is
repeated. Two pieces are the same composition where more than a fifth of the runs of the shorter one
stand in the other. Runs that say nothing of a composition (repeated notes, scales, trills) are left
out.

Reference: Downie, Evaluating a simple approach to music information retrieval, PhD thesis,
University of Western Ontario (1999), for n-grams of intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from humanize.corpus.pieces import Corpus, Piece
from humanize.notes import FloatColumn, IntColumn, NoteTable

SAME_COMPOSITION = 0.2
"""Share of runs above which two pieces are one composition."""

RUN = 8  # notes
_TOGETHER_SEC = 0.05  # a player's chord is struck within it
_FEWEST_SHARED = 6  # runs; a figure of a few bars may stand in two works
_FEWEST_INTERVALS = 3  # different ones in a run; scales and trills have fewer


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Two pieces with music in common.

    Attributes
    ----------
    first, second : Piece
    share : float
        Of the different runs of the shorter piece, those that stand in the other.
    """

    first: Piece
    second: Piece
    share: float


def top_line(notes: NoteTable) -> IntColumn:
    """Return the highest pitch of every onset, in order.

    Notes of a player's timing that are struck within 50 ms of one another are one onset.
    """
    performed = notes.timing == "performed"
    onset: FloatColumn = notes.onset_sec if performed else notes.onset_beat
    order = np.argsort(onset, kind="stable")
    step = np.diff(onset[order], prepend=-np.inf)
    new = step > (_TOGETHER_SEC if performed else 1e-3)
    return np.maximum.reduceat(notes.pitch[order], np.flatnonzero(new)).astype(np.int64)


def runs(notes: NoteTable) -> IntColumn:
    """Return the different runs of eight notes of the top line as sorted numbers.

    A piece of fewer than eight onsets has none.
    """
    interval = np.clip(np.diff(top_line(notes)), -63, 63) + 64
    length = RUN - 1
    if len(interval) < length:
        return np.empty(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(interval, length)
    varied = 1 + (np.diff(np.sort(windows, axis=1), axis=1) > 0).sum(axis=1)
    telling = windows[varied >= _FEWEST_INTERVALS]
    return np.unique(telling @ (128 ** np.arange(length, dtype=np.int64)))


def find_overlaps(
    first: Sequence[Piece], second: Sequence[Piece], *, above: float = SAME_COMPOSITION
) -> list[Overlap]:
    """Return every pair, one piece of each side, that shares more than a part of its runs.

    A piece is not compared with itself where both sides have it.

    Parameters
    ----------
    first, second : sequence of Piece
    above : float
        Share of the runs of the shorter piece.
    """
    own, other = [runs(p.notes) for p in first], [runs(p.notes) for p in second]
    sizes = np.array([len(r) for r in other], dtype=np.int64)
    index = _Index(other)
    found = []
    for piece, mine in zip(first, own, strict=True):
        shared = index.shared(mine)
        share = shared / np.maximum(np.minimum(sizes, len(mine)), 1)
        for place in np.flatnonzero((share > above) & (shared >= _FEWEST_SHARED)).tolist():
            if second[place] is not piece:
                pair = Overlap(first=piece, second=second[place], share=float(share[place]))
                found.append(pair)
    return found


class _Index:
    """Runs of many pieces, to be looked up at once."""

    def __init__(self, pieces: Sequence[IntColumn]) -> None:
        self._count = len(pieces)
        number = np.repeat(np.arange(len(pieces)), [len(r) for r in pieces])
        run = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
        order = np.argsort(run, kind="stable")
        self._run, self._piece = run[order], number[order]

    def shared(self, own: IntColumn) -> IntColumn:
        """Return how many of these runs each piece has."""
        first = np.searchsorted(self._run, own, side="left")
        length = np.searchsorted(self._run, own, side="right") - first
        # the places first .. first + length of every run, one after another
        starts = np.repeat(first - np.cumsum(length) + length, length)
        places = starts + np.arange(len(starts))
        return np.bincount(self._piece[places], minlength=self._count).astype(np.int64)


def cleared_of(corpus: Corpus, held_out: Sequence[Piece]) -> Corpus:
    """Return a corpus without the compositions of pieces that are held out; it says which and why.

    Parameters
    ----------
    corpus : Corpus
    held_out : sequence of Piece
        Scores, or performances, of the compositions that must not be trained on.
    """
    why: dict[str, str] = {}
    for overlap in find_overlaps(corpus.pieces, held_out):
        reason = f"shares {overlap.share:.2f} of its top line with {overlap.second.composition}"
        why.setdefault(overlap.first.id, reason)
    kept = tuple(piece for piece in corpus.pieces if piece.id not in why)
    return replace(corpus, pieces=kept, excluded=(*corpus.excluded, *why.items()))


def with_shared_compositions(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces of several corpora in which one composition has one name.

    A composition that two corpora name differently takes the name that stands first, so that a
    split by composition keeps it together.
    """
    leader = {piece.composition: piece for piece in reversed(pieces)}
    chosen: dict[str, str] = {name: name for name in leader}
    for overlap in find_overlaps(pieces, pieces):
        names = {_root(chosen, p.composition) for p in (overlap.first, overlap.second)}
        first = min(names, key=list(reversed(leader)).index)
        chosen |= dict.fromkeys(names, first)
    roots = [leader[_root(chosen, piece.composition)] for piece in pieces]
    return [
        replace(piece, composer=root.composer, title=root.title)
        for piece, root in zip(pieces, roots, strict=True)
    ]


def _root(chosen: dict[str, str], name: str) -> str:
    while chosen[name] != name:
        name = chosen[name]
    return name
