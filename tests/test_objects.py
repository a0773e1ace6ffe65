"""Music that other libraries hold comes back as their own kind."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest

import humanize
from humanize.errors import InputError, OptionError

EXAMPLES = Path(__file__).parent.parent / "examples"
WALTZ = EXAMPLES / "waltz.mid"


def test_a_midi_file_of_mido_comes_back_as_one() -> None:
    mido = pytest.importorskip("mido")
    midi = mido.MidiFile(WALTZ)
    done = humanize.humanize_midi(midi, strength=0.5)
    assert type(done) is mido.MidiFile
    assert struck(midi) == {64}
    content = io.BytesIO(humanize.humanize_bytes(WALTZ.read_bytes(), strength=0.5).bytes)
    expected = mido.MidiFile(file=content)
    assert done.tracks == expected.tracks and len(struck(done)) > 10
    assert type(humanize.perform_midi(midi)) is mido.MidiFile


def struck(midi: Any) -> set[int]:
    return {m.velocity for t in midi.tracks for m in t if m.type == "note_on" and m.velocity}


@pytest.mark.parametrize("unit", ["Tick", "Quarter", "Second"])
def test_a_score_of_symusic_comes_back_in_its_unit(unit: str) -> None:
    symusic = pytest.importorskip("symusic")
    score = symusic.Score(WALTZ).to(unit)
    done = humanize.humanize_midi(score)
    assert type(done) is type(score)
    kept = [(n.time, n.duration, n.pitch) for t in score.tracks for n in t.notes]
    back = [(n.time, n.duration, n.pitch) for t in done.tracks for n in t.notes]
    assert back == [pytest.approx(note, abs=1e-3) for note in kept]
    assert {n.velocity for t in score.tracks for n in t.notes} == {64}
    assert len({n.velocity for t in done.tracks for n in t.notes}) > 10


def test_a_stream_of_music21_comes_back_with_velocities_alone() -> None:
    music21 = pytest.importorskip("music21")
    stream = music21.converter.parse(EXAMPLES / "waltz.musicxml")
    asis = copy.deepcopy(stream)
    done = humanize.humanize_midi(stream)
    assert type(done) is type(stream)
    velocities = [head.volume.velocity for head in heads(done)]
    result = humanize.humanize_score(stream)
    assert sorted(velocities) == sorted(result.velocities.tolist())
    assert all(h.volume.velocity is None for h in heads(stream)), (
        "the stream that came is as it was"
    )
    same = [(h.offset, h.nameWithOctave, h.quarterLength) for h in heads(done)]
    assert same == [(h.offset, h.nameWithOctave, h.quarterLength) for h in heads(asis)]
    with pytest.raises(OptionError, match=r"perform_score\(stream\)"):
        humanize.perform_midi(stream)


def heads(stream: Any) -> list[Any]:
    return [h for e in stream.recurse().notes for h in (e.notes if e.isChord else [e])]


@pytest.mark.parametrize("call", [humanize.humanize_midi, humanize.perform_midi])
def test_what_is_no_music_is_told_what_is_taken(call: Any) -> None:
    for thing in ("in.mid", b"MThd", [60]):
        with pytest.raises(
            OptionError, match="expected a PrettyMIDI, mido MidiFile, symusic Score"
        ):
            call(thing)


def test_music_that_cannot_be_written_is_one_line() -> None:
    mido = pytest.importorskip("mido")
    midi = mido.MidiFile(WALTZ)
    midi.ticks_per_beat = "many"
    with pytest.raises(InputError, match="MidiFile: cannot be written as MIDI"):
        humanize.humanize_midi(midi)
