"""Tracks beside the drums whose timing follows a feel or a swing."""

from __future__ import annotations

import numpy as np
import pretty_midi
import pytest
from smf_builder import header, note, track
from test_kit_and_grid import drum_file

import humanize
from humanize.drums.feel import Feel
from humanize.drums.kit import HANDS, KICK, RIGHT_FOOT, SNARE, movers_of
from humanize.errors import OptionError
from humanize.midi.reading import read_midi
from humanize.midi.record import strip_performance
from humanize.performance import perform_bytes

EIGHTHS = [n / 2 for n in range(32)]


def band(name: bytes = b"Bass") -> bytes:
    """Drums, a bass in eighths and a piano in halves."""
    drums = drum_file(*((n, 42) for n in EIGHTHS))
    bass = [(0, b"\xff\x03" + bytes([len(name)]) + name)]
    for n in EIGHTHS:
        bass += note(round(n * 480), round(n * 480) + 200, 40, channel=1)
    piano = [
        event
        for n in range(0, 16, 2)
        for p in (60, 64)
        for event in note(n * 480, n * 480 + 900, p)
    ]
    return header(1, 3, 480) + drums[drums.index(b"MTrk") :] + track(bass) + track(piano)


def onsets(data: bytes, number: int) -> np.ndarray:
    notes = read_midi(data).pieces[0]
    return notes.onset_beat[notes.track == number]


def test_a_bass_swings_as_the_drums_do() -> None:
    options = {"only": "timing", "swing": 0.66}
    made = perform_bytes(band(), feel_tracks=["bass"], **options).bytes
    late = onsets(made, 2) - EIGHTHS
    np.testing.assert_allclose(late[1::2], 0.16, atol=0.005)
    np.testing.assert_allclose(late[::2], 0, atol=0.005)
    without = perform_bytes(band(), **options).bytes
    assert np.abs(onsets(without, 2) - EIGHTHS).max() < 0.05
    np.testing.assert_array_equal(onsets(made, 1), onsets(without, 1))
    assert strip_performance(made) == band()


def test_chords_of_a_piano_move_together_and_other_tracks_stay() -> None:
    made = perform_bytes(band(), only="timing", feel="funk", feel_tracks=[3]).bytes
    piano = onsets(made, 3).reshape(-1, 2)
    np.testing.assert_array_equal(piano[:, 0], piano[:, 1])
    assert np.abs(piano[:, 0] - np.arange(0, 16, 2)).max() > 0


def test_the_amount_of_timing_holds_for_them_too() -> None:
    none = perform_bytes(band(), only="timing", swing=0.66, feel_tracks=[2], timing=0.0).bytes
    np.testing.assert_allclose(onsets(none, 2), EIGHTHS)
    half = perform_bytes(band(), only="timing", swing=0.66, feel_tracks=[2], timing=0.5).bytes
    np.testing.assert_allclose((onsets(half, 2) - EIGHTHS)[1::2], 0.08, atol=0.005)


def test_a_pretty_midi_follows_too() -> None:
    midi = pretty_midi.PrettyMIDI(resolution=480)
    kit, bass = pretty_midi.Instrument(0, is_drum=True), pretty_midi.Instrument(33, name="Bass")
    for n in EIGHTHS:
        kit.notes.append(pretty_midi.Note(64, 42, n / 2, n / 2 + 0.1))
        bass.notes.append(pretty_midi.Note(64, 40, n / 2, n / 2 + 0.1))
    midi.instruments += [kit, bass]
    made = humanize.perform_midi(midi, only="timing", swing=0.66, feel_tracks=["Bass"])
    late = np.array([n.start for n in made.instruments[1].notes]) - np.array(EIGHTHS) / 2
    np.testing.assert_allclose(late[1::2], 0.08, atol=0.005)


def test_what_makes_no_sense_is_one_line() -> None:
    with pytest.raises(OptionError, match="feel_tracks: found without feel or swing"):
        perform_bytes(band(), feel_tracks=[2])
    with pytest.raises(OptionError, match="feel_tracks: 'Oboe' found; expected a number or name"):
        perform_bytes(band(), feel_tracks=["Oboe"], swing=0.6)


def test_how_late_all_drums_are_at_a_place() -> None:
    columns = {"drum": [KICK, SNARE, KICK], "position": [0, 0, 24], "count": [30, 10, 20]}
    own = {name: np.array(values) for name, values in columns.items()}
    lag = {"velocity": np.zeros(3), "lag_ms": np.array([4.0, 8.0, -2.0])}
    feel = Feel(**own, departure=lag, mean=lag)
    whole = (30 * 4 + 10 * 8 - 20 * 2) / (60 + 20)
    first = whole + (30 * (4 - whole) + 10 * (8 - whole)) / (40 + 15)
    np.testing.assert_allclose(feel.lag_at(np.array([0, 24, 90])),
                               [first, whole + 20 * (-2 - whole) / 35, whole])  # fmt: skip


def test_who_moves_a_note() -> None:
    drums = np.array([True, False, False])
    found = movers_of(np.array([36, 36, 40]), np.array([1, 2, 3]), drums)
    assert found.tolist() == [RIGHT_FOOT, HANDS + 3, HANDS + 4]
