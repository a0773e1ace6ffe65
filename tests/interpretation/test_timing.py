"""The time map and the codec: by hand, both ways, and against partitura's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humanize.errors import InputError, OptionError
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.interpretation.timing import (
    TimeMap,
    TimingParameters,
    chord_anchors,
    decode,
    encode,
    longest_increasing,
    perform_time_map,
    relative_to_notated,
)
from humanize.score.partitura_parts import import_partitura

A = np.array


def close(found: object, expected: object) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_time_map_is_straight_between_knots_and_beyond() -> None:
    own = TimeMap(beat=A([1.0, 2.0, 4.0]), sec=A([10.0, 11.0, 12.0]))
    close(own.at(A([0.0, 1.5, 3.0, 6.0])), [9.0, 10.5, 11.5, 13.0])
    close(own.beat_at(A([9.0, 10.5, 11.5, 13.0])), [0.0, 1.5, 3.0, 6.0])


@pytest.mark.parametrize("sec", [[0.0, 0.0], [1.0, 0.0], [0.0, math.nan]])
def test_time_never_stands_still(sec: list[float]) -> None:
    with pytest.raises(InputError, match="do not increase"):
        TimeMap(beat=A([0.0, 1.0]), sec=A(sec))


def test_performed_map_multiplies_the_tempi_of_the_file() -> None:
    # 60 beats per minute for 2 beats, then 120: 0, 1, 2, 2.5, 3 seconds at beats 0, 1, 2, 3, 4
    notated = TimeMap(beat=A([0.0, 2.0, 3.0]), sec=A([0.0, 2.0, 2.5]))
    played = perform_time_map(notated, A([1.0, 3.0]), A([math.log(2), math.log(0.5)]), end_beat=4)
    # as notated to beat 1, then twice as slow: + 2 to beat 2, + 1 to beat 3; then twice as fast
    close(played.at(A([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])), [0.0, 1.0, 3.0, 4.0, 4.25, 4.75])


def test_a_map_can_keep_the_length_of_the_notated_one() -> None:
    notated = TimeMap(beat=A([0.0, 1.0]), sec=A([0.0, 0.5]))
    played = perform_time_map(notated, A([1.0, 2.0, 3.0]), np.log([1.0, 2.0, 1.5]), end_beat=4)
    kept = played.ending_with(notated, first_beat=1, last_beat=4)
    # 1 + 2 + 1.5 parts of 1.5 seconds
    times = kept.at(A([0.0, 1.0, 2.0, 3.0, 4.0, 6.0]))
    close(times, [0.0, 0.5, 0.5 + 1 / 3, 1.5, 2.0, 3.0])


def test_deviations_from_the_median_become_deviations_from_notated_tempi() -> None:
    notated = TimeMap(beat=A([0.0, 2.0, 3.0]), sec=A([0.0, 1.0, 2.0]))  # 120, from beat 2 on 60
    # the pianist plays just that: log 0.5 twice, log 1 once; less the median log 0.5
    given_ = A([0.0, 0.0, math.log(2)])
    close(relative_to_notated(given_, A([0.0, 1.0, 2.0]), notated), [0.0, 0.0, 0.0])


def test_encoding_by_hand() -> None:
    onset = A([0.0, 0.0, 0.0, 1.0, 3.0])
    duration = A([1.0, 1.0, 3.0, 2.0, 1.0])
    played = A([2.00, 2.03, 1.98, 3.00, 4.00])
    held = A([0.5, 1.0, 4.0, 1.0, 0.25])
    own = encode(onset, duration, played, held)
    close(own.onset_beat, [0, 1, 3])
    # medians 2, 3, 4: one second a beat, then half a second a beat, and on
    close(own.log_beat_period, [0.0, math.log(0.5), math.log(0.5)])
    mean = (2.00 + 2.03 + 1.98) / 3
    close(own.asynchrony_ms, 1000 * A([2 - mean, 2.03 - mean, 1.98 - mean, 0.0, 0.0]))
    # notated durations last 1, 1, 2, 1 and 0.5 seconds
    close(own.log_articulation, np.log([0.5, 1.0, 2.0, 1.0, 0.5]))


def test_grace_notes_say_nothing_of_the_beat() -> None:
    onset, played = A([0.0, 0.0, 1.0]), A([-0.2, 0.0, 1.0])
    own = encode(
        onset, A([0.0, 1.0, 1.0]), played, A([0.1, 1.0, 1.0]), on_the_beat=A([0, 1, 1]) > 0
    )
    close(own.log_beat_period, [0.0, 0.0])
    close(own.asynchrony_ms, [-200.0, 0.0, 0.0])


def test_onsets_that_run_backwards_drop_out() -> None:
    onset, played = A([0.0, 1.0, 2.0, 3.0]), A([0.0, 5.0, 2.0, 3.0])
    own = encode(onset, np.ones(4), played, np.ones(4))
    close(own.log_beat_period, np.zeros(4))
    assert longest_increasing(A([3.0, 1.0, 2.0, 0.5, 5.0, 4.0])).tolist() == [1, 2, 5]


def test_the_anchor_of_a_chord_is_its_middle_note_and_of_two_the_earlier() -> None:
    chord = A([0, 0, 0, 1, 1, 2])
    close(chord_anchors(chord, A([5.0, -9.0, 4.0, 8.0, -8.0, 3.0])), [4, 4, 4, -8, -8, 3])
    close(chord_anchors(chord, A([5.0, -9.0, 0.0, 8.0, 0.0, 3.0])), [0, 0, 0, 0, 0, 3])


@st.composite
def performances(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Chords of one or two notes, none held past the next onset; time goes on."""
    count = draw(st.integers(2, 12))
    ioi = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 1.5]), min_size=count, max_size=count))
    period = draw(st.lists(st.floats(0.2, 2.0), min_size=count, max_size=count))
    sizes = draw(st.lists(st.integers(1, 2), min_size=count, max_size=count))
    onsets = np.concatenate([[0.0], np.cumsum(ioi)[:-1]])
    times = np.concatenate([[0.0], np.cumsum(A(ioi) * A(period))[:-1]])
    chord = np.repeat(np.arange(count), sizes)
    spread = A(draw(st.lists(st.floats(0, 0.015), min_size=count, max_size=count)))
    sign = np.where(np.diff(chord, prepend=-1) > 0, -1.0, 1.0) * (A(sizes) > 1)[chord]
    held = A(draw(st.lists(st.floats(0.06, 3.0), min_size=len(chord), max_size=len(chord))))
    duration = A(ioi)[chord]
    return onsets[chord], duration, times[chord] + sign * spread[chord], held * duration


@settings(deadline=None)
@given(performances())
def test_decoding_gives_back_what_was_encoded(music: tuple[np.ndarray, ...]) -> None:
    onset, duration, played, held = music
    own = encode(onset, duration, played, held)
    again, lasting = decode(own, onset, duration)
    np.testing.assert_allclose(again, played, atol=1e-9)
    inside = (own.log_articulation > -3) & (own.log_articulation < 1.5)
    np.testing.assert_allclose(lasting[inside], held[inside], atol=1e-9)


@settings(deadline=None)
@given(performances())
def test_partitura_encodes_and_decodes_the_same(music: tuple[np.ndarray, ...]) -> None:
    import_partitura()
    from partitura.musicanalysis.performance_codec import decode_time, encode_tempo

    onset, duration, played, held = music
    own = encode(onset, duration, played, held)
    theirs = encode_tempo(onset, played, duration, held)
    chord = np.searchsorted(own.onset_beat, onset)
    before_last = chord < len(own.onset_beat) - 1  # partitura ends with the last key's release
    period = np.exp(own.log_beat_period)[chord]
    np.testing.assert_allclose(theirs["beat_period"][before_last], period[before_last], rtol=1e-4)
    np.testing.assert_allclose(theirs["timing"], -own.asynchrony_ms / 1000, atol=1e-4)
    clipped = np.clip(theirs["articulation_log"] * math.log(2), -3.0, 1.5)
    np.testing.assert_allclose(own.log_articulation[before_last], clipped[before_last], atol=1e-4)
    ours = np.zeros(len(onset), dtype=theirs.dtype)
    ours["beat_period"], ours["timing"] = period, -own.asynchrony_ms / 1000
    ours["articulation_log"] = own.log_articulation / math.log(2)
    again = decode_time(onset, duration, ours)
    onset_sec, duration_sec = decode(own, onset, duration)
    np.testing.assert_allclose(again[:, 0], onset_sec - onset_sec.min(), atol=1e-3)
    np.testing.assert_allclose(again[:, 1], duration_sec, rtol=1e-4, atol=1e-5)


def test_a_start_later_than_notated_is_kept() -> None:
    own = TimingParameters(
        onset_beat=A([1.0, 2.0]),
        log_beat_period=A([0.0, 0.0]),
        asynchrony_ms=np.zeros(2),
        log_articulation=np.zeros(2),
        start_sec=7.0,
    )
    close(decode(own, A([1.0, 2.0]), np.ones(2))[0], [7.0, 8.0])


def parameters() -> PerformanceParameters:
    return PerformanceParameters(
        onset_beat=A([0.0, 1.0]),
        log_beat_period=A([0.1, -0.2]),
        asynchrony_ms=A([5.0, -5.0, 0.0]),
        log_articulation=A([0.3, 0.0, -0.3]),
        velocity=A([1, 2, 3]),
    )


def test_amounts_multiply_logarithms_and_milliseconds() -> None:
    half = parameters().scaled(Amounts(rubato=0.5, timing=2, articulation=0))
    close(half.log_beat_period, [0.05, -0.1])
    close(half.asynchrony_ms, [10.0, -10.0, 0.0])
    close(half.log_articulation, [0.0, 0.0, 0.0])


def test_parameters_of_some_notes() -> None:
    some = parameters().take_notes(A([2, 0]))
    assert some.velocity is not None
    assert some.velocity.tolist() == [3, 1]
    close(some.asynchrony_ms, [0.0, 5.0])
    close(some.log_beat_period, [0.1, -0.2])


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(OptionError, match=r"rubato: 2.5 found; expected 0 to 2"):
        Amounts(rubato=2.5)
    with pytest.raises(OptionError, match="mode: 'beats' found; expected one of tempo, notes"):
        Writing(mode="beats")  # type: ignore[arg-type]
    none = {"log_beat_period": A([0.0]), "log_articulation": A([0.0]), "asynchrony_ms": A([0.0])}
    with pytest.raises(InputError, match="log_beat_period has 1 values; expected 2"):
        PerformanceParameters(onset_beat=A([0.0, 1.0]), **none)
    with pytest.raises(InputError, match="asynchrony_ms has missing values"):
        PerformanceParameters(onset_beat=A([0.0]), **{**none, "asynchrony_ms": A([math.nan])})


@pytest.mark.parametrize("beats", [4, 5])
def test_the_median_of_the_notated_tempi_is_numpy_s(beats: int) -> None:
    lengths = A([1.0, 0.5, 0.25, 2.0, 1.0])[:beats]
    notated = TimeMap(beat=np.arange(beats + 1.0), sec=np.append(0.0, np.cumsum(lengths)))
    found = relative_to_notated(np.zeros(beats), np.arange(float(beats)), notated)
    close(found, np.median(np.log(lengths)) - np.log(lengths))
