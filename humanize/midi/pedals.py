"""What the pedals do while each note sounds, from the control changes of a MIDI source.

A pianist's feet say much of how loud the hands play, the left pedal above all. Standards: MIDI 1.0
controllers 64 (damper) and 67 (soft).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from humanize.notes import TIME_DECIMALS, FloatColumn, IntColumn, distinct

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

CONTROLLERS = {64: "sustain_pedal", 67: "soft_pedal"}
"""Controller numbers that are read, and what their columns are called."""

_AFTER_SEC = 0.1  # feet that move along with the hands come down a little later


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Control changes of the pedals, in any order.

    Attributes
    ----------
    seconds : (k,) FloatColumn
    voice : (k,) IntColumn
        The channel (or PrettyMIDI instrument) that each is sent to.
    number, value : (k,) IntColumn
        Controller number and value (0-127).
    """

    seconds: FloatColumn
    voice: IntColumn
    number: IntColumn
    value: IntColumn

    @classmethod
    def of_changes(cls, changes: Sequence[tuple[float, int, int]]) -> Controls:
        """Return changes (seconds, controller number, value) that are all sent to one voice."""
        columns = np.array(changes, dtype=np.float64).reshape(-1, 3).T
        number, value = columns[1:].astype(np.int64)
        return cls(seconds=columns[0], voice=np.zeros_like(number), number=number, value=value)


def pretty_midi_controls(midi: PrettyMIDI) -> Controls:
    """Return the pedals of a PrettyMIDI; a voice is an instrument of it, counted from 1."""
    rows = [
        (change.time, track, change.number, change.value)
        for track, part in enumerate(midi.instruments, start=1)
        for change in part.control_changes
        if change.number in CONTROLLERS
    ]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    voice, number, value = columns[1:].astype(np.int64)
    return Controls(seconds=columns[0], voice=voice, number=number, value=value)


def damper_alone(pedals: Mapping[str, FloatColumn]) -> dict[str, FloatColumn]:
    """Return the columns of the damper."""
    return {name: column for name, column in pedals.items() if name.startswith("sustain")}


def fewer_pedals(pedals: Mapping[str, FloatColumn]) -> list[dict[str, FloatColumn]]:
    """Return the columns without any pedal, and with the damper alone where there are both."""
    damper = damper_alone(pedals)
    fewer: list[dict[str, FloatColumn]] = [{}] if pedals else []
    return [*fewer, damper] if damper and len(damper) < len(pedals) else fewer


def pedal_columns(
    controls: Controls,
    *,
    onset_sec: FloatColumn,
    duration_sec: FloatColumn,
    voice: IntColumn,
    instrument: IntColumn,
) -> dict[str, FloatColumn]:
    """Return the pedal columns of ``humanize.notes.PEDALS``; none where no pedal is ever moved.

    An instrument has the pedals of all voices that its notes are on. Of several changes at one
    moment the highest value counts, so that their order does not matter.

    Parameters
    ----------
    controls : Controls
    onset_sec, duration_sec : (n,) FloatColumn
    voice, instrument : (n,) IntColumn
        Of each note.
    """
    columns: dict[str, FloatColumn] = {}
    if not len(controls.seconds):
        return columns
    moments = (onset_sec, onset_sec + _AFTER_SEC, onset_sec + duration_sec)
    for own in distinct(instrument):
        rows = np.flatnonzero(instrument == own)
        sent = np.isin(controls.voice, distinct(voice[rows]))
        for number, name in CONTROLLERS.items():
            chosen = sent & (controls.number == number)
            if chosen.any():
                times, values = _timeline(controls.seconds[chosen], controls.value[chosen])
                for suffix, moment in zip(("", "_after", "_release"), moments, strict=True):
                    column = columns.setdefault(name + suffix, np.full(len(voice), np.nan))
                    column[rows] = _value_at(times, values, moment[rows])
    return columns


def _timeline(seconds: FloatColumn, value: IntColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return distinct times in order, and the highest value that is sent at each."""
    times = np.round(seconds, TIME_DECIMALS)
    order = np.lexsort((value, times))
    times, value = times[order], value[order]
    last = np.append(np.diff(times) > 0, True)
    return times[last], value[last].astype(np.float64)


def _value_at(times: FloatColumn, values: FloatColumn, moments: FloatColumn) -> FloatColumn:
    """Return the value in force at each moment; 0, a pedal that is up, before the first change."""
    at = np.searchsorted(times, np.round(moments, TIME_DECIMALS), "right")
    return np.concatenate(([0.0], values))[at]
