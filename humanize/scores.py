"""Humanise a score: read it, predict each instrument, give it back as MIDI or as MusicXML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from humanize.errors import OptionError, ScoreError
from humanize.interpretation.dynamics import Dynamics
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import Selection, Shaping
from humanize.models import Model
from humanize.musicxml import patch_musicxml, patch_mxl, place_of, with_place_ids
from humanize.notes import FloatColumn, IntColumn
from humanize.score import ScoreReading, read_score, reading_of_parts
from humanize.score_midi import score_to_midi
from humanize.score_text import check_text, plain_text

if TYPE_CHECKING:
    from partitura.score import Part, Score

_MUSICXML = (".musicxml", ".xml", ".mxl")
_UNMARKED = 80  # MuseScore's mezzo-forte: how a score without dynamics is played


@dataclass(frozen=True, kw_only=True)
class HumanizedScore:
    """A score with velocities.

    Attributes
    ----------
    reading : ScoreReading
        The notes as played, canonical order; ``velocity`` is what the file gives the note, else
        what the markings alone say.
    predicted : FloatColumn
        What the model said, velocity units; NaN for percussion.
    velocities : IntColumn
        1-127.
    changed : (n,) bool array
        Which notes were selected and predicted; the others stay as they came, as all do at
        strength 0.
    name : str
    content : bytes
        The file as it came; empty for a partitura object.
    messages : tuple of str
    """

    reading: ScoreReading
    predicted: FloatColumn
    velocities: IntColumn
    changed: NDArray[np.bool_]
    name: str
    content: bytes = b""
    messages: tuple[str, ...] = ()

    @property
    def is_musicxml(self) -> bool:
        """Whether what came was MusicXML, which can take velocities back."""
        return bool(self.content) and Path(self.name).suffix.lower() in _MUSICXML

    def to_midi(self) -> bytes:
        """Return a Standard MIDI File of the score as it is played."""
        return score_to_midi(self.reading, self.velocities)

    def to_musicxml(self) -> tuple[bytes, int]:
        """Return the file that came with ``dynamics`` set, and how many repeated notes got a mean.

        Raises
        ------
        ScoreError
            If what came was not MusicXML.
        """
        if not self.is_musicxml:
            raise ScoreError(
                f"{self.name}: not MusicXML; expected it to write MusicXML. Write .mid"
            )
        values: dict[int, list[int]] = {}
        velocities = self.velocities.tolist()
        for row in np.flatnonzero(self.changed).tolist():
            place = place_of(self.reading.note_ids[row])
            values.setdefault(place, []).append(velocities[row])
        means = {place: float(np.mean(own)) for place, own in values.items()}
        patch = patch_mxl if self.content[:2] == b"PK" else patch_musicxml
        uneven = sum(1 for own in values.values() if len(set(own)) > 1)
        return patch(self.content, means, name=self.name), uneven


def humanize_content(
    source: bytes | Part | Score,
    *,
    name: str,
    shaping: Shaping,
    selection: Selection,
    dynamics: Dynamics,
    model: Model,
) -> HumanizedScore:
    """Humanise the bytes of a score, or a partitura Part or Score.

    Raises
    ------
    ScoreError
        If it cannot be read.
    OptionError
        If the selection has no notes.
    """
    content = source if isinstance(source, bytes) else b""
    reading = _read(source, name)
    reading = replace(reading, notes=replace(reading.notes, velocity=_written(reading)))
    heard = reading.notes if dynamics != "ignore" else replace(reading.notes, markings={})
    predicted = predict_notes(heard, model, follow=dynamics == "follow")
    changed = selection.mask(reading.notes, reading.part_names) & np.isfinite(predicted)
    if not changed.any():
        raise OptionError(f"{name}: the selection has no pitched notes; expected at least one")
    if shaping.strength == 0:
        changed = np.zeros(len(changed), dtype=bool)
    shaped = shaping.apply(np.where(changed, predicted, np.nan), reading.notes.velocity)
    return HumanizedScore(
        reading=reading,
        predicted=predicted,
        velocities=shaped,
        changed=changed,
        name=name,
        content=content,
    )


def _read(source: bytes | Any, name: str) -> ScoreReading:
    if not isinstance(source, bytes):
        return reading_of_parts(list(getattr(source, "parts", [source])), name)
    text, suffix = plain_text(source, name)
    check_text(text, suffix, name)
    if suffix == ".musicxml":
        text = with_place_ids(text, name=name)
    return read_score(text, name=str(Path(name).with_suffix(suffix)))


def _written(reading: ScoreReading) -> IntColumn:
    """Return the velocities of the file, and where it has none what the dynamics alone say."""
    level = np.nan_to_num(reading.notes.marking("notated_level"), nan=_UNMARKED)
    marked = np.clip(np.round(level), 1, 127).astype(np.int64)
    return np.where(reading.notes.velocity > 0, reading.notes.velocity, marked)
