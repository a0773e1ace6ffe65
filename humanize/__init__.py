"""Give every note of a flat MIDI file or score the velocity a good pianist would."""

from humanize.api import (
    humanize_bytes,
    humanize_file,
    humanize_midi,
    humanize_score,
    predict_velocities,
)
from humanize.errors import HumanizeError
from humanize.interpretations import compare_files, morph_files, style_of
from humanize.midi.reading import MidiPieces, read_midi
from humanize.midi.record import strip_performance
from humanize.models import Model, load_model, model_names
from humanize.notes import NoteTable
from humanize.performance import perform_bytes, perform_file, perform_midi, perform_score
from humanize.results import Humanized, HumanizedScore, Performed

__all__ = [
    "HumanizeError",
    "Humanized",
    "HumanizedScore",
    "MidiPieces",
    "Model",
    "NoteTable",
    "Performed",
    "compare_files",
    "humanize_bytes",
    "humanize_file",
    "humanize_midi",
    "humanize_score",
    "load_model",
    "model_names",
    "morph_files",
    "perform_bytes",
    "perform_file",
    "perform_midi",
    "perform_score",
    "predict_velocities",
    "read_midi",
    "strip_performance",
    "style_of",
]

_DISTRIBUTION = "humanize-midi"
"""Tells this package from the one named ``humanize`` on PyPI, which has the same import name."""


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # slow to import, and seldom asked for

    return version(_DISTRIBUTION)
