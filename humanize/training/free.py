"""The music of a model that may be sold: nothing in it forbids commercial use.

piano-midi.de (CC BY-SA 3.0 Germany), PercePiano and hannds (MIT).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from humanize.corpus import percepiano, piano_midi_de
from humanize.corpus.asap import load_scores
from humanize.corpus.content import cleared_of, with_shared_compositions
from humanize.corpus.hannds import load_hannds
from humanize.corpus.pieces import Piece
from humanize.models.base import Condition

FOLDS = 5
_MOST_PERFORMANCES = 2  # of one excerpt: 1,073 of four works would drown the rest


@dataclass(frozen=True, kw_only=True)
class FreeMusic:
    """Where the corpora lie.

    Attributes
    ----------
    piano_midi_de, percepiano : Path
    hannds : Path or None
        For performed timing only.
    by_hand : bool
        Whether piano-midi.de's tempo, shaped by hand, counts as performed timing.
    held_out : sequence of Piece
        Compositions that must not be trained on: the validation and test splits of ASAP.
    """

    piano_midi_de: Path
    percepiano: Path
    hannds: Path | None = None
    by_hand: bool = False
    held_out: Sequence[Piece] = ()

    def load(self, condition: Condition) -> list[Piece]:
        """Return the pieces of a condition; a fifth of the compositions is for validation.

        Of marked scores those of PercePiano alone have the composer's markings; the others stand
        there as they are, so that flat and marked scores have the same folds.
        """
        joined = with_shared_compositions(self._pieces(condition))
        folds = fold_of(joined)
        return [
            replace(p, split="validation" if folds[p.composition] == 0 else "train") for p in joined
        ]

    def _pieces(self, condition: Condition) -> Sequence[Piece]:
        if condition == "performed":
            return self._performed()
        return (*self._by_hand(), *self._excerpts(marked=condition == "marked"))

    def _by_hand(self) -> tuple[Piece, ...]:
        return piano_midi_de.load_scores(self.piano_midi_de, self.held_out).pieces

    def _excerpts(self, *, marked: bool) -> tuple[Piece, ...]:
        return percepiano.load_scores(self.percepiano, self.held_out, marked=marked).pieces

    def _performed(self) -> list[Piece]:
        pieces = _thinned(percepiano.load_performed(self.percepiano, self.held_out).pieces)
        if self.hannds is not None:
            pieces = [*cleared_of(load_hannds(self.hannds), self.held_out).pieces, *pieces]
        if self.by_hand:
            pieces += piano_midi_de.load_performed(self.piano_midi_de, self.held_out).pieces
        return pieces


def held_out_of(asap: Path) -> tuple[Piece, ...]:
    """Return the scores of ASAP's validation and test splits, which are not trained on."""
    return load_scores(asap, "validation", "test").pieces


def fold_of(pieces: Sequence[Piece]) -> dict[str, int]:
    """Return the fold of each composition, drawn once with a fixed seed."""
    names = sorted({piece.composition for piece in pieces})
    order = np.random.default_rng(0).permutation(len(names))
    return {names[i]: place % FOLDS for place, i in enumerate(order)}


def _thinned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return at most two performances of each excerpt."""
    kept: list[Piece] = []
    count: dict[tuple[str, ...], int] = {}
    for piece in pieces:
        head, _, segment = Path(piece.id).stem.rpartition("_")
        excerpt = (head.rpartition("_")[0], segment)
        count[excerpt] = count.get(excerpt, 0) + 1
        if count[excerpt] <= _MOST_PERFORMANCES:
            kept.append(piece)
    return kept
