"""Compositions are told by their music: within a corpus across its splits, and across corpora."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from miniature import write_corpus
from smf_builder import encode

from humanize.corpus import asap
from humanize.corpus.content import (
    SAME_COMPOSITION,
    cleared_of,
    find_overlaps,
    runs,
    top_line,
    with_shared_compositions,
)
from humanize.corpus.pieces import Corpus, Origin, Piece
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

ORIGIN = Origin("none", "none", "nobody")


def table(line: list[int], *, below: int = 12) -> NoteTable:
    """One note each half beat, and an octave below every other of them."""
    upper = [(i / 2, 0.5, pitch, 0) for i, pitch in enumerate(line)]
    lower = [(i / 2, 0.5, pitch - below, 1) for i, pitch in enumerate(line) if i % 2 == 0]
    return read_midi(encode(upper + lower)).pieces[0]


def piece(name: str, notes: NoteTable, composer: str = "A", split: str = "train") -> Piece:
    return Piece(
        origin=ORIGIN,
        id=name,
        composer=composer,
        title=name,
        split=split,
        notes=notes,
        performances=(),
    )  # type: ignore[arg-type]


THEME = [60, 64, 67, 65, 62, 69, 71, 60, 72, 68]
OTHER = [72, 71, 67, 69, 72, 64, 65, 74, 70, 61]


def test_the_top_line_is_the_highest_note_of_every_onset() -> None:
    assert top_line(table(THEME)).tolist() == THEME


def test_notes_struck_together_by_a_player_are_one_onset() -> None:
    notes = table(THEME)
    late = np.where(notes.pitch < 60, 0.03, 0.0)  # the lower hand comes 30 ms after
    performed = replace(notes, timing="performed", onset_sec=notes.onset_sec + late)
    assert top_line(performed).tolist() == THEME
    apart = replace(performed, onset_sec=notes.onset_sec + 3 * late)
    assert len(top_line(apart)) > len(THEME)


def test_a_run_is_seven_intervals() -> None:
    found = runs(table(THEME))
    intervals = [4, 3, -2, -3, 7, 2, -11]  # of the first eight notes, by hand
    assert sum((step + 64) * 128**place for place, step in enumerate(intervals)) in found
    assert len(found) == len(THEME) - 7
    assert len(runs(table(THEME[:7]))) == 0


def test_repeats_and_keys_do_not_count() -> None:
    once, twice = runs(table(THEME)), runs(table(THEME * 3))
    assert set(once) <= set(twice)
    assert len(twice) == len(THEME)  # every run that begins at one of the ten notes
    assert runs(table([p + 5 for p in THEME])).tolist() == once.tolist()


def test_scales_trills_and_repeated_notes_say_nothing() -> None:
    chromatic, trill = list(range(60, 80)), [60, 62] * 10
    assert (
        len(runs(table(chromatic))) == len(runs(table(trill))) == len(runs(table([60] * 20))) == 0
    )


def test_the_share_is_of_the_shorter_piece() -> None:
    own = piece("own", table(THEME * 2))  # ten runs
    longer = piece("longer", table([p + 2 for p in THEME * 2] + OTHER * 2))
    (found,) = find_overlaps([own], [longer])
    assert found.share == 1.0
    assert not find_overlaps([own], [piece("other", table(OTHER * 2))])
    assert not find_overlaps([own], [own])


def test_a_corpus_is_cleared_of_held_out_music() -> None:
    corpus = Corpus("c", (piece("a", table(THEME * 2)), piece("b", table(OTHER * 2))))
    kept = cleared_of(corpus, [piece("x", table([p - 3 for p in THEME * 2]), "B", "test")])
    assert [p.id for p in kept.pieces] == ["b"]
    assert kept.excluded == (("a", "shares 1.00 of its top line with B/x"),)


def test_one_composition_has_one_name() -> None:
    same, key = table(THEME * 2), table([p + 1 for p in THEME * 2])
    both = table(THEME * 2 + OTHER * 2)  # a file that holds two pieces joins them
    made = with_shared_compositions([
        piece("a", same), piece("b", table(OTHER * 2)), piece("c", key, "B"), piece("d", both),
    ])  # fmt: skip
    assert {p.composition for p in made} == {"A/a"}
    apart = with_shared_compositions([piece("a", same), piece("b", table(OTHER * 2))])
    assert [p.composition for p in apart] == ["A/a", "A/b"]


def leaks(pieces: tuple[Piece, ...]) -> list[str]:
    """Pairs of one music in two splits, or in one split under two names of held-out music."""
    return [
        f"{o.first.id} ({o.first.split}), {o.second.id} ({o.second.split}): {o.share:.2f}"
        for o in find_overlaps(pieces, pieces)
        if o.first.split != o.second.split
    ]


def test_no_music_stands_in_two_splits(tmp_path: Path) -> None:
    pieces = asap.load_scores(write_corpus(tmp_path)).pieces
    assert leaks(pieces) == []
    planted = replace(next(p for p in pieces if p.split == "test"), split="train", id="planted")
    assert len(leaks((*pieces, planted))) == 2  # found from either side


def test_no_music_of_asap_stands_in_two_splits(asap_pieces: tuple[Piece, ...]) -> None:
    assert leaks(asap_pieces) == []
    toccata = [p for p in asap_pieces if p.composition == "Schumann/Toccata"]
    assert len(toccata) > 1
    assert {p.split for p in toccata} == {"test"}


def test_splits_by_title_alone_leak(asap_pieces: tuple[Piece, ...]) -> None:
    as_titled = tuple(
        replace(p, split="train") if "Toccata_repeat" in p.id else p for p in asap_pieces
    )
    found = leaks(as_titled)
    assert found
    assert all("Toccata" in pair for pair in found)


def test_other_corpora_have_nothing_that_is_held_out(
    asap_pieces: tuple[Piece, ...], other_corpora: list[Corpus]
) -> None:
    held_out = [piece for piece in asap_pieces if piece.split != "train"]
    for corpus in other_corpora:
        found = find_overlaps(corpus.pieces, held_out, above=SAME_COMPOSITION)
        assert [(o.first.id, o.second.id) for o in found] == []
