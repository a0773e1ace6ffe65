"""Corpora of human performances as note tables with composition ids and frozen splits."""

from humanize.corpus.pieces import Corpus, Origin, Performance, Piece

__all__ = ["Corpus", "Origin", "Performance", "Piece"]
