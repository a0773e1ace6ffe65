"""What the service says of interpretations: a style, how two differ, what lies between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from humanize.errors import LimitError, OptionError
from humanize.models import load_model
from humanize.options import MODEL, WRITE
from humanize.options.numbers import Number
from humanize.options.option import Option
from humanize.service.options import api_options, model_schema
from humanize.styles.comparing import compared_files
from humanize.styles.matching import File, match, read_interpretation
from humanize.styles.morphing import Morph
from humanize.styles.reference import read_reference
from humanize.styles.style import style_to_json

SECOND = "second"
POSITION = Number(
    name="position", low=0, high=1, default=0.5, help="Where between: 0 is the file, 1 the second."
)
FORMS: Mapping[str, Mapping[str, Option]] = {
    "style": {MODEL.name: MODEL},
    "comparison": {},
    "morph": {POSITION.name: POSITION, WRITE.name: WRITE},
}
"""Which options each route has."""

PAIRS = ("comparison", "morph")
"""Routes that take two files."""

_FIRST_NAME, _SECOND_NAME = "upload.mid", "second.mid"


def interpreting_body(wanted: str) -> dict[str, Any]:
    """Return the request body of a route."""
    binary = {"type": "string", "format": "binary"}
    files = {"file": {**binary, "description": "A MIDI file with a performance"}}
    if wanted in PAIRS:
        files = {
            "file": {**binary, "description": "A MIDI file: performed, or the plain notes"},
            SECOND: {**binary, "description": "Another interpretation of the same notes"},
        }
    options = {name: option.schema() for name, option in FORMS[wanted].items()}
    if MODEL.name in options:
        options[MODEL.name] = model_schema()
    schema = {
        "type": "object",
        "required": list(files),
        "additionalProperties": False,
        "properties": {**files, **options},
    }
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def interpreting_options(wanted: str, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the fields of a form as options, checked.

    Raises
    ------
    OptionError, ModelError
        As ``humanize.service.options.api_options`` does.
    """
    known = FORMS[wanted]
    given = api_options(fields, known)
    return {name: option.checked(given.get(name, option.default)) for name, option in known.items()}


def interpret_upload(
    wanted: str, data: bytes, second: bytes, options: Mapping[str, Any], *, max_notes: int
) -> tuple[bytes, int]:
    """Return the answer to an upload, JSON or a MIDI file, and how many notes it had.

    Raises
    ------
    HumanizeError
        If a file cannot be read, has too many notes, or the two are not the same music.
    """
    first = _read(data, _FIRST_NAME, max_notes)
    if wanted == "style":
        model = load_model(options.get(MODEL.name, MODEL.default))
        style = style_to_json([read_reference(data, name=_FIRST_NAME, model=model)])
        return _json(style), len(first.notes)
    if not second:
        raise OptionError(f"form: no file found in the field {SECOND!r}; expected one")
    matched = match(first, _read(second, _SECOND_NAME, max_notes))
    notes = len(first.notes) + len(matched.second.notes)
    if wanted == "comparison":
        found = compared_files(matched)
        return _json({**found.to_json(), "lines": found.lines()}), notes
    one, two = matched.expressions(relative=True)
    between = Morph(matched=matched, first=one, second=two, mode=options[WRITE.name])
    return between.at(options[POSITION.name]), notes


def _read(data: bytes, name: str, max_notes: int) -> File:
    file = read_interpretation(data, name=name)
    if len(file.notes) > max_notes:
        raise LimitError(f"{name}: more than {max_notes:,} notes; expected at most that")
    return file


def _json(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
