"""A performance written into generated files, and what it must leave alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performed_smf import Event, events_of, files, performance, read, tempo, text
from smf_builder import header, note, track

from humanize.errors import InputError, MidiError
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.interpretation.timing import perform_time_map
from humanize.midi.clock import Clock, read_clock
from humanize.midi.piece_events import PieceEvents, read_pieces
from humanize.midi.record import strip_performance
from humanize.midi.retiming import effective_mode, write_performance
from humanize.midi.smf import scan

SEEDS = st.integers(0, 2**32 - 1)
MODES = st.sampled_from(["tempo", "notes"])
PEDALS = st.sampled_from(["keep", "add", "replace", "none"])
A = np.array


def written(data: bytes, seed: int, writing: Writing, **sizes: float) -> bytes:
    reading = read(data)
    own = [performance(notes, seed, **sizes) for notes in reading.pieces]  # type: ignore[arg-type]
    return write_performance(data, reading, own, writing)


def is_tempo(event: Event) -> bool:
    return event.message[:2] == b"\xff\x51"


def is_record(event: Event) -> bool:
    return event.message[:2] == b"\xff\x7f" and b"\x7dhumanize" in event.message[:14]


def others(data: bytes, factor: int = 1) -> list[list[tuple[int, bytes]]]:
    """All events of each track but notes, tempi, the end, and what humanize keeps for itself."""
    return [
        [
            (e.tick * factor, e.message)
            for e in events
            if not (e.message[0] < 0xA0 or is_tempo(e) or is_record(e) or e.message[1] == 0x2F)
        ]
        for events in events_of(data)
    ]


def tempi(data: bytes, factor: int = 1) -> list[int]:
    return [e.tick * factor for events in events_of(data) for e in events if is_tempo(e)]


def factor_of(data: bytes, out: bytes) -> int:
    before, after = (scan(d, name="t").ticks_per_quarter for d in (data, out))
    return after // before if before else 1


def matched(data: bytes, out: bytes) -> list[tuple[PieceEvents, PieceEvents, np.ndarray]]:
    """Pieces before and after, at one resolution; and which note after is which before."""
    factor = factor_of(data, out)
    found = []
    pairs = zip(
        read_pieces(data, scan(data, name="t"), factor=factor),
        read_pieces(out, scan(out, name="t")),
        strict=True,
    )
    for before, after in pairs:
        assert len(before.on) == len(after.on)
        rows = np.lexsort((before.off_tick, before.on_tick, before.key))
        those = np.lexsort((after.off_tick, after.on_tick, after.key))
        np.testing.assert_array_equal(before.key[rows], after.key[those])
        place = np.empty(len(rows), dtype=np.int64)
        place[rows] = those
        found.append((before, after, place))
    return found


@settings(deadline=None, max_examples=60)
@given(files(), SEEDS, MODES, PEDALS, st.booleans())
def test_what_was_performed_can_be_had_back(
    data: bytes, seed: int, mode: str, pedal: str, continuous: bool
) -> None:
    values = "continuous" if continuous else "switch"
    writing = Writing(mode=mode, pedal=pedal, pedal_values=values)  # type: ignore[arg-type]
    out = written(data, seed, writing)
    assert out != data
    assert strip_performance(out) == data
    twice = written(out, seed + 1, writing)
    assert strip_performance(twice) == out


@settings(deadline=None, max_examples=60)
@given(files(), MODES)
def test_nothing_of_everything_is_the_file_itself(data: bytes, mode: str) -> None:
    none = Amounts(rubato=0, timing=0, articulation=0)
    writing = Writing(mode=mode, amounts=none)  # type: ignore[arg-type]
    assert written(data, 1, writing, velocity=False) == data
    neutral = [PerformanceParameters.neutral(notes) for notes in read(data).pieces]
    assert write_performance(data, read(data), neutral) == data


@settings(deadline=None, max_examples=60)
@given(files(types=(0, 1), smpte=False), SEEDS)
def test_with_tempo_events_all_else_keeps_its_bytes_its_order_and_its_tick(
    data: bytes, seed: int
) -> None:
    out = written(data, seed, Writing())
    factor = factor_of(data, out)
    assert others(out) == others(data, factor)
    assert not Counter(tempi(data, factor)) - Counter(tempi(out))
    for events, after in zip(events_of(data), events_of(out), strict=True):
        ended, ends = (b"\xff\x2f\x00" in [m.message for m in e[-1:]] for e in (events, after))
        assert ended == ends
        assert [e.tick for e in after] == sorted(e.tick for e in after)


@settings(deadline=None, max_examples=60)
@given(files(types=(0, 1), smpte=False), SEEDS)
def test_with_tempo_events_quantising_gives_the_notes_back(data: bytes, seed: int) -> None:
    out = written(data, seed, Writing(), timing=30.0, articulation=1.0)
    quarter = scan(out, name="t").ticks_per_quarter
    (table,) = read(data).pieces
    instrument = table.instrument[np.argsort(table.source)]
    for before, after, place in matched(data, out):
        move = after.on_tick[place] - before.on_tick
        onsets = np.unique(before.on_tick)
        nearest = onsets[np.abs(after.on_tick[place][:, None] - onsets).argmin(axis=1)]
        np.testing.assert_array_equal(nearest, before.on_tick)
        assert (np.abs(move) * 16 < quarter).all()
        on_quarter = before.on_tick % quarter == 0
        assert (np.abs(move[on_quarter]) * 32 < quarter).all()
        for onset in onsets:  # one note of each chord stays where it is
            for own in np.unique(instrument[before.on_tick == onset]):
                assert (move[(before.on_tick == onset) & (instrument == own)] == 0).any()
        assert (move[instrument < 0] == 0).all()


@settings(deadline=None, max_examples=60)
@given(files(), SEEDS, MODES)
def test_notes_are_whole_and_begin_when_the_piece_did(data: bytes, seed: int, mode: str) -> None:
    writing = Writing(mode=mode)  # type: ignore[arg-type]
    out = written(data, seed, writing, timing=30.0, articulation=1.5)
    clock = read_clock(scan(out, name="t"), scan(out, name="t").tracks)
    shortest = int(np.ceil(clock.ticks_per_beat / 32))
    for before, after, place in matched(data, out):
        on, off = after.on_tick[place], after.off_tick[place]
        assert on.min() == before.on_tick.min()
        length = before.off_tick - before.on_tick
        if effective_mode(scan(data, name="t"), mode) == "tempo":  # type: ignore[arg-type]
            assert (off - on >= np.minimum(length, shortest))[before.off >= 0].all()
        assert (off[length > 0] > on[length > 0]).all()
        order = np.lexsort((before.on_tick, before.key))
        one, two = order[:-1], order[1:]
        same = (before.key[one] == before.key[two]) & (before.off[one] >= 0)
        apart = same & (before.off_tick[one] <= before.on_tick[two])
        assert (off[one] <= on[two])[apart].all()
        strictly = same & (before.off_tick[one] < before.on_tick[two])
        assert (off[one] < on[two])[strictly].all()


@settings(deadline=None, max_examples=60)
@given(files(types=(0, 1), smpte=False), SEEDS)
def test_tempo_events_keep_to_the_time_map(data: bytes, seed: int) -> None:
    reading = read(data)
    own = performance(reading.pieces[0], seed, timing=0, articulation=0)
    out = write_performance(data, reading, [own], Writing())
    notated = read_clock(reading.scan, reading.scan.tracks)
    (piece,) = read_pieces(data, reading.scan)
    quarter = notated.ticks_per_beat
    slowest = np.log(
        16_777_215 / max([500_000, *(m for t in reading.scan.tracks for _, m in t.tempos)])
    )
    played = Clock(
        time_map=perform_time_map(
            notated.time_map,
            own.onset_beat,
            np.minimum(own.log_beat_period, slowest),
            end_beat=piece.off_tick.max() / quarter,
        ),
        ticks_per_beat=quarter,
    )
    after = read_clock(scan(out, name="t"), scan(out, name="t").tracks)
    changes = np.round(after.time_map.beat * quarter).astype(np.int64)
    error = np.abs(after.sec(changes) - played.sec(changes))
    assert error.max() < 0.001
    ticks = np.unique(np.concatenate([t.tick for t in piece.tracks]))
    assert np.abs(after.sec(ticks) - played.sec(ticks)).max() < 0.011


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


@settings(deadline=None, max_examples=60)
@given(files(types=(0, 1)), SEEDS)
def test_in_mode_notes_tempo_metre_key_and_markers_keep_their_ticks(data: bytes, seed: int) -> None:
    out = written(data, seed, Writing(mode="notes"))
    stay = {0x51, 0x58, 0x59, 0x06, 0x03}
    before, after = (
        [
            [(e.tick * f, e.message) for e in t if e.message[0] == 0xFF and e.message[1] in stay]
            for t in events_of(d)
        ]
        for d, f in ((data, factor_of(data, out)), (out, 1))
    )
    assert after == before
    for (_, own, place), (was, _, _) in zip(matched(data, out), matched(data, out), strict=True):
        order = np.lexsort((was.on_tick,))
        ticks = own.on_tick[place][order]
        gaps = np.diff(was.on_tick[order])
        assert (np.diff(ticks)[gaps > 0] > 0).all()


@settings(deadline=None, max_examples=60)
@given(files(), SEEDS)
def test_in_mode_notes_events_keep_their_number_and_their_bytes(data: bytes, seed: int) -> None:
    out = written(data, seed, Writing(mode="notes"), velocity=False)
    for before, after in zip(events_of(data), events_of(out), strict=True):
        kept = [
            e.message for e in after if not is_record(e) or e.message in [x.message for x in before]
        ]
        assert Counter(kept) == Counter(e.message for e in before)


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


@pytest.mark.parametrize("name", ["waltz", "fugue", "bach_prelude"])
@pytest.mark.parametrize("mode", ["tempo", "notes"])
def test_shipped_examples_there_and_back(name: str, mode: str) -> None:
    data = (Path(__file__).parents[2] / "examples" / f"{name}.mid").read_bytes()
    out = written(data, 3, Writing(mode=mode, pedal="add"))  # type: ignore[arg-type]
    assert strip_performance(out) == data
    assert others(written(data, 3, Writing())) == others(data)


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


def test_independent_readers_read_what_is_written() -> None:
    import io

    import mido

    data = (Path(__file__).parents[2] / "examples" / "waltz.mid").read_bytes()
    out = written(data, 3, Writing(pedal="add"))
    there = mido.MidiFile(file=io.BytesIO(out))
    assert [m.type for t in there.tracks for m in t].count("note_on") == len(read(data).pieces[0])
    clock = read_clock(scan(out, name="t"), scan(out, name="t").tracks)
    ends = max(scan(out, name="t").tracks, key=lambda t: t.end_tick).end_tick
    assert there.length == pytest.approx(float(clock.sec(A([ends]))[0]), abs=1e-6)
