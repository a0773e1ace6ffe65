"""What is an instrument, a drum, a click, a key switch."""

from __future__ import annotations

import numpy as np
import pytest
from smf_builder import header, note, track

import humanize
from humanize.errors import MidiError, OptionError
from humanize.midi.names import names_click, names_key_switches, names_kit, program_of_name
from humanize.midi.reading import read_midi
from humanize.notes import DRUMS, KEY_SWITCHES

GS_RHYTHM = b"\xf0\x0a\x41\x10\x42\x12\x40\x1a\x15\x02\x0f\xf7"  # channel 11 plays map 2
GS_TUNED = b"\xf0\x0a\x41\x10\x42\x12\x40\x1a\x15\x00\x11\xf7"
XG_DRUMS = b"\xf0\x08\x43\x10\x4c\x08\x0a\x07\x02\xf7"  # part 11 is a drum part


def part(
    name: str,
    channel: int = 0,
    *,
    program: int | None = None,
    pitches: tuple[int, ...] = (72, 74, 76, 77),
    velocity: int = 80,
    before: tuple[bytes, ...] = (),
) -> bytes:
    """Return a track of eight quarters."""
    text = name.encode()
    events = [(0, b"\xff\x03" + bytes([len(text)]) + text)]
    events += [(0, message) for message in before]
    if program is not None:
        events.append((0, bytes([0xC0 | channel, program])))
    for i in range(8):
        pitch = pitches[i % len(pitches)]
        events += note(i * 480, i * 480 + 400, pitch, channel=channel, velocity=velocity)
    return track(events)


def song(*parts: bytes) -> bytes:
    return header(1, len(parts), 480) + b"".join(parts)


def instruments(data: bytes, **options) -> dict[int, set[int]]:
    """Return the instruments of each track."""
    notes = read_midi(data, **options).pieces[0]
    return {t: set(notes.instrument[notes.track == t].tolist()) for t in set(notes.track.tolist())}


PIANO = part("Piano", program=0)


@pytest.mark.parametrize(
    "drums",
    [
        part("Rhythm", 9),
        part("Rhythm 2", 10, before=(GS_RHYTHM,)),
        part("Rhythm 2", 10, before=(XG_DRUMS,)),
        part("Rhythm 2", 10, before=(b"\xba\x00\x7f",)),  # XG drum kit bank
        part("Rhythm 2", 10, before=(b"\xba\x00\x78",)),  # General MIDI 2 rhythm bank
        part("Drums", 1),
        part("Batterie", 1, program=0),
        part("Schlagzeug", 1),
        part("ドラム", 1),
        part("Ударные", 1),
        part("Click", 1),
        part("Metrónomo", 1),
    ],
)
def test_drums_are_known_and_left_alone(drums: bytes) -> None:
    data = song(PIANO, drums)
    assert instruments(data) == {1: {0}, 2: {DRUMS}}
    result = humanize.humanize_bytes(data)
    velocity, notes = result.velocities[0], result.notes[0]
    assert set(velocity[notes.track == 2].tolist()) == {80}
    assert len(set(velocity[notes.track == 1].tolist())) > 1
    alone = humanize.humanize_bytes(song(PIANO))
    assert velocity[notes.track == 1].tolist() == alone.velocities[0].tolist()
    assert len(result.messages) == 1
    assert result.messages[0].startswith("drums left alone: 8 notes of track 2 ")
    assert result.messages[0].endswith(
        "(--drums groove plays them, --drums none shapes them as notes)"
    )


@pytest.mark.parametrize(
    "tuned",
    [
        part("Rhythm 2", 10),
        part("Rhythm 2", 10, before=(GS_RHYTHM, GS_TUNED)),
        part("Steel drums", 1, program=114),
        part("Handpan", 1),
        part("Kitharis", 1),  # a word inside a word says nothing
        part("Rhythm 2", 10, before=(b"\xba\x00\x01",)),  # an ordinary bank
    ],
)
def test_what_plays_tunes_is_no_kit(tuned: bytes) -> None:
    assert DRUMS not in instruments(song(PIANO, tuned))[2]


def test_the_drum_channel_of_an_ordinary_bank_is_still_drums() -> None:
    assert instruments(song(PIANO, part("x", 9, before=(b"\xb9\x00\x00",))))[2] == {DRUMS}


def test_the_user_says_what_drums_are() -> None:
    data = song(PIANO, part("Drums", 9), part("Noises", 2, program=127))
    assert instruments(data, drums=[]) == {1: {1}, 2: {0}, 3: {2}}
    assert instruments(data, drums=["noises"]) == {1: {1}, 2: {0}, 3: {DRUMS}}
    assert instruments(data, drums=[2, "3"]) == {1: {0}, 2: {DRUMS}, 3: {DRUMS}}
    with pytest.raises(
        OptionError, match=r"^drums: 'kit' found; expected a number or name of: 1 P"
    ):
        instruments(data, drums=["kit"])
    assert humanize.humanize_bytes(data, drums="none", mean=60).messages == ()


def test_unknown_drums_alone_are_said() -> None:
    with pytest.raises(
        MidiError, match=r"^x\.mid: only drums of unknown note numbers \(71, 72, 84, 90\); expected"
    ):
        humanize.humanize_bytes(song(part("Kit", 1, pitches=(71, 72, 84, 90))), name="x.mid")


@pytest.mark.parametrize(
    "switches",
    [
        part("Key switches", 1, pitches=(24, 27)),
        part("Violin KS", 1),
        part("Violin Articulations", 1),
    ],
)
def test_key_switches_are_left_alone_by_name(switches: bytes) -> None:
    data = song(part("Violin", 0), switches)
    assert instruments(data) == {1: {0}, 2: {KEY_SWITCHES}}
    assert humanize.humanize_bytes(data).messages == (humanize.humanize_bytes(data).messages[0],)
    assert "--key-switches shape" in humanize.humanize_bytes(data).messages[0]
    assert KEY_SWITCHES not in instruments(data, key_switches=False)[2]


def mixed_track(pitch: int, velocity: int, *, program: int | None = 40, name: str = "") -> bytes:
    """Return a track of twelve notes and, among them, four of one pitch and velocity."""
    events = [(0, b"\xff\x03" + bytes([len(name)]) + name.encode())]
    if program is not None:
        events.append((0, bytes([0xC0, program])))
    for i in range(12):
        events += note(i * 480, i * 480 + 400, 72 + i % 5, velocity=80)
    for i in range(4):
        events += note(i * 1440, i * 1440 + 60, pitch, velocity=velocity)
    return track(sorted(events, key=lambda event: event[0]))


@pytest.mark.parametrize(
    ("pitch", "velocity", "program", "name", "apart"),
    [
        (24, 80, 40, "", True),  # two octaves and a half below a violin's G
        (24, 80, None, "Violin I", True),  # the name says it
        (24, 80, 0, "Violino", True),  # a program that nobody set
        (44, 80, 40, "", False),  # below the range, but not by an octave: a writer's slip
        (24, 80, None, "", False),  # nobody knows the instrument
        (24, 80, 0, "Piano", False),
        (72, 1, 40, "", True),  # silent
        (72, 1, 0, "", True),
        (72, 2, 40, "", False),
    ],
)
def test_key_switches_within_a_track(pitch, velocity, program, name, apart) -> None:
    notes = read_midi(song(mixed_track(pitch, velocity, program=program, name=name))).pieces[0]
    switches = notes.instrument == KEY_SWITCHES
    assert switches.any() == apart
    if apart:
        assert switches.sum() == 4
        assert set(notes.pitch[switches].tolist()) == {pitch}


def test_a_player_s_softest_notes_are_music() -> None:
    events = [
        e for i in range(40) for e in note(i * 480, i * 480 + 400, 60 + i % 9, velocity=1 + i)
    ]
    assert instruments(song(track(events))) == {1: {0}}


def test_a_file_that_is_silent_throughout_is_music_all_the_same() -> None:
    assert instruments(song(part("Piano", velocity=1))) == {1: {0}}


def test_silent_switches_make_no_written_dynamics() -> None:
    data = song(mixed_track(24, 1, program=None, name="x"))
    assert humanize.humanize_bytes(data).messages[-1].startswith("key switches left alone")
    assert not any("velocities" in line for line in humanize.humanize_bytes(data).messages)


def test_tracks_of_strings_and_winds_are_players_of_an_ensemble() -> None:
    strings = song(part("Violins", 0, program=48), part("Celli", 1, program=48, pitches=(48, 50)))
    assert instruments(strings) == {1: {0}, 2: {1}}
    named = song(part("Flöte", 0), part("Oboe", 1), part("Fagotto", 2, pitches=(50,)))
    assert len({i for own in instruments(named).values() for i in own}) == 3
    hands = song(part("Right hand", 0), part("Left hand", 0, pitches=(48, 50)))
    assert instruments(hands) == {1: {0}, 2: {0}}
    keyboard = song(part("Upper", 0, program=0), part("Lower", 1, program=0))
    assert instruments(keyboard) == {1: {0}, 2: {0}}
    assert instruments(strings, split="none") == {1: {0}, 2: {0}}


def test_words_of_track_names() -> None:
    assert names_kit("Trap Kit 1")
    assert names_kit("hi-hat")
    assert not names_kit("Kickstart Lead")
    assert names_click("click track")
    assert not names_click("Clicquot")
    assert names_key_switches("KeySwitch")
    assert [program_of_name(n) for n in ("Vln. 1", "VIOLONCELLO", "Hörner", "Sopran", "Pad")] == [
        40, 42, 60, 52, -1,
    ]  # fmt: skip


def test_a_mix_keeps_its_levels() -> None:
    parts = (
        part("Melody", 0, program=73, velocity=100),
        part("Pad", 1, program=88, pitches=(52, 55), velocity=60),
        part("Drums", 9, velocity=110),
    )
    result = humanize.humanize_bytes(song(*parts))
    velocity, number = result.velocities[0], result.notes[0].track
    assert [round(velocity[number == t].mean()) for t in (1, 2, 3)] == [100, 60, 110]
    assert all(velocity[number == t].std() > 1 for t in (1, 2))
    assert any(line.startswith("dynamics of the input: a mix") for line in result.messages)
    model = humanize.humanize_bytes(song(*parts), mean="model")
    assert abs(model.velocities[0][number == 1].mean() - 100) > 10


def test_each_of_two_staves_of_a_mix_keeps_its_own_level() -> None:
    parts = (
        part("Upper", 0, program=0, velocity=90),
        part("Lower", 1, program=0, pitches=(48, 50), velocity=50),
        part("Flute", 2, program=73, velocity=70),
    )
    result = humanize.humanize_bytes(song(*parts))
    velocity, number = result.velocities[0], result.notes[0].track
    assert [round(velocity[number == t].mean()) for t in (1, 2, 3)] == [90, 50, 70]


@pytest.mark.parametrize("level", [30, 100])
def test_a_single_instrument_keeps_its_mean_where_asked(level: int) -> None:
    data = song(part("Piano", program=0, velocity=level))
    kept = humanize.humanize_bytes(data, mean="keep").velocities[0]
    assert abs(kept.mean() - level) < 0.5
    assert kept.std() > 1
    assert abs(humanize.humanize_bytes(data).velocities[0].mean() - level) > 10


def test_a_shape_is_narrowed_where_it_would_clip() -> None:
    data = song(part("Piano", program=0, velocity=125))
    kept = humanize.humanize_bytes(data, mean="keep").velocities[0]
    assert kept.max() <= 127
    assert abs(kept.mean() - 125) < 0.5
    assert len(set(kept.tolist())) > 1


def test_strength_by_track() -> None:
    parts = song(part("Bass", 0, program=33, pitches=(40, 43)), part("Lead", 1, program=81))
    full = humanize.humanize_bytes(parts).velocities[0]
    own = humanize.humanize_bytes(parts, track_strength="bass=0,Lead=1").velocities[0]
    number = humanize.humanize_bytes(parts).notes[0].track
    assert set(own[number == 1].tolist()) == {80}
    assert own[number == 2].tolist() == full[number == 2].tolist()
    with pytest.raises(OptionError, match=r"^track_strength: 'Pad' found; expected a number or"):
        humanize.humanize_bytes(parts, track_strength={"Pad": 1.0})


def test_selection_by_pitch_and_by_velocity() -> None:
    data = song(part("Piano", program=0))
    notes = humanize.humanize_bytes(data).notes[0]
    chosen = humanize.humanize_bytes(data, pitches="74-76").interpretations[0].selected
    assert chosen.tolist() == ((notes.pitch >= 74) & (notes.pitch <= 76)).tolist()
    full = humanize.humanize_bytes(data).predicted[0]
    np.testing.assert_array_equal(
        humanize.humanize_bytes(data, pitches=(74, 76)).predicted[0], full
    )
    with pytest.raises(OptionError, match="the selection has no notes"):
        humanize.humanize_bytes(data, velocities="1-79")
