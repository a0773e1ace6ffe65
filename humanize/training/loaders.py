"""The pieces that a condition is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from humanize.corpus.asap import load_performed, load_scores
from humanize.corpus.hannds import load_hannds
from humanize.corpus.markings import mark_pieces
from humanize.corpus.pieces import Piece
from humanize.models.base import Condition

_MOST_PERFORMANCES = 6  # of one composition: compositions are few, performances many


def load_training_pieces(
    corpus: Path, condition: Condition, *, extra: Path | None = None, workers: int = 1
) -> Sequence[Piece]:
    """Return the training and validation pieces of a condition.

    Parameters
    ----------
    corpus : Path
        Folder of the ASAP corpus.
    condition : "flat", "marked" or "performed"
    extra : Path, optional
        Folder of the hannds corpus; for performed timing only, as it has no scores.
    workers : int
        Processes that read the scores' markings.
    """
    if condition == "performed":
        more = load_hannds(extra).pieces if extra is not None else ()
        return (*_thinned(load_performed(corpus, "train", "validation").pieces), *more)
    pieces = load_scores(corpus, "train", "validation").pieces
    return mark_pieces(pieces, corpus, workers=workers) if condition == "marked" else pieces


def _thinned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return at most six performances of each composition, robustly aligned ones first."""
    kept: list[Piece] = []
    count: dict[str, int] = {}
    for piece in sorted(pieces, key=lambda p: not p.performances[0].robust):
        count[piece.composition] = count.get(piece.composition, 0) + 1
        if count[piece.composition] <= _MOST_PERFORMANCES:
            kept.append(piece)
    return kept
