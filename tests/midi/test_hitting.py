"""Drums moved by themselves: order of a limb, flams, the beginning and the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from smf_builder import header, note, track

import humanize
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.reading import read_midi
from humanize.midi.retiming import write_performance

ROOT = Path(__file__).parents[2]
BEAT = (ROOT / "examples" / "rock_beat.mid").read_bytes()
TICK_MS = 500 / 480  # 120 a minute, 480 to a quarter note


def drums(*strokes: tuple[int, int, int]) -> bytes:
    """Strokes as first tick, last tick and note number."""
    events = [e for on, off, number in strokes for e in note(on, off, number, channel=9)]
    return header(0, 1, 480) + track(events)


def moved(data: bytes, lag_ticks: dict[tuple[int, int], float]) -> dict[int, list[tuple[int, int]]]:
    """Return first and last ticks by number once (tick, number) lags by so many ticks."""
    reading = read_midi(data)
    notes = reading.pieces[0]
    lag = [
        lag_ticks.get((round(b * 480), p), 0.0) * TICK_MS
        for b, p in zip(notes.onset_beat.tolist(), notes.pitch.tolist(), strict=True)
    ]
    neutral = PerformanceParameters.neutral(notes)
    parameters = replace(neutral, drum_lag_ms=np.array(lag))
    after = read_midi(write_performance(data, reading, [parameters], Writing())).pieces[0]
    found: dict[int, list[tuple[int, int]]] = {}
    for b, d, p in zip(after.onset_beat, after.duration_beat, after.pitch.tolist(), strict=True):
        found.setdefault(p, []).append((round(b * 480), round((b + d) * 480)))
    return found


def test_a_hit_takes_its_end_along() -> None:
    data = drums((0, 100, 36), (480, 600, 38), (960, 1000, 36), (1920, 2000, 36))
    found = moved(data, {(480, 38): 12, (960, 36): -7})
    assert found == {36: [(0, 100), (953, 993), (1920, 2000)], 38: [(492, 612)]}


def test_nothing_before_the_first_and_past_the_end() -> None:
    data = drums((0, 100, 36), (480, 500, 38), (960, 980, 36))
    found = moved(data, {(0, 36): -20, (960, 36): 100})
    assert found[36] == [(0, 100), (979, 980)]


def test_a_limb_keeps_its_order() -> None:
    # two hands 60 ticks apart: each less than half way; the foot is free
    data = drums((0, 10, 36), (480, 490, 38), (540, 550, 42), (540, 550, 36), (1920, 1930, 36))
    found = moved(data, {(480, 38): 50, (540, 42): -50, (540, 36): -50})
    assert found[38] == [(509, 519)]
    assert found[42] == [(511, 521)]
    assert found[36][1] == (490, 500)


def test_a_flam_moves_as_one() -> None:
    data = drums((0, 10, 36), (460, 470, 38), (480, 490, 38), (1920, 1930, 36))
    found = moved(data, {(460, 38): -30, (480, 38): 15})
    assert found[38] == [(475, 485), (495, 505)]
    at_start = drums((0, 10, 38), (20, 30, 38), (1920, 1930, 36))
    assert moved(at_start, {(20, 38): -15, (1920, 36): 0})[38] == [(0, 10), (20, 30)]


def test_strokes_of_one_key_stay_apart() -> None:
    data = drums((0, 480, 42), (480, 960, 42), (960, 970, 42), (1920, 1930, 36))
    found = moved(data, {(480, 42): -10, (960, 42): 10})
    assert found[42] == [(0, 470), (470, 950), (970, 980)]


def test_strokes_that_sound_into_each_other_keep_their_ends() -> None:
    data = drums((0, 700, 42), (480, 1100, 42), (1920, 1930, 36))
    assert moved(data, {(480, 42): 20})[42] == [(0, 700), (500, 1100)]


def test_no_lag_moves_nothing_and_notes_without_one_stay() -> None:
    reading = read_midi(BEAT)
    neutral = PerformanceParameters.neutral(reading.pieces[0])
    assert write_performance(BEAT, reading, [neutral]) == BEAT
    nothing = replace(neutral, drum_lag_ms=np.full(len(neutral), np.nan))
    assert write_performance(BEAT, reading, [nothing]) == BEAT


@pytest.mark.parametrize("write", ["tempo", "notes"])
def test_a_beat_is_performed(write: str) -> None:
    result = humanize.perform_bytes(BEAT, name="beat.mid", write=write)  # type: ignore[arg-type]
    before, after = read_midi(BEAT), read_midi(result.bytes)
    old, new = before.pieces[0], after.pieces[0]
    assert after.tempo_bpm == before.tempo_bpm  # the tempo is not touched
    assert new.onset_beat.min() >= 0
    for numbers in ([36, 35], [44], [38, 42, 46, 49, 50, 45, 43]):
        own = np.isin(old.pitch, numbers), np.isin(new.pitch, numbers)
        assert own[0].sum() == own[1].sum()
    shift = np.sort(new.onset_beat[new.pitch == 36]) - np.sort(old.onset_beat[old.pitch == 36])
    assert np.abs(shift).max() > 0
    assert np.abs(shift).max() < 0.125


def test_the_amount_of_timing_scales_lags_and_strength_does_not() -> None:
    def onsets(**options: object) -> list[float]:
        result = humanize.perform_bytes(BEAT, **options)  # type: ignore[arg-type]
        return read_midi(result.bytes).pieces[0].onset_beat.tolist()

    still = onsets(timing=0.0)
    assert still == read_midi(BEAT).pieces[0].onset_beat.tolist()
    assert onsets(strength=0.0) == onsets()
    half, whole = np.array(onsets(timing=0.5)), np.array(onsets(timing=1.0))
    assert np.abs(half - still).sum() == pytest.approx(np.abs(whole - still).sum() / 2, rel=0.2)


def test_drums_of_a_mixed_file_stay_unless_asked_for() -> None:
    reading = read_midi(BEAT)
    parameters = PerformanceParameters.neutral(reading.pieces[0])
    assert parameters.take_notes(np.array([0, 1])).drum_lag_ms.tolist() == []
    assert replace(parameters, drum_lag_ms=np.ones(len(parameters))).take_notes(
        np.array([1])
    ).drum_lag_ms.tolist() == [1.0]
