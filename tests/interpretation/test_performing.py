"""What a model of straight lines makes of a few notes, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from performing_bundle import write_bundle
from smf_builder import header, note, track

from humanize.errors import ModelError
from humanize.expression import PEDAL_LIFT, PEDAL_PRESS, TEMPO
from humanize.interpretation import performing, prediction
from humanize.interpretation.performing import (
    LIFT_MS,
    PRESS_MS,
    at_onsets,
    at_written_tempi,
    hear,
    notated_time_map,
    perform,
    predict_pedal,
)
from humanize.interpretation.timing import TimeMap
from humanize.midi.reading import read_midi
from humanize.models import Model, load_model
from humanize.models.members import Line
from humanize.notes import NoteTable

COMMON_TIME = (0, b"\xff\x58\x04\x04\x02\x18\x08")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = write_bundle(tmp_path_factory.mktemp("m") / "lines", conditions=("flat", "marked"))
    return load_model(folder)


def table(rows: list[tuple[float, float, int]], *, micros: int = 500_000) -> NoteTable:
    """Return notes of onset, duration (quarter notes) and pitch."""
    events = [(0, b"\xff\x51\x03" + micros.to_bytes(3, "big")), COMMON_TIME]
    for onset, length, pitch in rows:
        events += note(round(onset * 480), round((onset + length) * 480), pitch)
    return read_midi(header(0, 1, 480) + track(sorted(events, key=lambda e: e[0]))).pieces[0]


def test_tempo_is_the_model_s_and_the_whole_keeps_its_length(model: Model) -> None:
    notes = table([(0, 1, 60), (1, 1, 62), (2, 1, 64), (3, 1, 65)])
    found = perform(notes, model, {"tempo"})
    # the model says .0, .1, .2, .3: less what makes exp of it 1 on average over the four quarters
    said = np.array([0.0, 0.1, 0.2, 0.3])
    expected = said - np.log(np.mean(np.exp(said)))
    np.testing.assert_allclose(found.log_beat_period, expected, atol=1e-6)
    assert not found.asynchrony_ms.any()
    assert not found.log_articulation.any()
    assert not np.isfinite(found.pedal_press_ms).any()


def test_notated_changes_of_tempo_are_not_made_twice(model: Model) -> None:
    """The model predicts seconds per beat; what the tempo map has already is taken off."""
    half, one = b"\xff\x51\x03\x07\xa1\x20", b"\xff\x51\x03\x0f\x42\x40"  # seconds
    events = [(0, half), COMMON_TIME, (960, one)]
    for beat in range(8):
        events += note(beat * 480, beat * 480 + 480, 60 + beat)
    notes = read_midi(header(0, 1, 480) + track(sorted(events, key=lambda e: e[0]))).pieces[0]
    found = perform(notes, model, {"tempo"}).log_beat_period
    # each stretch of one written tempo keeps its length, whatever the model thinks of the change
    said = np.array([0.0, 0.1]), np.array([0.2, 0.3, 0.0, 0.1, 0.2, 0.3])
    expected = np.concatenate([own - np.log(np.mean(np.exp(own))) for own in said])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_written_tempi_keep_their_lengths() -> None:
    notated = TimeMap(beat=np.array([0.0, 2.0, 4.0, 6.0]), sec=np.array([0.0, 4.0, 5.0, 9.0]))
    onset = np.arange(6.0)
    found = at_written_tempi(np.array([0.5, 0.5, 0.1, 0.3, -0.4, 0.0]), onset, notated)
    played = np.exp(found).reshape(3, 2).mean(axis=1)
    np.testing.assert_allclose(played, 1)
    np.testing.assert_allclose(np.diff(found)[::2], [0, 0.2, 0.4])


def test_graces_keep_their_speed(model: Model) -> None:
    notes = table([(0, 1, 60), (1, 0.05, 62), (1.05, 0.95, 64), (2, 1, 65), (3, 1, 67)])
    period = perform(notes, model, {"tempo"}).log_beat_period
    # the onset at 1 is .05 before the next: it goes with what lies around it, 0 and 1.05
    slope = (period[2] - period[0]) / 1.05
    np.testing.assert_allclose(period[1], period[0] + slope, atol=1e-6)


def test_a_fermata_is_held(model: Model) -> None:
    notes = table([(0, 1, 60), (1, 1, 62), (2, 1, 64), (3, 1, 65)])
    fermata = replace(notes, markings={"fermata": np.array([0.0, 0, 1, 0])})
    period = perform(fermata, model, {"tempo"}).log_beat_period
    assert period[2] == pytest.approx(np.log(1.8))
    plain = perform(notes, model, {"tempo"}).log_beat_period
    np.testing.assert_allclose(period[[0, 1, 3]], plain[[0, 1, 3]])


def test_notes_of_a_chord_are_apart_around_its_mean(model: Model) -> None:
    notes = table([(0, 1, 60), (0, 1, 64), (0, 1, 67), (1, 1, 72)])
    found = perform(notes, model, {"timing"}).asynchrony_ms
    # the model says 60 - pitch: 0, -4, -7 around their mean -11/3; a single note stays
    np.testing.assert_allclose(found, [11 / 3, -1 / 3, -10 / 3, 0.0], atol=1e-5)


def test_articulation_and_what_is_selected(model: Model) -> None:
    notes = table([(0, 1, 60), (0, 1, 64), (1, 1, 72)])
    chosen = np.array([True, False, True])
    found = perform(notes, model, {"timing", "articulation", "tempo"}, selected=chosen)
    np.testing.assert_allclose(found.log_articulation, [-0.5, 0.0, -0.5])
    assert found.asynchrony_ms[1] == 0.0
    assert found.asynchrony_ms[0] != 0.0
    assert found.log_beat_period.any()  # tempo belongs to all


def test_the_pedal_changes_as_often_as_expected_and_where_likeliest(model: Model) -> None:
    notes = table([(beat, 1, 60) for beat in range(8)])
    onset = np.arange(8.0)
    lift, press = predict_pedal(hear(notes, model, (PEDAL_LIFT, PEDAL_PRESS)), onset)
    # 1 / (1 + e^(2 position)): .5, .119, .018, .002 in each bar, 1.28 in two: one event, the first
    np.testing.assert_array_equal(np.isfinite(lift), [True] + [False] * 7)
    assert lift[0] == LIFT_MS
    assert press[0] == PRESS_MS


def test_means_at_onsets() -> None:
    onset = np.array([0.0, 0.0, 2.0])
    found = at_onsets(np.array([1.0, 3.0, 6.0]), onset, np.array([0.0, 1.0, 2.0]))
    np.testing.assert_allclose(found, [2.0, 4.0, 6.0])


@pytest.mark.parametrize(
    "rows", [[(0, 1, 60)], [(0, 2, 60), (1, 1, 64)], [(3, 0.5, 60), (3, 1, 62)]]
)
def test_notated_time(rows: list[tuple[float, float, int]]) -> None:
    notes = table(rows, micros=400_000)
    times = notated_time_map(notes)
    beats = np.array([rows[0][0], rows[-1][0] + rows[-1][1]])
    np.testing.assert_allclose(np.diff(times.at(beats)), np.diff(beats) * 0.4, atol=1e-6)


def test_a_model_of_velocity_alone_says_so() -> None:
    notes = table([(0, 1, 60), (1, 1, 62)])
    velocity = load_model(Path(__file__).parents[1] / "stored" / "bundle_format_1")
    with pytest.raises(
        ModelError, match="predicts velocity alone, not log_beat_period; expected a"
    ):
        perform(notes, velocity, {"tempo"})


def test_a_long_instrument_is_heard_in_stretches(model: Model, monkeypatch) -> None:
    notes = table([(n / 2, 0.5, 40 + n) for n in range(25)])
    whole = hear(notes, model, (PEDAL_LIFT, PEDAL_PRESS)).predicted
    monkeypatch.setattr(prediction, "_STRETCH", 10)
    monkeypatch.setattr(prediction, "_MARGIN", 3)
    tables = []
    right = performing.feature_table
    monkeypatch.setattr(
        performing, "feature_table", lambda t, names: tables.append(len(t)) or right(t, names)
    )
    found = hear(notes, model, (PEDAL_LIFT, PEDAL_PRESS)).predicted
    assert tables == [13, 16, 8]
    for name, own in whole.items():
        np.testing.assert_allclose(found[name], own, atol=1e-6)


def test_a_slow_part_is_not_levelled_out_by_the_limit_of_a_prediction(model: Model) -> None:
    head = model.head("flat", TEMPO.name)
    steep = replace(head, members=((Line(0.0, {0: 0.25}), 1.0),))
    heads = {**model.route("flat").heads, TEMPO.name: steep}
    other = replace(model, routes={"flat": replace(model.route("flat"), heads=heads)})
    notes = table([(0, 1, 60), (1, 1, 62)])
    far = replace(notes, measure_position_beat=np.array([16.0, 24.0]))
    np.testing.assert_allclose(hear(far, other, (TEMPO,)).predicted[TEMPO.name], [4.0, 6.0])
