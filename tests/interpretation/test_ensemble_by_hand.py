"""Several instruments together, at and beside every threshold, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from known_models import model_of, notes_of

from humanize.interpretation.dynamics import is_mix, level_word, mix_groups, with_shared_levels
from humanize.interpretation.ensemble import balanced, bass_part, lift, phrase_level, soloist
from humanize.interpretation.interpret import Settings, interpret
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import Shaping
from humanize.notes import DRUMS, NoteTable

PITCH = model_of({"pitch": 1})
Line = tuple[int, int, Sequence[float]]  # program, pitch, onsets


def together(*lines: Line, drums: Sequence[float] = ()) -> NoteTable:
    """Return instruments of one pitch each, in canonical order."""
    rows = [(t, p, n, program) for n, (program, p, onsets) in enumerate(lines) for t in onsets]
    rows += [(t, 36, DRUMS, 0) for t in drums]
    onset, pitch, instrument, program = zip(*sorted(rows), strict=True)
    notes = notes_of(pitch, onset, instrument)
    return replace(notes, program=np.array(program), track=np.array(instrument) + 1)


def test_a_phrase_reaches_just_eight_beats_twice() -> None:
    onset = np.array([0.0, 8.0, 16.0, 24.25])
    values = np.array([0.0, 30.0, 60.0, 90.0])
    # once: 15 30 45, and the last alone; then the means of these
    assert phrase_level(values, onset).tolist() == [22.5, 30.0, 37.5, 90.0]


def test_the_lift_is_what_is_lacking_above_the_others_at_the_time() -> None:
    notes = together((40, 72, [0, 10, 20]), (0, 48, [0, 10, 20]))
    velocity = np.array([40.0, 50.0, 60.0, 50.0, 80.0, 50.0])  # below and above, onset by onset
    below, above = (np.flatnonzero(notes.instrument == n) for n in (1, 0))
    assert lift(velocity, notes, above, below, 6.0).tolist() == [0, 16, 36]
    assert lift(velocity, notes, above, below, 0.0).tolist() == [0, 10, 30]
    assert lift(velocity, notes, above, below[[0, 2]], 6.0).tolist() == [0, 16, 36]


@pytest.mark.parametrize(("program", "alone"), [(0, True), (23, True), (24, False), (40, False)])
def test_a_keyboard_is_a_piano_percussion_with_pitch_or_an_organ(program: int, alone: bool) -> None:
    notes = together((52, 72, [0, 1, 2]), (program, 48, [0, 1, 2]))
    assert (soloist(notes) == 0) == alone
    assert soloist(together((52, 72, [0, 1]), (0, 48, [0, 1]), (0, 50, [0, 1]))) is None
    assert soloist(together((52, 72, [0, 1]))) is None
    assert soloist(together((52, 72, [0]), (0, 48, [0]))) == 0
    # drums are no third instrument
    assert soloist(together((52, 72, [0, 1]), (0, 48, [0, 1]), drums=[0, 1])) == 0


def test_a_soloist_has_a_chord_at_a_tenth_of_its_onsets_at_most() -> None:
    def found(chords: int) -> int | None:
        onsets = [float(i) for i in range(11 - chords)]
        return soloist(together((52, 72, [*onsets, *onsets[:chords]]), (0, 48, [0, 1])))

    assert found(0) == found(1) == 0  # one of ten steps
    assert found(2) is None


def test_the_lowest_of_three_lines_without_a_keyboard_is_their_bass() -> None:
    three = [(40, 76, [0, 1]), (42, 43, [0, 1]), (41, 60, [0, 1])]
    assert bass_part(together(*three)) == 1
    assert bass_part(together(*three[:2])) is None
    assert bass_part(together(*three, (0, 50, [0, 1]))) is None
    assert bass_part(together(*three[:2], drums=[0, 1])) is None


def test_a_bass_rises_two_above_the_inner_parts_and_not_above_the_top() -> None:
    notes = together((40, 76, [0, 1]), (41, 60, [0, 1]), (42, 43, [0, 1]))
    own = np.select([notes.instrument == n for n in (0, 1)], [90.0, 60.0], 50.0)
    at = {n: balanced(own, own, notes, 1.0)[notes.instrument == n].tolist() for n in range(3)}
    assert at == {0: [90, 90], 1: [60, 60], 2: [62, 62]}
    part = balanced(own, own, notes, 0.25)[notes.instrument == 2]
    assert part.tolist() == [56, 56]  # half of the lift: twice the balance, at most the whole


def test_balance_adds_the_phrase_of_what_hearing_together_says() -> None:
    # two keyboards: nobody is lifted
    notes = together((0, 72, [0, 10]), (1, 48, [0, 10]))  # further apart than a phrase
    own = np.full(4, 60.0)
    other = np.array([50.0, 70.0, 40.0, 90.0])
    assert balanced(own, other, notes, 0.5).tolist() == [55, 65, 50, 75]
    assert balanced(own, other, notes, 0.0).tolist() == [60] * 4


def test_balance_hears_pitched_instruments_together_where_there_are_several() -> None:
    notes = together((0, 72, [0, 20, 40]), (1, 48, [0]), drums=[0, 1])
    size = model_of({"piece_notes": 1})
    alone = [0, np.log2(3), np.nan]
    for balance, expected in ((0.0, alone), (1.0, [2, 2, np.nan])):
        found = predict_notes(notes, size, balance=balance)
        for instrument, value in zip((1, 0, DRUMS), expected, strict=True):
            own = found[notes.instrument == instrument]
            np.testing.assert_allclose(own, np.full(len(own), value), rtol=1e-5)
    single = together((0, 72, [0, 20, 40]), drums=[0])
    found = predict_notes(single, size, balance=1.0)
    np.testing.assert_allclose(found[single.instrument == 0], [np.log2(3)] * 3, rtol=1e-5)


def test_literal_mixes_the_prediction_and_the_level() -> None:
    notes = replace(notes_of([50, 70, 60]), markings={"notated_level": np.full(3, 80.0)})
    model = model_of({"pitch": 1}, "marked")
    for literal, expected in ((0.25, [55, 75, 65]), (0.5, [60, 80, 70]), (1.0, [70, 90, 80])):
        found = predict_notes(notes, model, literal=literal)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_mean_that_is_kept_narrows_the_shape_where_it_would_leave_the_range() -> None:
    shaping = Shaping(range=(40, 100))
    predicted, groups = np.array([50.0, 60.0, 70.0]), np.zeros(3, dtype=np.int64)

    def kept(mean: int, contrast: float = 1.0) -> list[int]:
        own = replace(shaping, contrast=contrast)
        return own.apply(predicted, np.full(3, mean), groups=groups).tolist()

    assert kept(70) == [60, 70, 80]
    assert kept(70, 3.0) == [40, 70, 100]  # just within
    assert kept(70, 6.0) == [40, 70, 100]
    assert kept(95) == [90, 95, 100]  # by half
    assert kept(44) == [40, 44, 48]
    assert kept(100) == [100, 100, 100]


def test_groups_keep_means_of_their_own() -> None:
    predicted = np.array([50.0, 70.0, 20.0, 30.0, np.nan])
    original = np.array([80, 90, 40, 40, 7])
    found = Shaping().apply(predicted, original, groups=np.array([1, 1, 2, 2, 2]))
    assert found.tolist() == [75, 95, 35, 45, 7]


def test_every_note_may_have_a_strength() -> None:
    predicted, original = np.array([40.0, 80.0, 60.0]), np.full(3, 60)
    found = Shaping().apply(predicted, original, strength=np.array([0.0, 0.5, 1.0]))
    assert found.tolist() == [60, 70, 60]
    nothing = Shaping().apply(predicted, original, strength=np.zeros(3))
    assert nothing.tolist() == [60, 60, 60]
    notes = replace(notes_of([40, 80]), track=np.array([1, 2]))
    settings = Settings(model=PITCH, dynamics="ignore", track_strength={"2": 0.5})
    result = interpret(notes, settings, track_names=["", ""])
    assert result.velocity.tolist() == [40, 72]
    none = interpret(notes, replace(settings, track_strength={"2": 0.0}), track_names=["", ""])
    assert none.changed.tolist() == [True, False]
    assert none.velocity.tolist() == [40, 64]


def test_a_mix_has_instruments_whose_tracks_have_one_velocity_each() -> None:
    notes = together((0, 72, [0, 1]), (1, 48, [0, 1]))
    assert is_mix(replace(notes, velocity=np.array([50, 90, 50, 90])))
    assert not is_mix(replace(notes, velocity=np.array([50, 90, 51, 90])))
    drums = together((0, 72, [0, 1]), drums=[0, 1])
    assert not is_mix(drums)
    mixed = replace(
        together((0, 72, [0, 1]), (1, 48, [0, 1]), drums=[0, 1]),
        velocity=np.array([1, 50, 90, 2, 50, 90]),
    )
    assert is_mix(mixed)


def test_tracks_of_one_instrument_at_velocities_of_their_own_are_groups() -> None:
    notes = notes_of([60, 61, 62, 63], instrument=[0, 0, 0, 1])
    notes = replace(notes, track=np.array([1, 2, 3, 4]), velocity=np.array([50, 90, 50, 50]))
    first, second, third, other = mix_groups(notes).tolist()
    assert first == third and len({first, second, other}) == 3
    uneven = replace(notes, track=np.array([1, 1, 2, 3]))
    first, second, third, other = mix_groups(uneven).tolist()
    assert first == second == third != other


def test_an_instrument_without_dynamics_has_the_mean_of_those_in_force_in_the_others() -> None:
    notes = together((0, 72, [0, 2, 9]), (1, 60, [1, 8]), (2, 48, [1, 4]))
    level, slope = np.full(len(notes), np.nan), np.full(len(notes), np.nan)
    for instrument, when, value, ramp in (
        (1, 1, 40, 2),
        (1, 8, 80, 0),
        (2, 1, 60, 4),
        (2, 4, 20, 0),
    ):
        row = (notes.instrument == instrument) & (notes.onset_beat == when)
        level[row], slope[row] = value, ramp
    marked = replace(notes, markings={"notated_level": level, "notated_level_slope": slope})
    found = with_shared_levels(marked)
    silent = notes.instrument == 0
    # before the first, the first; at beat 2 those of 1; at 9 those of 8 and of 4
    assert found.marking("notated_level")[silent].tolist() == [50, 50, 50]
    assert found.marking("notated_level_slope")[silent].tolist() == [3, 3, 0]
    np.testing.assert_array_equal(found.marking("notated_level")[~silent], level[~silent])


@pytest.mark.parametrize(
    ("velocity", "word"),
    [(1, "ppp"), (24, "ppp"), (25, "pp"), (33, "pp"), (49, "p"), (64, "mp"), (80, "mf"), (96, "f"),
     (112, "ff"), (126, "fff"), (127, "fff"), (88.1, "f")],
)  # fmt: skip
def test_a_velocity_is_the_nearest_dynamic(velocity: float, word: str) -> None:
    assert level_word(velocity) == word
