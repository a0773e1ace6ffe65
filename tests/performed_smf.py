"""Generated MIDI files, odd ones included, and performances of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from smf_builder import chunk, header, note, track, variable_length

from humanize.interpretation.parameters import PerformanceParameters
from humanize.midi.reading import MidiPieces, read_midi
from humanize.midi.smf import scan
from humanize.notes import NoteTable, starts

SMPTE = 0xE728  # 25 frames of 40 ticks


def tempo(micros: int) -> bytes:
    return b"\xff\x51\x03" + micros.to_bytes(3, "big")


def text(kind: int, words: bytes) -> bytes:
    return bytes([0xFF, kind]) + variable_length(len(words)) + words


EXTRAS = (
    b"\xb0\x07\x64",
    b"\xb0\x40\x7f",
    b"\xb0\x40\x00",
    b"\xb1\x40\x40",
    b"\xc0\x00",
    b"\xc1\x28",
    b"\xe0\x00\x40",
    b"\xd0\x11",
    b"\xb0\x7b\x00",
    b"\xf0\x03\x43\x10\xf7",
    b"\xf7\x01\xf8",
    text(0x05, b"la"),
    text(0x06, b"verse"),
    text(0x01, b"word"),
    text(0x7F, b"\x7dsomeone"),
    b"\xff\x58\x04\x06\x03\x18\x08",
    b"\xff\x58\x04\x03\x02\x18\x08",
)


@st.composite
def tracks(draw: st.DrawFn, step: int, *, with_tempi: bool) -> bytes:
    """One track: notes on a grid of four steps a quarter, other events among them."""
    events: list[tuple[int, bytes]] = []
    for _ in range(draw(st.integers(0, 12))):
        onset = draw(st.integers(0, 24)) * step
        length = draw(st.sampled_from([step, step, 2 * step, 4 * step, 1, 0]))
        channel, pitch = draw(st.sampled_from([0, 0, 0, 1, 9])), draw(st.integers(60, 64))
        zero = draw(st.booleans())
        own = note(onset, onset + length, pitch, channel=channel, off_as_zero=zero)
        events += own[: draw(st.sampled_from([2, 2, 2, 2, 1]))]
    for _ in range(draw(st.integers(0, 6))):
        events.append((draw(st.integers(0, 30 * step)), draw(st.sampled_from(EXTRAS))))
    for _ in range(draw(st.integers(0, 3)) if with_tempi else 0):
        micros = draw(st.integers(200_000, 1_500_000))
        events.append((draw(st.integers(0, 24)) * step, tempo(micros)))
    events.sort(key=lambda event: (event[0], event[1][0] & 0xF0 == 0x90))
    end = draw(st.booleans())
    made = track(events, running=draw(st.booleans()), end=end)
    after = draw(st.sampled_from([b"", b"", b"\x00\x01"])) if end else b""
    return chunk(b"MTrk", made[8:] + after)


@st.composite
def files(draw: st.DrawFn, *, types: Sequence[int] = (0, 1, 2), smpte: bool = True) -> bytes:
    """A file with at least one note, wrapped and followed by whatever may be there."""
    division = draw(st.sampled_from([480, 96, 24, 960, 384] + [SMPTE] * smpte))
    step = 250 if division == SMPTE else division // 4
    smf_type = draw(st.sampled_from(types))
    count = 1 if smf_type == 0 else draw(st.integers(1, 3))
    made = [draw(tracks(step, with_tempi=True)) for _ in range(count)]
    sure = [*note(4 * step, 6 * step, 72), *note(8 * step, 12 * step, 72)]
    made[draw(st.integers(0, count - 1))] = track(sure, running=draw(st.booleans()))
    odd = [chunk(b"XFIH", b"\x90\x3c\x40")] if draw(st.booleans()) else []
    trailing = draw(st.sampled_from([b"", b"", b"end?"]))
    whole = header(smf_type, count, division) + b"".join([*odd, *made]) + trailing
    return riff(whole) if draw(st.integers(0, 4)) == 0 else whole


def riff(inner: bytes) -> bytes:
    body = b"RMIDdata" + len(inner).to_bytes(4, "little") + inner + b"\x00" * (len(inner) % 2)
    body += b"LIST\x04\x00\x00\x00INFO"
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def performance(
    notes: NoteTable, seed: int, *, tempo: float = 0.3, timing: float = 12.0,
    articulation: float = 0.5, velocity: bool = True,
) -> PerformanceParameters:  # fmt: skip
    """A wild performance: chance in everything."""
    draw = np.random.default_rng(seed)
    onsets = notes.onset_beat[starts(notes.onset_beat)]
    count, size = len(onsets), len(notes)

    def now_and_then(middle: float, spread: float) -> np.ndarray:
        lag = draw.normal(middle, spread, count)
        return np.where(draw.random(count) < 0.5, lag, np.nan)

    return PerformanceParameters(
        onset_beat=onsets,
        log_beat_period=draw.normal(0, 1, count) * tempo,
        asynchrony_ms=draw.normal(0, 1, size) * timing,
        log_articulation=draw.normal(-0.3, 1, size) * articulation,
        velocity=draw.integers(1, 128, size) if velocity else None,
        pedal_lift_ms=now_and_then(44, 60),
        pedal_press_ms=now_and_then(153, 80),
        pedal_depth=draw.integers(1, 128, count),
    )


def read(data: bytes) -> MidiPieces:
    return read_midi(data, name="t.mid")


@dataclass(frozen=True)
class Event:
    """An event as it stands in a file."""

    tick: int
    message: bytes


def events_of(data: bytes) -> list[list[Event]]:
    """Every event of every track, running status resolved: a reader of our own for tests."""
    return [_events(data[begin:end]) for begin, end in scan(data, name="t.mid").spans]


def _number(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | body[at] & 0x7F
        at += 1
        if body[at - 1] < 0x80:
            return value, at


def _events(body: bytes) -> list[Event]:
    found, at, tick, status = [], 0, 0, 0
    while at < len(body):
        delta, at = _number(body, at)
        tick += delta
        first = body[at]
        if first == 0xFF or first in (0xF0, 0xF7):
            size, begin = _number(body, at + 1 + (first == 0xFF))
            found.append(Event(tick, body[at : begin + size]))
            at = begin + size
            if found[-1].message[:2] == b"\xff\x2f":
                break
            continue
        if first >= 0x80:
            status, at = first, at + 1
        size = 1 if 0xC0 <= status < 0xE0 else 2
        found.append(Event(tick, bytes([status]) + body[at : at + size]))
        at += size
    return found


def is_record(event: Event) -> bool:
    return event.message[:2] == b"\xff\x7f" and b"\x7dhumanize" in event.message[:14]
