"""The events of one piece of a file: all of its tracks, or one track of a type 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.midi.events import CONTROL, TrackEvents, read_events
from humanize.midi.pairing import pair_events
from humanize.midi.smf import SmfScan, TrackScan
from humanize.notes import IntColumn, distinct

_PROGRAM, _BEND = 0xC0, 0xE0
_DAMPER, _DOWN = 64, 64  # controller number, and the value from which on the pedal is down
_BANKS, _CHANNEL_MODE = (0, 32), 120  # controllers: bank select, and all from 120 on


@dataclass(frozen=True, kw_only=True)
class PieceEvents:
    """The events of the tracks of a piece, and which of them are whose note.

    Attributes
    ----------
    numbers : tuple of int
        Numbers of the tracks in the file, the first 0.
    scans : tuple of TrackScan
    tracks : tuple of TrackEvents
        Ticks at the resolution that is written.
    track, row : (e,) IntColumn
        Of each note-on and note-off: which of ``tracks``, and which of its events.
    on, off : (n,) IntColumn
        Of each note, in the order of ``NoteTable.source``: which of these events begin and end
        it; -1 where nothing ends it.
    on_tick, off_tick : (n,) IntColumn
    key : (n,) IntColumn
        128 times channel (0-15) plus pitch.
    factor : int
        By which ticks are finer than in the file.
    """

    numbers: tuple[int, ...]
    scans: tuple[TrackScan, ...]
    tracks: tuple[TrackEvents, ...]
    track: IntColumn
    row: IntColumn
    on: IntColumn
    off: IntColumn
    on_tick: IntColumn
    off_tick: IntColumn
    key: IntColumn
    factor: int = 1

    def metres(self) -> list[tuple[int, int, int]]:
        """Return the time signatures: tick, numerator, denominator."""
        return [(t * self.factor, above, below) for s in self.scans for t, above, below in s.metres]

    def presses_pedal(self, channel: int) -> bool:
        """Return whether the damper pedal of a channel (0-15) is ever pressed."""
        changes = (change[1:] for scan in self.scans for change in scan.controls)
        return any((c, n) == (channel, _DAMPER) and v >= _DOWN for c, n, v in changes)

    def track_of_channel(self, channel: int) -> int:
        """Return which of ``tracks`` has the first note on a channel (0-15)."""
        return int(self.track[self.on[np.flatnonzero(self.key // 128 == channel)[0]]])


def read_pieces(data: bytes, smf: SmfScan, *, factor: int = 1) -> list[PieceEvents]:
    """Return the pieces of a file that have notes, ticks multiplied by ``factor``."""
    numbers = range(len(smf.tracks))
    groups = [(n,) for n in numbers] if smf.smf_type == 2 else [tuple(numbers)]
    sounding = (g for g in groups if any(len(smf.tracks[n].note_ticks) for n in g))
    pieces = [_piece(data, smf, group, factor) for group in sounding]
    return [piece for piece in pieces if len(piece.on)]  # a track may have ends of notes alone


def _piece(data: bytes, smf: SmfScan, numbers: Sequence[int], factor: int) -> PieceEvents:
    tracks = [read_events(data, smf.spans[n]).scaled(factor) for n in numbers]
    rows = [np.flatnonzero(t.is_note).astype(np.int64) for t in tracks]
    tick = np.concatenate([t.tick[r] for t, r in zip(tracks, rows, strict=True)])
    status = np.concatenate([t.status[r] for t, r in zip(tracks, rows, strict=True)])
    position = np.concatenate([t.end[r] for t, r in zip(tracks, rows, strict=True)]) - 2
    values = np.frombuffer(data, dtype=np.uint8)
    key = (status & 0x0F) * 128 + values[position]
    end = max(smf.tracks[n].end_tick for n in numbers) * factor
    pairs = pair_events(key, tick, (status >= 0x90) & (values[position + 1] > 0), end)
    return PieceEvents(
        numbers=tuple(numbers),
        scans=tuple(smf.tracks[n] for n in numbers),
        tracks=tuple(tracks),
        track=np.repeat(np.arange(len(tracks)), [len(r) for r in rows]),
        row=np.concatenate(rows),
        on=pairs.on,
        off=pairs.off,
        on_tick=tick[pairs.on],
        off_tick=pairs.off_tick,
        key=key[pairs.on],
        factor=factor,
    )


def find_settings(piece: PieceEvents, key_switch: NDArray[np.bool_]) -> tuple[IntColumn, IntColumn]:
    """Return tick and channel (0-15) of what sets up the notes that follow on its channel.

    Programs, banks, bends, channel modes, and notes that are key switches, (n,) bool array.
    """
    found = [(t.tick[s], t.status[s] & 0x0F) for t in piece.tracks for s in [_is_setting(t)]]
    found.append((piece.on_tick[key_switch], piece.key[key_switch] // 128))
    ticks, channels = (np.concatenate(c) for c in zip(*found, strict=True))
    return ticks, channels


def distance_to_settings(
    on: IntColumn, channel: IntColumn, settings: tuple[IntColumn, IntColumn]
) -> tuple[IntColumn, IntColumn]:
    """Return how far each note may move and still be played with its own settings.

    A note that went before them, or past the next ones, would be played with others.

    Parameters
    ----------
    on, channel : (n,) IntColumn
        Of notes.
    settings : pair of (s,) IntColumn
        Ticks and channels.

    Returns
    -------
    left, right : (n,) IntColumn
        Ticks, 0 or below, and 0 or above.
    """
    far = np.iinfo(np.int64).max // 4
    left, right = np.full((2, len(on)), far, dtype=np.int64)
    left = -left
    for number in distinct(settings[1]).tolist():
        rows = np.flatnonzero(channel == number)
        own = distinct(settings[0][settings[1] == number])
        after = np.searchsorted(own, on[rows], "right")
        padded = np.concatenate([[-far], own, [far]])
        left[rows] = padded[after] - on[rows]
        right[rows] = padded[after + 1] - 1 - on[rows]
    return left, right


def _is_setting(track: TrackEvents) -> NDArray[np.bool_]:
    sort = track.status & 0xF0
    control = (sort == CONTROL) & (track.status < 0xF0)
    kinds = np.isin(track.kind, _BANKS) | (track.kind >= _CHANNEL_MODE)
    return (sort == _PROGRAM) | (sort == _BEND) | (control & kinds)
