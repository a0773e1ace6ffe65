"""MusicXML, MEI and Humdrum scores to note tables with the composer's markings.

partitura reads the files; it is imported here and only when a score is read. What is read is the
score as it is played: repeats, voltas and jumps unfolded, ties joined, grace notes before their
main note, tempo marks turned into seconds.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from humanize.errors import HumanizeError, ScoreError
from humanize.files import read_input
from humanize.midi import DRUM_CHANNEL, DRUMS
from humanize.notes import FloatColumn, NoteTable
from humanize.score_markings import part_markings
from humanize.score_text import check_text, plain_text

_READING_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What partitura raises on scores that are not as it expects."""
_GRACE_BEAT = 0.125  # length of a grace note in quarter notes
_UNITS = {"q": 1.0, "h": 2.0, "e": 0.5, "w": 4.0, "s": 0.25}
_WORDS_BPM = {
    "grave": 42.0, "largo": 50.0, "lento": 54.0, "larghetto": 60.0, "adagio": 66.0,
    "andante": 80.0, "andantino": 88.0, "moderato": 104.0, "allegretto": 112.0,
    "allegro": 132.0, "vivace": 150.0, "presto": 176.0, "prestissimo": 192.0,
}  # fmt: skip
_DEFAULT_BPM = 120.0


@dataclass(frozen=True, kw_only=True)
class ScoreReading:
    """A read score.

    Attributes
    ----------
    notes : NoteTable
        All parts in canonical order with markings; ``track`` counts parts, ``instrument`` is one
        per part (the staves of a piano together), drums have the instrument ``DRUMS``.
    note_ids : tuple of str
        For each row the id in the file, with ``-1``, ``-2`` for the times it is played.
    part_names : tuple of str
    tempo : tuple of (float, float)
        Beat and quarter notes a minute from there.
    metres : tuple of (float, int, int)
        Beat, numerator, denominator.
    warnings : int
        How often the reader complained.
    """

    notes: NoteTable
    note_ids: tuple[str, ...]
    part_names: tuple[str, ...]
    tempo: tuple[tuple[float, float], ...]
    metres: tuple[tuple[float, int, int], ...]
    warnings: int = 0


def read_score(data: bytes | str | Path, *, name: str | None = None) -> ScoreReading:
    """Read a score.

    Parameters
    ----------
    data : bytes, str or Path
        The content of the file, or its path.
    name : str
        What messages call it; its ending tells the format.

    Raises
    ------
    ScoreError
        If it cannot be read, is too large, or has no notes.
    """
    called = name if name is not None else str(data)
    content = data if isinstance(data, bytes) else read_input(Path(data))
    text, suffix = plain_text(content, called)
    check_text(text, suffix, called)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parts = _load(text, suffix, called)
        try:
            reading = reading_of_parts(parts, called)
        except _READING_ERRORS as error:
            raise _unreadable(called, error) from None
    return replace(reading, warnings=len(caught))


def import_partitura() -> None:
    """Import partitura without the soundfont that it fetches where FluidSynth is installed."""
    if "partitura" in sys.modules:
        return
    absent = object()
    found = sys.modules.get("fluidsynth", absent)
    sys.modules["fluidsynth"] = None  # type: ignore[assignment]  # what makes an import fail
    try:
        importlib.import_module("partitura")
    finally:
        del sys.modules["fluidsynth"]
        if found is not absent:
            sys.modules["fluidsynth"] = found  # type: ignore[assignment]


def _load(text: bytes, suffix: str, name: str) -> list[Any]:
    import_partitura()
    from lxml.etree import XMLSyntaxError
    from partitura import load_kern, load_mei, load_musicxml

    load = {".musicxml": load_musicxml, ".mei": load_mei, ".krn": load_kern}[suffix]
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(text)
        file.flush()
        try:
            return list(load(file.name).parts)
        except HumanizeError:
            raise
        except XMLSyntaxError as error:
            raise ScoreError(f"{name}: broken XML ({error.msg}); expected a whole score") from None
        except (*_READING_ERRORS, OSError) as error:
            raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> ScoreError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return ScoreError(f"{name}: cannot be read ({reason}); expected a valid score")


def reading_of_parts(parts: Sequence[Any], name: str) -> ScoreReading:
    """Return the reading of partitura parts.

    Raises
    ------
    ScoreError
        If no part has notes.
    """
    from partitura.score import unfold_part_maximal

    unfolded = [unfold_part_maximal(part, update_ids=True) for part in parts]
    pairs = [(n, p) for n, p in enumerate(unfolded, start=1) if p.notes_tied]
    if not pairs:
        raise ScoreError(f"{name}: no notes in any part; expected at least one")
    tempo = _tempo(unfolded)
    start = min(float(p.quarter_map(p.first_point.t)) for _, p in pairs)
    tables: list[NoteTable] = []
    ids: list[list[str]] = []
    for number, part in pairs:
        table, own = _part_table(part, number, start, tempo, len(ids_flat(ids)))
        tables.append(table)
        ids.append(own)
    notes = _joined(tables)
    flat = ids_flat(ids)
    return ScoreReading(
        notes=notes,
        note_ids=tuple(flat[s] for s in notes.source.tolist()),
        part_names=tuple(str(p.part_name or f"Part {n}") for n, p in enumerate(unfolded, start=1)),
        tempo=tempo,
        metres=_metres(unfolded[0], start),
    )


def ids_flat(ids: Sequence[Sequence[str]]) -> list[str]:
    """Return the ids of all parts, one after another."""
    return [entry for own in ids for entry in own]


def _part_table(
    part: Any, number: int, start: float, tempo: Sequence[tuple[float, float]], first_source: int
) -> tuple[NoteTable, list[str]]:
    played = part.notes_tied
    quarter = part.quarter_map
    onset = np.array([float(quarter(n.start.t)) for n in played]) - start
    end = np.array([float(quarter(n.start.t + n.duration_tied)) for n in played]) - start
    onset, end = _with_grace(played, onset, end)
    pitch = np.array([getattr(n, "midi_pitch", 60) for n in played], dtype=np.int64)
    drums = _is_drums(part, played)
    count = len(played)
    measure, position, numerator, denominator = _measures(part, played, onset, start)
    table = NoteTable(
        onset_beat=onset,
        duration_beat=np.maximum(end - onset, 0.0),
        onset_sec=seconds_at(onset, tempo),
        duration_sec=np.maximum(seconds_at(end, tempo) - seconds_at(onset, tempo), 0.0),
        pitch=pitch,
        measure=measure,
        measure_position_beat=position,
        metre_numerator=numerator,
        metre_denominator=denominator,
        track=np.full(count, number),
        channel=np.full(count, DRUM_CHANNEL + 1 if drums else 1 + (number - 1) % 9),
        program=np.full(count, _program(part)),
        instrument=np.full(count, DRUMS if drums else number - 1),
        velocity=np.zeros(count, dtype=np.int64),
        source=np.arange(first_source, first_source + count),
        markings=part_markings(part, played),
        metre_known=bool(part.time_sigs),
    )
    return table, [str(n.id) for n in played]


def _with_grace(
    played: Sequence[Any], onset: FloatColumn, end: FloatColumn
) -> tuple[FloatColumn, FloatColumn]:
    """Place grace notes just before their main note, the last of several nearest to it."""
    from partitura.score import GraceNote

    rows = [i for i, n in enumerate(played) if isinstance(n, GraceNote)]
    onset, end = onset.copy(), end.copy()
    left: dict[tuple[float, int], int] = {}
    for row in reversed(rows):
        place = (onset[row], played[row].voice or 0)
        left[place] = left.get(place, 0) + 1
        main = onset[row]
        onset[row] = max(main - _GRACE_BEAT * left[place], 0.0)
        end[row] = onset[row] + _GRACE_BEAT
    return onset, end


def _measures(
    part: Any, played: Sequence[Any], onset: FloatColumn, start: float
) -> tuple[Any, FloatColumn, Any, Any]:
    bars = list(part.measures)
    begins = np.array([float(part.quarter_map(b.start.t)) for b in bars] or [start]) - start
    index = np.clip(np.searchsorted(begins, onset + 1e-6, side="right") - 1, 0, len(begins) - 1)
    times = np.array([n.start.t for n in played])
    metre = np.array([part.time_signature_map(t)[:2] for t in times], dtype=np.int64)
    position = onset - begins[index]
    lengths = metre[:, 0] * 4.0 / metre[:, 1]
    if len(begins) > 1:  # an upbeat ends with its measure
        missing = np.where(index == 0, np.maximum(lengths - (begins[1] - begins[0]), 0.0), 0.0)
        position = position + missing
    return index.astype(np.int64) + 1, np.maximum(position, 0.0), metre[:, 0], metre[:, 1]


def _is_drums(part: Any, played: Sequence[Any]) -> bool:
    from partitura import score

    unpitched = getattr(score, "UnpitchedNote", None)
    return unpitched is not None and all(isinstance(n, unpitched) for n in played)


def _program(part: Any) -> int:
    name = str(part.part_name or "").lower()
    staves = getattr(part, "number_of_staves", 1)
    return 0 if "piano" in name or staves == 2 else -1


def _tempo(parts: Sequence[Any]) -> tuple[tuple[float, float], ...]:
    from partitura.score import ConstantTempoDirection, Tempo

    changes: dict[float, float] = {}
    words: dict[float, float] = {}
    start = min(float(p.quarter_map(p.first_point.t)) for p in parts)
    for part in parts:
        for mark in part.iter_all(Tempo):
            unit = str(mark.unit or "q")
            per = _UNITS.get(unit[0], 1.0) * (1.5 if unit.endswith(".") else 1.0)
            changes[float(part.quarter_map(mark.start.t)) - start] = float(mark.bpm) * per
        for mark in part.iter_all(ConstantTempoDirection, include_subclasses=True):
            known = _WORDS_BPM.get(str(mark.text or "").lower().split(" ")[0])
            if known is not None:
                words[float(part.quarter_map(mark.start.t)) - start] = known
    found = changes or words
    usable = {beat: bpm for beat, bpm in found.items() if 5 <= bpm <= 1000}
    usable.setdefault(0.0, next(iter(sorted(usable.items())), (0.0, _DEFAULT_BPM))[1])
    return tuple(sorted(usable.items()))


def seconds_at(beat: FloatColumn, tempo: Sequence[tuple[float, float]]) -> FloatColumn:
    """Return the time in seconds of quarter-note positions under tempo changes."""
    starts = np.array([b for b, _ in tempo])
    per_beat = 60.0 / np.array([bpm for _, bpm in tempo])
    elapsed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * per_beat[:-1])])
    segment = np.maximum(np.searchsorted(starts, beat, side="right") - 1, 0)
    return np.asarray(elapsed[segment] + (beat - starts[segment]) * per_beat[segment])


def _metres(part: Any, start: float) -> tuple[tuple[float, int, int], ...]:
    found = [
        (float(part.quarter_map(t.start.t)) - start, int(t.beats), int(t.beat_type))
        for t in part.time_sigs
    ]
    return tuple(found) or ((0.0, 4, 4),)


def _joined(tables: Sequence[NoteTable]) -> NoteTable:
    first = tables[0]
    names = list(first.columns())
    joined: dict[str, Any] = {n: np.concatenate([t.columns()[n] for t in tables]) for n in names}
    markings = {n: joined.pop(n) for n in first.markings}
    return replace(first, **joined, markings=markings).canonical()
