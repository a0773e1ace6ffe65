"""What sounds at each onset and around each note, held notes included."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .windows import Bools, Floats, Ints

_BLOCK = 8192  # onsets at once, to bound memory


def describe_sounding(pitch: Ints, group: Ints, last: Ints) -> dict[str, Floats]:
    """Describe what sounds in a piece of at least one note.

    Parameters
    ----------
    pitch : (n,) array
        MIDI numbers.
    group : (n,) array
        Number of the onset at which each note begins, in order.
    last : (n,) array
        First onset at which each note no longer sounds, later than its own.

    Returns
    -------
    dict of str to array
        Per onset ``count``, ``highest``, ``lowest``, ``mean``, ``mask`` (bit c set where pitch
        class c sounds); per note ``above`` and ``below`` (number of other sounding pitches),
        ``gap_above`` and ``gap_below`` (semitones to the nearest one, NaN where none).
    """
    onsets = int(group[-1]) + 1
    found = {name: np.zeros(onsets) for name in ("count", "highest", "lowest", "mean", "mask")}
    found |= {n: np.zeros(len(pitch)) for n in ("above", "below", "gap_above", "gap_below")}
    keyboard = np.arange(pitch.min() - 1, pitch.max() + 2)  # no note at either end
    column = pitch - keyboard[0]
    for heard, begun, place, on in _blocks(group, last, column, len(keyboard)):
        block = _Block(on, keyboard)
        for name, values in block.onsets().items():
            found[name][heard] = values
        for name, values in block.notes(pitch[begun], place).items():
            found[name][begun] = values
    return found


def _blocks(
    group: Ints, last: Ints, column: Ints, width: int
) -> Iterator[tuple[slice, slice, Ints, Bools]]:
    """Yield onsets, the notes that begin at them, their places, and what sounds, in blocks.

    A place is that of onset and column in the flattened block.
    """
    onsets = int(group[-1]) + 1
    ends, bound = np.argsort(last, kind="stable"), np.arange(onsets + 1)
    began, ended = np.searchsorted(group, bound), np.searchsorted(last[ends], bound)
    carry = np.zeros(width, dtype=np.int32)
    for start in range(0, onsets, _BLOCK):
        stop = min(start + _BLOCK, onsets)
        begun, ending = slice(began[start], began[stop]), ends[ended[start] : ended[stop]]
        place = (group[begun] - start) * width + column[begun]
        left = (last[ending] - start) * width + column[ending]
        change = _counts(place, (stop - start, width)) - _counts(left, (stop - start, width))
        change[0] += carry
        active = np.cumsum(change, axis=0, dtype=np.int32)
        carry = active[-1]
        yield slice(start, stop), begun, place, active > 0


def _counts(place: Ints, shape: tuple[int, int]) -> Ints:
    return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)


class _Block:
    """Which pitches sound at each onset of a block.

    Parameters
    ----------
    on : (onsets, pitches) bool array
    keyboard : (pitches,) array
        The pitch of each column; the first and the last never sound.
    """

    def __init__(self, on: Bools, keyboard: Ints) -> None:
        self._on, self._keyboard = on, keyboard
        number = keyboard.astype(np.int16)
        self._counted = np.cumsum(on, axis=1, dtype=np.int16)
        self._highest_upto = np.maximum.accumulate(np.where(on, number, np.int16(-1)), axis=1)
        down = np.where(on, number, np.int16(128))[:, ::-1]
        self._lowest_from = np.minimum.accumulate(down, axis=1)[:, ::-1]

    def onsets(self) -> dict[str, Floats | Ints]:
        """Return what each onset hears, at least one pitch."""
        count = self._counted[:, -1]
        bits = (1 << self._keyboard % 12).astype(np.int16)
        return {
            "count": count,
            "highest": self._highest_upto[:, -1],
            "lowest": self._lowest_from[:, 0],
            "mean": (self._on @ self._keyboard.astype(np.float64)) / count,
            "mask": np.bitwise_or.reduce(np.where(self._on, bits, np.int16(0)), axis=1),
        }

    def notes(self, pitch: Ints, place: Ints) -> dict[str, Floats | Ints]:
        """Return what sounds around the notes at these places of the flattened block."""
        upto = self._counted.take(place)
        under, over = self._highest_upto.take(place - 1), self._lowest_from.take(place + 1)
        count = self._counted[:, -1].take(place // len(self._keyboard))
        return {
            "below": upto - 1,
            "above": count - upto,
            "gap_below": np.where(under >= 0, pitch - under, np.nan),
            "gap_above": np.where(over < 128, over - pitch, np.nan),
        }
