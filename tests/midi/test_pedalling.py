"""The damper pedal of a performance, by hand and in generated files."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performed_smf import events_of, files, performance, read
from smf_builder import header, note, track

from humanize.interpretation.parameters import PerformanceParameters, Writing
from humanize.interpretation.timing import ONE_SECOND_A_BEAT
from humanize.midi.clock import Clock, read_clock
from humanize.midi.pedalling import Stroke, pedal_events, pedal_strokes
from humanize.midi.piece_events import read_pieces
from humanize.midi.record import strip_performance
from humanize.midi.retiming import has_pedal, write_performance
from humanize.midi.smf import scan

A, NAN = np.array, np.nan
DOWN, UP = b"\xb0\x40\x7f", b"\xb0\x40\x00"


def pedalled(lift: list[float], press: list[float], **more: object) -> PerformanceParameters:
    count = len(lift)
    return PerformanceParameters(
        onset_beat=np.arange(count, dtype=np.float64),
        log_beat_period=np.zeros(count),
        asynchrony_ms=np.zeros(count),
        log_articulation=np.zeros(count),
        pedal_lift_ms=A(lift),
        pedal_press_ms=A(press),
        **more,  # type: ignore[arg-type]
    )


def strokes(lift: list[float], press: list[float], end: float = 9.0) -> list[tuple[float, float]]:
    found = pedal_strokes(pedalled(lift, press), ONE_SECOND_A_BEAT, end_sec=end)
    return [(round(s.press_sec, 6), round(s.lift_sec, 6)) for s in found]


@pytest.mark.parametrize(
    ("lift", "press", "wanted"),
    [
        ([NAN, 44, 40], [150, 160, NAN], [(0.15, 1.044), (1.16, 2.04)]),
        ([NAN, 90], [150, 60], [(0.15, 1.09), (1.11, 9.0)]),  # let up before it is pressed
        ([NAN, NAN], [150, 60], [(0.15, 9.0)]),  # down already
        ([44, 44], [NAN, NAN], []),  # up already
        ([NAN, -990], [0, NAN], [(0.0, 9.0)]),  # too short: it is held
        ([NAN, 44, -945], [150, NAN, 500], [(0.15, 1.044), (2.5, 9.0)]),
        ([NAN, NAN], [NAN, -30], [(0.97, 9.0)]),
    ],
)
def test_strokes_by_hand(
    lift: list[float], press: list[float], wanted: list[tuple[float, float]]
) -> None:
    assert strokes(lift, press) == wanted


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([(-0.05, 0.31), (0.33, 0.68)], [(0, 99), (3, 0), (4, 99), (6, 0)]),  # nothing before 0
        ([(0.41, 0.49), (0.55, 0.65), (0.67, 0.95)], [(7, 99), (9, 0)]),  # between two ticks: none
        ([(0.1, 1.99)], [(1, 99), (21, 0)]),  # up with the last note: after it
        ([(0.1, 2.55), (2.6, 2.9)], [(1, 99), (25, 0)]),  # later still, and then no more
        ([(0.1, 1.97)], [(1, 99), (19, 0)]),
        ([(2.2, 2.0)], []),
    ],
)
def test_events_by_hand(strokes: list[tuple[float, float]], wanted: list[tuple[int, int]]) -> None:
    """Ten ticks a second; the last note ends at 20."""
    clock = Clock(time_map=ONE_SECOND_A_BEAT, ticks_per_beat=10)
    own = [Stroke(press_sec=one, lift_sec=two, depth=99) for one, two in strokes]
    events = pedal_events(own, clock, 3, end_tick=20, continuous=True)
    assert [(e.tick, e.message[2]) for e in events] == wanted
    assert {e.message[:2] for e in events} <= {b"\xb3\x40"}


def song(extra: list[tuple[int, bytes]] | None = None, *, program: int | None = None) -> bytes:
    notes = [n for beat in range(3) for n in note(480 * beat, 480 * beat + 480, 60)]
    first = [] if program is None else [(0, bytes([0xC0, program]))]
    return header(0, 1, 480) + track([*first, *(extra or []), *notes])


def pedal_of(data: bytes, channel: int = 0) -> list[tuple[int, int]]:
    changes = sorted((e for t in events_of(data) for e in t), key=lambda e: e.tick)
    return [
        (e.tick, e.message[2])
        for e in changes
        if e.message[0] == 0xB0 | channel and e.message[1] == 64
    ]


def with_pedal(data: bytes, **writing: str) -> bytes:
    own = pedalled([NAN, 50, NAN], [100, 150, NAN], pedal_depth=A([40, 50, 60]))
    return write_performance(data, read(data), [own], Writing(**writing))  # type: ignore[arg-type]


def test_pedal_is_added_where_there_is_none() -> None:
    # 500 ms a quarter; the last release follows the last note
    wanted = [(96, 127), (528, 0), (624, 127), (1441, 0)]
    assert pedal_of(with_pedal(song(), pedal="add")) == wanted
    assert pedal_of(with_pedal(song(), pedal="replace")) == wanted
    soft = with_pedal(song(), pedal="add", pedal_values="continuous")
    assert [v for _, v in pedal_of(soft)] == [40, 0, 50, 0]
    assert with_pedal(song(), pedal="keep") == song()


def test_a_pedal_that_is_there_is_kept_replaced_or_removed() -> None:
    own = song([(0, UP), (10, DOWN), (700, UP), (1500, UP)])
    assert has_pedal(scan(own, name="t"))
    assert with_pedal(own, pedal="add") == own
    wanted = [(0, 0), (96, 127), (528, 0), (624, 127), (1441, 0)]
    assert pedal_of(with_pedal(own, pedal="replace")) == wanted
    assert pedal_of(with_pedal(own, pedal="none")) == []
    assert strip_performance(with_pedal(own, pedal="none")) == own


def test_a_pedal_that_is_never_pressed_is_none() -> None:
    own = song([(0, UP), (1500, UP)])
    assert not has_pedal(scan(own, name="t"))
    assert pedal_of(with_pedal(own, pedal="add"))[:2] == [(0, 0), (96, 127)]


def test_only_pianos_get_a_pedal() -> None:
    pedalled_ones = [p for p in range(128) if pedal_of(with_pedal(song(program=p), pedal="add"))]
    assert pedalled_ones == [0, 1, 2, 3, 4, 5]  # no harpsichord, no strings
    assert with_pedal(song(program=40), pedal="add") == song(program=40)


def test_a_continuous_pedal_is_never_deeper_than_down_nor_up_when_pressed() -> None:
    continuous = Writing(pedal="add", pedal_values="continuous")
    for depth, values in ((A([0, 300, 5]), [1, 0, 127, 0]), (A([], dtype=np.int64), [127, 0] * 2)):
        own = pedalled([NAN, 50, NAN], [100, 150, NAN], pedal_depth=depth)
        out = write_performance(song(), read(song()), [own], continuous)
        assert [v for _, v in pedal_of(out)] == values


def test_the_pedal_of_a_file_stays_where_parameters_say_nothing_of_one() -> None:
    own = song([(10, DOWN), (700, UP)])
    neutral = PerformanceParameters.neutral(read(own).pieces[0])
    assert write_performance(own, read(own), [neutral], Writing(pedal="replace")) == own


@settings(deadline=None, max_examples=60)
@given(files(types=(0, 1)), st.integers(0, 2**32 - 1), st.sampled_from(["tempo", "notes"]))
def test_the_pedal_goes_up_before_it_goes_down(data: bytes, seed: int, mode: str) -> None:
    reading = read(data)
    own = [replace(performance(n, seed), pedal_depth=A([], dtype=np.int64)) for n in reading.pieces]
    out = write_performance(data, reading, own, Writing(mode=mode, pedal="replace"))  # type: ignore[arg-type]
    smf = scan(out, name="t")
    clock = read_clock(smf, smf.tracks)
    (table,) = read(out).pieces
    (piece,) = read_pieces(out, smf)
    pianos = np.isin(table.program, [-1, 0]) & (table.instrument >= 0)
    for channel in np.unique(table.channel[pianos]).tolist():
        ours = pedal_of(out, channel - 1)
        while ours and not ours[0][1]:
            ours = ours[1:]
        ticks = [t for t, _ in ours]
        assert [v for _, v in ours] == [127, 0] * (len(ours) // 2)
        assert all(one < two for one, two in pairwise(ticks))
        sec = clock.sec(A(ticks, dtype=np.int64))
        assert (np.diff(sec)[1::2] >= 0.02 - 1e-9).all()
        closed = (piece.key // 128 == channel - 1) & (piece.off >= 0)
        end = piece.off_tick[closed].max(initial=0)
        assert not len(ticks) or ticks[-1] > end or sec[-1] < clock.sec(A([end]))[0] - 0.019
