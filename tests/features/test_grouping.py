"""The columns of boundaries, long notes, rests and measures that come again, by hand."""

from __future__ import annotations

from math import log2

from by_hand import NONE, Expected, by_hand, performance, score

from humanize.notes import NoteTable


def _two_groups() -> NoteTable:
    """Three notes a beat apart, a rest, and three more; one leap, at the rest."""
    rows = [(0, 1, 60), (1, 1, 62), (2, 1, 64), (6, 1, 76), (7, 1, 74), (8, 1, 72)]
    return score(rows)


def _strengths() -> list[float]:
    """Return the boundaries of ``_two_groups`` between each onset and the next.

    Pitch steps 2 2 12 2 2: the change from 2 to 12 is 10/14 = 5/7. So the strengths are 0,
    2 * 5/7, 12 * 10/7, 2 * 5/7 and 0, over the largest 0, 1/12, 1, 1/12, 0. Intervals 1 1 4 1 1:
    changes 3/5, strengths 0, 3/5, 24/5, 3/5, 0, so 0, 1/8, 1, 1/8, 0. Rests 0 0 3 0 0: changes 1,
    strengths 0, 0, 6, 0, 0, so 0, 0, 1, 0, 0.
    """
    beside = 0.25 / 12 + 0.5 / 8
    return [0, beside, 1, beside, 0, 0]


@by_hand
def test_a_rest_with_a_leap_is_a_boundary() -> tuple[NoteTable, Expected]:
    strength = _strengths()
    mean = sum(strength) / 6  # all six onsets are within eight of each other
    return _two_groups(), {
        "boundary_previous": [0, *strength[:5]],
        "boundary_next1": strength,
        "boundary_next2": [*strength[1:], 0],
        "boundary_next_contrast": [s - mean for s in strength],
        "group_since_beat": [64, 64, 64, 0, 1, 2],
        "group_until_beat": [6, 5, 4, 64, 64, 64],
        "rest_since_beat": [64, 64, 64, 0, 1, 2],
        "rest_until_beat": [6, 5, 4, 64, 64, 64],
        # intervals 1 1 4 1 1, 1.6 in the mean: the third is twice as long
        "long_since_beat": [64, 64, 0, 4, 5, 6],
        "long_until_beat": [2, 1, 0, 64, 64, 64],
    }


@by_hand
def test_even_notes_have_no_boundary() -> tuple[NoteTable, Expected]:
    return score([(at, 1, 60) for at in range(4)]), {
        "boundary_next1": [0, 0, 0, 0],
        "group_until_beat": [64] * 4,
        "long_until_beat": [64] * 4,
        "rest_since_beat": [64] * 4,
    }


@by_hand
def test_patterns_that_an_onset_stands_in() -> tuple[NoteTable, Expected]:
    notes = score([(float(i), 0.5, 60) for i in range(44)])
    # of four onsets 40 are alike, of sixteen 28: those after them take in the last, which leads
    # nowhere. An onset looks at the pattern that begins two (eight) before it, or with the piece.
    four, sixteen = [*42 * [log2(40)], 0, 0], [*36 * [log2(28)], *8 * [0.0]]
    return notes, {
        "rhythm_around4_total": four,
        "melody_around4_total": four,
        "rhythm_around16_total": sixteen,
        "melody_around16_total": sixteen,
    }


@by_hand
def test_measures_that_come_again() -> tuple[NoteTable, Expected]:
    # measures of 4/4: a, a with other pitches, b, a, a chord at the onsets of b
    figures = [
        [(0, 60), (2, 62)],
        [(0, 60), (2, 64)],
        [(0, 60), (1, 62)],
        [(0, 60), (2, 62)],
        [(0, 60), (0, 64), (1, 62)],
    ]
    rows = [(4.0 * m + at, 1.0, p) for m, own in enumerate(figures) for at, p in own]

    def each(*values: float) -> list[float]:
        return [v for v, own in zip(values, figures, strict=True) for _ in own]

    return score(rows), {
        "measure_rhythm_total": each(log2(3), log2(3), 1, log2(3), 1),
        "measure_music_total": each(1, 0, 0, 1, 0),
        "measure_rhythm_before": each(0, 1, 0, 2, 1),
        "measure_rhythm_as_previous": each(0, 1, 0, 0, 0),
        "measure_rhythm_as_next": each(1, 0, 0, 0, 0),
    }


@by_hand
def test_a_performance_has_no_measures() -> tuple[NoteTable, Expected]:
    return performance([(0, 0.5, 60), (1, 0.5, 62)]), {
        "measure_rhythm_total": [NONE, NONE],
        "measure_rhythm_as_next": [NONE, NONE],
        "boundary_next1": [0, 0],  # one step differs from no other
    }
