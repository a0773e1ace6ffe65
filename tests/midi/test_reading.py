from __future__ import annotations

from collections import defaultdict, deque
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smf_builder import TEMPO, encode, header, music, note, track

from humanize.errors import MidiError, OptionError
from humanize.midi.pairing import pair_notes
from humanize.midi.reading import notes_from_pretty_midi, read_midi
from humanize.notes import DRUMS


def reference_pairs(events: list[tuple[int, int, bool]], end: int) -> list[tuple[int, int, int]]:
    """Pair by the rule, one event at a time: (key, onset, offset) sorted."""
    pairs, waiting = [], defaultdict(deque)
    by_tick = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for key, tick, on in events:
        by_tick[tick][key][on] += 1
    for tick in sorted(by_tick):
        for key, (offs, ons) in by_tick[tick].items():
            waiting[key].extend([tick] * ons)
            for _ in range(min(offs, len(waiting[key]))):
                pairs.append((key, waiting[key].popleft(), tick))
    last = max([end, *(tick for _, tick, _ in events)])
    pairs += [(key, onset, last) for key, queue in waiting.items() for onset in queue]
    return sorted(pairs)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 12), st.booleans()), min_size=1, max_size=60
    ),
    st.integers(0, 20),
)
def test_pairing_agrees_with_the_rule_written_out(
    events: list[tuple[int, int, bool]], end: int
) -> None:
    events.sort(key=lambda event: event[1])
    key, tick, on = (np.array(c) for c in zip(*events, strict=True))
    rows, off = pair_notes(key.astype(np.int64), tick.astype(np.int64), on.astype(bool), end)
    found = sorted(zip(key[rows].tolist(), tick[rows].tolist(), off.tolist(), strict=True))
    assert found == reference_pairs(events, end)


def times(data: bytes) -> np.ndarray:
    notes = read_midi(data).pieces[0]
    names = ("onset_beat", "duration_beat", "onset_sec", "duration_sec", "pitch", "measure",
             "measure_position_beat")  # fmt: skip
    return np.column_stack([getattr(notes, name) for name in names])


@pytest.mark.parametrize("seed", range(5))
def test_equal_music_gives_equal_bits_in_every_encoding(seed: int) -> None:
    notes = music(seed)
    first = times(encode(notes, division=480))
    for division in (96, 480, 960):
        for smf_type, swap in ((0, False), (1, False), (1, True)):
            other = encode(notes, division=division, smf_type=smf_type, swap=swap, running=swap)
            np.testing.assert_array_equal(times(other), first)


def test_tempo_and_metre_are_honoured() -> None:
    changes = [*TEMPO, (960, b"\xff\x51\x03\x0f\x42\x40"), (1440, b"\xff\x58\x04\x06\x03\x18\x08")]
    data = (
        header(1, 2, 480)
        + track(changes)
        + track([*note(0, 480, 60), *note(960, 1440, 62), *note(2880, 3000, 64)])
    )
    notes = read_midi(data).pieces[0]
    per_beat = 0x08D000 / 1e6
    assert notes.onset_beat.tolist() == [0, 2, 6]
    np.testing.assert_allclose(notes.onset_sec, [0, 2 * per_beat, 2 * per_beat + 4 * 1.0])
    assert notes.measure.tolist() == [1, 1, 3]
    assert notes.measure_position_beat.tolist() == [0, 2, 0]
    assert list(zip(notes.metre_numerator, notes.metre_denominator, strict=True)) == [
        (3, 4),
        (3, 4),
        (6, 8),
    ]


def test_hard_cases_lose_no_note() -> None:
    events = [
        *note(0, 0, 60),  # zero length
        *note(100, 400, 60), *note(200, 300, 60),  # overlapping, equal pitch
        (500, bytes([0x90, 61, 70])),  # no note-off
        (600, bytes([0x80, 99, 0])),  # nothing to close
        (900, b"\xff\x01\x00"),
    ]  # fmt: skip
    notes = read_midi(header(0, 1, 480) + track(events)).pieces[0]
    ends = np.round((notes.onset_beat + notes.duration_beat) * 480).astype(int).tolist()
    onsets = np.round(notes.onset_beat * 480).astype(int).tolist()
    assert list(zip(onsets, ends, strict=True)) == [(0, 0), (100, 300), (200, 400), (500, 900)]


def test_instruments_follow_programs_tracks_or_nothing() -> None:
    parts = [
        track([(0, bytes([0xC0, 0])), *note(0, 480, 60)]),
        track([(0, bytes([0xC1, 0])), *note(0, 480, 48, channel=1)]),
        track([(0, bytes([0xC2, 40])), *note(0, 480, 72, channel=2)]),
        track(note(0, 480, 36, channel=9)),
    ]
    data = header(1, 4, 480) + b"".join(parts)

    def groups(split: str) -> list[int]:
        notes = read_midi(data, split=split).pieces[0]  # type: ignore[arg-type]
        return [int(notes.instrument[notes.pitch == p][0]) for p in (60, 48, 72, 36)]

    assert groups("programs") == [0, 0, 1, DRUMS]
    assert groups("tracks") == [0, 1, 2, DRUMS]
    assert groups("none") == [0, 0, 0, DRUMS]
    with pytest.raises(OptionError, match="expected one of programs, tracks, none"):
        read_midi(data, split="voices")  # type: ignore[arg-type]


def test_a_program_change_holds_from_its_tick_on() -> None:
    events = [
        (0, bytes([0xC0, 5])),
        *note(0, 480, 60),
        (960, bytes([0xC0, 7])),
        *note(960, 1440, 62),
    ]
    assert read_midi(header(0, 1, 480) + track(events)).pieces[0].program.tolist() == [5, 7]


def test_tracks_of_type_2_are_pieces_of_their_own() -> None:
    parts = [track([*TEMPO, *note(0, 480, 60)]), track([]), track(note(480, 960, 62))]
    reading = read_midi(header(2, 3, 480) + b"".join(parts))
    assert [len(p) for p in reading.pieces] == [1, 1]
    assert [p.source.tolist() for p in reading.pieces] == [[0], [1]]
    np.testing.assert_allclose(reading.pieces[1].onset_sec, [0.5])  # the first tempo is not its own


def test_no_notes_is_an_error() -> None:
    with pytest.raises(MidiError, match="no notes in any track"):
        read_midi(header(1, 1, 480) + track(TEMPO), name="song.mid")
    with pytest.raises(MidiError, match="no notes in any track"):
        read_midi(header(1, 0, 480), name="no tracks.mid")


def test_timing_of_a_player_is_recognised() -> None:
    draw = np.random.default_rng(0)
    onsets = np.sort(draw.integers(0, 480 * 60, 200)).tolist()
    played = [
        event for onset in onsets for event in note(onset, onset + 200, int(draw.integers(40, 80)))
    ]
    assert read_midi(header(0, 1, 480) + track(played)).pieces[0].timing == "performed"
    assert read_midi(encode(music())).pieces[0].timing == "score"


def test_ten_thousand_notes_in_one_chord() -> None:
    events = [e for i in range(10_000) for e in note(0, 480, i % 128, channel=i % 8)]
    notes = read_midi(header(0, 1, 480) + track(events)).pieces[0]
    assert len(notes) == 10_000
    assert set(notes.duration_beat.tolist()) == {1.0}


def test_pretty_midi_gives_the_table_of_the_file(tmp_path: Path) -> None:
    import pretty_midi

    data = encode(music(3), division=480)
    path = tmp_path / "x.mid"
    path.write_bytes(data)
    ours, theirs = (
        read_midi(data).pieces[0],
        notes_from_pretty_midi(pretty_midi.PrettyMIDI(str(path))),
    )
    np.testing.assert_array_equal(ours.pitch, theirs.pitch)
    for name in ("onset_beat", "duration_beat", "onset_sec", "measure_position_beat"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=2e-6)


def test_notes_of_the_whole_corpus_agree_with_an_independent_reader(asap_dir: Path) -> None:
    import symusic

    files = sorted(asap_dir.rglob("*.mid"))
    assert len(files) > 1000
    for path in files:
        notes = read_midi(path.read_bytes(), name=str(path)).pieces[0]
        score = symusic.Score(str(path), ttype="tick")
        other = sorted((n.time, n.pitch, n.velocity) for t in score.tracks for n in t.notes)
        ticks = np.round(notes.onset_beat * score.ticks_per_quarter).astype(int)
        own = sorted(
            zip(ticks.tolist(), notes.pitch.tolist(), notes.velocity.tolist(), strict=True)
        )
        assert own == other, path
