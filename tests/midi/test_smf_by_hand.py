"""Standard MIDI Files byte by byte, at and beside every bound of the format."""

from __future__ import annotations

import numpy as np
import pytest
from smf_builder import chunk, header, variable_length

from humanize.errors import MidiError
from humanize.midi.smf import SmfScan, TrackScan, patch, scan

NOTE = b"\x00\x90\x3c\x40"
END = b"\x00\xff\x2f\x00"


def scanned(body: bytes) -> TrackScan:
    return scan(header(0, 1, 480) + chunk(b"MTrk", body), name="t.mid").tracks[0]


def notes_of(body: bytes) -> list[tuple[int, int, int]]:
    """Return tick, status and position within the track of every note event."""
    found = scanned(body)
    columns = (found.note_ticks, found.note_status, found.note_positions - 22)
    return [tuple(row) for row in np.column_stack(columns).tolist()]


@pytest.mark.parametrize(
    ("coded", "ticks"),
    [
        (b"\x00", 0),
        (b"\x7f", 127),
        (b"\x81\x00", 128),
        (b"\xff\x7f", 16_383),
        (b"\x81\x80\x00", 16_384),
        (b"\xff\xff\x7f", 2_097_151),
        (b"\x81\x80\x80\x00", 2_097_152),
        (b"\xff\xff\xff\x7f", 268_435_455),
    ],
)
def test_times_of_one_to_four_bytes(coded: bytes, ticks: int) -> None:
    assert variable_length(ticks) == coded
    assert notes_of(coded + NOTE[1:] + END) == [(ticks, 0x90, len(coded) + 2)]
    assert notes_of(coded + NOTE[1:] + coded + NOTE[1:])[1][0] == 2 * ticks
    assert scanned(NOTE + coded + END[1:]).end_tick == ticks


@pytest.mark.parametrize(("coded", "ticks"), [(b"\x80\x05", 5), (b"\x80\x80\x00", 0)])
def test_a_time_may_begin_with_noughts(coded: bytes, ticks: int) -> None:
    assert notes_of(coded + NOTE[1:]) == [(ticks, 0x90, len(coded) + 2)]


def test_a_time_of_five_bytes_is_refused_where_it_stands() -> None:
    with pytest.raises(MidiError, match="at byte 4 of the track runs over four bytes"):
        scanned(NOTE + b"\x81\x80\x80\x80\x00" + NOTE[1:])


def test_the_highest_pitch_velocity_and_channel() -> None:
    assert notes_of(b"\x05\x9f\x7f\x7f\x03\x8f\x00\x00") == [(5, 0x9F, 3), (8, 0x8F, 7)]


@pytest.mark.parametrize(
    "event",
    [
        b"\xa0\x3c\x7f", b"\xaf\x7f\x00",  # pressure of a key
        b"\xb0\x07\x7f", b"\xbf\x00\x00",  # a controller
        b"\xc0\x7f", b"\xcf\x00",  # a program
        b"\xd0\x7f", b"\xdf\x00",  # pressure of a channel
        b"\xe0\x7f\x7f", b"\xef\x00\x00",  # pitch bend
        b"\xf1\x7f", b"\xf2\x7f\x7f", b"\xf3\x7f", b"\xf6", b"\xf8", b"\xfe",  # system
        b"\xf0\x00", b"\xf0\x02\x90\x3c", b"\xf7\x01\x90", b"\xf0\x81\x00" + bytes(128),  # exclusive
        b"\xff\x01\x00", b"\xff\x7f\x03abc", b"\xff\x01\x81\x01" + bytes(129),  # meta
    ],
)  # fmt: skip
def test_the_length_of_every_event_is_known(event: bytes) -> None:
    body = b"\x05" + event + b"\x06\x92\x3d\x41" + END
    assert notes_of(body) == [(11, 0x92, 1 + len(event) + 3)]


@pytest.mark.parametrize(
    "event", [b"\xa0\x3c", b"\xb0\x40", b"\xc0", b"\xd0", b"\xe0\x00", b"\x90\x3c", b"\x90"]
)
def test_an_event_that_lacks_a_byte_is_cut_short(event: bytes) -> None:
    with pytest.raises(MidiError, match="track 1: an event is cut short by the end of the track"):
        scanned(NOTE + b"\x00" + event)


@pytest.mark.parametrize(
    "event", [b"\xff\x01\x05abcd", b"\xf0\x03ab", b"\xff", b"\xff\x01", b"\xf0"]
)
def test_a_text_that_lacks_a_byte_is_cut_short(event: bytes) -> None:
    with pytest.raises(MidiError, match="cut short"):
        scanned(NOTE + b"\x00" + event)
    assert notes_of(NOTE + b"\x00\xff\x01\x04abcd") == [(0, 0x90, 3)]


@pytest.mark.parametrize(
    "event",
    [b"\x90\x80\x40", b"\x90\x3c\x80", b"\xb0\x40\x80", b"\xb0\x80\x40", b"\xc0\x80", b"\xd0\xff"],
)
def test_a_status_byte_inside_an_event_is_refused(event: bytes) -> None:
    with pytest.raises(MidiError, match="a status byte at byte 6 of the track"):
        scanned(NOTE + b"\x00" + event + NOTE)


def test_running_status_goes_on_over_meta_events_and_needs_a_beginning() -> None:
    body = NOTE + b"\x01\x3d\x41" + b"\x00\xff\x01\x00" + b"\x02\x3e\x42"
    assert notes_of(body) == [(0, 0x90, 3), (1, 0x90, 6), (3, 0x90, 13)]
    assert scanned(b"\x00\xb0\x07\x05\x00\x40\x06\x00\x43\x07").controls == [
        (0, 0, 64, 6),
        (0, 0, 67, 7),
    ]
    with pytest.raises(MidiError, match="byte 1 is 0x3c; expected a status byte of 0x80 or more"):
        scanned(b"\x00\x3c\x40")


def test_tempi_metres_programs_pedals_and_the_first_name() -> None:
    body = (
        b"\x00\xff\x03\x02ab" + b"\x00\xff\x03\x02cd"
        + b"\x01\xff\x51\x03\x00\x00\x00" + b"\x01\xff\x51\x03\x00\x00\x01"
        + b"\x01\xff\x51\x02\x01\x01" + b"\x01\xff\x51\x03\x01\x02\x03"
        + b"\x01\xff\x58\x04\x00\x02\x18\x08" + b"\x01\xff\x58\x04\x01\x07\x18\x08"
        + b"\x01\xff\x58\x01\x04" + b"\x01\xff\x58\x02\x05\x06" + b"\x01\xff\x58\x04\x06\x00\x18\x08"
        + b"\x01\xc3\x05" + b"\x01\xb4\x40\x7f" + b"\x01\xb5\x43\x01" + b"\x01\xb5\x41\x01"
    )  # fmt: skip
    found = scanned(body + END)
    assert found.name == b"ab"
    assert found.tempos == [(2, 1), (4, 0x010203)]
    assert found.metres == [(8, 5, 64), (9, 6, 1)]
    assert found.programs == [(10, 3, 5)]
    assert found.controls == [(11, 4, 64, 127), (12, 5, 67, 1)]
    assert found.end_tick == 13


def test_nothing_is_read_after_the_end_of_a_track() -> None:
    found = scanned(NOTE + b"\x07\xff\x2f\x00" + b"\x05\x90\x3d\x40")
    assert (len(found.note_ticks), found.end_tick) == (1, 7)
    assert scanned(NOTE + b"\x09" + NOTE[1:]).end_tick == 9  # a track without its end
    assert scanned(b"").end_tick == 0


def file_of(*chunks: bytes, count: int = 1, division: int = 480, smf_type: int = 1) -> SmfScan:
    return scan(header(smf_type, count, division) + b"".join(chunks), name="t.mid")


def test_other_chunks_and_tracks_beyond_those_announced_are_passed_over() -> None:
    one, two = chunk(b"MTrk", NOTE), chunk(b"MTrk", b"\x00\x91\x3d\x40")
    found = file_of(chunk(b"XFIH", NOTE), one, chunk(b"JUNK", b""), two, two, count=2)
    assert [t.note_status.tolist() for t in found.tracks] == [[0x90], [0x91]]
    start = 14 + 8 + 4 + 8  # header, a chunk of four bytes, the head of the track
    assert found.tracks[0].note_positions.tolist() == [start + 3]
    assert file_of(count=0).tracks == ()
    assert len(file_of(chunk(b"MTrk", b"")).tracks) == 1  # nothing in it, at the end of the file


def test_a_track_that_lacks_one_byte_is_cut_short() -> None:
    whole = header(0, 1, 480) + chunk(b"MTrk", NOTE)
    for missing in (1, 3):
        with pytest.raises(
            MidiError, match=f"byte 14 is cut short: {4 - missing} bytes found; expected 4"
        ):
            scan(whole[:-missing], name="t.mid")
    for missing in (5, 11):
        with pytest.raises(MidiError, match="0 tracks found; expected 1"):
            scan(whole[:-missing], name="t.mid")


def test_a_header_may_be_longer_and_not_shorter() -> None:
    fields, one = b"\x00\x01\x00\x01\x01\xe0", chunk(b"MTrk", NOTE)
    for more in (b"", b"a", b"more"):
        found = scan(chunk(b"MThd", fields + more) + one, name="t.mid")
        assert (found.smf_type, found.ticks_per_quarter, len(found.tracks)) == (1, 480, 1)
    with pytest.raises(MidiError, match=r"cut short \(25 bytes in the file, header length 5\)"):
        scan(chunk(b"MThd", fields[:5]) + one, name="t.mid")
    with pytest.raises(MidiError, match=r"cut short \(13 bytes in the file, header length 6\)"):
        scan(chunk(b"MThd", fields)[:13], name="t.mid")
    with pytest.raises(MidiError, match=r"cut short \(16 bytes in the file, header length 9\)"):
        scan(chunk(b"MThd", fields + b"abc")[:16], name="t.mid")
    assert file_of(count=0, smf_type=0).smf_type == 0
    assert file_of(count=0, smf_type=2).smf_type == 2


@pytest.mark.parametrize(
    ("frames", "ticks", "expected"),
    [
        (24, 4, (96, 1)), (25, 40, (1000, 1)), (29, 2, (60_000, 1001)), (30, 1, (30, 1)),
        (29, 255, (255 * 30_000, 1001)), (23, 4, None), (26, 4, None), (28, 4, None), (31, 4, None),
        (25, 0, None),
    ],
)  # fmt: skip
def test_frames_of_film(frames: int, ticks: int, expected: tuple[int, int] | None) -> None:
    division = (256 - frames) << 8 | ticks
    if expected is None:
        with pytest.raises(MidiError, match=f"SMPTE division of {frames} frames and {ticks} ticks"):
            file_of(count=0, division=division)
    else:
        found = file_of(count=0, division=division)
        assert (found.ticks_per_quarter, found.ticks_per_second) == (0, expected)


@pytest.mark.parametrize("division", [1, 480, 0x7FFF])
def test_ticks_of_a_quarter_note(division: int) -> None:
    found = file_of(count=0, division=division)
    assert (found.ticks_per_quarter, found.ticks_per_second) == (division, (0, 1))


def riff(*chunks: tuple[bytes, bytes], kind: bytes = b"RMID", size: int | None = None) -> bytes:
    body = kind
    for name, content in chunks:
        length = len(content) if size is None or name != b"data" else size
        body += name + length.to_bytes(4, "little") + content + b"\x00" * (len(content) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def test_a_riff_file_holds_midi_in_its_data() -> None:
    inner = header(0, 1, 480) + chunk(b"MTrk", NOTE)
    for before in ([], [(b"LIST", b"abc")], [(b"LIST", b"abcd"), (b"JUNK", b"")]):
        found = scan(riff(*before, (b"data", inner)), name="t.rmi")
        place = int(found.tracks[0].note_positions[0])
        assert riff(*before, (b"data", inner))[place - 2 : place + 1] == NOTE[1:]
    assert scan(riff((b"data", inner), size=9999), name="t.rmi").tracks  # says too much
    for wrong in (
        riff((b"data", inner), kind=b"WAVE"),
        riff((b"LIST", inner)),
        riff((b"data", b"XXXX" + inner)),
        riff(),
    ):
        with pytest.raises(MidiError, match="a RIFF file without MIDI"):
            scan(wrong, name="t.rmi")
    with pytest.raises(MidiError, match="cut short"):  # what follows the data is not the file's
        scan(riff((b"data", inner), size=len(inner) - 1), name="t.rmi")


def test_the_lowest_and_the_highest_velocity_are_written() -> None:
    assert patch(b"\x05\x05\x05", [2, 0], np.array([1, 127])) == b"\x7f\x05\x01"
    assert patch(b"\x05", [], np.array([], dtype=np.int64)) == b"\x05"
    for wrong in ([0, 5], [5, 128]):
        with pytest.raises(MidiError, match=f"velocity {min(wrong)}..{max(wrong)} found"):
            patch(b"\x05\x05", [0, 1], np.array(wrong))


@pytest.mark.parametrize("block", range(16))
def test_a_part_of_roland_plays_drums_or_no_more(block: int) -> None:
    """Part 10 is block 0; parts 1 to 9 are blocks 1 to 9; from part 11 on a block is a channel."""
    channel = [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15][block]
    for mode in (0, 1, 2):
        message = bytes([0x41, 0x10, 0x42, 0x12, 0x40, 0x10 + block, 0x15, mode, 0, 0xF7])
        assert scanned(b"\x05\xf0\x0a" + message).rhythm == [(5, channel, mode > 0)]
    other = bytes([0x41, 0x10, 0x42, 0x12, 0x40, 0x20 + block, 0x15, 1, 0, 0xF7])
    assert scanned(b"\x05\xf0\x0a" + other).rhythm == []


@pytest.mark.parametrize("part", [0, 9, 15, 16])
def test_a_part_of_yamaha_plays_drums_or_no_more(part: int) -> None:
    for mode in (0, 1, 3):
        message = bytes([0x43, 0x10, 0x4C, 0x08, part, 0x07, mode, 0xF7])
        expected = [(5, part, mode > 0)] if part < 16 else []
        assert scanned(b"\x05\xf0\x08" + message).rhythm == expected


@pytest.mark.parametrize(
    ("bank", "plays"), [(0, False), (119, False), (120, True), (126, True), (127, True)]
)
def test_a_bank_of_drums_makes_a_channel_play_them(bank: int, plays: bool) -> None:
    assert scanned(b"\x05\xb3\x00" + bytes([bank])).rhythm == [(5, 3, plays)]
    on_ten = [(5, 9, True)] if plays else []  # the tenth channel stays what it is
    assert scanned(b"\x05\xb9\x00" + bytes([bank])).rhythm == on_ten
