"""Tracks written anew: running status, order at one tick, lengths of containers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performed_smf import events_of, files, riff, text
from smf_builder import chunk, header, note, track, variable_length

from humanize.midi import events as midi_events
from humanize.midi.clock import beats_around, read_clock
from humanize.midi.events import (
    NewEvent,
    TrackEdit,
    read_events,
    replace_tracks,
    write_events,
)
from humanize.midi.pairing import pair_events, pair_notes
from humanize.midi.reading import read_midi
from humanize.midi.smf import scan


def body_of(data: bytes) -> bytes:
    begin, end = scan(data, name="t").spans[0]
    return data[begin:end]


def rewritten(body: bytes, ticks: dict[int, int], *new: NewEvent, apart: bool = True) -> bytes:
    data = header(0, 1, 480) + chunk(b"MTrk", body)
    events = read_events(data, scan(data, name="t").spans[0])
    tick = events.tick.copy()
    tick[list(ticks)] = list(ticks.values())
    moved = (tick != events.tick) & apart
    edit = TrackEdit(tick=tick, apart=moved, kept=np.ones(len(events), dtype=bool), new=new)
    return write_events(data, events, edit)


@settings(deadline=None)
@given(files())
def test_a_track_without_changes_is_written_as_it_was(data: bytes) -> None:
    for span in scan(data, name="t").spans:
        events = read_events(data, span)
        assert write_events(data, events, TrackEdit.nothing(events)) == data[slice(*span)]
        assert not TrackEdit.nothing(events).changes(events)


def test_an_event_that_loses_its_status_byte_gets_one() -> None:
    body = b"\x00\x90\x3c\x40\x10\x3e\x40\x10\x80\x3c\x00\x10\x3e\x00\x00\xff\x2f\x00"
    # the second note-on comes last but the end: the first note-off needs no status, it has one
    assert rewritten(body, {1: 64}) == (
        b"\x00\x90\x3c\x40\x20\x80\x3c\x00\x10\x3e\x00\x10\x90\x3e\x40\x00\xff\x2f\x00"
    )


def test_a_new_meta_event_ends_running_status_and_an_old_one_is_left_as_it_came() -> None:
    body = b"\x00\x90\x3c\x40\x10\x3c\x00\x00\xff\x2f\x00"
    new = NewEvent(tick=4, message=text(1, b"x"))
    assert rewritten(body, {}, new) == (
        b"\x00\x90\x3c\x40\x04\xff\x01\x01x\x0c\x90\x3c\x00\x00\xff\x2f\x00"
    )
    sloppy = b"\x00\x90\x3c\x40\x04\xff\x01\x01x\x0c\x3c\x00\x00\xff\x2f\x00"
    assert rewritten(sloppy, {}) == sloppy


def test_of_one_tick_moved_ends_go_first_and_moved_beginnings_last() -> None:
    data = header(0, 1, 480) + track([*note(0, 10, 60), (20, b"\xb0\x07\x01"), *note(30, 40, 62)])
    events = read_events(data, scan(data, name="t").spans[0])
    body = rewritten(body_of(data), {1: 20, 3: 20})
    order = [e.message[:2] for e in events_of(header(0, 1, 480) + chunk(b"MTrk", body))[0]]
    assert order == [b"\x90\x3c", b"\x80\x3c", b"\xb0\x07", b"\x90\x3e", b"\x80\x3e", b"\xff\x2f"]
    assert events.controls(7).tolist() == [False, False, True, False, False, False]


def test_new_tempi_stand_after_the_meta_events_of_their_tick() -> None:
    data = header(0, 1, 480) + track([(0, text(3, b"n")), (0, b"\xc0\x00"), *note(0, 9, 60)])
    new = [
        NewEvent(tick=t, message=b"\xff\x51\x03\x01\x02\x03", place="after meta") for t in (0, 5, 9)
    ]
    body = rewritten(body_of(data), {}, *new)
    kinds = [(e.tick, e.message[:1]) for e in events_of(header(0, 1, 9) + chunk(b"MTrk", body))[0]]
    assert kinds == [
        (0, b"\xff"), (0, b"\xff"), (0, b"\xc0"), (0, b"\x90"), (5, b"\xff"), (9, b"\xff"),
        (9, b"\x80"), (9, b"\xff"),
    ]  # fmt: skip


def test_the_end_of_a_track_comes_last() -> None:
    data = header(0, 1, 480) + track(note(0, 10, 60))
    body = rewritten(body_of(data), {1: 500})
    assert body == b"\x00\x90\x3c\x40" + variable_length(500) + b"\x80\x3c\x0a\x00\xff\x2f\x00"


@given(st.integers(0, 2**28 - 1))
def test_numbers_of_variable_length(value: int) -> None:
    assert midi_events.variable_length(value) == variable_length(value)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**26), min_size=1, max_size=4), st.data())
def test_long_delta_times(gaps: list[int], data: st.DataObject) -> None:
    ticks = np.cumsum(gaps).tolist()
    made = header(0, 1, 480) + track([(t, b"\xb0\x07\x01") for t in ticks])
    events = read_events(made, scan(made, name="t").spans[0])
    assert events.tick[:-1].tolist() == ticks
    assert write_events(made, events, TrackEdit.nothing(events)) == body_of(made)


def test_lengths_of_a_riff_file_follow() -> None:
    data = riff(header(0, 1, 480) + track(note(0, 10, 60)))
    longer = replace_tracks(
        data, scan(data, name="t"), {0: body_of(data) + b"????"}, division=b"\x03\xc0"
    )
    assert len(longer) == len(data) + 4
    assert int.from_bytes(longer[4:8], "little") == len(longer) - 8
    smf = scan(longer, name="t")
    assert smf.ticks_per_quarter == 960
    assert (
        int.from_bytes(longer[smf.start - 4 : smf.start], "little") == smf.spans[0][1] - smf.start
    )
    assert replace_tracks(longer, smf, {0: body_of(data)}, division=b"\x01\xe0") == data


@settings(deadline=None)
@given(files())
def test_the_clock_of_a_file_is_that_of_its_notes(data: bytes) -> None:
    reading = read_midi(data, name="t")
    if reading.scan.smf_type == 2:
        return
    clock = read_clock(reading.scan, reading.scan.tracks)
    notes = reading.pieces[0]
    sec = clock.time_map.at(notes.onset_beat)
    np.testing.assert_allclose(sec, notes.onset_sec, atol=3e-6)
    np.testing.assert_allclose(clock.time_map.beat_at(sec), notes.onset_beat, atol=1e-9)


@pytest.mark.parametrize(
    ("metres", "wanted"),
    [
        ([], [480, 960, 1440]),
        ([(0, 6, 8)], [0, 720, 1440]),  # dotted beats
        ([(0, 2, 2)], [0, 960, 1920]),
        ([(0, 5, 8)], [480, 720, 960, 1200]),
        ([(0, 3, 16)], [480, 720, 960, 1200]),  # never finer than eighths
        ([(0, 4, 4), (600, 3, 4)], [480, 600, 960, 1080]),
    ],
)
def test_beats_around(metres: list[tuple[int, int, int]], wanted: list[int]) -> None:
    ticks = np.array([500, 970])
    if len(metres) == 2:
        ticks = np.array([500, 700])
    assert beats_around(ticks, metres, 480).tolist() == wanted


def test_which_note_off_ends_which_note() -> None:
    # key 60: on 0, on 5, off 5, off 9; key 61: on 0, never off; key 62: off that finds nothing
    key = np.array([60, 61, 60, 60, 62, 60])
    tick = np.array([0, 0, 5, 5, 6, 9])
    sounding = np.array([1, 1, 1, 0, 0, 0], dtype=bool)
    pairs = pair_events(key, tick, sounding, 12)
    assert pairs.on.tolist() == [0, 1, 2]
    assert pairs.off.tolist() == [3, -1, 5]
    assert pairs.off_tick.tolist() == [5, 12, 9]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=20))
def test_every_end_is_the_event_that_ends_the_note(rows: list[tuple[int, int, bool]]) -> None:
    rows.sort(key=lambda row: row[1])
    key, tick, sounding = (np.array([r[k] for r in rows]) for k in range(3))
    sounding = sounding.astype(bool)
    pairs = pair_events(key.astype(np.int64), tick.astype(np.int64), sounding, 9)
    closed = pairs.off >= 0
    assert len(set(pairs.off[closed].tolist())) == closed.sum()
    np.testing.assert_array_equal(tick[pairs.off[closed]], pairs.off_tick[closed])
    np.testing.assert_array_equal(key[pairs.off[closed]], key[pairs.on[closed]])
    assert not sounding[pairs.off[closed]].any()
    assert (pairs.off_tick[~closed] == 9).all()
    on, off_tick = pair_notes(key.astype(np.int64), tick.astype(np.int64), sounding, 9)
    np.testing.assert_array_equal(off_tick, pairs.off_tick)
    np.testing.assert_array_equal(on, pairs.on)
