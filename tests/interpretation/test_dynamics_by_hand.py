"""Written dynamics, against values worked out by hand at and beside every threshold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from humanize.interpretation.dynamics import (
    Kind,
    classify_dynamics,
    follow_levels,
    notated_velocity,
    with_single_level,
    with_written_dynamics,
    without_markings,
    written_markings,
)
from humanize.notes import DRUMS, NoteTable

NONE = float("nan")


def notes_at(
    onset: Sequence[float],
    velocity: Sequence[int] = (),
    *,
    track: Sequence[int] = (),
    instrument: Sequence[int] = (),
    **markings: Sequence[float],
) -> NoteTable:
    size = len(onset)
    ones = np.ones(size, dtype=np.int64)
    beats = np.array(onset, dtype=np.float64)
    return NoteTable(
        onset_beat=beats,
        duration_beat=np.ones(size),
        onset_sec=beats / 2,
        duration_sec=np.ones(size) / 2,
        pitch=60 + np.arange(size),
        measure=ones,
        measure_position_beat=beats,
        metre_numerator=4 * ones,
        metre_denominator=4 * ones,
        track=np.array(track, dtype=np.int64) if track else ones,
        channel=ones,
        program=0 * ones,
        instrument=np.array(instrument, dtype=np.int64) if instrument else 0 * ones,
        velocity=np.array(velocity, dtype=np.int64) if velocity else 64 * ones,
        source=np.arange(size),
        markings={name: np.array(column, dtype=np.float64) for name, column in markings.items()},
    )


def kind_of(*velocities: int | tuple[int, ...]) -> Kind:
    """Return what velocities are, an onset each, some of chords."""
    chords = [v if isinstance(v, tuple) else (v,) for v in velocities]
    onset = [float(i) for i, own in enumerate(chords) for _ in own]
    flat = [v for own in chords for v in own]
    return classify_dynamics(np.array(flat, dtype=np.int64), np.array(onset))


@pytest.mark.parametrize(
    ("velocities", "kind"),
    [
        ((64, 64, 64, 64, 64), "flat"),
        ((60, 60, 90, 90, 40), "plateaus"),  # two of four steps keep the velocity: just half
        ((60, 60, 90, 90, 40, 80), "performed"),  # two of five
        ((60, 60, 90, 90, 40, 40, 80, 80, 50, 50, 70, 30), "performed"),  # five of eleven
        ((40, 48, 56, 64, 72), "plateaus"),  # four steps of 8: a hairpin
        ((72, 64, 56, 48, 40), "plateaus"),
        ((40, 49, 58, 67, 76), "performed"),  # of 9
        ((40, 45, 50, 55, 90, 20), "performed"),  # three of five steps are small: no hairpin
        ((40, 45, 50, 55, 60, 100, 20), "plateaus"),  # four of six
        ((40, 45, 40, 45, 40), "performed"),  # up and down
        ((40, 45, 50, 50, 55, 60), "performed"),  # two steps, a pause, two steps
        ((40, 45, 50, 60, 65, 70), "performed"),  # a step of 10 in between parts them
        ((60, 70), "plateaus"),  # of three onsets or fewer, two velocities may be dynamics
        ((60, 70, 60), "plateaus"),
        ((60, 70, 80), "performed"),
        ((60, 70, 60, 70), "performed"),  # of four, no longer
        # chords: half of them of one velocity, and every step keeps one
        (((60, 60), (60, 90), (60, 60), (60, 90)), "plateaus"),
        # two of five of one velocity
        (((60, 90), (60, 60), (60, 90), (60, 60), (60, 90)), "performed"),
        # five of eleven of one velocity
        (tuple((60, 60 + 30 * ((i + 1) % 2)) for i in range(11)), "performed"),
        # where neither chord is of one velocity nothing is kept: one of three steps
        (((60, 90), (60, 90), (60, 60), (30, 30)), "performed"),
        (((60, 90), (60, 90), (60, 60), (60, 60)), "plateaus"),
        # above, or below, all velocities of the chord beside it
        (((60, 60), (70, 90), (60, 60), (70, 90), (60, 60)), "performed"),
        (((60, 60), (30, 50), (60, 60), (30, 50), (60, 60)), "performed"),
        (((60, 60), (30, 60), (60, 60), (30, 60), (60, 60)), "plateaus"),
        # a hairpin in the middles of chords, and not in their lowest or highest: 50 56 62 68 74
        ((50, (52, 60), 62, (64, 72), 74), "plateaus"),
    ],
)
def test_velocities_are_taken_for(velocities: tuple, kind: Kind) -> None:
    assert kind_of(*velocities) == kind


@pytest.mark.parametrize("start", [0.0, 1.0, 7.5])
def test_the_first_onset_counts_wherever_it_is(start: float) -> None:
    onset = start + np.arange(5.0)
    assert classify_dynamics(np.array([60, 60, 90, 90, 40]), onset) == "plateaus"
    assert written(60, 64, 72, onset=(start, start + 1, start + 3))["notated_level_slope"][1] == 4


def test_no_velocities_are_flat() -> None:
    assert classify_dynamics(np.zeros(0, dtype=np.int64), np.zeros(0)) == "flat"


def written(*velocities: int, onset: Sequence[float] = ()) -> dict[str, list[float]]:
    when = np.array(onset or range(len(velocities)), dtype=np.float64)
    found = written_markings(np.array(velocities, dtype=np.int64), when)
    return {name: column.tolist() for name, column in found.items()}


def test_an_accent_is_more_than_eight_louder_than_two_onsets_either_side() -> None:
    assert written(60, 60, 68, 60, 60)["accent"] == [0, 0, 0, 0, 0]
    found = written(60, 60, 69, 60, 60)
    assert found["accent"] == [0, 0, 1, 0, 0]
    assert found["notated_level"] == [60, 60, 60, 60, 60]
    assert written(60, 62, 69, 60, 60)["accent"] == [0, 0, 0, 0, 0]
    assert written(62, 60, 69, 60, 60)["accent"] == [0, 0, 0, 0, 0]
    assert written(60, 60, 69, 62, 60)["accent"] == [0, 0, 0, 0, 0]
    assert written(60, 60, 69, 60, 62)["accent"] == [0, 0, 0, 0, 0]
    assert written(80, 60, 60, 69, 60, 60, 80)["accent"][3] == 1  # three away


def test_an_accent_may_be_the_first_note_or_the_last_but_not_the_only_one() -> None:
    assert written(90, 60, 60, 60)["accent"] == [1, 0, 0, 0]
    assert written(60, 60, 60, 90)["notated_level"] == [60, 60, 60, 60]
    assert written(90)["accent"] == [0]


def test_an_accented_note_of_a_chord_has_the_level_of_the_chords_around() -> None:
    found = written(60, 60, 60, 90, 60, 60, 60, onset=(0, 0, 1, 1, 2, 3, 4))
    assert found["accent"] == [0, 0, 0, 1, 0, 0, 0]
    assert found["notated_level"] == [60] * 7


def test_the_level_of_an_accent_is_the_median_or_that_of_the_louder_side() -> None:
    assert written(50, 54, 90, 56, 60)["notated_level"][2] == 55  # of 50 54 56 60
    # sides of 52 and 60 differ by 8: the median; of 52 and 61: the louder, 61
    assert written(50, 54, 90, 58, 62)["notated_level"][2] == 56
    assert written(50, 54, 90, 59, 63)["notated_level"][2] == 61
    assert written(63, 59, 90, 54, 50)["notated_level"][2] == 61


def test_a_slope_is_velocity_per_beat_over_both_neighbours() -> None:
    assert written(60, 64, 72, onset=(0, 1, 3))["notated_level_slope"] == [0, 4, 0]
    assert written(72, 64, 60, onset=(0, 1, 3))["notated_level_slope"] == [0, -4, 0]
    assert written(60, 64, 60)["notated_level_slope"] == [0, 0, 0]
    assert written(60, 60, 64)["notated_level_slope"] == [0, 0, 0]
    assert written(60, 80, 88, 89)["notated_level_slope"] == [0, 14, 4.5, 0]  # steps up to 20
    # 81 - 60 = 21 is no hairpin; 82 is no accent, as 88 comes close
    assert written(60, 81, 88, 89)["notated_level_slope"] == [0, 0, 4, 0]
    assert written(60, 61, 82, 84)["notated_level_slope"] == [0, 0, 0, 0]
    assert written(60, 70)["notated_level_slope"] == [0, 0]


def test_the_slope_of_chords_is_that_of_their_middles() -> None:
    found = written(60, 64, 64, 68, 68, 72, onset=(0, 0, 1, 1, 2, 2))
    assert found["notated_level_slope"] == [0, 0, 4, 4, 0, 0]  # of 62, 66 and 70


PLATEAUS = (60, 60, 60, 90, 90, 90)
PLAYED = (60, 71, 52, 93, 44, 85)


def kinds_and_levels(*instruments: tuple[int, ...], drums: int = 0) -> tuple[dict, list]:
    """Return kinds, and the level of the first note of each of a few instruments."""
    lines = [*instruments, *[(drums,) * 6] * bool(drums)]
    rows = [(float(i), number, v) for number, own in enumerate(lines) for i, v in enumerate(own)]
    onset, number, velocity = zip(*rows, strict=True)
    which = [DRUMS if drums and n == len(instruments) else n for n in number]
    notes, kinds = with_written_dynamics(notes_at(onset, velocity, instrument=which))
    level = notes.marking("notated_level")
    return kinds, [float(level[6 * n]) for n in range(len(instruments))]


def test_instruments_of_one_velocity_have_it_for_a_level_beside_written_dynamics() -> None:
    flat, soft = (64,) * 6, (49,) * 6
    assert kinds_and_levels(flat, PLATEAUS) == ({0: "plateaus", 1: "plateaus"}, [64, 60])
    assert kinds_and_levels(flat, soft) == ({0: "plateaus", 1: "plateaus"}, [64, 49])
    for alone in ((flat, flat), (flat, PLAYED)):
        kinds, levels = kinds_and_levels(*alone)
        assert kinds[0] == "flat"
        assert np.isnan(levels).all()
    kinds, levels = kinds_and_levels(PLATEAUS, PLAYED)
    assert kinds == {0: "plateaus", 1: "performed"}
    assert levels[0] == 60 and np.isnan(levels[1])
    # drums are no instrument that differs
    kinds, levels = kinds_and_levels(flat, drums=100)
    assert kinds == {0: "flat"} and np.isnan(levels).all()


def test_a_track_of_one_velocity_takes_levels_and_slopes_from_the_other() -> None:
    upper = [
        (0.5, 60),
        (1, 60),
        (2, 60),
        (3, 60),
        (4, 64),
        (5, 68),
        (6, 68),
        (7, 90),
        (8, 68),
        (9, 68),
    ]
    lower = [(0.0, 50), (4.5, 50), (5.5, 50), (7.0, 50)]
    rows = sorted([(t, 1, v) for t, v in upper] + [(t, 2, v) for t, v in lower])
    onset, track, velocity = zip(*rows, strict=True)
    notes, kinds = with_written_dynamics(notes_at(onset, velocity, track=track))
    assert kinds == {0: "plateaus"}
    below = notes.track == 2
    # before the first mark what it will be; then the latest: 60, 64, 68, the level of an accent
    assert notes.marking("notated_level")[below].tolist() == [60, 64, 68, 68]
    assert notes.marking("notated_level_slope")[below].tolist() == [0, 4, 0, 0]
    assert notes.marking("accent")[below].tolist() == [0, 0, 0, 0]
    assert notes.marking("accent")[~below].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert notes.marking("notated_level")[~below].tolist() == [
        60,
        60,
        60,
        60,
        64,
        68,
        68,
        68,
        68,
        68,
    ]


def test_two_tracks_one_performed_are_taken_together() -> None:
    rows = [(float(i), t, v) for t, own in ((1, (50,) * 6), (2, PLAYED)) for i, v in enumerate(own)]
    onset, track, velocity = zip(*sorted(rows), strict=True)
    assert with_written_dynamics(notes_at(onset, velocity, track=track))[1] == {0: "performed"}


def test_markings_of_a_score_stay() -> None:
    marked = notes_at(range(6), PLATEAUS, notated_level=[33] * 6)
    assert with_written_dynamics(marked)[0].marking("notated_level").tolist() == [33] * 6
    with_slurs = notes_at(range(6), PLATEAUS, slur=[1] * 6)
    found, _ = with_written_dynamics(with_slurs)
    assert found.marking("notated_level").tolist() == [60, 60, 60, 90, 90, 90]
    assert found.marking("slur").tolist() == [1] * 6
    assert without_markings(found).markings == {}


def test_one_velocity_throughout_is_a_level_where_asked() -> None:
    found = with_single_level(notes_at(range(3), (70, 70, 70)))
    assert found.marking("notated_level").tolist() == [70, 70, 70]
    assert found.marking("notated_level_slope").tolist() == [0, 0, 0]
    assert found.marking("accent").tolist() == [0, 0, 0]
    assert not with_single_level(notes_at(range(3), (70, 70, 71))).markings
    assert list(with_single_level(notes_at(range(3), slur=[0] * 3)).markings) == ["slur"]


def test_a_score_is_played_to_the_letter_by_velocity_then_level_then_mezzo_forte() -> None:
    notes = notes_at(range(3), (0, 0, 1), notated_level=[NONE, 49.5, 100])
    assert notated_velocity(notes).tolist() == [80, 49.5, 1]


def followed(
    predicted: Sequence[float], level: Sequence[float], onset: Sequence[float] = (), **more: list
) -> list[float]:
    notes = notes_at(onset or range(len(level)), notated_level=level, **more)
    shaped = follow_levels(np.array(predicted, dtype=np.float64), notes)
    return np.round(shaped, 6).tolist()


def test_a_passage_has_its_level_in_the_mean_and_the_shape_of_the_prediction() -> None:
    assert followed([50, 70, 60], [80, 80, 80]) == [70, 90, 80]


def test_what_the_prediction_says_along_with_the_level_is_the_level() -> None:
    # ten for every four of level, and a shape of 1, -2, 1 beside it
    assert followed([11, 18, 31], [60, 64, 68]) == [61, 62, 69]


def test_a_passage_goes_on_by_steps_of_eight_and_over_eight_beats() -> None:
    assert followed([50, 70], [60, 60], onset=(0, 8)) == [50, 70]
    assert followed([50, 70], [60, 60], onset=(0, 8.25)) == [60, 60]  # one note each
    # steps of 9: two passages, one note and three
    assert followed([50, 70, 60, 80], [60, 69, 69, 69]) == [60, 69, 59, 79]
    # of 8: one passage, whose prediction rises by 5 from level to level; -5, 10, -5 is left of it
    assert followed([50, 70, 60], [60, 68, 76]) == [55, 78, 71]


def test_of_two_passages_a_note_goes_on_with_the_nearer_then_the_later() -> None:
    # 60 and 70 begin two passages; 66 is nearer to 70; 63 is as near to 60 as to 66, the later
    shaped = followed([50, 50, 60, 70], [60, 70, 66, 63], onset=(0, 0, 1, 2))
    assert shaped[0] == 60  # alone in its passage
    level, predicted = np.array([70, 66, 63.0]), np.array([50, 60, 70.0])
    centred = level - level.mean()
    slope = (centred @ predicted) / (centred @ centred)
    expected = level + predicted - predicted.mean() - slope * centred
    np.testing.assert_allclose(shaped[1:], expected, atol=1e-5)
    # a note as near to both, which begin together, goes on with the first
    shaped = followed([50, 50, 70], [60, 70, 65], onset=(0, 0, 1))
    assert shaped[1] == 70


def test_a_passage_that_ended_long_ago_is_not_taken_up() -> None:
    # the hand at 90 rests from 0 to 9, while that at 60 plays on
    shaped = followed([40, 50, 60, 70, 80], [60, 90, 60, 60, 90], onset=(0, 0, 4, 8, 9))
    assert shaped[1] == 90 and shaped[4] == 90
    assert shaped[0] + shaped[2] + shaped[3] == pytest.approx(180)


def test_notes_without_a_level_stay_as_predicted() -> None:
    assert followed([50, 70, 33, 44], [80, 80, NONE, NONE]) == [70, 90, 33, 44]


def test_an_accent_is_eight_above_two_onsets_either_side() -> None:
    accent = [0, 0, 0, 1, 0, 0, 0]
    level = [60.0] * 7
    predicted = [70, 64, 60, 50, 62, 58, 56]  # 60 in the mean
    assert followed(predicted, level, accent=accent) == [70, 64, 60, 72, 62, 58, 56]
    assert followed(predicted[::-1], level, accent=accent) == [56, 58, 62, 72, 60, 64, 70]
    for name in ("marcato", "sforzando"):
        assert followed(predicted, level, **{name: accent}) == [70, 64, 60, 72, 62, 58, 56]
    for name in ("tenuto", "staccato"):
        assert followed(predicted, level, **{name: accent}) == predicted


def test_an_accent_that_is_loud_already_stays() -> None:
    assert followed([50, 90, 40], [60] * 3, accent=[0, 1, 0]) == [50, 90, 40]
    assert followed([50, 57, 73], [60] * 3, accent=[0, 1, 0]) == [50, 81, 73]


def test_beside_an_accent_nothing_is_louder_than_119() -> None:
    level = [125.0] * 7
    shaped = followed([125] * 7, level, accent=[0, 0, 0, 1, 0, 0, 0])
    assert shaped == [125, 119, 119, 127, 119, 119, 125]


def test_an_accent_rises_above_the_notes_of_its_own_chord() -> None:
    shaped = followed([50, 70, 60], [60] * 3, onset=(0, 0, 1), accent=[1, 0, 0])
    assert shaped == [78, 70, 60]


def test_an_accent_alone_stays() -> None:
    assert followed([50, 70], [60, 60], accent=[1, 1]) == [50, 70]
    assert followed([50], [60], accent=[1]) == [60]


def test_two_accents_rise_above_what_is_between() -> None:
    shaped = followed([60, 50, 70, 50, 70], [60] * 5, accent=[0, 1, 0, 1, 0])
    assert shaped == [60, 78, 70, 78, 70]
