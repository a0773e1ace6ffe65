"""Which notes make one instrument, which are drums, and which choose articulations.

Drums are told by channel 10, by the drum channels of Roland GS, Yamaha XG and General MIDI 2, and
by the names of tracks. Key switches, notes of a sampler that choose an articulation and do not
sound, are told by the name of their track, by velocity 1 among louder notes, and by a pitch that
no player of the instrument reaches.

References: Roland GS Format 1.0; Yamaha XG Specifications 1.26; General MIDI 2, RP-024 (1999);
ranges: Adler, The Study of Orchestration, 4th edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from humanize.midi.names import names_click, names_key_switches, names_kit, program_of_name
from humanize.notes import DRUMS, KEY_SWITCHES, IntColumn, distinct
from humanize.options import Split
from humanize.options.selections import GROOVE, track_numbers

BoolColumn = NDArray[np.bool_]

_APART = frozenset((*range(40, 46), *range(48, 52), *range(52, 55), *range(56, 80)))
"""Programs of bowed, sung and blown instruments: each track of one is a player or a section."""

_RANGES = {
    (0, 8): (21, 108),  # pianos
    (24, 32): (36, 88),  # guitars
    (32, 40): (23, 72),  # basses
    (40, 41): (55, 105),
    (41, 42): (48, 93),
    (42, 43): (36, 84),
    (43, 44): (24, 67),
    (46, 47): (23, 104),
    (48, 52): (24, 105),  # string sections
    (52, 55): (36, 86),  # voices
    (56, 57): (52, 89),
    (57, 58): (34, 77),
    (58, 59): (26, 65),
    (60, 61): (34, 77),
    (61, 64): (26, 89),
    (64, 68): (34, 92),  # saxophones
    (68, 69): (58, 93),
    (69, 70): (52, 84),
    (70, 71): (34, 77),
    (71, 72): (50, 96),
    (72, 73): (74, 108),
    (73, 80): (55, 100),  # flutes
}
"""Lowest and highest sounding pitch, by General MIDI programs (first, and one past the last)."""

_FAR = 12  # semitones beyond the range: no player and no scordatura reaches them
_SILENT, _AUDIBLE = 1, 20  # velocities: of a key switch, and of the softest note beside it
_FEW = 0.5  # share of the notes of a track that key switches may be


@dataclass(frozen=True, kw_only=True)
class Played:
    """Notes as a reader found them, before they are grouped.

    Attributes
    ----------
    pitch, velocity, track, channel, program : (n,) IntColumn
        Track from 1, channel from 1, program 0-127 or -1.
    rhythm : (n,) bool array
        Whether the channel plays drums at that time.
    """

    pitch: IntColumn
    velocity: IntColumn
    track: IntColumn
    channel: IntColumn
    program: IntColumn
    rhythm: BoolColumn


def group_instruments(
    played: Played,
    track_names: Sequence[str],
    *,
    split: Split,
    drums: Sequence[int | str] | str | None = None,
    key_switches: bool = True,
) -> IntColumn:
    """Return the instrument of each note: from 0, or ``DRUMS``, or ``KEY_SWITCHES``.

    Parameters
    ----------
    played : Played
    track_names : sequence of str
        The first of track 1.
    split : "programs", "tracks" or "none"
        What makes an instrument: notes of one program (of bowed, sung and blown ones: of one
        program and track), notes of one track, or all notes.
    drums : sequence of int or str, or "groove", optional
        Tracks that are drums, and no others, as numbers from 1 or names; none at all where empty.
        "groove" is as without.
    key_switches : bool
        Whether key switches are looked for.

    Raises
    ------
    OptionError
        For a track of ``drums`` that is not there.
    """
    drum = _drum_notes(played, track_names, drums)
    switches = ~drum & (_key_switches(played, track_names) if key_switches else False)
    pitched = ~(drum | switches)
    instrument = np.full(len(played.pitch), DRUMS, dtype=np.int64)
    instrument[switches] = KEY_SWITCHES
    by = _keys(played, track_names, split)
    instrument[pitched] = np.unique(by[pitched], return_inverse=True)[1].reshape(-1)
    return instrument


def _drum_notes(
    played: Played, names: Sequence[str], drums: Sequence[int | str] | str | None
) -> BoolColumn:
    if drums is not None and drums != GROOVE:
        return np.isin(played.track, track_numbers(drums, names, option="drums"))
    named = [n for n, name in enumerate(names, start=1) if names_kit(name) or names_click(name)]
    return played.rhythm | np.isin(played.track, named)


def _key_switches(played: Played, names: Sequence[str]) -> BoolColumn:
    found = np.zeros(len(played.pitch), dtype=bool)
    for track in distinct(played.track).tolist():
        rows = np.flatnonzero(played.track == track)
        name = names[track - 1] if track <= len(names) else ""
        if names_key_switches(name):
            found[rows] = True
            continue
        silent = _silent(played.velocity[rows])
        switches = silent | _out_of_range(played.pitch[rows], played.program[rows], name)
        if switches.mean() <= _FEW:
            found[rows] = switches
    return found


def _silent(velocity: IntColumn) -> BoolColumn:
    """Return which notes have velocity 1 where every other is far louder, as no player's is."""
    silent = velocity == _SILENT
    others = velocity[~silent]
    return silent & bool(len(others) and others.min() >= _AUDIBLE)


def _out_of_range(pitch: IntColumn, program: IntColumn, name: str) -> BoolColumn:
    by_name = program_of_name(name)
    low, high = np.full(len(pitch), -128), np.full(len(pitch), 256)
    for number in distinct(program).tolist():
        known = number if number > 0 else (by_name if by_name >= 0 else number)
        span = next((r for (a, b), r in _RANGES.items() if a <= known < b), None)
        if span is not None:
            here = program == number
            low[here], high[here] = span[0] - _FAR, span[1] + _FAR
    return (pitch < low) | (pitch > high)


def _keys(played: Played, names: Sequence[str], split: Split) -> IntColumn:
    """Return a number for each note, equal where notes belong to one instrument."""
    if split == "none":
        return np.zeros_like(played.track)
    if split == "tracks":
        return played.track
    said = played.program.copy()
    for track in distinct(played.track).tolist():
        rows = (played.track == track) & (said < 0)
        said[rows] = program_of_name(names[track - 1]) if track <= len(names) else -1
    apart = np.isin(said, list(_APART))
    return np.where(apart, 1000 + played.track, said)
