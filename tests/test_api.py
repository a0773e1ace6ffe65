from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smf_builder import chunk, encode, header, music, note, track

import humanize
from humanize.errors import HumanizeError, InputError, OptionError, OutputError
from humanize.midi.reading import read_midi
from humanize.midi.smf import scan


def note_on_positions(data: bytes) -> set[int]:
    found = set()
    for part in scan(data, name="x").tracks:
        for status, position in zip(
            part.note_status.tolist(), part.note_positions.tolist(), strict=True
        ):
            if status >= 0x90 and data[position] > 0:
                found.add(position)
    return found


def changed(before: bytes, after: bytes) -> set[int]:
    assert len(before) == len(after)
    return {i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b}


def test_only_note_on_velocities_change_and_they_do(example: Path) -> None:
    data = example.read_bytes()
    result = humanize.humanize_bytes(data)
    touched = changed(data, result.bytes)
    assert touched <= note_on_positions(data)
    assert len(touched) > 0.8 * len(note_on_positions(data))
    assert all(1 <= result.bytes[p] <= 127 for p in note_on_positions(data))


def test_the_melody_sings_and_the_spread_is_a_pianists(example: Path) -> None:
    result = humanize.humanize_bytes(example.read_bytes())
    velocity, pitch = result.velocities[0], result.notes[0].pitch
    assert 5 < velocity.std() < 25
    assert 45 < velocity.mean() < 85
    if example.stem != "fugue":
        assert velocity[pitch > np.median(pitch)].mean() > velocity[pitch < np.median(pitch)].mean()


def velocity_of_music(data: bytes) -> list[tuple]:
    result = humanize.humanize_bytes(data)
    notes = result.notes[0]
    rows = zip(
        notes.onset_beat, notes.pitch, notes.duration_beat, result.velocities[0], strict=True
    )
    return sorted(tuple(map(float, row)) for row in rows)


@pytest.mark.parametrize("seed", range(3))
def test_equal_music_gets_equal_velocities_in_every_encoding(seed: int) -> None:
    notes = music(seed)
    expected = velocity_of_music(encode(notes))
    for division in (96, 960):
        for smf_type, swap in ((0, False), (1, True)):
            assert (
                velocity_of_music(encode(notes, division=division, smf_type=smf_type, swap=swap))
                == expected
            )


@pytest.mark.parametrize("seed", range(3))
def test_permuted_input_velocities_change_no_prediction(seed: int) -> None:
    draw = np.random.default_rng(seed)
    velocities = draw.integers(20, 120, len(music()))
    first = humanize.humanize_bytes(encode(music(), velocities=velocities.tolist()))
    second = humanize.humanize_bytes(
        encode(music(), velocities=draw.permutation(velocities).tolist())
    )
    np.testing.assert_array_equal(first.predicted[0], second.predicted[0])


def test_a_selection_limits_what_is_written_not_what_is_heard(example: Path) -> None:
    data = example.read_bytes()
    whole = humanize.humanize_bytes(data)
    some = humanize.humanize_bytes(data, tracks=[2], measures="2-4")
    notes = whole.notes[0]
    chosen = (notes.track == 2) & (notes.measure >= 2) & (notes.measure <= 4)
    np.testing.assert_array_equal(some.velocities[0][chosen], whole.velocities[0][chosen])
    np.testing.assert_array_equal(some.velocities[0][~chosen], notes.velocity[~chosen])


def test_drums_are_left_alone_and_programs_predicted_apart() -> None:
    hands = [
        e
        for onset, length, pitch, _ in music()
        for e in note(int(onset * 480), int((onset + length) * 480), pitch)
    ]
    drums = [e for i in range(50) for e in note(i * 240, i * 240 + 100, 36, channel=9, velocity=77)]
    data = header(1, 2, 480) + track(hands) + track(drums)
    result = humanize.humanize_bytes(data)
    alone = humanize.humanize_bytes(header(1, 1, 480) + track(hands))
    drum = result.notes[0].channel == 10
    assert (result.velocities[0][drum] == 77).all()
    np.testing.assert_array_equal(result.velocities[0][~drum], alone.velocities[0])
    played = humanize.humanize_bytes(header(0, 1, 480) + track(drums))
    assert len(set(played.velocities[0].tolist())) > 2


def test_hard_cases_get_velocities() -> None:
    one = header(0, 1, 480) + track(note(0, 480, 60))
    assert 1 <= humanize.humanize_bytes(one).velocities[0][0] <= 127
    chord = header(0, 1, 480) + track(
        [e for i in range(10_000) for e in note(0, 480, i % 128, channel=i % 8)]
    )
    velocity = humanize.humanize_bytes(chord).velocities[0]
    assert len(velocity) == 10_000
    assert np.isfinite(velocity).all()
    same = header(0, 1, 480) + track([*note(0, 480, 60), *note(0, 240, 60), *note(480, 960, 64)])
    velocity = humanize.humanize_bytes(same).velocities[0]
    assert velocity[0] == velocity[1]


def test_smf_type_2_is_humanised_track_by_track() -> None:
    events = [
        e
        for onset, length, pitch, _ in music()
        for e in note(int(onset * 480), int((onset + length) * 480), pitch)
    ]
    data = header(2, 2, 480) + track(events) + track(events)
    result = humanize.humanize_bytes(data)
    np.testing.assert_array_equal(result.velocities[0], result.velocities[1])
    assert changed(data, result.bytes) <= note_on_positions(data)


EXAMPLE = (Path(__file__).parent.parent / "examples" / "fugue.mid").read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, len(EXAMPLE) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(EXAMPLE)),
    st.binary(max_size=8),
    st.booleans(),
)
def test_mutated_files_are_refused_or_patched_and_nothing_else(
    edits: list[tuple[int, int]], cut: int, tail: bytes, whole: bool
) -> None:
    data = bytearray(EXAMPLE)
    for position, value in edits:
        data[position] = value
    mutated = bytes(data if whole else data[:cut]) + tail
    try:
        result = humanize.humanize_bytes(mutated, model="piano-1-fast")
    except HumanizeError as error:
        assert "\n" not in str(error)
    else:
        assert changed(mutated, result.bytes) <= note_on_positions(mutated)


def test_file_is_written_beside_the_input_and_never_over_it(tmp_path: Path, example: Path) -> None:
    source = tmp_path / "piece.mid"
    source.write_bytes(example.read_bytes())
    first = humanize.humanize_file(source)
    second = humanize.humanize_file(source)
    assert (first.name, second.name) == ("piece-humanized.mid", "piece-humanized-2.mid")
    assert source.read_bytes() == example.read_bytes()
    with pytest.raises(OptionError, match="input and output are one file"):
        humanize.humanize_file(source, source)
    assert humanize.humanize_file(source, in_place=True) == source
    assert source.read_bytes() == first.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "piece-humanized-2.mid",
        "piece-humanized.mid",
        "piece.mid",
    ]


def test_an_interrupted_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch) -> None:
    source = tmp_path / "piece.mid"
    source.write_bytes(EXAMPLE)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        humanize.humanize_file(source, in_place=True)
    assert source.read_bytes() == EXAMPLE
    assert list(tmp_path.iterdir()) == [source]


def test_an_unwritable_target_leaves_nothing(tmp_path: Path, example: Path) -> None:
    with pytest.raises(OutputError, match="expected a folder that exists"):
        humanize.humanize_file(example, tmp_path / "absent" / "out.mid")
    assert list(tmp_path.iterdir()) == []


def test_unknown_options_and_models_are_named() -> None:
    with pytest.raises(OptionError, match="option 'strenght' found; expected one of strength"):
        humanize.humanize_bytes(EXAMPLE, strenght=1)  # type: ignore[call-arg]
    with pytest.raises(HumanizeError, match=r"'grand' is unknown; expected one of .*piano-1"):
        humanize.humanize_bytes(EXAMPLE, model="grand")
    with pytest.raises(OptionError, match="the selection has no notes"):
        humanize.humanize_bytes(EXAMPLE, measures="900-")


def test_pretty_midi_comes_back_with_new_velocities_only(tmp_path: Path, example: Path) -> None:
    import pretty_midi

    midi = pretty_midi.PrettyMIDI(str(example))
    before = copy.deepcopy(midi)
    after = humanize.humanize_midi(midi)
    plain = [[(n.start, n.end, n.pitch) for n in i.notes] for i in midi.instruments]
    assert plain == [[(n.start, n.end, n.pitch) for n in i.notes] for i in after.instruments]
    assert [n.velocity for i in before.instruments for n in i.notes] == [
        n.velocity for i in midi.instruments for n in i.notes
    ]
    file = humanize.humanize_bytes(example.read_bytes())
    ours = sorted(
        zip(
            file.notes[0].onset_sec.round(3).tolist(),
            file.notes[0].pitch.tolist(),
            file.velocities[0].tolist(),
            strict=True,
        )
    )
    theirs = sorted(
        (round(n.start, 3), n.pitch, n.velocity) for i in after.instruments for n in i.notes
    )
    differing = sum(a != b for a, b in zip(ours, theirs, strict=True))
    assert differing <= 0.02 * len(ours)  # their seconds carry rounding of their own


def test_predictions_agree_with_the_file(example: Path) -> None:
    predicted = humanize.predict_velocities(example)
    result = humanize.humanize_bytes(example.read_bytes())
    np.testing.assert_array_equal(predicted, result.predicted[0])
    np.testing.assert_array_equal(
        humanize.predict_velocities(read_midi(example.read_bytes()).pieces[0]), predicted
    )


def test_public_names_are_complete_and_sorted() -> None:
    assert humanize.__all__ == sorted(humanize.__all__)
    assert all(hasattr(humanize, name) for name in humanize.__all__)


def test_empty_tracks_and_text_survive() -> None:
    data = (
        header(1, 3, 480)
        + track([(0, b"\xff\x01\x02\xff\xfe")])
        + chunk(b"JUNK", b"\x90\x40\x40")
        + track(note(0, 480, 60))
        + track([])
        + b"tail"
    )
    result = humanize.humanize_bytes(data)
    assert changed(data, result.bytes) <= note_on_positions(data)
    assert result.bytes.endswith(b"tail")


def test_every_corpus_file_comes_back_with_velocities_alone_changed(asap_dir: Path) -> None:
    files = sorted(asap_dir.rglob("*.mid"))[::40]
    assert len(files) > 20
    for path in files:
        data = path.read_bytes()
        after = humanize.humanize_bytes(data, name=str(path), model="piano-1-fast").bytes
        assert changed(data, after) <= note_on_positions(data), path


def test_a_file_is_written_in_the_format_of_its_name_or_not_at_all(tmp_path: Path) -> None:
    kern = tmp_path / "x.krn"
    kern.write_bytes(b"**kern\n*M4/4\n4c\n4d\n4e\n4f\n*-\n")
    before = kern.read_bytes()
    for options in ({"in_place": True}, {"output": tmp_path / "o.musicxml"}):
        with pytest.raises(OptionError, match=r"expected \.mid"):
            humanize.humanize_file(kern, **options)
    assert kern.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.krn"]
    score = Path(__file__).parent.parent / "examples" / "waltz.musicxml"
    assert humanize.humanize_file(score, tmp_path / "o.mxl").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("made", [humanize.humanize_bytes, humanize.perform_bytes])
def test_what_are_no_bytes_is_named(made) -> None:
    with pytest.raises(InputError, match="str found; expected the bytes of a MIDI file or a score"):
        made("song.mid")
    assert made(bytearray(EXAMPLE)).bytes == made(EXAMPLE).bytes
