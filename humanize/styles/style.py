"""A style: by how much a pianist differs from the average, and how it is written down and read."""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from humanize.errors import InputError, OptionError
from humanize.files import read_input, starts_as_midi
from humanize.interpretation.attributes import ATTRIBUTES, spread_of
from humanize.models import Model
from humanize.options.sliders import FURTHEST
from humanize.styles.reference import Reference, averaged, read_reference
from humanize.styles.wording import compared

_FORMAT = "humanize style 1"
_SAID = ("style", "of", "notes", "words")
"""What a style also has, for people; nothing is read of it."""

_DIGITS = 2
Asked = str | Path | Mapping[str, Any]


def styled(sliders: Mapping[str, float], styles: Sequence[Asked], model: Model) -> dict[str, float]:
    """Return sliders with the mean of some styles added.

    Raises
    ------
    InputError
        If a file is neither a performance nor a style, or a style that cannot be.
    OptionError
        If a style that is given itself cannot be.
    """
    style = mean_style(styles, model)
    names = dict.fromkeys((*sliders, *style))
    return {name: sliders.get(name, 0.0) + style.get(name, 0.0) for name in names}


def mean_style(styles: Sequence[Asked], model: Model) -> dict[str, float]:
    """Return the mean of styles; performances among them make one together, by their number.

    Raises
    ------
    InputError
        If a file is neither a performance nor a style, or a style that cannot be.
    OptionError
        If a style that is given itself cannot be.
    """
    performances: list[Reference] = []
    written: list[dict[str, float]] = []
    for asked in styles:
        found = _read(asked, model)
        if isinstance(found, Reference):
            performances.append(found)
        else:
            written.append(found)
    weighted = [(1, style) for style in written]
    if performances:
        weighted.append((len(performances), averaged(performances)))
    total = sum(weight for weight, _ in weighted)
    names = dict.fromkeys(name for _, style in weighted for name in style)
    return {n: sum(w * style.get(n, 0.0) for w, style in weighted) / total for n in names}


def _read(asked: Asked, model: Model) -> Reference | dict[str, float]:
    if isinstance(asked, Mapping):
        return style_from_json(asked, name="style")
    content = read_input(Path(asked))
    if starts_as_midi(content):
        return _reference(content, str(asked), model)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InputError(
            f"{asked}: neither a MIDI file nor a style; expected a performance, or the JSON that "
            "'humanize style' printed"
        )
    try:
        return style_from_json(data, name=str(asked))
    except OptionError as error:  # what a file holds is no wrong use
        raise InputError(str(error)) from None


_KNOWN: dict[tuple[int, str, str], Reference] = {}
_MOST_KNOWN = 64


def _reference(content: bytes, name: str, model: Model) -> Reference:
    """Return what a performance is like; a batch asks it of every file."""
    key = hash(content), name, model.name
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = read_reference(content, name=name, model=model)
    return _KNOWN[key]


def style_from_json(data: Mapping[str, Any], *, name: str) -> dict[str, float]:
    """Return the sliders that a style says, in standard deviations of pianists.

    Raises
    ------
    OptionError
        For an unknown attribute, none at all, or a value that is no number within the sliders'
        bounds.
    """
    wanted = f"expected some of {', '.join(ATTRIBUTES)}"
    unknown = [key for key in data if key not in ATTRIBUTES and key not in _SAID]
    if unknown:
        raise OptionError(f"{name}: attribute {reprlib.repr(unknown[0])} found; {wanted}")
    if "style" in data and data["style"] != _FORMAT:
        raise OptionError(f"{name}: {reprlib.repr(data['style'])} found; expected {_FORMAT!r}")
    style = {key: value for key, value in data.items() if key in ATTRIBUTES}
    if not style:
        raise OptionError(f"{name}: a style without attributes found; {wanted}")
    for key, value in style.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not abs(value) <= FURTHEST:
            raise OptionError(
                f"{name}: {key} is {reprlib.repr(value)}; expected standard deviations of "
                f"pianists, a number from {-FURTHEST:g} to {FURTHEST:g}"
            )
    return {key: float(value) for key, value in style.items()}


def style_to_json(references: Sequence[Reference]) -> dict[str, Any]:
    """Return the style of performances as JSON that people can read and edit."""
    style = {name: round(value, _DIGITS) for name, value in averaged(references).items()}
    return {
        "style": _FORMAT,
        "of": [Path(reference.name).name for reference in references],
        "notes": sum(reference.notes for reference in references),
        **style,
        "words": {name: _words(references, name, value) for name, value in style.items()},
    }


def _words(references: Sequence[Reference], name: str, value: float) -> str:
    """Return an attribute in plain words: against most pianists, and by how much."""
    if not any(math.isfinite(reference.beyond[name]) for reference in references):
        return "the file does not say"
    what = compared(name, value)
    if what == "alike":
        return "as most pianists"
    return f"{what} than most: {_SIZES[name](value * spread_of(name))}"


_SIZES: dict[str, Callable[[float], str]] = {
    "loudness": lambda v: f"{abs(v):.1f} of 127",
    "spread": lambda v: f"{abs(v):.1f} of 127",
    "melody": lambda v: f"{abs(v):.1f} of 127",
    "lead": lambda v: f"{abs(v):.0f} ms",
    "legato": lambda v: f"{abs(100 * v):.0f} %",
    "pedal_depth": lambda v: f"{abs(100 * v):.0f} % of the time",
}
