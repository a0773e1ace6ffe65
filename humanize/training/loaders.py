"""The pieces that a condition is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from humanize.corpus import maestro_aligned
from humanize.corpus.asap import load_performed, load_scores
from humanize.corpus.hannds import load_hannds
from humanize.corpus.maestro import load_maestro
from humanize.corpus.markings import mark_pieces
from humanize.corpus.pieces import Piece
from humanize.models.base import Condition

_MOST_PERFORMANCES = 6  # of one composition: compositions are few, performances many
_TITLES = 300  # of MAESTRO: twice as many agree no better


@dataclass(frozen=True, kw_only=True)
class MoreMusic:
    """Folders of corpora that are read beside ASAP, where they are given.

    Attributes
    ----------
    hannds, maestro : Path or None
        Performances without scores, for performed timing; of MAESTRO 300 titles.
    maestro_aligned : Path or None
        Scores without markings, for flat input.
    """

    hannds: Path | None = None
    maestro: Path | None = None
    maestro_aligned: Path | None = None


def load_training_pieces(
    corpus: Path, condition: Condition, *, more: MoreMusic = MoreMusic(), workers: int = 1
) -> Sequence[Piece]:
    """Return the training and validation pieces of a condition.

    Parameters
    ----------
    corpus : Path
        Folder of the ASAP corpus.
    condition : "flat", "marked" or "performed"
    more : MoreMusic, optional
        Other corpora, cleared of what ASAP's validation and test splits hold.
    workers : int
        Processes that read the scores' markings.
    """
    if condition == "performed":
        own = _thinned(load_performed(corpus, "train", "validation").pieces)
        if more.hannds is not None:
            own += load_hannds(more.hannds).pieces
        if more.maestro is not None:
            own += load_maestro(more.maestro, _held_out(corpus), most=_TITLES).pieces
        return own
    pieces = load_scores(corpus, "train", "validation").pieces
    if condition == "marked":
        return mark_pieces(pieces, corpus, workers=workers)
    if more.maestro_aligned is None:
        return pieces
    return (*pieces, *maestro_aligned.load_scores(more.maestro_aligned, _held_out(corpus)).pieces)


def _held_out(corpus: Path) -> Sequence[Piece]:
    return load_scores(corpus, "validation", "test").pieces


def _thinned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return at most six performances of each composition, robustly aligned ones first."""
    kept: list[Piece] = []
    count: dict[str, int] = {}
    for piece in sorted(pieces, key=lambda p: not p.performances[0].robust):
        count[piece.composition] = count.get(piece.composition, 0) + 1
        if count[piece.composition] <= _MOST_PERFORMANCES:
            kept.append(piece)
    return kept
