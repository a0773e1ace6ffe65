"""The options as fields of a form, made from ``humanize.options``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from humanize.drums.choosing import feel_names
from humanize.errors import ModelError, OptionError
from humanize.models import model_names
from humanize.options import FEEL, MODEL, OPTIONS
from humanize.options.option import Option
from humanize.service.given import FIELD

_SWITCH = ("false", "true")
_AS_MIDI = "as_midi"


def form_schema(known: Mapping[str, Option] = OPTIONS, *, given: bool = False) -> dict[str, Any]:
    """Return the OpenAPI schema of an upload with these options, and of what is given with it."""
    properties = {name: option.schema() for name, option in known.items()}
    properties[MODEL.name] = model_schema()
    properties[FEEL.name] = {
        "type": "string",
        "enum": feel_names(),  # nor a file
        "description": "Style in which drums are played",
    }
    if known is OPTIONS:  # a performance is MIDI anyway
        properties[_AS_MIDI] = {
            "type": "string",
            "enum": list(_SWITCH),
            "default": "false",
            "description": "Return a score as a MIDI file",
        }
    if given:
        properties[FIELD] = {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "What is written instead of what the model would say: a list of pieces, "
            "each with 'velocity' and, of a performance, columns that /v1/interpretation lists",
        }
    upload = {
        "type": "string",
        "format": "binary",
        "description": "A MIDI file, or a score: MusicXML (also .mxl), MEI, Humdrum, ABC",
    }
    return {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {"file": upload, **properties},
    }


def model_schema() -> dict[str, Any]:
    """Return the schema of the field that names a model: a form names no folder."""
    return {
        "type": "string",
        "enum": model_names(),
        "default": MODEL.default,
        "description": "Name of a model",
    }


def api_options(
    fields: Iterable[tuple[str, str]], known: Mapping[str, Option] = OPTIONS
) -> dict[str, Any]:
    """Return form fields as the API's options.

    Raises
    ------
    OptionError
        For a field that is unknown, given twice or not readable.
    ModelError
        For a model that does not ship: a form names no folder.
    """
    options: dict[str, Any] = {}
    names = (*known, _AS_MIDI) if known is OPTIONS else tuple(known)
    for name, text in fields:
        if name not in names:
            expected = ", ".join(names)
            raise OptionError(f"field {name!r} found; expected file or one of {expected}")
        if name in options:
            raise OptionError(f"{name}: given twice; expected once")
        options[name] = _read(name, text, known)
    return options


def _read(name: str, text: str, known: Mapping[str, Option]) -> Any:
    if name == _AS_MIDI:
        if text not in _SWITCH:
            raise OptionError(f"{name}: {text!r} found; expected true or false")
        return text == "true"
    if name == MODEL.name and text not in model_names():
        raise ModelError(f"model {text!r} is unknown; expected one of {', '.join(model_names())}")
    if name == FEEL.name and text not in feel_names():
        raise OptionError(f"feel: {text!r} found; expected one of {', '.join(feel_names())}")
    return known[name].read(text)
