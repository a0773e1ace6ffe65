"""Performances taken out again, and files that nothing can be taken out of."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performed_smf import events_of, performance, read
from smf_builder import encode, header, music, note, track

from humanize.errors import MidiError
from humanize.interpretation.parameters import Writing
from humanize.midi.events import meta
from humanize.midi.record import make_record, sign, strip_performance
from humanize.midi.retiming import write_performance
from humanize.midi.smf import patch

WALTZ = (Path(__file__).parents[2] / "examples" / "waltz.mid").read_bytes()


def performed(data: bytes = WALTZ) -> bytes:
    reading = read(data)
    own = [performance(notes, 1) for notes in reading.pieces]
    return write_performance(data, reading, own, Writing(pedal="add"))


def test_a_file_that_is_not_ours_says_so() -> None:
    with pytest.raises(MidiError, match=r"w.mid: no performance to take out; expected") as caught:
        strip_performance(WALTZ, name="w.mid")
    assert "\n" not in str(caught.value)
    with pytest.raises(MidiError, match="not a MIDI file"):
        strip_performance(b"PK\x03\x04", name="w.mxl")
    other = header(0, 1, 480) + track([(0, b"\xff\x7f\x03\x7dhu"), *note(0, 9, 60)])
    with pytest.raises(MidiError, match="no performance"):
        strip_performance(other)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_file_that_was_changed_since_is_never_half_stripped(at: int, by: int) -> None:
    out = bytearray(performed())
    out[at % len(out)] ^= by
    with pytest.raises(MidiError):
        strip_performance(bytes(out))


def test_velocities_that_were_changed_since_are_a_change() -> None:
    out = performed()
    reading = read(out)
    changed = patch(out, reading.positions[:1], np.array([1]))
    with pytest.raises(MidiError, match="changed since humanize wrote the performance"):
        strip_performance(changed)


def test_a_program_that_saves_it_anew() -> None:
    target = io.BytesIO()
    mido.MidiFile(file=io.BytesIO(performed())).save(file=target)
    with pytest.raises(MidiError):
        strip_performance(target.getvalue())


def test_another_version_of_the_record_is_named() -> None:
    out = performed().replace(b"\x7dhumanize\x01", b"\x7dhumanize\x02")
    with pytest.raises(MidiError, match="another version of humanize"):
        strip_performance(out)


def test_trailing_bytes_and_damage_in_the_record() -> None:
    record = make_record(b"\x01\xe0", {7: b"no such track"})
    data = header(0, 1, 480) + track([*note(0, 9, 60), (9, record)])
    with pytest.raises(MidiError, match="record of what the file was made of is damaged"):
        strip_performance(sign(data, record))


def test_the_record_takes_less_room_than_the_file_did() -> None:
    data = encode(music(3, count=2000), smf_type=1)
    (record,) = [e.message for e in events_of(performed(data))[0] if e.message[:2] == b"\xff\x7f"]
    assert len(record) < 0.5 * len(data)


@pytest.mark.parametrize("numbers", [range(200_000), [0] * 200_000], ids=["many", "one again"])
def test_a_record_of_more_tracks_than_there_are_is_left_at_the_first(numbers) -> None:
    kept = b"\x01\xe0" + b"".join(struct.pack(">II", number, 0) for number in numbers)
    head = make_record(b"\x01\xe0", {0: b""})
    at = head.index(b"\x7dhumanize") + 10 + 16
    record = meta(0x7F, head[at - 26 : at] + zlib.compress(kept))
    data = sign(header(0, 1, 480) + track([*note(0, 9, 60), (9, record)]), record)
    tracemalloc.start()
    with pytest.raises(MidiError, match="is damaged; expected it whole"):
        strip_performance(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 6 * len(kept)  # a body for each took 20 times as much
