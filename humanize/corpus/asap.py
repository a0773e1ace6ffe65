"""The (n)ASAP corpus: scores and aligned piano performances.

Foscarin et al., ASAP, ISMIR 2020; Peter et al., TISMIR 6(1), 2023. CC BY-NC-SA 4.0. The folder
holds ``metadata.csv`` with the public columns and a column ``split`` (train, validation, test).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from humanize.corpus.matchfile import Match, read_match
from humanize.corpus.pieces import (
    PIANO,
    Corpus,
    Origin,
    Performance,
    Piece,
    SplitName,
    performance_of_file,
)
from humanize.errors import CorpusError
from humanize.midi.reading import read_midi
from humanize.notes import FloatColumn, IntColumn, NoteTable

ORIGIN = Origin("asap", "CC BY-NC-SA 4.0", "(n)ASAP v2.1 (Foscarin et al. 2020; Peter et al. 2023)")

MIN_SHARE = 0.95
"""Share of aligned score notes that must be found in the score's MIDI file; below it, the score
is taken from the alignment instead (another unfolding of the repeats, or a file that drifts)."""

CORRECTIONS = {("Schumann", "Toccata_repeat"): {"title": "Toccata", "split": "test"}}
"""What ``metadata.csv`` says otherwise of a composition: the Toccata is in test, and so is the
Toccata with its repeat, which the metadata have in train under a name of its own."""

_PER_BEAT = 24  # onsets are compared on this grid
_OFFSETS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
_SPLITS = ("train", "validation", "test")


def load_scores(folder: Path, *splits: SplitName) -> Corpus:
    """Load scores in notated time with every performance aligned to them.

    Parameters
    ----------
    folder : Path
        Where ``metadata.csv`` lies.
    *splits : "train", "validation" or "test"
        Which to load; all by default.

    Raises
    ------
    CorpusError
        If the folder is not laid out as the corpus is.
    """
    pieces: list[Piece] = []
    excluded: list[tuple[str, str]] = []
    for score, rows in _by_score(folder, splits):
        matches = []
        for row in rows:
            try:
                matches.append((row, read_match(folder / row["match_file"])))
            except FileNotFoundError:
                excluded.append((row["match_file"] or row["midi_performance"], "no alignment"))
            except CorpusError as error:
                excluded.append((row["match_file"], str(error).partition(": ")[2]))
        pieces += _pieces_of_score(folder, score, matches)
    return Corpus(ORIGIN.name, tuple(pieces), tuple(excluded))


def load_performed(folder: Path, *splits: SplitName) -> Corpus:
    """Load every performed MIDI file as a piece of its own, in the player's timing."""
    pieces = []
    for row in _metadata(folder, splits):
        path = folder / row["midi_performance"]
        reading = read_midi(path.read_bytes(), name=str(path), drums=(), key_switches=False)
        performance = performance_of_file(row["midi_performance"], reading, robust=_robust(row))
        pieces.append(_piece(performance.id, row, reading.pieces[0], [performance]))
    return Corpus(f"{ORIGIN.name}-performed", tuple(pieces))


def _metadata(folder: Path, splits: tuple[SplitName, ...]) -> list[dict[str, str]]:
    path = folder / "metadata.csv"
    if not path.is_file():
        raise CorpusError(f"{folder}: no metadata.csv; expected the folder of the ASAP corpus")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    needed = {"composer", "title", "midi_score", "midi_performance", "match_file", "split"}
    if not rows or not needed <= rows[0].keys():
        raise CorpusError(f"{path}: columns missing; expected {', '.join(sorted(needed))}")
    corrected = [row | CORRECTIONS.get((row["composer"], row["title"]), {}) for row in rows]
    return [row for row in corrected if row["split"] in (splits or _SPLITS)]


def _by_score(
    folder: Path, splits: tuple[SplitName, ...]
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for row in _metadata(folder, splits):
        groups.setdefault(row["midi_score"], []).append(row)
    yield from groups.items()


def _pieces_of_score(
    folder: Path, score: str, matches: list[tuple[dict[str, str], Match]]
) -> list[Piece]:
    reading = read_midi((folder / score).read_bytes(), name=score, **PIANO)
    notes = reading.pieces[0]
    whole: list[Performance] = []
    ids = [""] * len(notes)
    others: list[tuple[dict[str, str], Match]] = []
    for row, match in matches:
        rows = align(notes, match)
        if (rows >= 0).mean() >= MIN_SHARE:
            whole.append(_performance(row, match, rows))
            _note_ids(ids, match, rows)
        else:
            others.append((row, match))
    pieces = [_piece(score, matches[0][0], notes, whole, ids)] if whole else []
    while others:
        piece, others = _from_matches(f"{score}#{len(pieces) + 1}", others, reading.tempo_bpm)
        pieces.append(piece)
    return pieces


def _from_matches(
    name: str, matches: list[tuple[dict[str, str], Match]], tempo_bpm: tuple[float, ...]
) -> tuple[Piece, list[tuple[dict[str, str], Match]]]:
    """Return a piece made of the longest match's score and all that fit it, and the others."""
    row, longest = max(matches, key=lambda pair: len(pair[1].note_id))
    notes = longest.to_notes(float(np.median(tempo_bpm)))
    row_of = {longest.note_id[source]: i for i, source in enumerate(notes.source.tolist())}
    performances, others = [], []
    for pair in matches:
        rows = np.array([row_of.pop(n, -1) for n in pair[1].note_id], dtype=np.int64)
        row_of |= {n: r for n, r in zip(pair[1].note_id, rows.tolist(), strict=True) if r >= 0}
        if (rows >= 0).mean() >= MIN_SHARE:
            performances.append(_performance(*pair, rows))
        else:
            others.append(pair)
    ids = [longest.note_id[source] for source in notes.source.tolist()]
    return _piece(name, row, notes, performances, ids), others


def _note_ids(ids: list[str], match: Match, rows: IntColumn) -> None:
    for row, note_id in zip(rows.tolist(), match.note_id, strict=True):
        if row >= 0 and not ids[row]:
            ids[row] = note_id


def align(notes: NoteTable, match: Match) -> IntColumn:
    """Return the row of the note table for each score note of a match; -1 where there is none.

    Both start at their own zero; the offset between them that lets most notes meet in onset and
    pitch is taken.
    """
    table = _keys(notes.onset_beat, notes.pitch)
    first = float(match.onset_beat.min())
    offsets = dict.fromkeys((*_OFFSETS, float(notes.onset_beat[0]) - first, -first))
    known = np.unique(table)
    scored = [
        (float(np.isin(_keys(match.onset_beat + o, match.pitch), known).mean()), -abs(o), o)
        for o in offsets
    ]
    return _meet(table, _keys(match.onset_beat + max(scored)[2], match.pitch))


def _keys(onset: FloatColumn, pitch: IntColumn) -> IntColumn:
    return np.round(onset * _PER_BEAT).astype(np.int64) * 128 + pitch


def _meet(table: IntColumn, wanted: IntColumn) -> IntColumn:
    """Return for each wanted key the row of a table key not yet taken, or -1."""
    waiting: dict[int, list[int]] = {}
    for row, key in enumerate(table.tolist()):
        waiting.setdefault(key, []).append(row)
    rows = [waiting[k].pop(0) if waiting.get(k) else -1 for k in wanted.tolist()]
    return np.array(rows, dtype=np.int64)


def _performance(row: dict[str, str], match: Match, rows: IntColumn) -> Performance:
    played = (rows >= 0) & (match.velocity > 0)
    return Performance(
        id=row["midi_performance"],
        rows=rows[played],
        velocity=match.velocity[played].astype(np.float64),
        robust=_robust(row),
        share=float((rows >= 0).mean()),
        onset_sec=match.onset_sec[played],
        offset_sec=match.offset_sec[played],
        pedals=match.pedals,
    )


def _robust(row: dict[str, str]) -> bool:
    return row.get("robust_note_alignment", "") in ("1", "1.0", "True")


def _piece(
    name: str,
    row: dict[str, str],
    notes: NoteTable,
    performances: list[Performance],
    note_ids: Sequence[str] = (),
) -> Piece:
    return Piece(
        id=name,
        origin=ORIGIN,
        composer=row["composer"],
        title=row["title"],
        split=cast(SplitName, row["split"]),
        notes=notes,
        performances=tuple(performances),
        note_ids=tuple(note_ids),
        score=row.get("xml_score", ""),
    )
