"""Note tables of small files, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from smf_builder import header, note, track

from humanize.midi.reading import MidiPieces, notes_from_pretty_midi, pedal_controls, read_midi
from humanize.midi.smf import scan
from humanize.notes import DRUMS, NoteTable

Event = tuple[int, bytes]


def tempo(tick: int, micros: int) -> Event:
    return tick, b"\xff\x51\x03" + micros.to_bytes(3, "big")


def metre(tick: int, numerator: int, power: int) -> Event:
    return tick, bytes([0xFF, 0x58, 4, numerator, power, 24, 8])


def program(tick: int, number: int, channel: int = 0) -> Event:
    return tick, bytes([0xC0 + channel, number])


def named(name: bytes) -> Event:
    return 0, bytes([0xFF, 3, len(name)]) + name


def reading(*parts: Sequence[Event], division: int = 480) -> MidiPieces:
    tracks = b"".join(track(list(part)) for part in parts)
    return read_midi(header(1, len(parts), division) + tracks)


def read(*parts: Sequence[Event], division: int = 480) -> NoteTable:
    return reading(*parts, division=division).pieces[0]


def onsets(ticks: Sequence[int]) -> list[Event]:
    return [e for tick in ticks for e in note(tick, tick + 20, 60)]


def test_every_column_of_two_notes() -> None:
    first = [tempo(0, 400_000), metre(0, 3, 2)]
    second = [program(0, 7, 2), *note(240, 960, 60, channel=2, velocity=33)]
    third = [program(0, 9, 4), *note(1680, 1800, 72, channel=4, velocity=99)]
    notes = read(first, second, third)
    expected = {
        "onset_beat": [0.5, 3.5],
        "duration_beat": [1.5, 0.25],
        "onset_sec": [0.2, 1.4],
        "duration_sec": [0.6, 0.1],
        "pitch": [60, 72],
        "measure": [1, 2],
        "measure_position_beat": [0.5, 0.5],
        "metre_numerator": [3, 3],
        "metre_denominator": [4, 4],
        "track": [2, 3],
        "channel": [3, 5],
        "program": [7, 9],
        "instrument": [0, 1],
        "velocity": [33, 99],
        "source": [0, 1],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(notes, name), values, atol=1e-9, err_msg=name)
    assert notes.metre_known
    assert notes.timing == "score"


def test_positions_are_those_of_the_velocity_bytes() -> None:
    data = header(1, 1, 480) + track(
        [*note(480, 600, 60, velocity=11), *note(0, 90, 70, velocity=22)]
    )
    found = read_midi(data)
    assert [data[p] for p in found.positions.tolist()] == [22, 11]
    assert [data[found.positions[s]] for s in found.pieces[0].source] == [22, 11]


def test_a_file_without_tempo_or_metre_is_at_120_in_four_four() -> None:
    found = reading(note(2400, 2880, 60))
    notes = found.pieces[0]
    assert notes.onset_sec.tolist() == [2.5] and notes.duration_sec.tolist() == [0.5]
    assert (notes.measure.tolist(), notes.measure_position_beat.tolist()) == ([2], [1])
    assert not notes.metre_known
    assert found.tempo_bpm == (120.0,)
    assert notes.program.tolist() == [-1]


def test_a_first_tempo_that_comes_late_is_not_heard_before() -> None:
    changes = [tempo(960, 1_000_000), tempo(1440, 250_000)]
    found = reading(changes, [*note(480, 1200, 60), *note(1920, 2400, 62)])
    # a beat of 0.5 s twice, one of 1 s, then of 0.25 s
    assert found.pieces[0].onset_sec.tolist() == [0.5, 2.25]
    assert found.pieces[0].duration_sec.tolist() == [1.0, 0.25]
    assert found.tempo_bpm == (60.0, 240.0)


def test_a_change_of_metre_inside_a_measure_begins_a_new_one() -> None:
    # 4/4 with a change after six beats: a whole measure, half a measure, then 6/8 and 2/2
    changes = [metre(0, 4, 2), metre(2880, 6, 3), metre(2880 + 1440, 2, 1)]
    ticks = [0, 1920, 2400, 2880, 3600, 4320, 6240]
    notes = read(changes, onsets(ticks))
    assert notes.measure.tolist() == [1, 2, 2, 3, 3, 4, 5]
    assert notes.measure_position_beat.tolist() == [0, 0, 1, 0, 1.5, 0, 0]
    assert notes.metre_numerator.tolist() == [4, 4, 4, 6, 6, 2, 2]
    assert notes.metre_denominator.tolist() == [4, 4, 4, 8, 8, 2, 2]


def test_a_first_metre_that_comes_late_follows_four_four() -> None:
    notes = read([metre(1920, 3, 2)], onsets([480, 1920, 3360]))
    assert notes.measure.tolist() == [1, 2, 3]
    assert notes.metre_numerator.tolist() == [4, 3, 3]
    assert notes.metre_known


def test_a_metre_said_again_does_not_begin_a_measure() -> None:
    again = read([metre(0, 4, 2), metre(960, 4, 2)], onsets([0, 960, 1920]))
    assert again.measure.tolist() == [1, 1, 2]
    assert again.measure_position_beat.tolist() == [0, 2, 0]
    two = read([metre(0, 3, 2), metre(0, 2, 2)], onsets([0, 960, 1440]))
    assert two.metre_numerator.tolist() == [3, 3, 3]


def test_programs_hold_from_their_tick_in_their_channel_and_track() -> None:
    first = [
        program(480, 5),
        *note(0, 100, 60),
        *note(480, 600, 61),
        program(960, 6),
        *note(960, 1000, 62),
    ]
    second = [*note(0, 100, 70), *note(1000, 1100, 71), *note(0, 100, 80, channel=3)]
    third = [program(0, 8, 1), *note(0, 100, 90, channel=1)]
    notes = read(first, second, third)
    found = dict(zip(notes.pitch.tolist(), notes.program.tolist(), strict=True))
    # before its first change a channel has that; a track without a change that of its channel
    assert found == {60: 5, 61: 5, 62: 6, 70: 5, 71: 6, 80: -1, 90: 8}


def test_a_track_has_its_own_program_though_another_changes_the_channel() -> None:
    notes = read([program(0, 5), *note(0, 100, 60)], [program(0, 9), *note(0, 100, 70)])
    assert notes.program.tolist() == [5, 9]
    assert notes.instrument.tolist() == [0, 1]


def test_drums_are_on_the_tenth_channel_alone() -> None:
    notes = read([e for c in (8, 9, 10) for e in note(0, 100, 60 + c, channel=c)])
    assert notes.channel.tolist() == [9, 10, 11]
    assert notes.instrument.tolist() == [0, DRUMS, 0]


def test_time_of_film_frames_stands_for_120_beats_a_minute() -> None:
    # 25 frames a second of 40 ticks: a tick is a millisecond, and a beat half a second
    notes = read(note(750, 1000, 60), division=(256 - 25) * 256 + 40)
    assert notes.onset_sec.tolist() == [0.75] and notes.duration_sec.tolist() == [0.25]
    assert notes.onset_beat.tolist() == [1.5] and notes.duration_beat.tolist() == [0.5]


def test_film_that_drops_frames_runs_a_thousandth_slow() -> None:
    # 29.97 frames a second (30 / 1.001) of two ticks: sixty ticks last 1.001 s, or 2.002 beats
    notes = read(note(60, 120, 60), division=(256 - 29) * 256 + 2)
    assert (notes.onset_sec.tolist(), notes.onset_beat.tolist()) == ([1.001], [2.002])
    assert (notes.duration_sec.tolist(), notes.duration_beat.tolist()) == ([1.001], [2.002])
    assert notes.measure_position_beat.tolist() == [2.002]


@pytest.mark.parametrize("tick", [0, 40, 30, 24, 17, 18, 51, 120])
def test_common_note_values_are_a_grid(tick: int) -> None:
    """Twelve, sixteen, twenty and twenty-eight to the quarter note, to less than a tick."""
    assert read(onsets([tick + 480 * k for k in range(10)])).timing == "score"


@pytest.mark.parametrize("tick", [7, 16, 38, 42, 22, 26, 28, 32])
def test_what_is_a_tick_or_more_from_the_grid_is_not_on_it(tick: int) -> None:
    assert read(onsets([tick + 480 * k for k in range(10)])).timing == "performed"


def test_two_of_five_onsets_on_the_grid_make_a_score() -> None:
    on, off = [480 * k for k in range(8)], [480 * k + 7 for k in range(8)]
    assert read(onsets([*on[:2], *off[:3]])).timing == "score"
    assert read(onsets([*on[:3], *off[:5]])).timing == "performed"
    # a chord is one onset
    chord = [e for p in range(60, 80) for e in note(0, 100, p)]
    assert read(chord, onsets(off[:4])).timing == "performed"


def test_names_are_read_in_either_encoding_without_control_characters() -> None:
    parts = ["é".encode(), "é".encode("latin-1"), b" a\x07b "]
    found = reading(*([named(name), *note(0, 90, 60)] for name in parts), note(0, 90, 61))
    assert found.track_names == ("é", "é", "a b", "")


def test_pieces_of_type_two_count_on() -> None:
    parts = [track(note(0, 480, 60)), track([*note(0, 480, 62), *note(480, 960, 64)])]
    found = read_midi(header(2, 2, 480) + b"".join(parts))
    assert [p.source.tolist() for p in found.pieces] == [[0], [1, 2]]
    assert [p.track.tolist() for p in found.pieces] == [[1], [2, 2]]
    assert len(found.positions) == 3


def test_a_note_that_nothing_ends_lasts_to_the_end_of_the_piece() -> None:
    open_note = [(480, bytes([0x90, 60, 70]))]
    notes = read(open_note, [*note(0, 100, 72), (1920, b"\xff\x01\x00")])
    assert dict(zip(notes.pitch.tolist(), notes.duration_beat.tolist(), strict=True))[60] == 3.0


def test_a_note_on_of_velocity_nought_ends_and_is_no_note() -> None:
    notes = read([(0, bytes([0x90, 60, 1])), (480, bytes([0x90, 60, 0])), *note(480, 960, 62)])
    assert notes.pitch.tolist() == [60, 62]
    assert notes.velocity.tolist() == [1, 64]
    assert notes.duration_beat.tolist() == [1, 1]


def test_a_pretty_midi_by_hand() -> None:
    import pretty_midi

    midi = pretty_midi.PrettyMIDI(resolution=480, initial_tempo=150)
    midi.time_signature_changes.append(pretty_midi.TimeSignature(3, 4, 0.0))
    violin = pretty_midi.Instrument(40)
    violin.notes.append(pretty_midi.Note(velocity=90, pitch=76, start=1.6, end=2.0))
    drums = pretty_midi.Instrument(0, is_drum=True)
    drums.notes.append(pretty_midi.Note(velocity=50, pitch=36, start=0.4, end=0.5))
    midi.instruments += [violin, drums]
    notes = notes_from_pretty_midi(midi)
    expected = {
        "onset_beat": [1, 4],
        "duration_beat": [0.25, 1],
        "onset_sec": [0.4, 1.6],
        "duration_sec": [0.1, 0.4],
        "pitch": [36, 76],
        "measure": [1, 2],
        "measure_position_beat": [1, 1],
        "metre_numerator": [3, 3],
        "metre_denominator": [4, 4],
        "track": [2, 1],
        "channel": [10, 1],
        "program": [0, 40],
        "instrument": [DRUMS, 0],
        "velocity": [50, 90],
        "source": [1, 0],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(notes, name), values, atol=1e-9, err_msg=name)
    assert notes.metre_known and not notes.pedals


def test_pedals_of_a_pretty_midi_are_those_of_its_own_instrument() -> None:
    import pretty_midi

    midi = pretty_midi.PrettyMIDI()
    for number in range(2):
        part = pretty_midi.Instrument(program=number)
        part.notes.append(pretty_midi.Note(velocity=64, pitch=60 + number, start=1.0, end=2.0))
        midi.instruments.append(part)
    for number, value, time in (
        (64, 90, 0.5),
        (64, 30, 1.05),
        (64, 10, 2.0),
        (67, 77, 0.0),
        (7, 5, 0),
    ):
        midi.instruments[1].control_changes.append(pretty_midi.ControlChange(number, value, time))
    notes = notes_from_pretty_midi(midi)
    for name, value in (
        ("sustain_pedal", 90),
        ("sustain_pedal_after", 30),
        ("sustain_pedal_release", 10),
        ("soft_pedal", 77),
        ("soft_pedal_after", 77),
    ):
        np.testing.assert_array_equal(notes.pedal(name), [np.nan, value])


def test_pedals_are_those_of_all_tracks_or_of_some() -> None:
    parts = [track([(480, bytes([0xB0, 64, value]))]) for value in (10, 20)]
    smf = scan(header(1, 2, 480) + b"".join(parts), name="x.mid")
    everything, second = pedal_controls(smf), pedal_controls(smf, smf.tracks[1:])
    assert (everything.value.tolist(), second.value.tolist()) == ([10, 20], [20])
    assert everything.seconds.tolist() == [0.5, 0.5]
