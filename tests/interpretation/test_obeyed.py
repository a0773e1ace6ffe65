"""Words of tempo and pedal marks, obeyed by a performance; by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from by_hand import score

from humanize.interpretation.performing import (
    LIFT_MS,
    PRESS_MS,
    Heard,
    notated_time_map,
    obeyed_tempo,
    predict_pedal,
    predict_tempo,
)
from humanize.notes import NoteTable

ONSET = np.arange(8.0)


def notes(**markings: list[float]) -> NoteTable:
    plain = score([(beat, 1, 60) for beat in range(8)], sec_per_beat=0.5)
    return replace(plain, markings={name: np.array(own) for name, own in markings.items()})


def obeyed(table: NoteTable, period: list[float]) -> np.ndarray:
    return obeyed_tempo(np.array(period), table, ONSET, notated_time_map(table))


def test_a_ritardando_is_slower_than_the_four_beats_before_it() -> None:
    table = notes(slowing=[0, 0, 0, 0, 0.25, 0.5, 0.75, 1])
    found = obeyed(table, [0.0, 0.0, 0.1, 0.1, 0, 0, 0, 0.9])
    # the four beats before: .05 on average; .45 slower by the end, and what is slower stays
    expected = [0, 0, 0.1, 0.1, 0.05 + 0.1125, 0.05 + 0.225, 0.05 + 0.3375, 0.9]
    np.testing.assert_allclose(found, expected)


def test_an_accelerando_is_quicker() -> None:
    table = notes(hurrying=[0, 0, 0.5, 1, 0, 0, 0, 0])
    found = obeyed(table, [0.0] * 8)
    np.testing.assert_allclose(found, [0, 0, -0.065, -0.13, 0, 0, 0, 0])


def test_a_notated_slowing_is_not_made_twice() -> None:
    table = notes(slowing=[0, 0, 0, 0, 0.25, 0.5, 0.75, 1])
    sec = np.cumsum([0, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8])  # the last beat is .8 s: log 1.6
    slower = replace(table, onset_sec=sec, duration_sec=np.diff(np.append(sec, sec[-1] + 0.8)))
    np.testing.assert_allclose(obeyed(slower, [0.0] * 8), 0)


def test_words_in_two_places_are_apart() -> None:
    table = notes(slowing=[0, 1, 0, 0, 0, 0, 1, 0])
    found = obeyed(table, [0.0] * 8)
    # the second begins from the mean of the four beats before it, 0
    np.testing.assert_allclose(found, [0, 0.45, 0, 0, 0, 0, 0.45, 0])


def test_pedal_marks_are_followed_where_they_are_known() -> None:
    table = notes(
        pedal_pressed=[1, 0, 1, 0, 0, 0, 0, 0],
        pedal_lifted=[0, 0, 1, 1, 0, 0, 0, 0],
        pedal_known=[1, 1, 1, 1, 0, 0, 0, 0],
    )
    likely = np.array([0.9, 0.9, 0.1, 0.1, 0.1, 0.8, 0.1, 0.1])  # three expected: 0, 1 and 5
    heard = Heard(
        notes=table,
        rows=np.arange(8),
        predicted={"pedal_lift": likely, "pedal_press": likely},
    )
    lift, press = predict_pedal(heard, ONSET)
    np.testing.assert_array_equal(np.flatnonzero(lift == LIFT_MS), [2, 3, 5])
    np.testing.assert_array_equal(np.flatnonzero(press == PRESS_MS), [0, 2, 5])


def test_a_pedal_is_changed_where_a_measure_begins_over_another_bass() -> None:
    rows = [(beat, 1, low) for beat, low in enumerate((48, 52, 55, 52, 48, 55, 50, 57))]
    rows += [(8.0, 1, 43), (9.0, 1, 50), (10.0, 1, 55), (11.0, 1, 50), (12.0, 1, 48)]
    table = score(rows, sec_per_beat=0.5)
    onset = np.arange(13.0)
    press = np.array([0.9] + [0.01] * 12)  # once, and never let up
    heard = Heard(
        notes=table,
        rows=np.arange(13),
        predicted={"pedal_lift": np.full(13, 0.01), "pedal_press": press},
    )
    lift, down = predict_pedal(heard, onset)
    # the second measure has the bass of the first; the third and the fourth have others
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(lift)), [8, 12])
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(down)), [0, 8, 12])


def test_an_octave_is_no_other_bass() -> None:
    rows = [(float(beat), 1.0, 48 if beat < 4 else 36) for beat in range(8)]
    heard = Heard(
        notes=score(rows),
        rows=np.arange(8),
        predicted={"pedal_lift": np.full(8, 0.01), "pedal_press": np.array([0.9] + [0.01] * 7)},
    )
    lift, _ = predict_pedal(heard, ONSET)
    assert not np.isfinite(lift).any()


def test_a_model_bends_a_written_tempo_by_a_limit() -> None:
    table = notes()
    heard = Heard(
        notes=table,
        rows=np.arange(8),
        predicted={"log_beat_period": np.array([0.0, 0, 0, 0, 0, 0, 0, 3.0])},
    )
    found = predict_tempo(heard, ONSET)
    # less what makes the whole as long as written: the last beat is .8 slower than that, at most
    plain = np.array([0.0] * 7 + [3.0])
    limited = np.clip(plain - np.log(np.mean(np.exp(plain))), -0.8, 0.8)
    np.testing.assert_allclose(found, limited - np.log(np.mean(np.exp(limited))))
