"""What a worker process does: one upload in, the bytes of the answer out."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from humanize.api import DEFAULT_MODEL, Humanized, humanize_bytes
from humanize.errors import HumanizeError, LimitError
from humanize.files import starts_as_midi
from humanize.midi.reading import DRUMS
from humanize.midi.smf import scan
from humanize.models import load_model, model_names

_FEWEST_NOTE_BYTES = 3  # delta time, pitch, velocity, under running status
_MIDI_TYPE = "audio/midi"
_XML_TYPE = "application/vnd.recordare.musicxml+xml"
_MXL_TYPE = "application/vnd.recordare.musicxml"
MEDIA_TYPES = (_MIDI_TYPE, _XML_TYPE, _MXL_TYPE)


@dataclass(frozen=True, kw_only=True)
class UploadJob:
    """One upload and what is wanted of it."""

    wanted: Literal["file", "velocities"]
    data: bytes
    options: dict[str, Any]
    max_notes: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a job: a body, or the name and message of the library's error."""

    body: bytes = b""
    media_type: str = ""
    notes: int = 0
    error: str = ""
    message: str = ""
    messages: tuple[str, ...] = field(default=())


def prepare() -> None:
    """Load what every job needs, once per process; see to it that nothing goes to disk.

    The reader of scores wants a file; it gets one in memory, where the system has such a place.
    """
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK):
        tempfile.tempdir = str(memory)
    if DEFAULT_MODEL in model_names():
        load_model(DEFAULT_MODEL)


def work(job: UploadJob) -> Answer:
    """Humanise an upload; an error of the library becomes an answer."""
    name = _neutral_name(job.data)
    try:
        _require_few_notes(job, name)
        result = humanize_bytes(job.data, name=name, **job.options)
        if sum(map(len, result.notes)) > job.max_notes:
            raise _too_many(name, job.max_notes)
    except HumanizeError as error:
        return Answer(error=type(error).__name__, message=" ".join(str(error).split()))
    notes = sum(map(len, result.notes))
    if job.wanted == "file":
        body, media_type = result.bytes, _media_type(result.bytes)
    else:
        body, media_type = _table(result, job), "application/json"
    return Answer(body=body, media_type=media_type, notes=notes, messages=result.messages)


def _neutral_name(data: bytes) -> str:
    """Return what messages call an upload: the client's name for it is never used."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if start.startswith(b"PK"):
        return "upload.mxl"
    if start.startswith((b"**", b"!!")):
        return "upload.krn"
    if start.startswith(b"<"):
        return "upload.mei" if b"<mei" in start else "upload.musicxml"
    return "upload.mid"


def _media_type(data: bytes) -> str:
    if data[:2] == b"PK":
        return _MXL_TYPE
    return _XML_TYPE if data[:64].lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"<" else _MIDI_TYPE


def _require_few_notes(job: UploadJob, name: str) -> None:
    """Refuse a MIDI file before any feature is computed; a score is counted when it is read."""
    if not name.endswith(".mid") or len(job.data) < _FEWEST_NOTE_BYTES * job.max_notes:
        return
    velocity = np.frombuffer(job.data, dtype=np.uint8)
    count = 0
    for track in scan(job.data, name=name).tracks:
        on = (track.note_status >= 0x90) & (velocity[track.note_positions] > 0)
        count += int(on.sum())
    if count > job.max_notes:
        raise _too_many(name, job.max_notes)


def _too_many(name: str, max_notes: int) -> LimitError:
    return LimitError(f"{name}: more than {max_notes:,} notes; expected at most that")


def _table(result: Humanized, job: UploadJob) -> bytes:
    pieces = [
        {
            "timing": notes.timing,
            "metre_known": notes.metre_known,
            "columns": _columns(result, number),
        }
        for number, notes in enumerate(result.notes)
    ]
    answer = {
        "model": str(job.options.get("model", DEFAULT_MODEL)),
        "messages": list(result.messages),
        "tracks": _tracks(result, job.data),
        "pieces": pieces,
    }
    return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()


def _columns(result: Humanized, number: int) -> dict[str, list[Any]]:
    columns = dict(result.notes[number].columns())
    columns["velocity_before"] = columns.pop("velocity")
    columns["predicted"] = np.round(result.predicted[number], 4)
    columns["velocity_after"] = result.velocities[number]
    return {name: _json_list(column) for name, column in columns.items()}


def _json_list(column: np.ndarray[Any, Any]) -> list[Any]:
    values = column.tolist()
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        return [value if value - value == 0 else None for value in values]
    return list(values)


def _tracks(result: Humanized, data: bytes) -> list[dict[str, Any]]:
    names = _track_names(data)
    tracks = []
    number = np.concatenate([notes.track for notes in result.notes])
    pitched = np.concatenate([notes.instrument != DRUMS for notes in result.notes])
    for track in np.unique(number).tolist():
        rows = number == track
        tracks.append(
            {
                "number": track,
                "name": names.get(track, ""),
                "notes": int(rows.sum()),
                "changes": bool(pitched[rows].any()),
            }
        )
    return tracks


def _track_names(data: bytes) -> dict[int, str]:
    if not starts_as_midi(data):
        return {}
    tracks = scan(data, name="upload.mid").tracks
    return {i: track.name.decode("utf-8", "replace") for i, track in enumerate(tracks, start=1)}
