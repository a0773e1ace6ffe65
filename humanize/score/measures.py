"""Measures by the numbers that are printed at them, in each movement, every time they are played.

``5-12`` are the measures from the one numbered 5 to the one numbered 12, what stands between them
with another number or none included; ``0`` is an upbeat, ``X1`` a measure that a program named so,
``II:5-12`` are measures of the second movement, ``II`` all of it. Without a movement those of every
movement are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from humanize.errors import OptionError
from humanize.score.reading import ScoreReading

_PART = re.compile(
    r"(?:(?P<movement>[IVXLC]+)(?::|$))?(?P<first>[^-:]*)(?P<dash>-)?(?P<last>[^-:]*)"
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def measure_mask(reading: ScoreReading, text: str) -> NDArray[np.bool_]:
    """Return which notes stand in measures.

    Parameters
    ----------
    reading : ScoreReading
    text : str
        Such as ``"5-12"``, ``"0"``, ``"9-"``, ``"X1"``, ``"II:5-12"`` or several with commas.

    Returns
    -------
    (n,) bool array
        In the order of ``reading.notes``.

    Raises
    ------
    OptionError
        If it cannot be read, or a movement or measure is not there.
    """
    chosen = np.zeros(len(reading.measure_labels), dtype=bool)
    for part in text.split(","):
        found = [range(*span) for span in _spans(reading, part.replace(" ", ""))]
        if not found:
            raise OptionError(
                f"measures {part.strip()[:40]!r} found; expected measures of the score, which has "
                f"{_offered(reading)}"
            )
        for span in found:
            chosen[span.start : span.stop] = True
    return chosen[reading.written_measure]


def _spans(reading: ScoreReading, part: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of measures (first, last + 1) that a part of the text means."""
    found = _PART.fullmatch(part)
    if found is None or not part:
        raise OptionError(
            f"measures {part[:40]!r} found; expected such as 5-12, 5, 0, 9-, X1 or II:5-12"
        )
    ends = [*reading.movements[1:], len(reading.measure_labels)]
    movements = list(zip(reading.movements, ends, strict=True))
    if found["movement"]:
        number = _number_of(found["movement"])
        movements = movements[number - 1 : number]
        if not found["first"] and not found["dash"]:
            yield from movements
            return
    first, last = found["first"].strip(), found["last"].strip()
    for begin, end in movements:
        span = _within(reading.measure_labels[begin:end], first, last, bool(found["dash"]))
        if span is not None:
            yield begin + span[0], begin + span[1]


def _within(labels: Sequence[str], first: str, last: str, spans: bool) -> tuple[int, int] | None:
    """Return the stretch of the measures from one label to another."""
    begins = _places(labels, first) if first else [0]
    ends = _places(labels, last or first) if last or not spans else [len(labels) - 1]
    if not begins or not ends or ends[-1] < begins[0]:
        return None
    return begins[0], ends[-1] + 1


def _places(labels: Sequence[str], wanted: str) -> list[int]:
    """Return where a label stands; where a number is not printed, what would have it."""
    plain = wanted.lstrip("0") or "0" if wanted.isdecimal() else wanted
    same = [place for place, label in enumerate(labels) if label in (wanted, plain)]
    if same or not wanted.isdecimal() or len(wanted) > 9:
        return same
    numbers = [(int(x), place) for place, x in enumerate(labels) if x.isdecimal() and len(x) < 9]
    below = [place for number, place in numbers if number < int(wanted)]
    above = [place for number, place in numbers if number > int(wanted)]
    return [below[-1]] if below and above and below[-1] < above[0] else []


def _number_of(roman: str) -> int:
    values = [_ROMAN[letter] for letter in roman]
    following = [*values[1:], 0]
    return sum(v if v >= n else -v for v, n in zip(values, following, strict=True))


def _offered(reading: ScoreReading) -> str:
    """Return a line about the measures and movements of a score."""
    labels = reading.measure_labels
    ends = [*reading.movements[1:], len(labels)]
    spans = [
        f"{labels[first]}-{labels[last - 1]}"
        for first, last in zip(reading.movements, ends, strict=True)
    ]
    if len(spans) == 1:
        return spans[0]
    return f"{len(spans)} movements: {', '.join(spans[:6])}{' ...' if len(spans) > 6 else ''}"
