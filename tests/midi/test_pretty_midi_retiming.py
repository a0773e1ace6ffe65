"""Performances in a PrettyMIDI, by hand and against the same in a file."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from performed_smf import performance

from humanize.errors import InputError
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.midi.pretty_midi_retiming import perform_pretty_midi
from humanize.midi.reading import notes_from_pretty_midi

A, NAN = np.array, np.nan
WALTZ = Path(__file__).parents[2] / "examples" / "waltz.mid"


def song() -> pretty_midi.PrettyMIDI:
    """Three quarters of half a second, one note and then two chords of two."""
    midi = pretty_midi.PrettyMIDI(initial_tempo=120)
    part = pretty_midi.Instrument(program=0)
    rows = [(60, 0.0, 0.5), (64, 0.5, 1.0), (67, 0.5, 1.0), (60, 1.0, 1.5), (64, 1.0, 1.5)]
    part.notes = [pretty_midi.Note(64, pitch, start, end) for pitch, start, end in rows]
    part.control_changes = [pretty_midi.ControlChange(7, 100, 0.75)]
    midi.instruments.append(part)
    midi.lyrics.append(pretty_midi.Lyric("la", 1.0))
    midi.time_signature_changes.append(pretty_midi.TimeSignature(3, 4, 1.0))
    return midi


def written(writing: Writing | None = None, **more: object) -> pretty_midi.PrettyMIDI:
    notes = notes_from_pretty_midi(song())
    own = replace(PerformanceParameters.neutral(notes), **more)  # type: ignore[arg-type]
    return perform_pretty_midi(song(), notes, own, writing)


def times(midi: pretty_midi.PrettyMIDI) -> list[tuple[float, float]]:
    return [(round(n.start, 4), round(n.end, 4)) for n in midi.instruments[0].notes]


def test_times_follow_the_time_map() -> None:
    midi = written(log_beat_period=np.log([1.0, 2.0, 1.0]))
    assert times(midi) == [(0, 0.5), (0.5, 1.5), (0.5, 1.5), (1.5, 2.0), (1.5, 2.0)]
    assert midi.instruments[0].control_changes[0].time == pytest.approx(1.0)
    assert midi.lyrics[0].time == pytest.approx(1.5)
    assert midi.time_signature_changes[0].time == 1.0
    assert times(song())[1] == (0.5, 1.0)


def test_asynchrony_articulation_and_velocity() -> None:
    midi = written(
        asynchrony_ms=A([0, 5.0, -5, -20, 20]),
        log_articulation=np.log([0.5, 1, 1, 1, 0.25]),
        velocity=A([1, 2, 3, 4, 5]),
    )
    assert times(midi) == [(0, 0.25), (0.51, 1.0), (0.5, 1.0), (1.0, 1.5), (1.04, 1.165)]
    assert [n.velocity for n in midi.instruments[0].notes] == [1, 2, 3, 4, 5]


def test_pedal() -> None:
    more = {"pedal_lift_ms": A([NAN, 50, NAN]), "pedal_press_ms": A([100, 150, NAN])}
    midi = written(Writing(pedal="add"), **more)
    changes = [(round(c.time, 4), c.number, c.value) for c in midi.instruments[0].control_changes]
    assert changes == [
        (0.1, 64, 127), (0.55, 64, 0), (0.65, 64, 127), (0.75, 7, 100), (1.5001, 64, 0),
    ]  # fmt: skip
    assert [c.number for c in written(**more).instruments[0].control_changes] == [7]


def test_nothing_of_everything_is_the_same() -> None:
    midi = pretty_midi.PrettyMIDI(str(WALTZ))
    notes = notes_from_pretty_midi(midi)
    none = Writing(amounts=Amounts(rubato=0, timing=0, articulation=0))
    after = perform_pretty_midi(midi, notes, performance(notes, 1, velocity=False), none)
    for one, two in zip(midi.instruments, after.instruments, strict=True):
        assert [(n.start, n.end, n.velocity) for n in one.notes] == [
            (n.start, n.end, n.velocity) for n in two.notes
        ]


def test_rubato_is_that_of_the_file() -> None:
    from performed_smf import read

    from humanize.midi.retiming import write_performance

    data = WALTZ.read_bytes()
    reading = read(data)
    own = performance(reading.pieces[0], 3, tempo=0.2, timing=0, articulation=0)
    out = pretty_midi.PrettyMIDI(io.BytesIO(write_performance(data, reading, [own])))
    midi = pretty_midi.PrettyMIDI(io.BytesIO(data))
    notes = notes_from_pretty_midi(midi)
    after = perform_pretty_midi(
        midi, notes, performance(notes, 3, tempo=0.2, timing=0, articulation=0)
    )
    ours, theirs = (
        sorted((n.pitch, n.start) for i in m.instruments for n in i.notes) for m in (after, out)
    )
    np.testing.assert_allclose(A(ours), A(theirs), atol=0.011)


def test_what_does_not_fit_is_said() -> None:
    notes = notes_from_pretty_midi(song())
    few = PerformanceParameters.neutral(notes).take_notes(A([0]))
    with pytest.raises(InputError, match="parameters of 1 notes; expected 5"):
        perform_pretty_midi(song(), notes, few)
