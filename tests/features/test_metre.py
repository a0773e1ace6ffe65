"""The columns of metre, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from by_hand import Expected, by_hand, performance, score

from humanize.features import all_features, feature_table
from humanize.notes import NoteTable


@by_hand
def test_positions_in_common_time() -> tuple[NoteTable, Expected]:
    onset = [0, 0.125, 0.2, 0.25, 1 / 3, 0.5, 1, 2, 3, 3.5, 4]
    notes = score([(b, 0.1, 60) for b in onset])
    position = [*onset[:-1], 0]
    return notes, {
        "metrical_strength": [4, 0, 0, 0, 0, 1, 2, 3, 2, 1, 4],
        "measure_position_beat": position,
        "measure_position_share": [p / 4 for p in position],
        "measure_remaining_beat": [4 - p for p in position],
        "measure_length_beat": [4] * 11,
        "metre_numerator": [4] * 11,
        "metre_denominator": [4] * 11,
        "metre_compound": [0] * 11,
        "pulse_position_share": [0, 0.125, 0.2, 0.25, 1 / 3, 0.5, 0, 0, 0, 0.5, 0],
        "subdivision": [0, 3, 5, 2, 4, 1, 0, 0, 0, 1, 0],
    }


@by_hand
def test_positions_in_six_eight() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 0.25, 0.5, 1, 1.5, 2.5, 3)], metre=(6, 8))
    return notes, {
        # the beat is dotted; the measure has two, so that the second is its middle
        "metrical_strength": [4, 0, 1, 1, 3, 1, 4],
        "measure_length_beat": [3] * 7,
        "metre_compound": [1] * 7,
        "metre_numerator": [6] * 7,
        "metre_denominator": [8] * 7,
        "pulse_position_share": [0, 1 / 6, 1 / 3, 2 / 3, 0, 2 / 3, 0],
        "measure_position_share": [0, 1 / 12, 1 / 6, 1 / 3, 1 / 2, 5 / 6, 0],
        "measure_remaining_beat": [3, 2.75, 2.5, 2, 1.5, 0.5, 3],
    }


@by_hand
def test_positions_in_nine_eight() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 1.5, 2.25, 3)], metre=(9, 8))
    return notes, {"metrical_strength": [4, 2, 0, 2], "metre_compound": [1] * 4}


@by_hand
def test_positions_in_three_four() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 1, 1.5, 2)], metre=(3, 4))
    return notes, {"metrical_strength": [4, 2, 1, 2], "metre_compound": [0] * 4}


@by_hand
def test_three_eight_is_not_compound() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 0.5, 0.75)], metre=(3, 8))
    return notes, {"metrical_strength": [4, 2, 1], "metre_compound": [0] * 3}


@by_hand
def test_six_four_is_not_compound() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 1, 3)], metre=(6, 4))
    return notes, {"metrical_strength": [4, 2, 3], "metre_compound": [0] * 3}


@by_hand
def test_positions_in_cut_time() -> tuple[NoteTable, Expected]:
    notes = score([(b, 0.1, 60) for b in (0, 0.5, 1, 2, 3)], metre=(2, 2))
    return notes, {
        "metrical_strength": [4, 0, 1, 3, 1],
        "pulse_position_share": [0, 0.25, 0.5, 0, 0.5],
    }


@by_hand
def test_very_long_measures_are_limited() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (1, 1, 60), (41, 1, 60)], metre=(42, 4))
    return notes, {
        "measure_position_beat": [0, 1, 32],
        "measure_remaining_beat": [32, 32, 1],
        "measure_length_beat": [32] * 3,
        "metre_numerator": [24] * 3,
    }


@by_hand
def test_syncopation_is_what_is_sounded_through() -> tuple[NoteTable, Expected]:
    notes = score([
        (0.5, 1, 60),  # from a half beat (1) through a beat (2)
        (1, 1, 62),  # from a beat up to the middle, not through it
        (1.5, 1, 64),  # from a half beat through the middle (3)
        (5, 2, 60),  # from a beat (2) through the middle (3)
        (7.5, 1, 62),  # from a half beat through the next downbeat (4)
        (8, 4, 60),  # from a downbeat: nothing is stronger
        (12.75, 0.5, 60),  # from a quarter of a beat (0) through a beat
        (14, 1.5, 60),  # from the middle through a beat, which is weaker
        (18, 3, 60),  # from the middle (3) through the next downbeat
    ])  # fmt: skip
    return notes, {"syncopation": [1, 0, 2, 1, 3, 0, 2, 0, 1]}


@by_hand
def test_syncopation_in_three_four_knows_no_middle() -> tuple[NoteTable, Expected]:
    notes = score([(1, 1.5, 60), (0.5 + 3, 1.5, 60), (2 + 6, 2, 60)], metre=(3, 4))
    return notes, {"syncopation": [0, 1, 2]}


@by_hand
def test_usual_places_in_the_measure() -> tuple[NoteTable, Expected]:
    notes = score(
        [(0, 2, 60), (1, 1, 60), (1, 0.5, 64), (4, 1, 62), (6, 0.5, 60), (8, 11, 60)],
        sec_per_beat=0.5,
    )
    # onsets: three on the downbeat, one on the second beat, one on the third
    held = [2, 1, 0.5, 1, 0.5, 8]  # no longer than 8
    whole = sum(held) / 6
    downbeat, second, third = (2 + 1 + 8) / 3, 1.5 / 2, 0.5
    return notes, {
        "onset_share_at_position": [1, 1 / 3, 1 / 3, 1, 1 / 3, 1],
        "accent_share_at_position": [
            v / whole for v in (downbeat, second, second, downbeat, third, downbeat)
        ],
    }


@by_hand
def test_places_are_told_apart_to_a_twelfth_of_a_beat() -> tuple[NoteTable, Expected]:
    # 0.5 and 0.53 are one place, 0.55 is the next; the second measure is empty but for these
    notes = score([(0, 1, 60), (0.5, 1, 60), (4.53, 3, 60), (8.55, 1, 60)])
    return notes, {
        "onset_share_at_position": [0.5, 1, 1, 0.5],
        "accent_share_at_position": [1 / 1.5, 2 / 1.5, 2 / 1.5, 1 / 1.5],
    }


@by_hand
def test_places_beyond_sixty_four_beats_are_one() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (63.5, 1, 60), (64.5, 1, 60), (69, 3, 60)], metre=(70, 4))
    return notes, {
        "onset_share_at_position": [0.5, 0.5, 1, 1],
        "accent_share_at_position": [1 / 1.5, 1 / 1.5, 2 / 1.5, 2 / 1.5],
    }


@by_hand
def test_measures_of_another_length_have_places_of_their_own() -> tuple[NoteTable, Expected]:
    notes = score([(0, 1, 60), (4, 1, 60), (8, 1, 60)])
    changed = replace(notes, metre_numerator=np.array([4, 4, 3]))
    return changed, {
        "onset_share_at_position": [1, 1, 0.5],
        "measure_length_beat": [4, 4, 3],
    }


@by_hand
def test_a_moment_before_a_beat_is_the_beat() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (0.9985, 1, 60), (1.9995, 1, 60)]), {
        "pulse_position_share": [0, 0.9985, 0]
    }


@by_hand
def test_measures_of_two_and_of_four() -> tuple[NoteTable, Expected]:
    notes = score([(4.0 * m, 1, 60) for m in range(6)])
    return notes, {"measure_mod2": [0, 1, 0, 1, 0, 1], "measure_mod4": [0, 1, 2, 3, 0, 1]}


def unknown(notes: NoteTable) -> NoteTable:
    """Return the notes of a file without a time signature, read as 4/4."""
    position = notes.onset_beat % 4
    four = np.full(len(notes), 4)
    return replace(
        notes,
        metre_known=False,
        metre_numerator=four,
        metre_denominator=four,
        measure_position_beat=position,
    )


@by_hand
def test_a_waltz_after_an_upbeat_is_found() -> tuple[NoteTable, Expected]:
    # low basses at 1, 4, 7, 10: chords in between
    rows = [(0.0, 1.0, 72)]
    for bass in (1.0, 4.0, 7.0, 10.0):
        rows += [(bass, 1, 36), (bass + 1, 1, 64), (bass + 2, 1, 64)]
    position = [2, *4 * [0, 1, 2]]
    return unknown(score(rows)), {
        "measure_length_beat": [3] * 13,
        "measure_position_beat": position,
        "metre_numerator": [3] * 13,
        "metre_denominator": [4] * 13,
        "metrical_strength": [4 if p == 0 else 2 for p in position],
    }


@by_hand
def test_what_is_beside_the_grid_says_nothing_of_a_metre() -> tuple[NoteTable, Expected]:
    # strong basses every two beats, a fortieth of a sixteenth late, under a waltz
    rows = [row for k in range(4) for row in (
        (3.0 * k, 1, 36), (3.0 * k + 1, 1, 64), (3.0 * k + 2, 1, 64))]  # fmt: skip
    rows += [(2.0 * k + 0.00625, 4, 36) for k in range(6)]
    return unknown(score(sorted(rows))), {"measure_length_beat": [3] * 18}


def likeliest(notes: NoteTable) -> tuple[float, float]:
    """Return length and phase of the measure by the rule, gone through onset by onset."""
    onsets = sorted(set(notes.onset_beat.tolist()))
    fifth = sorted(notes.pitch.tolist())[int(0.2 * (len(notes) - 1))]
    accents = []
    for onset in onsets:
        own = np.flatnonzero(notes.onset_beat == onset)
        low = notes.pitch[own].min() <= fifth
        lasting = min(float(notes.duration_beat[own].max()), 4.0)
        on_grid = abs(onset * 4 - round(onset * 4)) < 0.02
        accents.append((0.25 + lasting) * (4.0 if low else 1.0) * on_grid)
    found: list[tuple[float, float, float]] = []
    for beats in (2.0, 3.0, 4.0, 1.5):
        places = [0.0] * int(4 * beats)
        for onset, accent in zip(onsets, accents, strict=True):
            places[round(onset * 4) % len(places)] += accent
        middle = sum(places) / len(places)
        score_of = (max(places) / middle - 1) / len(places) ** 0.5
        found.append((score_of, beats, places.index(max(places)) / 4))
    best = max(score_of for score_of, *_ in found)
    return next((beats, phase) for score_of, beats, phase in found if score_of >= best - 1e-9)


@pytest.mark.parametrize("seed", range(120))
def test_an_unknown_metre_is_the_one_whose_accents_fall_together(seed: int) -> None:
    draw = np.random.default_rng(seed)
    onset = np.sort(draw.choice(64, draw.integers(9, 24), replace=False)) / 4
    onset = onset + draw.choice([0, 0, 0, 0.00625], len(onset))
    rows = [
        (float(t), float(draw.choice([0.25, 0.5, 1, 2, 6])), int(draw.integers(36, 84)))
        for t in onset
    ]
    length, phase = likeliest(score(rows))
    names = ["measure_length_beat", "measure_position_beat"]
    found = feature_table(unknown(score(rows)), names).values
    np.testing.assert_allclose(found[:, 0], length)
    position = np.round((onset - phase) % length, 6)
    expected = np.where(position > length - 1e-4, 0, position)
    np.testing.assert_allclose(found[:, 1], expected, atol=1e-5)


@by_hand
def test_groups_of_three_eighths_are_found() -> tuple[NoteTable, Expected]:
    rows = [row for k in range(6) for row in (
        (1.5 * k, 0.5, 36), (1.5 * k + 0.5, 0.5, 64), (1.5 * k + 1, 0.5, 67))]  # fmt: skip
    return unknown(score(rows)), {
        "measure_length_beat": [1.5] * 18,
        "metre_numerator": [3] * 18,
        "metre_denominator": [8] * 18,
        "measure_position_beat": 6 * [0, 0.5, 1],
    }


@by_hand
def test_long_notes_over_the_bass_make_a_measure_of_four() -> tuple[NoteTable, Expected]:
    rows = []
    for downbeat in (0.0, 4.0, 8.0, 12.0):
        rows += [(downbeat, 2, 36), (downbeat + 2, 1, 60), (downbeat + 3, 1, 60)]
    return unknown(score(rows)), {
        "measure_length_beat": [4] * 12,
        "measure_position_beat": 4 * [0, 2, 3],
        "metre_numerator": [4] * 12,
    }


@by_hand
def test_what_only_repeats_two_beats_has_measures_of_two() -> tuple[NoteTable, Expected]:
    rows = [row for k in range(6) for row in ((2.0 * k, 1, 36), (2.0 * k + 1, 1, 60))]
    return unknown(score(rows)), {"measure_length_beat": [2] * 12, "metre_numerator": [2] * 12}


@by_hand
def test_fewer_than_eight_notes_say_nothing_of_a_metre() -> tuple[NoteTable, Expected]:
    rows = [(float(b), 1, 36 if b % 3 == 0 else 64) for b in range(7)]
    return unknown(score(rows)), {"measure_length_beat": [4] * 7}


@pytest.mark.parametrize("name", [f.name for f in all_features() if f.family == "metre"])
def test_a_performance_has_no_metre(name: str) -> None:
    notes = performance([(0, 1, 60), (1, 1, 64)])
    assert np.isnan(feature_table(notes, [name]).values).all()
