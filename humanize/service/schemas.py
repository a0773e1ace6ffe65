"""What the routes promise, for OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from humanize.options import OPTIONS
from humanize.options.option import Option
from humanize.service.options import form_schema
from humanize.service.problems import MEDIA_TYPE, SCHEMA
from humanize.service.settings import ServiceSettings
from humanize.service.work import MEDIA_TYPES, MIDI_TYPE

_NUMBERS = {"type": "array", "items": {"type": ["number", "null"]}}


def upload_body(known: Mapping[str, Option] = OPTIONS, *, given: bool = False) -> dict[str, Any]:
    """Return the request body of an upload with these options, and an interpretation if given."""
    content = {"multipart/form-data": {"schema": form_schema(known, given=given)}}
    return {"requestBody": {"required": True, "content": content}}


def file_responses(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/humanize``."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    done = {"description": "The file", "content": dict.fromkeys(MEDIA_TYPES, binary)}
    return {200: done, **_upload_problems(settings)}


def performance_responses(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/perform``."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    done = {"description": "The performance, a MIDI file", "content": {MIDI_TYPE: binary}}
    return {200: done, **_upload_problems(settings)}


def table_responses(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/velocities``."""
    return {200: _json("The notes", _table_schema()), **_upload_problems(settings)}


def interpretation_responses(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/interpretation``."""
    table = _table_schema()
    piece = table["properties"]["pieces"]["items"]
    piece["properties"]["performance"] = {
        "type": "object",
        "description": "By onset: log_beat_period, pedal_lift_ms, pedal_press_ms; by note: "
        "asynchrony_ms, log_articulation, drum_lag_ms; notated_beat and notated_sec are the time "
        "as it is notated",
        "required": ["onset_beat", "log_beat_period", "asynchrony_ms", "log_articulation"],
        "additionalProperties": _NUMBERS,
    }
    piece["required"] = [*piece["required"], "performance"]
    return {200: _json("The notes and how they are played", table), **_upload_problems(settings)}


def told_responses(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/style`` and ``/v1/compare``."""
    return {200: _json("What is found", {"type": "object"}), **_upload_problems(settings)}


def models_responses() -> dict[int | str, dict[str, Any]]:
    """Return the answers of ``/v1/models``."""
    text = {"type": ["string", "null"]}
    model = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "aliases": {"type": "array", "items": {"type": "string"}},
            "licence": text,
            "description": text,
        },
    }
    schema = {
        "type": "object",
        "required": ["default", "models"],
        "properties": {
            "default": {"type": "string"},
            "models": {"type": "array", "items": model},
        },
    }
    return {200: _json("The models", schema), 401: _problem("No valid token")}


HEALTH: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "It is up",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["status"],
                    "properties": {"status": {"const": "ok"}},
                }
            }
        },
    }
}
METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Exposition", "content": {"text/plain": {"schema": {"type": "string"}}}},
    401: {"description": "No valid token", "content": {MEDIA_TYPE: {"schema": SCHEMA}}},
}


def _table_schema() -> dict[str, Any]:
    track = {
        "type": "object",
        "required": ["number", "name", "notes", "changes"],
        "properties": {
            "number": {"type": "integer"},
            "name": {"type": "string"},
            "notes": {"type": "integer"},
            "changes": {"type": "boolean"},
        },
    }
    columns = {
        "type": "object",
        "description": "One array per column of the note table, all of one length",
        "required": ["onset_sec", "duration_sec", "pitch", "velocity_before", "velocity_after"],
        "properties": {"written_id": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": _NUMBERS,
    }
    piece = {
        "type": "object",
        "required": ["timing", "metre_known", "columns"],
        "properties": {
            "timing": {"enum": ["score", "performed"]},
            "metre_known": {"type": "boolean"},
            "columns": columns,
        },
    }
    return {
        "type": "object",
        "required": ["model", "messages", "tracks", "pieces"],
        "properties": {
            "model": {"type": "string"},
            "messages": {"type": "array", "items": {"type": "string"}},
            "tracks": {"type": "array", "items": track},
            "pieces": {"type": "array", "items": piece},
            "mei": {"type": "string", "description": "Humdrum as MEI, its notes by written_id"},
        },
    }


def _upload_problems(settings: ServiceSettings) -> dict[int | str, dict[str, Any]]:
    size = f"More than {settings.max_bytes:,} bytes or {settings.max_notes:,} notes, or longer"
    return {
        400: _problem("A form that cannot be read"),
        401: _problem("No valid token"),
        408: _problem(f"The upload took longer than {settings.max_seconds:g} s"),
        413: _problem(f"{size} than {settings.max_seconds:g} s to compute"),
        415: _problem("Not a multipart form"),
        422: _problem(
            "The file or an option is at fault, or the two do not fit: a track, channel or measure "
            "that the file has not, a range or span of measures from high to low"
        ),
        500: _problem("The service failed"),
        501: _problem("A package for this format is not installed on the service"),
        503: _problem("As many uploads as the service takes are under way"),
    }


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
