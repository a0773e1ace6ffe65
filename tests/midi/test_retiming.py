"""A performance written into generated files, and what it must leave alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performed_smf import Event, events_of, files, is_record, performance, read

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


@pytest.mark.parametrize("name", ["waltz", "fugue", "bach_prelude"])
@pytest.mark.parametrize("mode", ["tempo", "notes"])
def test_shipped_examples_there_and_back(name: str, mode: str) -> None:
    data = (Path(__file__).parents[2] / "examples" / f"{name}.mid").read_bytes()
    out = written(data, 3, Writing(mode=mode, pedal="add"))  # type: ignore[arg-type]
    assert strip_performance(out) == data
    assert others(written(data, 3, Writing())) == others(data)


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
