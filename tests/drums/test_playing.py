"""Drums in files: who is played, what is said, what stays."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from smf_builder import header, note, track
from test_kit_and_grid import drum_file

import humanize
from humanize.drums.bundle import DEFAULT, FOLDER, drum_model_names, load_drum_model
from humanize.drums.hits import hits_of
from humanize.drums.playing import click_notes, play_drums, together, with_ghosts
from humanize.errors import MidiError, ModelError
from humanize.midi.reading import read_midi

ROOT = Path(__file__).parents[2]
BEAT = (ROOT / "examples" / "rock_beat.mid").read_bytes()
PIANO = track([e for i in range(16) for e in note(i * 240, i * 240 + 200, 60 + i % 5)])


def with_drums(drums: bytes, *, name: bytes = b"Kit") -> bytes:
    """A piano and drums, each on a track of its own."""
    body = drums[drums.index(b"MTrk") + 8 :]
    named = b"\x00\xff\x03" + bytes([len(name)]) + name + body
    chunk = b"MTrk" + len(named).to_bytes(4, "big") + named
    return header(1, 2, 480) + PIANO + chunk


def test_a_file_of_drums_alone_is_played() -> None:
    result = humanize.humanize_bytes(BEAT, name="beat.mid")
    notes, velocity = result.notes[0], result.velocities[0]
    snare = notes.pitch == 38
    backbeat = snare & np.isin(notes.measure_position_beat, [1.0, 3.0])
    ghost = snare & (notes.onset_beat < 8) & (notes.measure_position_beat % 0.5 == 0.25)
    assert backbeat.sum() >= 6 and ghost.sum() == 4
    assert velocity[backbeat].min() > velocity[ghost].max() + 20
    hat = (notes.pitch == 42) & (notes.onset_beat < 12)
    on, off = (velocity[hat & (notes.onset_beat % 1 == p)].mean() for p in (0, 0.5))
    assert on > off + 10
    assert result.messages == ("drums played: 69 hits on a grid of sixteenths",)


def test_nothing_but_velocities_changes() -> None:
    result = humanize.humanize_bytes(BEAT, name="beat.mid")
    changed = [i for i, (a, b) in enumerate(zip(BEAT, result.bytes, strict=True)) if a != b]
    positions = set(result.music.reading.positions.tolist())  # type: ignore[union-attr]
    assert set(changed) <= positions
    assert humanize.humanize_bytes(BEAT, strength=0).bytes == BEAT


def test_drums_of_a_mixed_file_are_played_when_asked_for() -> None:
    data = with_drums(BEAT)
    left = humanize.humanize_bytes(data)
    drums = left.notes[0].track == 2
    assert set(left.velocities[0][drums].tolist()) == {64}
    played = humanize.humanize_bytes(data, drums="groove")
    np.testing.assert_array_equal(played.velocities[0][~drums], left.velocities[0][~drums])
    alone = humanize.humanize_bytes(BEAT)
    np.testing.assert_array_equal(played.velocities[0][drums], alone.velocities[0])
    assert played.messages[0] == "drums played: 69 hits on a grid of sixteenths"


def test_a_metronome_is_not_played() -> None:
    data = with_drums(drum_file((0, 37), (1, 37), (2, 37), (3, 37)), name=b"Click")
    result = humanize.humanize_bytes(data, drums="groove")
    assert set(result.velocities[0][result.notes[0].track == 2].tolist()) == {80}
    notes = result.notes[0]
    assert click_notes(notes, ("Piano", "Click")).tolist() == (notes.track == 2).tolist()


def test_unknown_numbers_are_left_alone_and_said() -> None:
    result = humanize.humanize_bytes(drum_file((0, 36), (1, 38), (1, 90), (2, 91), (3, 38)))
    unknown = np.isin(result.notes[0].pitch, [90, 91])
    assert set(result.velocities[0][unknown].tolist()) == {80}
    assert np.isnan(result.predicted[0][unknown]).all()
    assert result.messages == (
        "drums played: 3 hits on a grid of sixteenths; left alone: 2 notes of no known drum "
        "(90, 91)",
    )
    with pytest.raises(MidiError, match=r"only drums of unknown note numbers \(90\)"):
        humanize.humanize_bytes(drum_file((0, 90), (1, 90)), name="x.mid")


def test_a_pretty_midi_of_drums() -> None:
    pretty_midi = importlib.import_module("pretty_midi")
    kit = pretty_midi.Instrument(0, is_drum=True)
    for i in range(16):
        kit.notes.append(pretty_midi.Note(80, 38 if i % 8 == 4 else 42, i / 4, i / 4 + 0.1))
    midi = pretty_midi.PrettyMIDI()
    midi.instruments.append(kit)
    played = humanize.humanize_midi(midi).instruments[0].notes
    assert len({own.velocity for own in played}) > 3


def test_a_pretty_midi_of_drums_is_performed_in_time_too() -> None:
    pretty_midi = importlib.import_module("pretty_midi")
    kit = pretty_midi.Instrument(0, is_drum=True)
    for i in range(32):
        kit.notes.append(pretty_midi.Note(80, (36, 42, 38, 42)[i % 4], i / 4, i / 4 + 0.1))
    midi = pretty_midi.PrettyMIDI()
    midi.instruments.append(kit)
    played = humanize.perform_midi(midi).instruments[0].notes
    moves = np.array([own.start - i / 4 for i, own in enumerate(played)])
    assert 0.001 < np.abs(moves).max() < 0.06
    assert played[0].start >= 0
    lengths = np.array([own.end - own.start for own in played])
    np.testing.assert_allclose(lengths[:-1], 0.1, atol=2e-4)
    still = humanize.perform_midi(midi, timing=0.0).instruments[0].notes
    assert [own.start for own in still] == [i / 4 for i in range(32)]


def test_what_was_written_as_a_ghost_stays_one() -> None:
    loud = [(float(beat), 38) for beat in range(8)]
    soft = [(beat + 0.25, 38) for beat in range(8)]
    data = drum_file(*loud, velocity=110)
    quiet = drum_file(*soft, velocity=30)
    both = header(1, 2, 480) + data[data.index(b"MTrk") :] + quiet[quiet.index(b"MTrk") :]
    result = humanize.humanize_bytes(both)
    ghost = result.notes[0].onset_beat % 1 == 0.25
    assert result.velocities[0][ghost].max() < result.velocities[0][~ghost].min()


def test_ghosts_by_hand() -> None:
    notes = read_midi(drum_file((0, 38), (1, 38), (2, 38), (3, 38))).pieces[0]
    hits = hits_of(notes)
    flat = np.array([100.0, 50.0, 90.0, 30.0])
    np.testing.assert_array_equal(with_ghosts(flat, hits), flat)
    hits.velocity[:] = [100, 40, 100, 100]
    # the 90th percentile of what is predicted is 97: a ghost at most .45, a stroke at least .55
    np.testing.assert_allclose(with_ghosts(flat, hits), [100, 43.65, 90, 53.35])


def test_a_flam_lags_as_its_main_stroke() -> None:
    hits = hits_of(read_midi(drum_file((0.95, 38), (1, 38), (1, 42), (2, 38))).pieces[0])
    lag = np.where(hits.again, 99.0, np.arange(len(hits), dtype=float))
    main = float(lag[(hits.drum == 1) & (hits.tick == 24) & ~hits.again][0])
    assert together(lag, hits)[hits.again].tolist() == [main]


def test_the_bundle_that_ships() -> None:
    assert drum_model_names() == [DEFAULT]
    model = load_drum_model()
    assert model.manifest["licence"] == "CC BY 4.0"
    assert "Gillick" in model.manifest["attribution"]
    size = sum(path.stat().st_size for path in (FOLDER / DEFAULT).iterdir())
    assert size < 2_000_000
    with pytest.raises(ModelError, match="drum model 'x' is unknown; expected one of drums-1"):
        load_drum_model("x")


def test_stored_predictions() -> None:
    notes = read_midi(BEAT).pieces[0]
    played = play_drums(notes)
    np.testing.assert_allclose(played.velocity[:8], STORED_VELOCITY, atol=0.06)
    np.testing.assert_allclose(played.lag_ms[:8], STORED_LAG_MS, atol=0.06)


STORED_VELOCITY = [76.8, 97.4, 100.7, 51.0, 123.9, 107.1, 54.5, 64.2]
STORED_LAG_MS = [1.5, 4.9, 0.8, -1.5, 0.8, 1.3, -12.1, -6.1]


def test_a_name_that_no_folder_can_have_is_unknown() -> None:
    with pytest.raises(ModelError, match="is unknown; expected one of drums-1"):
        load_drum_model("x" * 300)
