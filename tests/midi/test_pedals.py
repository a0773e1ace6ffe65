"""The pedals of a MIDI source, note by note."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smf_builder import TEMPO, header, note, track

from humanize.commands.info import describe
from humanize.features import all_features, feature_table
from humanize.midi.pedals import CONTROLLERS, fewer_pedals
from humanize.midi.reading import notes_from_pretty_midi, read_midi
from humanize.midi.smf import KEPT_CONTROLLERS
from humanize.notes import PEDALS, NoteTable
from humanize.training.columns import columns_of

DAMPER, SOFT = 64, 67
Event = tuple[int, bytes]


def pedal(tick: int, value: int, *, number: int = DAMPER, channel: int = 0) -> Event:
    return tick, bytes([0xB0 + channel, number, value])


def read(*parts: list[Event], division: int = 480, running: bool = False) -> NoteTable:
    tracks = [track(TEMPO), *(track(part, running=running) for part in parts)]
    return read_midi(header(1, len(tracks), division) + b"".join(tracks)).pieces[0]


def scale(channel: int = 0, division: int = 480) -> list[Event]:
    return [
        event
        for step in range(8)
        for event in note(
            step * division // 2, (step + 1) * division // 2, 60 + step, channel=channel
        )
    ]


def value_at(changes: list[tuple[int, int]], tick: float) -> int:
    """Return the value in force at a tick, by going through the changes."""
    found, latest = 0, -1
    for when, value in sorted(changes):
        if when <= tick:
            found = value if when > latest else max(found, value)
            latest = when
    return found


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 127)), min_size=1, max_size=30)
)
def test_values_are_those_in_force_at_onset_after_it_and_at_release(
    changes: list[tuple[int, int]],
) -> None:
    notes = read([*scale(), *(pedal(*change) for change in changes)], running=True)
    per_second = 480 / 0.577536  # by the tempo of the file
    tick = notes.onset_beat * 480
    release = tick + notes.duration_beat * 480
    moments = {"": tick, "_after": tick + 0.1 * per_second, "_release": release}
    for suffix, moment in moments.items():
        expected = [value_at(changes, m) for m in moment.tolist()]
        assert notes.pedal("sustain_pedal" + suffix).tolist() == expected
    assert np.isnan(notes.pedal("soft_pedal")).all()


def test_order_of_simultaneous_changes_and_resolution_do_not_matter() -> None:
    changes = [(0, 127), (480, 0), (480, 90), (960, 30), (960, 20)]
    first = read([*scale(), *(pedal(*c) for c in changes)])
    other = read([*(pedal(*c) for c in reversed(changes)), *scale()])
    fine = read(
        [*scale(division=960), *(pedal(2 * tick, value) for tick, value in changes)], division=960
    )
    for table in (other, fine):
        for name in PEDALS:
            np.testing.assert_array_equal(table.pedal(name), first.pedal(name))
    assert first.pedal("sustain_pedal").tolist() == [127, 127, 90, 90, 30, 30, 30, 30]


def test_an_instrument_has_the_pedals_of_its_channels_and_of_no_other() -> None:
    program = [(0, bytes([0xC1, 40]))]
    hands = read([*scale(0), pedal(0, 100)], scale(2))
    assert set(hands.pedal("sustain_pedal").tolist()) == {100}
    two = read([(0, bytes([0xC0, 0])), *scale(0), pedal(0, 100)], [*program, *scale(1)])
    piano = two.program == 0
    assert set(two.pedal("sustain_pedal")[piano].tolist()) == {100}
    assert np.isnan(two.pedal("sustain_pedal")[~piano]).all()


def test_other_controllers_are_not_pedals() -> None:
    assert set(CONTROLLERS) == KEPT_CONTROLLERS
    assert not read([*scale(), pedal(0, 100, number=7), pedal(0, 100, number=1)]).pedals


def test_pretty_midi_gives_the_pedals_of_the_file(tmp_path: Path) -> None:
    import pretty_midi

    events = [*scale(), pedal(300, 80), pedal(700, 0), pedal(100, 50, number=SOFT)]
    tracks = [track(TEMPO), track(events)]
    data = header(1, 2, 480) + b"".join(tracks)
    (tmp_path / "x.mid").write_bytes(data)
    theirs = notes_from_pretty_midi(pretty_midi.PrettyMIDI(str(tmp_path / "x.mid")))
    ours = read_midi(data).pieces[0]
    assert set(ours.pedals) == set(PEDALS)
    for name in PEDALS:
        np.testing.assert_array_equal(theirs.pedal(name), ours.pedal(name))


def test_pedals_reach_their_own_family_and_only_performed_timing() -> None:
    notes = read([*scale(), pedal(300, 80), pedal(0, 3, number=SOFT), pedal(700, 60, number=SOFT)])
    with_pedals, without = feature_table(notes), feature_table(replace(notes, pedals={}))
    pairs = zip(all_features(), with_pedals.values.T, without.values.T, strict=True)
    for feature, a, b in pairs:
        if feature.family == "pedals":
            assert np.isnan(b).all(), feature.name
            assert not np.isnan(a).any(), feature.name
        else:
            np.testing.assert_array_equal(a, b, err_msg=feature.name)
    of_pedals = {f.name for f in all_features() if f.family == "pedals"}
    assert of_pedals <= set(columns_of("performed"))
    assert not of_pedals & (set(columns_of("flat")) | set(columns_of("marked")))


def test_window_means_are_over_the_notes_of_the_window() -> None:
    notes = read([*scale(), pedal(0, 10), pedal(960, 90)])
    table = feature_table(notes, ["sustain_pedal_past0.5s_mean", "sustain_pedal_next8s_mean"])
    after, onset = notes.pedal("sustain_pedal_after"), notes.onset_sec
    for row, (past, ahead) in enumerate(table.values.tolist()):
        before = (onset <= onset[row]) & (onset >= onset[row] - 0.5)
        assert past == pytest.approx(after[before].mean(), abs=1e-4)
        assert ahead == pytest.approx(after[onset >= onset[row]].mean(), abs=1e-4)


def test_training_hears_less_than_all_pedals_too() -> None:
    both = {name: np.arange(3.0) for name in PEDALS}
    damper = {name: column for name, column in both.items() if name.startswith("sustain")}
    assert [sorted(kept) for kept in fewer_pedals(both)] == [[], sorted(damper)]
    assert fewer_pedals(damper) == [{}]
    assert fewer_pedals({}) == []


def test_no_column_of_performed_timing_alone_is_a_near_copy(asap_dir: Path) -> None:
    from humanize.corpus.asap import load_performed

    names = np.array(columns_of("performed"))
    draw = np.random.default_rng(0)
    pieces = [p for p in load_performed(asap_dir, "validation").pieces if len(p.notes.pedals) == 6]
    assert len(pieces) > 20
    tables = [feature_table(p.notes, names.tolist()).values for p in pieces[::3]]
    values = np.concatenate([t[draw.integers(0, len(t), 600)] for t in tables]).astype(np.float64)
    for column in values.T:
        column[np.isnan(column)] = np.nanmean(column) if not np.isnan(column).all() else 0.0
    varied = values.std(axis=0) > 1e-9
    correlation = np.abs(np.triu(np.corrcoef(values[:, varied].T), 1))
    own = {f.name for f in all_features() if f.family in ("pedals", "touch")}
    pairs = names[varied][np.argwhere(correlation > 0.999)].tolist()
    assert [pair for pair in pairs if own & set(pair)] == []


def test_info_says_how_much_each_pedal_is_down() -> None:
    events = [*scale(), pedal(0, 127), pedal(900, 0), pedal(0, 0, number=SOFT)]
    data = header(1, 2, 480) + track(TEMPO) + track(events)
    lines = describe(read_midi(data), name="x.mid")
    shown = "damper down at 50% of notes, soft pedal down at 0% of notes"
    assert f"pedals       {shown} (heard for performed timing only)" in lines
    without = describe(read_midi(header(1, 1, 480) + track(scale())), name="x.mid")
    assert not any(line.startswith("pedals") for line in without)
