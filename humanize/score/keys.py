"""Key signatures, and the steps beside a note."""

from __future__ import annotations

_SCALE = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
_SHARPS = "FCGDAEB"
_ACCIDENTALS = {"sharp": 1, "flat": -1, "natural": 0, "double-sharp": 2, "flat-flat": -2}


class Keys:
    """Key signatures of the staves of a part, and the accidentals of the measure so far."""

    def __init__(self) -> None:
        self.fifths = 0
        self.alters: dict[tuple[str, int], int] = {}
        self.last: tuple[str, int, int] = ("C", 4, 0)

    def set(self, staff: int | None, fifths: int) -> None:
        """Set the key of a staff, or of all; ornaments are read in the latest one."""
        self.fifths = min(max(fifths, -7), 7)

    def new_measure(self) -> None:
        """Forget the accidentals."""
        self.alters.clear()

    def heard(self, step: str, octave: int, alter: int) -> None:
        """Take note of a written pitch."""
        self.last = (step, octave, alter)
        self.alters[step, octave] = alter

    def neighbour(self, by: int, sign: str | None = None) -> int:
        """Return the half-tones from the latest pitch to the next step up (1) or down (-1).

        Parameters
        ----------
        by : int
        sign : str or None
            An accidental over or under the ornament.
        """
        step, octave, alter = self.last
        place = _SCALE.index(step) + by
        there = (_SCALE[place % 7], octave + place // 7)
        key = _ACCIDENTALS.get(sign or "", self.alter(*there))
        natural = _NATURAL[place % 7] + 12 * (place // 7) - _NATURAL[_SCALE.index(step)]
        return abs(natural + key - alter) or 1

    def alter(self, step: str, octave: int) -> int:
        """Return the half-tones that a pitch without accidental is raised by."""
        if (step, octave) in self.alters:
            return self.alters[step, octave]
        if self.fifths >= 0:
            return int(step in _SHARPS[: self.fifths])
        return -int(step in _SHARPS[self.fifths :])
