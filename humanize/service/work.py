"""What a worker process does: one upload in, the bytes of the answer out."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from humanize.api import humanize_music
from humanize.errors import HumanizeError, LimitError
from humanize.interpretation.interpret import Settings
from humanize.interpretation.whole import PerformSettings
from humanize.models import load_model, model_names
from humanize.music import MidiMusic, ScoreMusic, read_music
from humanize.options import DEFAULT_MODEL
from humanize.performance import perform_music, write_music
from humanize.results import Humanized, Performed
from humanize.service.given import Given
from humanize.service.interpreting import FORMS, interpret_upload
from humanize.service.tables import table_of

MIDI_TYPE = "audio/midi"
_XML_TYPE = "application/vnd.recordare.musicxml+xml"
_MXL_TYPE = "application/vnd.recordare.musicxml"
MEDIA_TYPES = (MIDI_TYPE, _XML_TYPE, _MXL_TYPE)


Wanted = Literal[
    "file", "velocities", "performance", "interpretation", "style", "comparison", "morph"
]
TABLES: tuple[Wanted, ...] = ("velocities", "interpretation")


@dataclass(frozen=True, kw_only=True)
class UploadJob:
    """One upload and what is wanted of it."""

    wanted: Wanted
    data: bytes
    options: dict[str, Any]
    max_notes: int
    given: Given | None = None
    second: bytes = b""


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
        if job.wanted in FORMS:
            return _interpreted(job)
        result = _humanized(job, name)
    except HumanizeError as error:
        return Answer(error=type(error).__name__, message=" ".join(str(error).split()))
    notes = sum(map(len, result.notes))
    if job.wanted in TABLES:
        model = str(job.options.get("model", DEFAULT_MODEL))
        body, media_type = table_of(result, model), "application/json"
    else:
        body, media_type = result.bytes, _media_type(result.bytes)
    return Answer(body=body, media_type=media_type, notes=notes, messages=result.messages)


def _interpreted(job: UploadJob) -> Answer:
    body, notes = interpret_upload(
        job.wanted, job.data, job.second, job.options, max_notes=job.max_notes
    )
    kind = MIDI_TYPE if job.wanted == "morph" else "application/json"
    return Answer(body=body, media_type=kind, notes=notes)


def _neutral_name(data: bytes) -> str:
    """Return what messages call an upload: the client's name for it is never used."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if start.startswith(b"PK"):
        return "upload.mxl"
    if start.startswith((b"**", b"!!")):
        return "upload.krn"
    if start.startswith((b"X:", b"%abc")):
        return "upload.abc"
    if start.startswith(b"<"):
        return "upload.mei" if b"<mei" in start else "upload.musicxml"
    return "upload.mid"


def _media_type(data: bytes) -> str:
    if data[:2] == b"PK":
        return _MXL_TYPE
    return _XML_TYPE if data[:64].lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"<" else MIDI_TYPE


def _humanized(job: UploadJob, name: str) -> Humanized:
    if job.wanted in ("performance", "interpretation"):
        return _performed(job, name)
    options = dict(job.options)
    as_midi = options.pop("as_midi", False)
    settings = Settings.of(options)
    music = _music(job, name, settings)
    if job.given is None:
        return humanize_music(music, settings, as_midi=as_midi)
    given = job.given.interpretations(music)
    content, messages = music.written(given, as_midi=as_midi, ornaments=settings.ornaments)
    return Humanized(bytes=content, music=music, interpretations=given, messages=messages)


def _performed(job: UploadJob, name: str) -> Performed:
    settings = PerformSettings.of(job.options)
    music = _music(job, name, settings.velocity)
    if job.given is None:
        return perform_music(music, settings)
    given = job.given.interpretations(music)
    return write_music(music, given, job.given.parameters(given), settings)


def _music(job: UploadJob, name: str, settings: Settings) -> MidiMusic | ScoreMusic:
    music = read_music(job.data, name=name, **settings.reading)
    if sum(map(len, music.pieces)) > job.max_notes:  # before any feature is computed
        raise LimitError(f"{name}: more than {job.max_notes:,} notes; expected at most that")
    return music
