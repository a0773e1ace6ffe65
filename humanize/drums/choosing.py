"""The feel that somebody asks for: by the name of a style, or taken from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from humanize.drums.bundle import DrumModel, load_drum_model
from humanize.drums.feel import Feel, feel_from_json, feel_of, read_feel
from humanize.drums.hits import hits_of
from humanize.drums.playing import click_notes
from humanize.errors import MidiError, OptionError
from humanize.files import read_input, starts_as_midi
from humanize.midi.reading import read_midi
from humanize.notes import DRUMS


def feel_names() -> list[str]:
    """Return the names of the feels that ship."""
    return sorted(load_drum_model().feels)


def choose_feel(asked: str | Path, model: DrumModel | None = None) -> Feel:
    """Return a feel by its name, or from a file.

    Parameters
    ----------
    asked : str or Path
        A style, a MIDI file with drums, or what ``humanize groove extract`` wrote.
    model : DrumModel, optional

    Raises
    ------
    OptionError
        If there is neither such a style nor such a file.
    InputError
        If the file has no drums, or is no feel.
    """
    known = model or load_drum_model()
    if str(asked) in known.feels:
        return feel_from_json(known.feels[str(asked)])
    path = Path(asked)
    if not path.is_file():
        names = ", ".join(sorted(known.feels))
        raise OptionError(f"feel: {str(asked)!r} found; expected one of {names}, or a file")
    content = read_input(path)
    if starts_as_midi(content):
        return extract_feel(content, name=str(path), model=known)
    return read_feel(content, name=str(path))


def extract_feel(content: bytes, *, name: str, model: DrumModel | None = None) -> Feel:
    """Return the feel of the drums in a Standard MIDI File.

    Raises
    ------
    MidiError
        If the file is damaged, or has no known drums.
    """
    reading = read_midi(content, name=name)
    parts = []
    for notes in reading.pieces:
        drums = (notes.instrument == DRUMS) & ~click_notes(notes, reading.track_names)
        hits = hits_of(notes, np.flatnonzero(drums))
        if len(hits):
            parts.append((hits, (model or load_drum_model()).predict(hits)))
    if not parts:
        raise MidiError(
            f"{name}: no drums found to take a feel from; expected a part on channel 10, or a "
            "track named as a kit, with note numbers of General MIDI"
        )
    return feel_of(parts)
