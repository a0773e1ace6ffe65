"""Performances written into small files, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from performed_smf import events_of, is_record, performance, read, tempo, text
from smf_builder import header, note, track

from humanize.errors import InputError, MidiError
from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.midi.clock import read_clock
from humanize.midi.piece_events import distance_to_settings
from humanize.midi.retiming import effective_mode, write_performance
from humanize.midi.smf import scan

A = np.array


def test_tempo_error_does_not_add_up() -> None:
    notes = [n for beat in range(3000) for n in note(480 * beat, 480 * beat + 400, 60)]
    data = header(0, 1, 480) + track([(0, tempo(333_333)), *notes])
    reading = read(data)
    own = performance(reading.pieces[0], 5, timing=0, articulation=0)
    out = scan(write_performance(data, reading, [own]), name="t")
    elapsed = np.cumsum(np.exp(own.log_beat_period)) * 0.333333
    clock = read_clock(out, out.tracks)
    error = clock.sec(480 * np.arange(1, 3000)) - elapsed[:-1]
    assert np.abs(error).max() < 0.001
    assert len(out.tracks[0].tempos) <= 3001


def test_tempi_by_hand() -> None:
    """Two tempi in the file; the second quarter twice as slow, the third twice as fast."""
    notes = [n for beat in (0, 1, 2, 3) for n in note(480 * beat, 480 * beat + 480, 60)]
    data = header(1, 2, 480) + track([(0, tempo(600_000)), (960, tempo(300_000))]) + track(notes)
    reading = read(data)
    own = replace(
        PerformanceParameters.neutral(reading.pieces[0]),
        log_beat_period=np.log([1.0, 2.0, 0.5, 1.0]),
    )
    out = write_performance(data, reading, [own])
    wanted = [(0, 600_000), (480, 1_200_000), (960, 150_000), (1440, 300_000)]
    assert scan(out, name="t").tracks[0].tempos == wanted
    assert events_of(out)[1] == events_of(data)[1]


def test_a_beat_gets_a_second_tempo_where_an_onset_would_be_over_10_ms_off() -> None:
    # two eighths of a half-second beat: 250 + d and 250 - d ms
    notes = [n for k in range(3) for n in note(240 * k, 240 * k + 240, 60 + k)]
    data = header(0, 1, 480) + track([(0, tempo(500_000)), *notes])
    reading = read(data)
    neutral = PerformanceParameters.neutral(reading.pieces[0])
    for shift, count in ((0.009, 1), (0.011, 2)):
        log = np.log([(0.25 + shift) / 0.25, (0.25 - shift) / 0.25, 1.0])
        out = write_performance(data, reading, [replace(neutral, log_beat_period=log)])
        inside = [t for t, _ in scan(out, name="t").tracks[0].tempos if t < 480]
        assert len(inside) == count


def chord(extra: list[tuple[int, bytes]], *, at: int = 480) -> bytes:
    first = note(0, 240, 50)
    notes = [e for pitch in (60, 64, 67) for e in note(at, at + 480, pitch)]
    return header(0, 1, 480) + track([*first, *extra, *notes, *note(2000, 2200, 72)])


def onsets(data: bytes) -> dict[int, int]:
    return {e.message[1]: e.tick for e in events_of(data)[0] if e.message[0] == 0x90}


def moved(data: bytes, asynchrony: list[float], mode: str = "tempo") -> dict[int, int]:
    reading = read(data)
    own = replace(PerformanceParameters.neutral(reading.pieces[0]), asynchrony_ms=A(asynchrony))
    out = write_performance(data, reading, [own], Writing(mode=mode))  # type: ignore[arg-type]
    before = onsets(data)
    return {pitch: tick - before[pitch] for pitch, tick in onsets(out).items()}


def test_asynchrony_by_hand() -> None:
    # at 120 a minute a tick of 480 is 1.042 ms; the middle note stays
    assert moved(chord([]), [0, 4, 1, -5, 0]) == {50: 0, 60: 3, 64: 0, 67: -6, 72: 0}
    # 30 ms are 28.8 ticks, where a chord may be 14 wide: all in proportion
    assert moved(chord([]), [0, 11, 1, -19, 0]) == {50: 0, 60: 5, 64: 0, 67: -9, 72: 0}
    in_notes = moved(chord([]), [0, 11, 1, -19, 0], mode="notes")
    assert in_notes == {50: 0, 60: 10, 64: 0, 67: -19, 72: 0}
    # the tempo at the onset counts, not the one at the end: 4 and 5 ms
    slower = chord([(600, tempo(4_000_000))])
    assert moved(slower, [0, 4, 1, -5, 0]) == {50: 0, 60: 3, 64: 0, 67: -6, 72: 0}
    # the first chord of all never begins earlier
    assert moved(chord([], at=0), [8, 4, 1, -5, 0])[67] == 0


def test_a_note_never_goes_before_its_program_or_bend() -> None:
    for setting in (b"\xc0\x10", b"\xe0\x00\x40", b"\xb0\x7b\x00", b"\xb0\x00\x01"):
        found = moved(chord([(480, setting)]), [0, 4, 1, -5, 0])
        assert found == {50: 0, 60: 3, 64: 0, 67: 0, 72: 0}
        found = moved(chord([(482, setting)]), [0, 4, 1, -5, 0])
        assert found == {50: 0, 60: 1, 64: 0, 67: -6, 72: 0}
    assert moved(chord([(480, b"\xc1\x10")]), [0, 4, 1, -5, 0])[67] == -6


def test_articulation_by_hand() -> None:
    data = chord([])
    reading = read(data)
    neutral = PerformanceParameters.neutral(reading.pieces[0])
    held = replace(neutral, log_articulation=np.log([0.5, 0.25, 1.5, 0.01, 1.0]))
    out = write_performance(data, reading, [held])
    ends = {e.message[1]: e.tick for e in events_of(out)[0] if e.message[0] == 0x80}
    assert ends == {50: 120, 60: 600, 64: 1200, 67: 495, 72: 2200}  # 15 ticks: a 1/128 note


def test_hands_in_tracks_of_their_own_may_be_further_apart() -> None:
    low, high = (track([*note(0, 240, p), *note(480, 960, p)]) for p in (48, 72))
    data = header(1, 2, 480) + low + high
    own = replace(
        PerformanceParameters.neutral(read(data).pieces[0]), asynchrony_ms=A([0.0, 0, 13, -13])
    )
    out = write_performance(data, read(data), [own])
    places = [[e.tick for e in events if e.message[0] == 0x90] for events in events_of(out)]
    assert places == [[0, 494], [0, 480]]  # 25 ticks are wanted, 14 are possible on a beat


def test_ends_stay_where_articulation_does_and_never_run_into_a_chord_that_comes_early() -> None:
    before = [*note(0, 480, 50), *note(0, 470, 40)]
    both = [*note(480, 960, 60), *note(480, 960, 64), *note(480, 960, 67)]
    data = header(0, 1, 480) + track([*before, *both])
    neutral = PerformanceParameters.neutral(read(data).pieces[0])
    early = replace(neutral, asynchrony_ms=A([0, 0, 0, -8.0, 4]))
    for articulation, ends in ((0.0, {40: 470, 50: 472}), (0.1, {40: 519, 50: 530})):
        own = replace(early, log_articulation=A([articulation] * 2 + [0.0] * 3))
        out = write_performance(data, read(data), [own])
        found = {e.message[1]: e.tick for e in events_of(out)[0] if e.message[0] == 0x80}
        assert found == {**ends, 60: 960, 64: 960, 67: 960}


def test_no_note_outlasts_the_piece() -> None:
    data = chord([])
    neutral = PerformanceParameters.neutral(read(data).pieces[0])
    out = write_performance(data, read(data), [replace(neutral, log_articulation=np.ones(5))])
    assert events_of(out)[0][-1].tick == 2200


def test_coarse_ticks_are_made_finer_by_a_whole_factor() -> None:
    notes = [e for pitch in (60, 64) for e in note(96, 192, pitch)]
    data = header(0, 1, 96) + track([(0, text(3, b"x")), *note(0, 96, 50), *notes])
    reading = read(data)
    own = replace(
        PerformanceParameters.neutral(reading.pieces[0]), asynchrony_ms=A([0.0, -1.0, 1.0])
    )
    out = write_performance(data, reading, [own])
    assert scan(out, name="t").ticks_per_quarter == 480
    assert onsets(out) == {50: 0, 60: 480, 64: 482}


def test_in_mode_notes_the_music_moves_and_the_bars_stay() -> None:
    """Four quarters, the second twice as slow; 1 + 2 + 1 + 1 parts of the same two seconds."""
    around = [
        (0, tempo(500_000)), (960, text(5, b"la")), (960, text(6, b"mark")),
        (960, b"\xb0\x07\x64"), (960, b"\xff\x58\x04\x03\x02\x18\x08"),
    ]  # fmt: skip
    notes = [n for beat in range(4) for n in note(480 * beat, 480 * beat + 480, 60 + beat)]
    data = header(0, 1, 480) + track([*around, *notes])
    reading = read(data)
    own = replace(
        PerformanceParameters.neutral(reading.pieces[0]),
        log_beat_period=np.log([1.0, 2.0, 1.0, 1.0]),
    )
    out = write_performance(data, reading, [own], Writing(mode="notes"))
    assert onsets(out) == {60: 0, 61: 384, 62: 1152, 63: 1536}
    kept = [e for e in events_of(out)[0] if e.message[0] not in (0x90, 0x80) and not is_record(e)]
    assert [(e.tick, e.message[:2]) for e in kept] == [
        (0, b"\xff\x51"), (960, b"\xff\x06"), (960, b"\xff\x58"),
        (1152, b"\xff\x05"), (1152, b"\xb0\x07"), (1920, b"\xff\x2f"),
    ]  # fmt: skip


def test_smpte_time_and_type_2_are_always_written_as_notes() -> None:
    one = track(note(0, 10, 60))
    for data, mode in (
        (header(0, 1, 480) + one, "tempo"),
        (header(2, 1, 480) + one, "notes"),
        (header(0, 1, 0xE728) + one, "notes"),
    ):
        assert effective_mode(scan(data, name="t"), "tempo") == mode


def test_each_track_of_type_2_has_a_time_of_its_own() -> None:
    notes = [n for beat in range(3) for n in note(480 * beat, 480 * beat + 480, 60 + beat)]
    data = header(2, 2, 480) + track(notes) + track(notes)
    reading = read(data)
    neutral = PerformanceParameters.neutral(reading.pieces[0])
    slow = replace(neutral, log_beat_period=np.log([1.0, 2.0, 3.0]))
    out = write_performance(data, reading, [neutral, slow])
    first, second = events_of(out)
    assert [e for e in first if not is_record(e)] == events_of(data)[0]
    assert [e.tick for e in second if e.message[0] == 0x90] == [0, 240, 720]


def test_velocities_are_written_in_the_same_pass() -> None:
    data = chord([])
    reading = read(data)
    own = replace(PerformanceParameters.neutral(reading.pieces[0]), velocity=A([1, 2, 3, 4, 5]))
    out = write_performance(data, reading, [own])
    values = [e.message[2] for e in events_of(out)[0] if e.message[0] == 0x90]
    assert values == [1, 2, 3, 4, 5]


def test_what_does_not_fit_is_said() -> None:
    data = chord([])
    reading = read(data)
    neutral = PerformanceParameters.neutral(reading.pieces[0])
    with pytest.raises(InputError, match=r"parameters of \[\] notes; expected \[5\]"):
        write_performance(data, reading, [])
    with pytest.raises(MidiError, match="expected 1 to 127"):
        write_performance(data, reading, [replace(neutral, velocity=np.zeros(5, dtype=np.int64))])


def test_how_far_notes_may_move_from_what_sets_them_up() -> None:
    on, channel = A([10, 20, 30, 30]), A([0, 0, 0, 1])
    left, right = distance_to_settings(on, channel, (A([5, 20, 32]), A([0, 0, 0])))
    assert left[:3].tolist() == [-5, 0, -10]
    assert right[:3].tolist() == [9, 11, 1]
    assert left[3] < -(10**9)
    assert right[3] > 10**9


def test_in_mode_notes_settings_are_where_the_time_map_puts_them() -> None:
    # a program 10 ticks before a chord; the time before the chord shrinks to a tenth
    data = chord([(470, b"\xc0\x10")])
    own = replace(
        PerformanceParameters.neutral(read(data).pieces[0]),
        log_beat_period=np.log([0.1, 1.0, 1.0]),
        asynchrony_ms=A([0, 0, 0, -50.0, 0]),
    )
    out = write_performance(data, read(data), [own], Writing(mode="notes"))
    (program,) = [e.tick for e in events_of(out)[0] if e.message[0] == 0xC0]
    assert onsets(out)[67] == program
    assert onsets(out)[64] > program
