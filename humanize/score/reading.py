"""Scores to note tables with the composer's markings: one engine for every format.

A reader of each format hands on what is written; from there all go one way. What is read is the
score as it is played: repeats, endings and jumps in their order, ties joined, grace notes before
their main note, tempo marks turned into seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from humanize.errors import HumanizeError, ScoreError
from humanize.files import read_input
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.score.arpeggios import arpeggio_delays
from humanize.score.axis import Axis
from humanize.score.dynamics import tempo_of
from humanize.score.instruments import Split, instruments_of
from humanize.score.markings import instrument_markings
from humanize.score.order import order_of_movements
from humanize.score.played import WrittenTable, played_table
from humanize.score.table import Metres, PartRows, written_table
from humanize.score.text import Format, plain_text
from humanize.score.ties import join_ties, leave_out_tablature, play_out
from humanize.score.time_marks import timed_marks
from humanize.score.unplayed import never_played
from humanize.score.written import Arpeggio, Realisation, WrittenPart, WrittenScore

if TYPE_CHECKING:
    from partitura.score import Part, Score

_DEFAULT_BPM = 120.0


@dataclass(frozen=True, kw_only=True)
class ScoreReading:
    """A read score.

    Attributes
    ----------
    notes : NoteTable
        All parts in canonical order with markings; ``track`` counts parts, ``instrument`` is what
        ``split`` made of them, drums have ``DRUMS``. Where the file gives a note a velocity, it is
        in ``velocity``. ``source`` counts the notes as written, whatever is played again.
    written_ids : tuple of str
        For each note as written its id in the file, or one made of its place.
    places : IntColumn
        For each note as written its place among the notes of a MusicXML file; -1 elsewhere.
    part_names : tuple of str
    measure_labels : tuple of str
        The numbers printed at the measures as written.
    movements : tuple of int
        First measure of each movement, as written, 0-based.
    written_measure : IntColumn
        For each row the measure as written that its note stands in, 0-based.
    tempo : tuple of (float, float)
        Beat and quarter notes a minute from there.
    metres : tuple of (float, int, int)
        Beat, numerator, denominator.
    delay : FloatColumn
        Quarter notes after ``onset_beat`` at which the written MIDI strikes a note: arpeggio signs.
    realisations : mapping of int to Realisation
        How ornaments and tremolos are played, by ``notes.source``.
    is_musicxml : bool
        Whether it came as MusicXML, which takes velocities back.
    messages : tuple of str
        What a user should know, a line each.
    warnings : int
        How many things in the file could not be as they are written.
    """

    notes: NoteTable
    written_ids: tuple[str, ...]
    places: IntColumn
    part_names: tuple[str, ...]
    measure_labels: tuple[str, ...]
    movements: tuple[int, ...]
    written_measure: IntColumn
    tempo: tuple[tuple[float, float], ...]
    metres: tuple[tuple[float, int, int], ...]
    delay: FloatColumn
    realisations: Mapping[int, Realisation] = field(default_factory=dict)
    is_musicxml: bool = False
    messages: tuple[str, ...] = ()
    warnings: int = 0

    @property
    def note_ids(self) -> tuple[str, ...]:
        """For each row the id in the file, with ``-1``, ``-2`` for the times it is played."""
        times: dict[str, int] = {}
        out = []
        for source in self.notes.source.tolist():
            note_id = self.written_ids[source]
            times[note_id] = times.get(note_id, 0) + 1
            out.append(f"{note_id}-{times[note_id]}")
        return tuple(out)


def read_score(
    source: bytes | str | Path | Part | Score, *, name: str | None = None, split: Split = "programs"
) -> ScoreReading:
    """Read a score.

    Parameters
    ----------
    source : bytes, str, Path, partitura Part or Score, or music21 stream
        The content of the file, its path, or an object of another library.
    name : str
        What messages call it; its ending tells the format.
    split : "programs", "parts" or "none"
        What is heard as one instrument: keyboards by their program, brace or name and every other
        part alone; each part; or all.

    Raises
    ------
    ScoreError
        If it cannot be read, is too large, or has no notes.
    """
    if not isinstance(source, bytes | str | Path):
        called = name or "score"
        return _at_border(called, lambda: _from_object(source, called, split))
    called = name if name is not None else "score" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else read_input(Path(source))
    text, written = plain_text(content, called)
    return _at_border(called, lambda: _from_text(text, written, called, split))


def _at_border(name: str, read: Any) -> ScoreReading:
    """Return what is read; what a library raises becomes a ScoreError."""
    try:
        return read()
    except HumanizeError:
        raise
    except (MemoryError, RecursionError):
        raise ScoreError(
            f"{name}: too large or too deep; expected a score of fewer notes"
        ) from None
    except Exception as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ScoreError(
            f"{name}: cannot be read ({reason}); expected a valid score. Open it in a notation "
            "program and export it as MusicXML"
        ) from None


def _from_text(text: bytes, written: Format, name: str, split: Split) -> ScoreReading:
    if written == "musicxml":
        from humanize.score.musicxml import read_musicxml

        return replace(reading_of(read_musicxml(text, name), name, split), is_musicxml=True)
    if written == "abc":
        from humanize.score.abc import read_abc

        return reading_of(read_abc(text, name), name, split)
    from humanize.score.mei import read_mei
    from humanize.score.verovio_mei import as_mei

    return reading_of(read_mei(as_mei(text, written, name), name), name, split)


def _from_object(source: Any, name: str, split: Split) -> ScoreReading:
    if type(source).__module__.partition(".")[0] == "music21":
        from music21.musicxml.m21ToXml import GeneralObjectExporter

        text = plain_text(GeneralObjectExporter(source).parse(), "music21.musicxml")[0]
        return replace(_from_text(text, "musicxml", name, split), is_musicxml=False)
    from humanize.score.partitura_parts import written_of_partitura

    return reading_of(written_of_partitura(source), name, split)


def reading_of(score: WrittenScore, name: str, split: Split) -> ScoreReading:
    """Return the reading of a written score.

    Parameters
    ----------
    score : WrittenScore
    name : str
        What messages call it.
    split : "programs", "parts" or "none"

    Raises
    ------
    ScoreError
        If no part has notes, or too many are played.
    """
    messages = [*score.messages, *leave_out_tablature(score.parts)]
    for part in score.parts:
        play_out(part, name)
    if not any(part.notes for part in score.parts):
        raise ScoreError(f"{name}: no notes in any part; expected at least one")
    order = order_of_movements(score.bars, score.movements, score.sections)
    axis = Axis.of(score.lengths, order)
    if not axis.spans:
        raise ScoreError(f"{name}: measures without any length; expected notes that last")
    for part in score.parts:
        join_ties(part.notes, axis.begins)
    tempo = axis.changes(_tempo(score.parts, axis))
    written = _written_notes(score, axis, split)
    tables = [played_table(table, axis, name) for table, _ in written]
    notes = _joined([_timed(table, tempo) for table in tables])
    if not len(notes):
        raise ScoreError(
            f"{name}: none of its notes is played; expected some within its measures and repeats"
        )
    if not notes.is_bearable():
        raise ScoreError(f"{name}: it lasts for years; expected a piece. Mend its tempo marks")
    sources = _Sources.of([rows for _, rows in written])
    metres = axis.changes(_metres(score.parts, axis) or [(0.0, (4, 4))])
    return ScoreReading(
        notes=notes,
        written_ids=sources.ids,
        places=sources.places,
        part_names=tuple(part.name for part in score.parts),
        measure_labels=tuple(score.labels),
        movements=tuple(score.movements),
        written_measure=sources.measures[notes.source],
        tempo=tuple(tempo),
        metres=tuple((when, *metre) for when, metre in metres),
        delay=arpeggio_delays(notes, sources.arpeggios),
        realisations=sources.realisations,
        messages=(*messages, *never_played(score, axis)),
        warnings=score.warnings,
    )


def _written_notes(
    score: WrittenScore, axis: Axis, split: Split
) -> list[tuple[WrittenTable, PartRows]]:
    """Return the notes of each part that has some as written, with their markings."""
    common = _metres(score.parts, axis)
    firsts = instruments_of(score.parts, split)
    found: list[tuple[WrittenTable, PartRows]] = []
    marks = timed_marks(score.parts, axis)
    before = 0
    for first in dict.fromkeys(firsts):
        rows = [
            PartRows.of(part, number, axis)
            for number, (part, own) in enumerate(zip(score.parts, firsts, strict=True), start=1)
            if own == first and part.notes
        ]
        columns = instrument_markings(rows, axis, marks) if rows else []
        for own_rows, markings in zip(rows, columns, strict=True):
            metres = _metres([own_rows.part], axis) or common
            table = written_table(
                own_rows, axis, metres, instrument=first, movements=score.movements
            )
            source = table.source + before
            before += len(table)
            table = replace(table, markings=markings, source=source)
            found.append((WrittenTable(table=table, place=own_rows.belongs()), own_rows))
    return found


@dataclass(frozen=True, kw_only=True)
class _Sources:
    """What is known of the notes as written, in the order of ``NoteTable.source``."""

    ids: tuple[str, ...]
    places: IntColumn
    measures: IntColumn
    arpeggios: dict[int, Arpeggio]
    realisations: dict[int, Realisation]

    @classmethod
    def of(cls, parts: Sequence[PartRows]) -> _Sources:
        notes = [note for rows in parts for note in rows.notes]
        numbered = list(enumerate(notes))
        return cls(
            ids=tuple(note.note_id for note in notes),
            places=np.array([note.place for note in notes], dtype=np.int64),
            measures=np.array([note.measure for note in notes], dtype=np.int64),
            arpeggios={n: note.arpeggio for n, note in numbered if note.arpeggio is not None},
            realisations={
                n: note.realisation for n, note in numbered if note.realisation is not None
            },
        )


def _timed(table: NoteTable, tempo: Sequence[tuple[float, float]]) -> NoteTable:
    onset = seconds_at(table.onset_beat, tempo)
    end = seconds_at(table.onset_beat + table.duration_beat, tempo)
    return replace(table, onset_sec=onset, duration_sec=np.maximum(end - onset, 0.0))


def _tempo(parts: Sequence[WrittenPart], axis: Axis) -> list[tuple[float, float]]:
    """Return written time and quarter notes a minute from there, from all parts together.

    Words count where no part has a number.
    """
    changes: dict[float, float] = {}
    words: dict[float, float] = {}
    for part in parts:
        for mark in part.marks:
            if mark.kind == "tempo":
                changes.setdefault(round(axis.written(mark.measure, mark.quarter), 6), mark.value)
            elif mark.kind == "words" and (tempo := tempo_of(mark.text)) is not None:
                words.setdefault(round(axis.written(mark.measure, mark.quarter), 6), tempo)
    found = changes or words
    found.setdefault(0.0, next(iter(sorted(found.items())), (0.0, _DEFAULT_BPM))[1])
    return sorted(found.items())


def seconds_at(beat: FloatColumn, tempo: Sequence[tuple[float, float]]) -> FloatColumn:
    """Return the time in seconds of quarter-note positions under tempo changes."""
    starts = np.array([b for b, _ in tempo])
    per_beat = 60.0 / np.array([bpm for _, bpm in tempo])
    elapsed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * per_beat[:-1])])
    segment = np.maximum(np.searchsorted(starts, beat, side="right") - 1, 0)
    return np.asarray(elapsed[segment] + (beat - starts[segment]) * per_beat[segment])


def _metres(parts: Sequence[WrittenPart], axis: Axis) -> Metres:
    """Return written time and metre from there, each from the first part that has one there."""
    found: dict[float, tuple[int, int]] = {}
    for part in parts:
        for mark in part.marks:
            if mark.kind == "metre":
                when = round(axis.written(mark.measure, mark.quarter), 6)
                found.setdefault(when, (int(mark.value), int(mark.other)))
    return sorted(found.items())


def _joined(tables: Sequence[NoteTable]) -> NoteTable:
    first = tables[0]
    names = list(first.columns())
    joined: dict[str, Any] = {n: np.concatenate([t.columns()[n] for t in tables]) for n in names}
    markings = {n: joined.pop(n) for n in first.markings}
    return replace(first, **joined, markings=markings).canonical()
