from __future__ import annotations

import random

import numpy as np
from smf_builder import encode, header, music, note, track

from humanize.corpus.alignment import align_performance
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable

SCORE = [
    (0.0, 1.0, 60, 0),
    (0.0, 1.0, 64, 0),
    (1.0, 1.0, 62, 0),
    (2.0, 1.0, 60, 0),
    (3.0, 1.0, 67, 0),
]


def performed(notes: list[tuple[float, int]]) -> NoteTable:
    """Onset in seconds and pitch of each note, at 120 beats a minute, 480 ticks each."""
    events = [e for at, pitch in notes for e in note(round(at * 960), round(at * 960) + 90, pitch)]
    return read_midi(header(0, 1, 480) + track(events)).pieces[0]


def rows_of(notes: list[tuple[float, int]]) -> dict[tuple[float, int], int]:
    table = performed(notes)
    rows = align_performance(read_midi(encode(SCORE)).pieces[0], table)
    at = np.round(table.onset_sec, 3).tolist()
    return dict(zip(zip(at, table.pitch.tolist(), strict=True), rows.tolist(), strict=True))


def test_a_faithful_performance_meets_every_note() -> None:
    found = rows_of([(0.1, 60), (0.12, 64), (0.8, 62), (1.3, 60), (2.2, 67)])
    assert list(found.values()) == [0, 1, 2, 3, 4]


def test_what_is_added_left_out_or_wrong_has_no_row() -> None:
    found = rows_of([(0.1, 60), (0.12, 64), (0.5, 90), (1.3, 60), (2.2, 66)])
    assert found == {(0.1, 60): 0, (0.12, 64): 1, (0.5, 90): -1, (1.3, 60): 3, (2.2, 66): -1}


def test_of_two_equal_pitches_the_nearer_is_taken() -> None:
    found = rows_of([(0.1, 64), (0.8, 62), (1.3, 60), (2.2, 67)])  # the first C was not played
    assert found[1.3, 60] == 3
    assert found[0.1, 64] == 1


def test_rubato_does_not_matter() -> None:
    draw = random.Random(1)
    written = sorted(music(3, 200))
    score = read_midi(encode(written)).pieces[0]
    clock, last, played = 0.0, 0.0, []
    for onset, _, pitch, _ in written:
        clock += (onset - last) * draw.uniform(0.4, 1.2)
        last = onset
        played.append((round(clock + draw.uniform(0, 0.01), 3), pitch))
    rows = align_performance(score, performed(played))
    assert (rows >= 0).mean() > 0.98
    assert len(np.unique(rows[rows >= 0])) == (rows >= 0).sum()
