from __future__ import annotations

import numpy as np
import pytest
from smf_builder import chunk, encode, header, music, note, track

from humanize.api import humanize_bytes
from humanize.errors import LimitError, MidiError
from humanize.midi.smf import patch, scan

PLAIN = track([*note(0, 480, 60), *note(480, 960, 64, velocity=90)])


def heard(data: bytes) -> list[tuple[int, int, int, int]]:
    """(tick, status, pitch, velocity) of every note event, through the positions that scan gives."""
    return [
        (tick, status, data[position - 1], data[position])
        for part in scan(data, name="t.mid").tracks
        for tick, status, position in zip(
            part.note_ticks.tolist(),
            part.note_status.tolist(),
            part.note_positions.tolist(),
            strict=True,
        )
    ]


def test_scan_finds_every_note_event_with_its_velocity_byte() -> None:
    data = header(0, 1, 480) + PLAIN
    assert heard(data) == [
        (0, 0x90, 60, 64),
        (480, 0x80, 60, 10),
        (480, 0x90, 64, 90),
        (960, 0x80, 64, 10),
    ]


ODD = {
    "running status": header(0, 1, 480)
    + track([*note(0, 480, 60, off_as_zero=True), *note(480, 960, 64, velocity=90, off_as_zero=True)], running=True),
    "meta between running events": header(0, 1, 96)
    + chunk(b"MTrk", b"\x00\x90\x3c\x40\x00\xff\x01\x01\xff\x10\x3c\x00\x00\x40\x5a\x10\x40\x00\x00\xff\x2f\x00"),
    "unknown chunk first": header(0, 1, 480) + chunk(b"XFIH", b"\x90\x3c\x40") + PLAIN,
    "trailing bytes": header(0, 1, 480) + PLAIN + b"MTrk?",
    "long header": chunk(b"MThd", b"\x00\x00\x00\x01\x01\xe0more") + PLAIN,
    "no end of track": header(0, 1, 480) + track([*note(0, 480, 60), *note(480, 960, 64, velocity=90)], end=False),
    "split sysex and escape": header(0, 1, 480)
    + chunk(b"MTrk", b"\x00\xf0\x03\x43\x90\x3c\x00\xf7\x02\x40\xf7\x00\xf7\x01\xf8" + PLAIN[8:]),
    "system bytes": header(0, 1, 480) + chunk(b"MTrk", b"\x00\xf8\x00\xf2\x01\x02" + PLAIN[8:]),
    "other channel events": header(0, 1, 480)
    + chunk(b"MTrk", b"\x00\xe0\x00\x40\x00\xd0\x11\x00\xc0\x05\x00\xb0\x40\x7f\x00\xa0\x3c\x22" + PLAIN[8:]),
    "invalid text": header(0, 1, 480) + chunk(b"MTrk", b"\x00\xff\x03\x02\xff\xfe" + PLAIN[8:]),
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_odd_but_valid_files_give_the_same_notes(data: bytes) -> None:
    ons = [
        (pitch, velocity)
        for _, status, pitch, velocity in heard(data)
        if status == 0x90 and velocity
    ]
    assert ons == [(60, 64), (64, 90)]


def test_riff_file_is_read_inside() -> None:
    inner = header(0, 1, 480) + PLAIN
    body = (
        b"RMID"
        + b"LIST"
        + (3).to_bytes(4, "little")
        + b"abc\x00"
        + b"data"
        + len(inner).to_bytes(4, "little")
        + inner
    )
    data = b"RIFF" + len(body).to_bytes(4, "little") + body
    assert [event[2:] for event in heard(data)] == [event[2:] for event in heard(inner)]
    assert (
        patch(data, [data.index(b"\x90\x3c\x40") + 2], np.array([99])).count(b"\x90\x3c\x63") == 1
    )


def test_smpte_division_counts_frames() -> None:
    smf = scan(header(0, 1, 0xE728) + PLAIN, name="t.mid")
    assert (smf.ticks_per_quarter, smf.ticks_per_second) == (0, (1000, 1))
    assert scan(header(0, 1, 0xE350) + PLAIN, name="t.mid").ticks_per_second == (80 * 30000, 1001)


BAD = {
    "": "the file is empty",
    "not MIDI at all": "not a MIDI file: it begins as none does; expected 'MThd'",
    "<?xml version='1.0'?><score-partwise/>": "it holds XML, as scores do.*ends in .musicxml",
    "\xff\xfe<\x00m\x00e\x00i\x00": "it holds XML, as scores do",
    "**kern\n4c": "it holds Humdrum or ABC",
    "X:1\nK:C\nC": "it holds Humdrum or ABC",
    "PK\x03\x04": "ends in .mxl",
    "\x1f\x8b\x08": "packed with gzip",
    "MThd\x00\x00": "header is cut short",
}


@pytest.mark.parametrize(("text", "message"), BAD.items())
def test_what_is_no_midi_file_says_so(text: str, message: str) -> None:
    with pytest.raises(MidiError, match=message) as caught:
        scan(text.encode("latin-1"), name="song.mid")
    assert str(caught.value).startswith("song.mid: ")
    assert "\n" not in str(caught.value)


DAMAGED = {
    "track cut short": (header(0, 1, 480) + PLAIN[:-6], "chunk at byte 14 is cut short"),
    "too few tracks": (header(1, 3, 480) + PLAIN, "1 tracks found; expected 3"),
    "division 0": (header(0, 1, 0) + PLAIN, "division is 0"),
    "SMPTE without ticks": (header(0, 1, 0xE700) + PLAIN, "SMPTE division"),
    "type 3": (header(3, 1, 480) + PLAIN, "MIDI file type 3"),
    "absurd length": (header(0, 1, 480) + b"MTrk\xff\xff\xff\xff" + PLAIN, "expected 4294967295"),
    "data before status": (
        header(0, 1, 480) + chunk(b"MTrk", b"\x00\x3c\x40"),
        "expected a status byte",
    ),
    "event cut short": (
        header(0, 1, 480) + chunk(b"MTrk", b"\x00\x90\x3c"),
        "cut short by the end",
    ),
    "status inside event": (
        header(0, 1, 480) + chunk(b"MTrk", b"\x00\x90\x3c\x90\x40\x40"),
        "inside an event",
    ),
    "endless time": (
        header(0, 1, 480) + chunk(b"MTrk", b"\xff\xff\xff\xff\xff\x7f"),
        "over four bytes",
    ),
    "empty RIFF": (b"RIFF\x04\x00\x00\x00WAVE", "RIFF file without MIDI"),
}


@pytest.mark.parametrize(("data", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_is_named(data: bytes, message: str) -> None:
    with pytest.raises(MidiError, match=message):
        scan(data, name="song.mid")


def test_patch_changes_the_bytes_asked_for_and_no_other() -> None:
    data = encode(music())
    positions = scan(data, name="t").tracks[1].note_positions[:5]
    patched = patch(data, positions, np.arange(1, 6))
    changed = [i for i, (a, b) in enumerate(zip(data, patched, strict=True)) if a != b]
    assert set(changed) <= set(positions.tolist())
    assert [patched[p] for p in positions] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("velocity", [0, 128, -1])
def test_patch_refuses_what_is_no_velocity(velocity: int) -> None:
    with pytest.raises(MidiError, match="expected 1 to 127"):
        patch(b"abc", [1], np.array([velocity]))


def test_a_file_that_lasts_for_years_is_one_line() -> None:
    longest = b"\xff\xff\xff\x7f"
    slow = b"\x00\xff\x51\x03\xff\xff\xff"
    for notes in (1, 40, 2_500):
        events = b"".join(
            longest + bytes([0x90, 40 + n % 50, 64]) + longest + bytes([0x80, 40 + n % 50, 0])
            for n in range(notes)
        )
        with pytest.raises(MidiError, match="it lasts for years; expected a piece"):
            humanize_bytes(header(0, 1, 1) + _one_track(slow + events))


def _one_track(events: bytes) -> bytes:
    events += b"\x00\xff\x2f\x00"
    return b"MTrk" + len(events).to_bytes(4, "big") + events


def test_more_pieces_or_instruments_than_are_read_in_time_are_refused() -> None:
    one = _one_track(b"\x00\x90\x3c\x40\x60\x80\x3c\x00")
    with pytest.raises(LimitError, match="600 pieces found, one a track"):
        humanize_bytes(header(2, 600, 96) + one * 600)
    with pytest.raises(LimitError, match="600 instruments found; expected at most 500"):
        humanize_bytes(header(1, 600, 96) + one * 600, split="tracks")
    assert len(humanize_bytes(header(1, 600, 96) + one * 600).notes[0]) == 600
