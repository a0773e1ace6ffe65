"""What two interpretations differ in, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from humanize.interpretation.attributes import ATTRIBUTES
from humanize.reporting.wording import counted

if TYPE_CHECKING:
    from humanize.styles.comparing import Comparison

_ALIKE, _CLEAR, _FAR = 0.25, 0.75, 1.5  # standard deviations of pianists
_SAME_TEMPO = 0.01
_MOST_NAMED = 5  # measures of stops and slips
_TWO_PIANISTS = {"velocity": 0.64, "tempo": 0.59, "articulation": 0.62}
"""How pianists of one composition agree: (n)ASAP, test (``benchmarks/performance``)."""


def _level(value: float) -> str:
    return f"mean velocity {value:.0f}"


def _spread(value: float) -> str:
    return f"velocities spread by {value:.1f}"


def _melody(value: float) -> str:
    return f"the top voice {abs(value):.1f} {'above' if value >= 0 else 'below'} the rest"


def _lead(value: float) -> str:
    return f"the top of a chord {abs(value):.0f} ms {'early' if value >= 0 else 'late'}"


def _held(value: float) -> str:
    return f"keys held {100 * np.exp(value):.0f} % of what is written"


def _down(value: float) -> str:
    return f"down {100 * value:.0f} % of the time"


def _bent(value: float) -> str:
    return f"beats vary by {100 * np.expm1(value):.0f} %"


def _arcs(value: float) -> str:
    return f"phrases move by {value:.1f}"


_SHOWN: dict[str, Callable[[float], str]] = {
    "loudness": _level,
    "spread": _spread,
    "melody": _melody,
    "lead": _lead,
    "legato": _held,
    "pedal_depth": _down,
    "rubato_depth": _bent,
    "phrasing": _arcs,
}


def shown(name: str, value: float) -> str:
    """Return an attribute's value in plain words: ``mean velocity 64``."""
    return _SHOWN[name](value)


def degree(difference: float) -> str:
    """Return how much a difference in standard deviations of pianists is."""
    size = abs(difference)
    if size < _CLEAR:
        return "slightly "
    return "" if size < _FAR else "much "


def compared(name: str, difference: float) -> str:
    """Return how the second compares with the first: ``much louder``, or ``alike``."""
    if abs(difference) < _ALIKE:
        return "alike"
    attribute = ATTRIBUTES[name]
    return degree(difference) + (attribute.more if difference > 0 else attribute.less)


def said(comparison: Comparison) -> list[str]:
    """Return the lines of a comparison."""
    first, second = Path(comparison.first).name, Path(comparison.second).name
    lines = [
        f"{comparison.first} and {comparison.second}: {counted(comparison.notes, 'note')} in "
        f"common ({comparison.share:.0%}). What {second} is, against {first}:"
    ]
    for name, (one, two) in comparison.attributes.items():
        if not comparison.notated and name == "rubato_depth":
            continue
        if name == "legato" and not comparison.notated:
            lines.append(_relative_legato(one, two, comparison.difference(name)))
        elif np.isfinite(one) and np.isfinite(two):
            lines.append(_line(name, one, two, comparison.difference(name)))
        elif name == "pedal_depth" and np.isfinite(one) != np.isfinite(two):
            lines.append(_only_pedal(second if np.isfinite(two) else first))
    lines.append(_tempo(comparison))
    lines.append(_together(comparison))
    lines += _places(comparison)
    lines += _waits(comparison)
    return lines


def _line(name: str, one: float, two: float, difference: float) -> str:
    label = name.replace("_", " ")
    return f"  {label:<13} {compared(name, difference):<24} {shown(name, one)}; {shown(name, two)}"


def _relative_legato(one: float, two: float, difference: float) -> str:
    """Return how long keys are held where nobody knows what is written."""
    share = f"keys held {100 * np.exp(two - one):.0f} % as long"
    return f"  {'legato':<13} {compared('legato', difference):<24} {share}"


def _only_pedal(name: str) -> str:
    return f"  {'pedal depth':<13} {name} alone has a pedal"


def _tempo(comparison: Comparison) -> str:
    one, two = comparison.tempo_bpm
    if abs(two / one - 1) < _SAME_TEMPO:
        what = "the same pace"
    else:
        what = f"{abs(two / one - 1):.0%} {'faster' if two > one else 'slower'}"
    shown = f"{one:.0f}; {two:.0f} quarter notes a minute" if comparison.notated else ""
    return f"  {'tempo':<13} {what:<24} {shown}".rstrip()


def _together(comparison: Comparison) -> str:
    known = {n: r for n, r in comparison.correlation.items() if np.isfinite(r)}
    if not known:
        return "  together      neither moves enough to tell"
    here = ", ".join(f"{name} {r:.2f}" for name, r in known.items())
    pianists = ", ".join(f"{name} {_TWO_PIANISTS[name]:.2f}" for name in known)
    return f"  {'together':<13} r of {here} (two pianists: {pianists})"


def _places(comparison: Comparison) -> list[str]:
    second = Path(comparison.second).name
    return [
        f"  {'furthest apart' if not number else '':<14} {_where(comparison, place.measure)}: "
        f"{second} is {_said_place(place.aspect, place.difference)}"
        for number, place in enumerate(comparison.places)
    ]


def _waits(comparison: Comparison) -> list[str]:
    """Return a line of each file that has stops or slips, which no figure of its tempo counts."""
    return [
        f"  {'set aside':<13} {Path(name).name}: {_stops(len(at))}, {_all_where(comparison, at)}"
        for name, at in zip((comparison.first, comparison.second), comparison.waits, strict=True)
        if at
    ]


def _stops(number: int) -> str:
    return "1 stop or slip" if number == 1 else f"{number:,} stops or slips"


def _all_where(comparison: Comparison, measures: tuple[int, ...]) -> str:
    distinct = sorted(set(measures))
    shown = ", ".join(_place(comparison, measure) for measure in distinct[:_MOST_NAMED])
    word = "at" if not comparison.notated else "measure" if len(distinct) == 1 else "measures"
    return f"{word} {shown}{' ...' if len(distinct) > _MOST_NAMED else ''}"


def _where(comparison: Comparison, measure: int) -> str:
    return f"{'measure' if comparison.notated else 'at'} {_place(comparison, measure)}"


def _place(comparison: Comparison, measure: int) -> str:
    if comparison.notated:
        return str(measure)
    minutes, seconds = divmod(2 * (measure - 1), 60)  # a performance's measures last two seconds
    return f"{minutes}:{seconds:02d}"


def _said_place(aspect: str, difference: float) -> str:
    if aspect == "velocity":
        return f"{abs(difference):.0f} {'louder' if difference > 0 else 'softer'} than elsewhere"
    share = abs(np.expm1(difference))
    return f"{share:.0%} {'slower' if difference > 0 else 'faster'} than elsewhere"
