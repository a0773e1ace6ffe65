"""MusicXML, MEI and Humdrum scores to note tables with the composer's markings.

partitura reads the files; it is imported here and only when a score is read. What is read is the
score as it is played: repeats, voltas and jumps unfolded, ties joined, grace notes before their
main note, tempo marks turned into seconds.
"""

from __future__ import annotations

import contextlib
import importlib
import io
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
from humanize.notes import FloatColumn, NoteTable
from humanize.score_arpeggios import arpeggio_delays
from humanize.score_kern import prepare_kern
from humanize.score_mei import prepare_mei
from humanize.score_played import played_part
from humanize.score_table import notes_of, written_part
from humanize.score_text import check_text, plain_text
from humanize.score_time import Axis, axis_of_parts
from humanize.score_xml import Prepared, prepare

_UNITS = {"q": 1.0, "h": 2.0, "e": 0.5, "w": 4.0, "s": 0.25}
_WORDS_BPM = {
    "grave": 42.0, "largo": 50.0, "lento": 54.0, "larghetto": 60.0, "adagio": 66.0,
    "andante": 80.0, "andantino": 88.0, "moderato": 104.0, "allegretto": 112.0,
    "allegro": 132.0, "vivace": 150.0, "presto": 176.0, "prestissimo": 192.0,
}  # fmt: skip
_DEFAULT_BPM = 120.0
_PREPARE = {".musicxml": prepare, ".mei": prepare_mei, ".krn": prepare_kern}


@dataclass(frozen=True, kw_only=True)
class ScoreReading:
    """A read score.

    Attributes
    ----------
    notes : NoteTable
        All parts in canonical order with markings; ``track`` counts parts, ``instrument`` is one
        per part (the staves of a piano together), notes without a pitch have ``DRUMS``. Where the
        file gives a note a velocity, it is in ``velocity``.
    note_ids : tuple of str
        For each row the id in the file, with ``-1``, ``-2`` for the times it is played.
    part_names : tuple of str
    tempo : tuple of (float, float)
        Beat and quarter notes a minute from there.
    metres : tuple of (float, int, int)
        Beat, numerator, denominator.
    delay : FloatColumn
        Quarter notes after ``onset_beat`` at which the written MIDI strikes a note: arpeggio signs.
    warnings : int
        How often the reader complained.
    """

    notes: NoteTable
    note_ids: tuple[str, ...]
    part_names: tuple[str, ...]
    tempo: tuple[tuple[float, float], ...]
    metres: tuple[tuple[float, int, int], ...]
    delay: FloatColumn
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
        try:
            reading = _read_text(text, suffix, called)
        except HumanizeError:
            raise
        except Exception as error:  # partitura raises everything, bare Exceptions among it
            raise _unreadable(called, suffix, error) from None
    return replace(reading, warnings=len(caught))


def _read_text(text: bytes, suffix: str, name: str) -> ScoreReading:
    known = _PREPARE[suffix](text, name)
    parts = _load(known.text, suffix)
    if known.finish is not None:
        known.finish(parts)
    return reading_of_parts(parts, name, known)


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


def _load(text: bytes, suffix: str) -> list[Any]:
    import_partitura()
    from partitura import load_kern, load_mei, load_musicxml

    load = {".musicxml": load_musicxml, ".mei": load_mei, ".krn": load_kern}[suffix]
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(text)
        file.flush()
        with contextlib.redirect_stdout(io.StringIO()):  # partitura prints some of its warnings
            return list(load(file.name).parts)


def _unreadable(name: str, suffix: str, error: Exception) -> ScoreError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    if suffix == ".musicxml":
        return ScoreError(f"{name}: cannot be read ({reason}); expected a valid score")
    return ScoreError(
        f"{name}: this {suffix[1:]} cannot be read ({reason}); expected a score that partitura "
        "reads. Export it as MusicXML"
    )


def reading_of_parts(
    parts: Sequence[Any], name: str, known: Prepared | None = None
) -> ScoreReading:
    """Return the reading of partitura parts.

    Parameters
    ----------
    parts : sequence of partitura Part
    name : str
        What messages call the score.
    known : Prepared
        What the file says beyond partitura, in which order it is played among others.

    Raises
    ------
    ScoreError
        If no part has notes.
    """
    known = known or Prepared()
    if not any(notes_of(part) for part in parts):
        raise ScoreError(f"{name}: no notes in any part; expected at least one")
    axis = axis_of_parts(parts, known.order)
    metres = _metres(parts, axis)
    tempo = tuple(axis.changes(_tempo(parts, axis)))
    tables: list[NoteTable] = []
    ids: list[str] = []
    for number, part in enumerate(parts, start=1):
        if notes_of(part):
            own_metres = _metres([part], axis, first=number - 1) or metres
            written = written_part(part, number, axis, own_metres, known)
            table, own = played_part(written, axis, name)
            tables.append(_timed(table, tempo, first_source=len(ids)))
            ids += own
    notes = _joined(tables)
    note_ids = tuple(ids[s] for s in notes.source.tolist())
    return ScoreReading(
        notes=notes,
        note_ids=note_ids,
        delay=arpeggio_delays(notes, note_ids, known.arpeggios),
        part_names=tuple(str(p.part_name or f"Part {n}") for n, p in enumerate(parts, start=1)),
        tempo=tempo,
        metres=tuple((when, *metre) for when, metre in axis.changes(metres or [(0.0, (4, 4))])),
    )


def _timed(
    table: NoteTable, tempo: Sequence[tuple[float, float]], *, first_source: int
) -> NoteTable:
    onset = seconds_at(table.onset_beat, tempo)
    end = seconds_at(table.onset_beat + table.duration_beat, tempo)
    source = np.arange(first_source, first_source + len(table))
    return replace(table, onset_sec=onset, duration_sec=np.maximum(end - onset, 0.0), source=source)


def _tempo(parts: Sequence[Any], axis: Axis) -> list[tuple[float, float]]:
    """Return written time and quarter notes a minute from there, from all parts together."""
    from partitura.score import ConstantTempoDirection, Tempo

    changes: dict[float, float] = {}
    words: dict[float, float] = {}
    for number, part in enumerate(parts):
        for mark in part.iter_all(Tempo):
            unit = str(mark.unit or "q")
            per = _UNITS.get(unit[0], 1.0) * (1.5 if unit.endswith(".") else 1.0)
            changes.setdefault(_written_at(axis, number, part, mark), float(mark.bpm) * per)
        for mark in part.iter_all(ConstantTempoDirection, include_subclasses=True):
            known = _WORDS_BPM.get(str(mark.text or "").lower().split(" ")[0])
            if known is not None:
                words.setdefault(_written_at(axis, number, part, mark), known)
    found = changes or words
    usable = {beat: bpm for beat, bpm in found.items() if 5 <= bpm <= 1000}
    usable.setdefault(0.0, next(iter(sorted(usable.items())), (0.0, _DEFAULT_BPM))[1])
    return sorted(usable.items())


def _written_at(axis: Axis, number: int, part: Any, mark: Any) -> float:
    quarter = np.array([float(part.quarter_map(mark.start.t))])
    return round(float(axis.written(number, quarter)[0]), 6)


def seconds_at(beat: FloatColumn, tempo: Sequence[tuple[float, float]]) -> FloatColumn:
    """Return the time in seconds of quarter-note positions under tempo changes."""
    starts = np.array([b for b, _ in tempo])
    per_beat = 60.0 / np.array([bpm for _, bpm in tempo])
    elapsed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * per_beat[:-1])])
    segment = np.maximum(np.searchsorted(starts, beat, side="right") - 1, 0)
    return np.asarray(elapsed[segment] + (beat - starts[segment]) * per_beat[segment])


def _metres(
    parts: Sequence[Any], axis: Axis, *, first: int = 0
) -> list[tuple[float, tuple[int, int]]]:
    """Return written time and metre from there, each from the first part that has one there."""
    found: dict[float, tuple[int, int]] = {}
    for number, part in enumerate(parts, start=first):
        for sign in part.time_sigs:
            metre = (int(sign.beats), int(sign.beat_type))
            found.setdefault(_written_at(axis, number, part, sign), metre)
    return sorted(found.items())


def _joined(tables: Sequence[NoteTable]) -> NoteTable:
    first = tables[0]
    names = list(first.columns())
    joined: dict[str, Any] = {n: np.concatenate([t.columns()[n] for t in tables]) for n in names}
    markings = {n: joined.pop(n) for n in first.markings}
    return replace(first, **joined, markings=markings).canonical()
