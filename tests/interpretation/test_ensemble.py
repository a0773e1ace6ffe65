"""The balance of parts, by hand; and what it does to a song."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from smf_builder import header, note, track

from humanize.interpretation.dynamics import is_mix, mix_groups, with_shared_levels
from humanize.interpretation.ensemble import balanced, bass_part, phrase_level, soloist
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable


def song(*, chords: bool = False, voice_program: int = 52) -> NoteTable:
    """Return a line over sixteen half notes of a piano, three notes each."""
    line = [(0, bytes([0xC0, voice_program]))]
    piano = [(0, b"\xc1\x00")]
    for i in range(32):
        for pitch in (72, 76)[: 2 if chords else 1]:
            line += note(i * 480, i * 480 + 470, pitch + i % 5)
    for i in range(16):
        for pitch in (48, 55, 60):
            piano += note(i * 960, i * 960 + 900, pitch, channel=1)
    data = header(1, 2, 480) + track(line) + track(piano)
    return read_midi(data).pieces[0]


def test_the_level_of_a_phrase_is_a_mean_over_eight_beats_either_side_twice() -> None:
    onset = np.arange(100.0)
    impulse = np.zeros(100)
    impulse[50] = 17.0 * 17.0
    level = phrase_level(impulse, onset)
    # a box of 17 onsets, twice: a tent of 17 - distance
    expected = [max(17 - abs(i - 50), 0) for i in range(100)]
    np.testing.assert_allclose(level, expected, atol=1e-9)
    np.testing.assert_allclose(phrase_level(np.full(100, 3.0), onset), 3.0)


def test_a_part_keeps_its_shape_and_takes_the_common_level() -> None:
    notes = song(chords=True)  # chords: nobody is a soloist
    assert soloist(notes) is None
    own = np.where(notes.instrument == 0, 60.0, 60.0) + (notes.pitch % 3)
    together = own + np.where(notes.instrument == 0, -10.0, 20.0)
    for balance in (0.0, 0.5, 1.0):
        result = balanced(own, together, notes, balance)
        expected = own + balance * np.where(notes.instrument == 0, -10.0, 20.0)
        np.testing.assert_allclose(result, expected)


def test_a_singer_with_a_piano_is_a_soloist_and_stands_above_it() -> None:
    notes = song()
    voice = int(notes.instrument[notes.program == 52][0])
    assert soloist(notes) == voice
    assert soloist(song(voice_program=0)) is None  # one keyboard alone
    own = np.where(notes.instrument == voice, 50.0, 70.0)
    result = balanced(own, own, notes, 0.5)
    np.testing.assert_allclose(result[notes.instrument == voice], 76.0)  # 6 above the piano's 70
    np.testing.assert_allclose(result[notes.instrument != voice], 70.0)
    loud = np.where(notes.instrument == voice, 90.0, 70.0)
    np.testing.assert_allclose(balanced(loud, loud, notes, 0.5), loud)  # already above
    np.testing.assert_allclose(balanced(own, own, notes, 0.25)[notes.instrument == voice], 63.0)


def test_the_bass_of_a_quartet_stands_above_its_inner_parts() -> None:
    lines = []
    for channel, (program, pitch) in enumerate(((40, 76), (40, 67), (41, 60), (42, 43))):
        events = [(0, bytes([0xC0 | channel, program]))]
        for i in range(16):
            events += note(i * 480, i * 480 + 400, pitch + i % 3, channel=channel)
        lines.append(track(events))
    notes = read_midi(header(1, 4, 480) + b"".join(lines)).pieces[0]
    flat = np.full(len(notes), 60.0)
    result = balanced(flat, flat, notes, 0.5)
    np.testing.assert_allclose(result, np.where(notes.track == 4, 62.0, 60.0))
    louder = np.where(notes.track == 4, 70.0, 60.0)
    np.testing.assert_allclose(balanced(louder, louder, notes, 0.5), louder)
    assert bass_part(song()) is None  # a keyboard has its own bass


def test_a_part_without_dynamics_takes_the_others_level() -> None:
    notes = song()
    voice = notes.program == 52
    level = np.where(voice, np.nan, np.where(notes.onset_beat < 16, 33.0, 96.0))
    marked = replace(notes, markings={"notated_level": level, "notated_level_slope": level * 0.0})
    shared = with_shared_levels(marked).markings["notated_level"]
    expected = np.where(notes.onset_beat < 16, 33.0, 96.0)
    np.testing.assert_array_equal(shared, expected)
    own = replace(marked, markings={"notated_level": expected + voice})
    assert with_shared_levels(own) is own  # each has its own
    none = replace(notes, markings={"notated_level": np.full(len(notes), np.nan)})
    assert with_shared_levels(none) is none  # nobody has any


@pytest.mark.parametrize(
    ("levels", "mix"), [((100, 60), True), ((80, 80), True), ((80, None), False)]
)
def test_a_mix_is_several_instruments_each_track_at_one_velocity(levels, mix) -> None:
    notes = song()
    second = notes.track == 2
    moving = 40 + np.arange(len(notes)) % 9
    velocity = np.where(second, levels[1] if levels[1] is not None else moving, levels[0])
    notes = replace(notes, velocity=velocity.astype(np.int64))
    assert is_mix(notes) == mix
    one = replace(notes, instrument=np.zeros(len(notes), dtype=np.int64))
    assert not is_mix(one)
    groups = mix_groups(notes)
    assert len(set(groups[second].tolist())) == len(set(groups[~second].tolist())) == 1
    assert set(groups[second].tolist()) != set(groups[~second].tolist())
