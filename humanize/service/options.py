"""The command line's options as fields of a form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from humanize.api import DEFAULT_MODEL
from humanize.errors import ModelError, OptionError
from humanize.midi.reading import SPLITS
from humanize.models import model_names

_CHANNEL = r"(1[0-6]|[1-9])"
_CHANNELS = rf"^{_CHANNEL}( *, *{_CHANNEL})*$"
_VELOCITY = r"(12[0-7]|1[01][0-9]|[1-9][0-9]|[1-9])"
_RANGE = rf"^{_VELOCITY}( +| *, *){_VELOCITY}$"
_MEASURE = r"[1-9][0-9]{0,5}"
_SPAN = rf"{_MEASURE}( *-( *{_MEASURE})?)?"
_SPANS = rf"^{_SPAN}( *, *{_SPAN})*$"
_SWITCH = ("false", "true")


def form_schema() -> dict[str, Any]:
    """Return the OpenAPI schema of an upload."""
    return {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "A MIDI file, or a score: MusicXML (also .mxl), MEI, Humdrum",
            },
            "strength": _number(0, 1, 1, "0 leaves velocities as they came, 1 takes the model's"),
            "mean": _number(1, 127, None, "Mean velocity of the result"),
            "contrast": _number(0, 10, 1, "Factor on the distance from the mean"),
            "range": _text(_RANGE, "Lowest and highest velocity: 20,110"),
            "tracks": _text(None, "Write these tracks only: numbers from 1, 1,3, or a name"),
            "channels": _text(_CHANNELS, "Write these channels only, 1-16: 1,2"),
            "measures": _text(_SPANS, "Write these measures only: 5-12, 5, 9- or 1-4,9-12"),
            "split": _choice(SPLITS, "programs", "What is heard as one instrument"),
            "dynamics": _choice(("auto", "follow", "ignore"), "auto", "What velocities mean"),
            "model": _choice(model_names(), DEFAULT_MODEL, "Name of a model"),
            "as_midi": _choice(_SWITCH, "false", "Return a score as a MIDI file"),
        },
    }


def api_options(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return form fields as the API's options.

    Raises
    ------
    OptionError
        For a field that is unknown, given twice or not readable.
    ModelError
        For a model that does not ship: a form names no folder.
    """
    options: dict[str, Any] = {}
    for name, text in fields:
        if name not in _READERS:
            raise OptionError(
                f"field {name!r} found; expected file or one of {', '.join(_READERS)}"
            )
        if name in options:
            raise OptionError(f"{name}: given twice; expected once")
        options[name] = _READERS[name](name, text)
    return options


def _number(low: float, high: float, default: float | None, text: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "number",
        "minimum": low,
        "maximum": high,
        "description": text,
    }
    return schema if default is None else {**schema, "default": default}


def _text(pattern: str | None, text: str) -> dict[str, Any]:
    schema = {"type": "string", "description": text, "minLength": 1}
    return schema if pattern is None else {**schema, "pattern": pattern}


def _choice(values: Iterable[str], default: str, text: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values), "default": default, "description": text}


def _read_number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise OptionError(f"{name}: {text!r} found; expected a number") from None


def _read_range(name: str, text: str) -> tuple[int, int]:
    _require_form(name, text, _RANGE, "two numbers from 1 to 127 such as 20,110")
    low, high = text.replace(",", " ").split()
    return int(low), int(high)


def _read_channels(name: str, text: str) -> list[int]:
    _require_form(name, text, _CHANNELS, "numbers from 1 to 16 such as 1 or 1,2")
    return [int(part) for part in text.split(",")]


def _read_measures(name: str, text: str) -> str:
    _require_form(name, text, _SPANS, "such as 5-12, 5, 9- or 1-4,9-12")
    return text


def _require_form(name: str, text: str, pattern: str, expected: str) -> None:
    """Hold a field to the pattern that the description gives for it."""
    if re.fullmatch(pattern, text) is None:
        raise OptionError(f"{name}: {text!r} found; expected {expected}")


def _read_tracks(name: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    return parts if all(_is_number(part) for part in parts) else [text]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _read_text(name: str, text: str) -> str:
    return text


def _read_switch(name: str, text: str) -> bool:
    if text not in _SWITCH:
        raise OptionError(f"{name}: {text!r} found; expected true or false")
    return text == "true"


def _read_model(name: str, text: str) -> str:
    if text not in model_names():
        raise ModelError(f"model {text!r} is unknown; expected one of {', '.join(model_names())}")
    return text


_READERS: dict[str, Any] = {
    "strength": _read_number,
    "mean": _read_number,
    "contrast": _read_number,
    "range": _read_range,
    "tracks": _read_tracks,
    "channels": _read_channels,
    "measures": _read_measures,
    "split": _read_text,
    "dynamics": _read_text,
    "model": _read_model,
    "as_midi": _read_switch,
}
