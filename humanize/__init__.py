"""Give every note of a flat MIDI file or score the velocity a good pianist would."""

from humanize.api import (
    Humanized,
    humanize_bytes,
    humanize_file,
    humanize_midi,
    humanize_score,
    predict_velocities,
)
from humanize.errors import HumanizeError
from humanize.midi.reading import MidiPieces, read_midi
from humanize.models import Model, load_model, model_names
from humanize.notes import NoteTable

__all__ = [
    "HumanizeError",
    "Humanized",
    "MidiPieces",
    "Model",
    "NoteTable",
    "humanize_bytes",
    "humanize_file",
    "humanize_midi",
    "humanize_score",
    "load_model",
    "model_names",
    "predict_velocities",
    "read_midi",
]

DISTRIBUTION = "humanize-midi"
"""Tells this package from the one named ``humanize`` on PyPI, which has the same import name."""
