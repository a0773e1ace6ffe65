"""A few lines that write MIDI files for tests, odd ones included."""

from __future__ import annotations

import random


def variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "big") + body


def header(smf_type: int, tracks: int, division: int) -> bytes:
    fields = [smf_type, tracks, division]
    return chunk(b"MThd", b"".join(n.to_bytes(2, "big") for n in fields))


def track(events: list[tuple[int, bytes]], *, running: bool = False, end: bool = True) -> bytes:
    """Events are (tick, message); with ``running`` a repeated status byte is left out."""
    body, now, status = b"", 0, None
    for tick, message in sorted(events, key=lambda event: event[0]):
        body += variable_length(tick - now)
        now = tick
        if running and message[0] < 0xF0 and message[0] == status:
            message = message[1:]
        else:
            status = message[0] if message[0] < 0xF0 else None
        body += message
    return chunk(b"MTrk", body + (b"\x00\xff\x2f\x00" if end else b""))


def note(
    onset: int,
    offset: int,
    pitch: int,
    *,
    channel: int = 0,
    velocity: int = 64,
    off_as_zero: bool = False,
) -> list[tuple[int, bytes]]:
    off = bytes([0x90 + channel, pitch, 0]) if off_as_zero else bytes([0x80 + channel, pitch, 10])
    return [(onset, bytes([0x90 + channel, pitch, velocity])), (offset, off)]


def music(seed: int = 0, count: int = 120) -> list[tuple[float, float, int, int]]:
    """Notes (onset, duration in beats, pitch, hand), no two of one pitch overlapping."""
    draw = random.Random(seed)
    notes, free = [], {}
    for hand, low in ((0, 60), (1, 36)):
        beat = 0.0
        for _ in range(count // 2):
            for pitch in {
                low + draw.choice((0, 2, 4, 5, 7, 9, 11, 12))
                for _ in range(draw.choice((1, 1, 2, 3)))
            }:
                if free.get(pitch, 0.0) <= beat:
                    length = draw.choice((0.25, 0.5, 0.5, 1.0, 2.0))
                    notes.append((beat, length, pitch, hand))
                    free[pitch] = beat + length
            beat += draw.choice((0.25, 0.5, 0.5, 1.0))
    return notes


TEMPO = [(0, b"\xff\x51\x03\x08\xd0\x00"), (0, b"\xff\x58\x04\x03\x02\x18\x08")]


def encode(
    notes: list[tuple[float, float, int, int]],
    *,
    division: int = 480,
    smf_type: int = 1,
    swap: bool = False,
    velocities: list[int] | None = None,
    running: bool = False,
) -> bytes:
    """The same music in the encoding asked for; velocities in the order of the notes."""
    hands: tuple[list[tuple[int, bytes]], ...] = ([], [])
    for index, (onset, length, pitch, hand) in enumerate(notes):
        velocity = 64 if velocities is None else velocities[index]
        hands[hand].extend(
            note(
                round(onset * division),
                round((onset + length) * division),
                pitch,
                velocity=velocity,
            )
        )
    ordered = [sorted(hand, key=lambda e: (e[0], e[1][0] & 0xF0)) for hand in hands]
    if smf_type == 0:
        merged = sorted([*TEMPO, *ordered[0], *ordered[1]], key=lambda e: e[0])
        return header(0, 1, division) + track(merged, running=running)
    if swap:
        ordered.reverse()
    parts = [track(TEMPO), *(track(hand, running=running) for hand in ordered)]
    return header(1, len(parts), division) + b"".join(parts)
