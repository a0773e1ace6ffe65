"""The columns of fermatas, slurs, fading words, graces and arpeggios ahead, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from by_hand import NONE, Expected, by_hand, score

from humanize.notes import NoteTable


def _marked(**markings: list[float]) -> NoteTable:
    """Six onsets a beat apart, the second of two notes, with these markings."""
    rows = [(0, 1, 60), (1, 1, 48), (1, 1, 62), (2, 1, 64), (3, 1, 65), (4, 1, 67), (5, 1, 69)]
    columns = {name: np.array(values, dtype=np.float64) for name, values in markings.items()}
    return replace(score(rows), markings=columns)


@by_hand
def test_a_fermata_in_a_chord_and_one_later() -> tuple[NoteTable, Expected]:
    return _marked(fermata=[0, 0, 1, 0, 0, 1, 0]), {
        "fermata_until_beat": [1, 0, 0, 2, 1, 0, 64],
        "fermata_since_beat": [64, 0, 0, 1, 2, 0, 1],
    }


@by_hand
def test_a_slur() -> tuple[NoteTable, Expected]:
    notes = _marked(slur_start=[0, 0, 1, 0, 0, 0, 0], slur_end=[0, 0, 0, 0, 0, 1, 0])
    return notes, {
        "slur_start_until_beat": [1, 0, 0, 64, 64, 64, 64],
        "slur_start_since_beat": [64, 0, 0, 1, 2, 3, 4],
        "slur_end_until_beat": [4, 3, 3, 2, 1, 0, 64],
        "slur_end_since_beat": [64, 64, 64, 64, 64, 0, 1],
    }


@by_hand
def test_a_word_that_is_in_force_counts_where_it_begins() -> tuple[NoteTable, Expected]:
    return _marked(word_fading=[0, 0, 0, 1, 1, 0, 1]), {
        "fading_until_beat": [2, 1, 1, 0, 2, 1, 0],
        "fading_since_beat": [64, 64, 64, 0, 1, 2, 0],
    }


@by_hand
def test_graces_arpeggios_and_ornaments_of_the_next_beat() -> tuple[NoteTable, Expected]:
    notes = _marked(
        grace=[1, 1, 1, 0, 0, 0, 0], arpeggio=[0, 1, 0, 0, 0, 0, 0], ornament=[0, 0, 0, 0, 0, 1, 0]
    )
    return notes, {
        "grace_next1beat_count": [2, 0, 0, 0, 0, 0, 0],
        "arpeggio_next1beat_count": [1, 0, 0, 0, 0, 0, 0],
        "ornament_next1beat_count": [0, 0, 0, 0, 1, 0, 0],
    }


@by_hand
def test_what_a_source_cannot_say_is_missing() -> tuple[NoteTable, Expected]:
    return _marked(slur=[0, 0, 0, 0, 0, 0, 0]), {
        "fermata_until_beat": [NONE] * 7,
        "fading_since_beat": [NONE] * 7,
        "grace_next1beat_count": [NONE] * 7,
    }


@by_hand
def test_a_rit_and_after_it() -> tuple[NoteTable, Expected]:
    return _marked(slowing=[0, 0.25, 0, 0.5, 0, 0, 0.6]), {
        "slowing_share": [0, 0.25, 0.25, 0.5, 0, 0, 0.6],
        "slowing_until_beat": [1, 0, 0, 3, 2, 1, 0],
        "slowing_since_beat": [64, 0, 0, 1, 2, 3, 0],
        "slowing_ended_since_beat": [64, 64, 64, 64, 0, 1, 2],
    }


@by_hand
def test_an_accel() -> tuple[NoteTable, Expected]:
    return _marked(hurrying=[0.15, 0.5, 0.5, 0, 0, 0, 0]), {
        "hurrying_share": [0.15, 0.5, 0.5, 0, 0, 0, 0],
        "hurrying_until_beat": [0, 64, 64, 64, 64, 64, 64],
        "hurrying_since_beat": [0, 1, 1, 2, 3, 4, 5],
        "hurrying_ended_since_beat": [64, 64, 64, 0, 1, 2, 3],
    }


@by_hand
def test_words_of_tempo_that_a_source_cannot_say() -> tuple[NoteTable, Expected]:
    return _marked(slur=[0, 0, 0, 0, 0, 0, 0]), {
        "slowing_share": [NONE] * 7,
        "hurrying_ended_since_beat": [NONE] * 7,
    }
