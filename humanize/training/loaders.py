"""The pieces that a condition is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from humanize.corpus.asap import load_performed, load_scores
from humanize.corpus.hannds import load_hannds
from humanize.corpus.markings import mark_pieces
from humanize.corpus.pieces import Piece
from humanize.models.base import Condition


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
        Folder of the hannds corpus; heard for performed timing only, as it has no scores.
    workers : int
        Processes that read the scores' markings.
    """
    if condition == "performed":
        more = load_hannds(extra).pieces if extra is not None else ()
        return (*load_performed(corpus, "train", "validation").pieces, *more)
    pieces = load_scores(corpus, "train", "validation").pieces
    return mark_pieces(pieces, corpus, workers=workers) if condition == "marked" else pieces
