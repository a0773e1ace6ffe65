"""The pedal in written rests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_models import notes_of

from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.rests import SHORTEST_REST_SEC, let_up_in_rests, silences
from humanize.interpretation.timing import TimeMap
from humanize.notes import NoteTable

ONSET = np.array([0.0, 1.0, 4.0, 5.0])
NONE = np.nan


def table(*, sec_per_beat: float = 0.5) -> NoteTable:
    """Notes at 0, 1, 4 and 5; the second ends at 2, so that 2 to 4 is a rest."""
    notes = notes_of([60, 62, 64, 65])
    return replace(
        notes,
        onset_beat=ONSET,
        duration_beat=np.ones(4),
        onset_sec=ONSET * sec_per_beat,
        duration_sec=np.full(4, sec_per_beat),
    )


def let_up(
    lift: list[float],
    press: list[float],
    *,
    written: tuple[int, ...] = (),
    sec_per_beat: float = 0.5,
) -> tuple[list[float], list[float]]:
    notes = table(sec_per_beat=sec_per_beat)
    parameters = replace(
        PerformanceParameters.neutral(notes),
        pedal_lift_ms=np.array(lift),
        pedal_press_ms=np.array(press),
    )
    played = TimeMap(beat=np.array([0.0, 6.0]), sec=np.array([0.0, 6 * sec_per_beat]))
    found = let_up_in_rests(
        parameters, notes, played, np.isin(range(4), written), lift_ms=44.0, press_ms=153.0
    )
    return found.pedal_lift_ms.tolist(), found.pedal_press_ms.tolist()


def test_where_the_sound_has_ended() -> None:
    np.testing.assert_array_equal(silences(table(), ONSET), [0, 1, 2, 5])
    held = replace(table(), duration_beat=np.array([6.0, 1, 1, 1]))
    np.testing.assert_array_equal(silences(held, ONSET), ONSET)


def test_a_pedal_is_let_up_where_the_rest_begins_and_pressed_again() -> None:
    lift, press = let_up([NONE] * 4, [153, NONE, NONE, NONE])
    np.testing.assert_array_equal(lift, [NONE, NONE, 44 - 1000, NONE])
    np.testing.assert_array_equal(press, [153, NONE, 153, NONE])


def test_a_change_after_the_rest_is_a_lift_in_it() -> None:
    lift, press = let_up([NONE, NONE, 44, NONE], [153, NONE, 153, NONE])
    np.testing.assert_array_equal(lift, [NONE, NONE, 44 - 1000, NONE])
    np.testing.assert_array_equal(press, [153, NONE, 153, NONE])
    lift, press = let_up([NONE, NONE, 44, NONE], [153, NONE, NONE, NONE])
    np.testing.assert_array_equal(press, [153, NONE, NONE, NONE])
    assert lift[2] == 44 - 1000


@pytest.mark.parametrize(
    ("lift", "press", "more"),
    [
        ([NONE, 44, NONE, NONE], [153, NONE, NONE, NONE], {}),  # it is up already
        ([NONE] * 4, [NONE, NONE, NONE, 153], {}),
        ([NONE] * 4, [153, NONE, NONE, NONE], {"written": (0, 1)}),  # the composer holds it
        ([NONE] * 4, [153, NONE, NONE, NONE], {"sec_per_beat": SHORTEST_REST_SEC / 2 - 0.01}),
    ],
)
def test_what_stays(lift: list[float], press: list[float], more: dict) -> None:
    found = let_up(lift, press, **more)
    np.testing.assert_array_equal(found[0], lift)
    np.testing.assert_array_equal(found[1], press)
