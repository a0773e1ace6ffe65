"""Scores: read in every format as they are played, and written back or as MIDI."""

from humanize.score.as_midi import score_to_midi
from humanize.score.instruments import Split
from humanize.score.measures import measure_mask
from humanize.score.musicxml_dynamics import score_to_musicxml
from humanize.score.reading import ScoreReading, read_score

__all__ = [
    "ScoreReading",
    "Split",
    "measure_mask",
    "read_score",
    "score_to_midi",
    "score_to_musicxml",
]
