"""Scores: read in every format as they are played, and written back or as MIDI.

What the names below lead to is imported when they are first asked for: who has a MIDI file needs no
reader of scores.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from humanize.score.as_midi import score_to_midi
    from humanize.score.instruments import Split
    from humanize.score.measures import measure_mask
    from humanize.score.musicxml_dynamics import score_to_musicxml
    from humanize.score.reading import ScoreReading, read_score

_PLACES = {
    "ScoreReading": "reading",
    "Split": "instruments",
    "measure_mask": "measures",
    "read_score": "reading",
    "score_to_midi": "as_midi",
    "score_to_musicxml": "musicxml_dynamics",
}

__all__ = [
    "ScoreReading",
    "Split",
    "measure_mask",
    "read_score",
    "score_to_midi",
    "score_to_musicxml",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
