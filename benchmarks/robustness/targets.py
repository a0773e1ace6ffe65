"""What the fuzz tries: for each target how inputs are drawn, and what must hold of every one."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from built_targets import BUILT, seeded
from grammar import midi_file
from hypothesis import strategies as st
from mutation import (
    EXTRA_SCORE,
    archive_seeds,
    edited,
    edited_at_random,
    midi_seeds,
    mxl_seeds,
    performed_seeds,
    score_seeds,
)
from oracles import velocity_places, without_dynamics

from humanize.errors import HumanizeError


@dataclass(frozen=True)
class Target:
    """Inputs of one kind.

    Attributes
    ----------
    inputs : callable
        Returns the strategy; called late, as seeds cost something to make.
    check : callable
        Raises where an input is not borne: anything but one line of ours.
    at_random : callable, optional
        Draws one input without Hypothesis: hundreds of times as fast, but nothing is shrunk.
    """

    inputs: Callable[[], st.SearchStrategy[Any]]
    check: Callable[[Any], None]
    at_random: Callable[[random.Random], Any] | None = None


def _files(
    seeds: Callable[[], list[bytes]], check: Callable[[bytes], None], *words: bytes
) -> Target:
    """Return a target of files with edits."""
    return Target(
        lambda: edited(seeds(), words), check, lambda draw: edited_at_random(draw, seeds(), words)
    )


def _one_line(error: HumanizeError) -> None:
    text = str(error)
    assert text and "\n" not in text and len(text) < 2000, text


def check_midi(data: bytes) -> None:
    """A MIDI file is read and takes other velocities, or is refused; nothing else changes."""
    from humanize.midi.reading import read_midi
    from humanize.midi.smf import patch

    try:
        reading = read_midi(data)
    except HumanizeError as error:
        _one_line(error)
        return
    values = np.arange(len(reading.positions)) % 127 + 1
    _require_lossless(data, patch(data, reading.positions, values))


def _require_lossless(data: bytes, made: bytes) -> None:
    assert len(made) == len(data)
    changed = np.flatnonzero(np.frombuffer(made, np.uint8) != np.frombuffer(data, np.uint8))
    assert set(changed.tolist()) <= velocity_places(data)
    assert all(1 <= made[place] <= 127 for place in changed)


def check_whole(data: bytes) -> None:
    """The same through features, model and shaping, with as many options as fit."""
    from humanize.api import humanize_bytes

    pick = sum(data) % 4
    options: list[dict[str, Any]] = [{}, {"strength": 0.5, "mean": "keep"}, {"split": "tracks"},
        {"pitches": "30-90", "velocities": "1-100", "contrast": 2.0}]  # fmt: skip
    try:
        made = humanize_bytes(data, **options[pick])
    except HumanizeError as error:
        _one_line(error)
        return
    _require_lossless(data, made.bytes)


def check_perform(data: bytes) -> None:
    """What was performed is taken out again, byte for byte."""
    from humanize.midi.record import strip_performance
    from humanize.performance import perform_bytes

    try:
        made = perform_bytes(data).bytes
    except HumanizeError as error:
        _one_line(error)
        return
    assert strip_performance(made) == data


def check_strip(data: bytes) -> None:
    """A performed file with edits gives its original or one line."""
    from humanize.midi.record import strip_performance

    try:
        made = strip_performance(data)
    except HumanizeError as error:
        _one_line(error)
        return
    assert made in midi_seeds()


def check_score(data: bytes) -> None:
    """MusicXML is read and takes velocities in its notes alone, or is refused."""
    _check_score(data, "x.musicxml")


def check_mxl(data: bytes) -> None:
    """The same, compressed."""
    _check_score(data, "x.mxl")


def _check_score(data: bytes, name: str) -> None:
    from humanize.score import read_score
    from humanize.score.musicxml_dynamics import score_to_musicxml
    from humanize.score.text import decoded, member_of_mxl

    def text_of(content: bytes) -> bytes:
        own = member_of_mxl(content, name)[1] if content[:2] == b"PK" else content
        return decoded(own, name).text

    try:
        reading = read_score(data, name=name)
        if not reading.is_musicxml:
            return
        rows = len(reading.notes)
        velocities = (np.arange(rows) % 127 + 1).astype(np.int64)
        made, _ = score_to_musicxml(data, reading, velocities, np.ones(rows, bool), name=name)
    except HumanizeError as error:
        _one_line(error)
        return
    assert without_dynamics(text_of(made)) == without_dynamics(text_of(data))


def check_source(source: tuple[str, bytes]) -> None:
    """Archives and lists give items whose names stay inside the output, each of them once."""
    from humanize.batch.names import result_name
    from humanize.batch.sources import count, items

    ending, data = source
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"source{ending}"
        path.write_bytes(data)
        name = f"@{path}" if ending == ".txt" else str(path)
        found = list(items([name], max_bytes=1000))
        counted = count([name])
    names = [item.name for item in found]
    assert len(set(names)) == len(names)
    results = [result_name(item.name) for item in found if not item.error]
    assert len(set(results)) == len(results)
    for item in found:
        assert not item.name.startswith("/") and ".." not in item.name.split("/"), item.name
        assert "\0" not in item.name and "\n" not in item.error
        assert not isinstance(item.source, bytes) or len(item.source) <= 1001
    assert counted is None or counted == len(found)


def check_options(fields: list[tuple[str, str]]) -> None:
    """Fields of a form are refused in one line, or are what OpenAPI says and settle in one form."""
    from humanize.batch.settings import settings_text
    from humanize.service.options import api_options, form_schema

    try:
        options = api_options(fields)
        options.pop("as_midi", None)
        text = settings_text(options)
    except HumanizeError as error:
        _one_line(error)
        return
    assert settings_text(options) == text and json.loads(text)
    described = form_schema()["properties"]
    for name, value in fields:
        assert _fits(value, described[name]), (name, value)


def _fits(value: str, schema: dict[str, Any]) -> bool:
    if "anyOf" in schema:
        return any(_fits(value, own) for own in schema["anyOf"])
    if schema["type"] == "number":
        try:
            number = json.loads(value, parse_constant=str)
        except ValueError:
            return False
        low, high = schema.get("minimum", -np.inf), schema.get("maximum", np.inf)
        return isinstance(number, int | float) and low <= number <= high
    if "enum" in schema and value not in schema["enum"]:
        return False
    if len(value) < schema.get("minLength", 0):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], value) is not None


def check_report(rows: list[tuple[str, bool]]) -> None:
    """Names of any letters come back from a report, and no cell is a formula."""
    import csv
    import io

    from humanize.batch.report import REPORT_COLUMNS, Reported, row_text

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.csv"
        made = [row_text((name, "1", "0", "failed" if bad else "done", name)) for name, bad in rows]
        text = row_text(REPORT_COLUMNS) + "".join(made)
        path.write_bytes(text.encode(errors="surrogateescape"))
        reported = Reported(path)
    last = dict(rows)
    assert reported.failed == {name for name, bad in last.items() if bad}
    assert all(name in reported for name, _ in rows)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n")]


@lru_cache
def _store() -> tuple[Any, str, bytes]:
    from humanize.listening.answers import chain_of
    from humanize.listening.design import rater_digest
    from humanize.listening.server import AnswerStore

    trials = [{"id": f"{n:016x}", "question": "human", "sounds": 2} for n in range(2)]
    manifest = {"key_sha256": "5" * 64, "raters": {rater_digest("5" * 64, "code"): trials}}
    line = {"version": 1, "packet": "5" * 64, "rater": "code", "place": 0, "trial": f"{0:016x}",
            "question": "human", "order": [f"{0:016x}a", f"{0:016x}b"], "grade": 1, "heard": [1, 1],
            "seconds": 3.5, "at": "2026-01-01T00:00:00Z"}  # fmt: skip
    line["chain"] = chain_of("5" * 64, line)
    store = AnswerStore(Path(tempfile.mkdtemp()), manifest)
    return store, "code", json.dumps(line, separators=(",", ":")).encode()


def check_answer(data: bytes) -> None:
    """An answer with edits is refused with a reason, or is one that the analysis reads."""
    store, code, _ = _store()
    before = store.stored(code)
    why = store.append(code, data)
    after = store.stored(code)
    if why:
        assert after == before and "\n" not in why
        return
    assert after.splitlines()[-1:] == [data]
    store._path(code).unlink(missing_ok=True)


@lru_cache
def _app() -> Any:
    from humanize.service.app import create_app
    from humanize.service.pool import Pool
    from humanize.service.settings import ServiceSettings
    from humanize.service.work import Answer

    class Still(Pool):
        """Answers without computing: what computes has targets of its own."""

        async def run(self, job: Any, gone: Any) -> Answer:
            gone.close()
            return Answer(body=job.data[:10], media_type="audio/midi")

    settings = ServiceSettings(workers=1, max_bytes=5000, max_seconds=1, token="secret")
    return create_app(settings, Still(settings))


def check_http(request: tuple[str, str, list[tuple[bytes, bytes]], list[bytes]]) -> None:
    """Any request gets an answer that is described, and an error is problem+json."""
    method, path, headers, pieces = request
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
             "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
             "root_path": "", "headers": headers, "client": ("1.2.3.4", 5), "server": ("x", 80)}  # fmt: skip
    asyncio.run(_app()(scope, receive, send))
    start = sent[0]
    kinds = dict(start["headers"])
    assert start["status"] in (
        200,
        206,
        304,
        307,
        400,
        401,
        404,
        405,
        408,
        413,
        415,
        416,
        422,
        499,
    ), start
    if start["status"] >= 400 and start["status"] != 499 and method != "HEAD":
        assert kinds[b"content-type"].startswith(b"application/problem+json"), start
        body = json.loads(b"".join(m.get("body", b"") for m in sent[1:]))
        assert body["status"] == start["status"] and "Traceback" not in body["detail"]
    if path.startswith("/v1/") and (b"authorization", b"Bearer secret") not in headers:
        assert start["status"] in (401, 404, 405)


def _requests() -> st.SearchStrategy[Any]:
    form = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + midi_seeds()[0]
            + b'\r\n--b\r\nContent-Disposition: form-data; name="strength"\r\n\r\n0.5\r\n--b--\r\n')  # fmt: skip
    kind = st.sampled_from([b"multipart/form-data; boundary=b", b"multipart/form-data", b"text/plain",
                            b"multipart/form-data; boundary=", b"multipart/form-data; boundary=\xff"])  # fmt: skip
    header = st.one_of(
        st.tuples(st.just(b"content-type"), kind),
        st.tuples(st.just(b"authorization"), st.sampled_from([b"Bearer secret", b"bearer x", b"\xff"])),
        st.tuples(st.just(b"content-length"), st.sampled_from([b"-1", b"9" * 30, b"\xb2", b"10"])),
        st.tuples(st.just(b"range"), st.sampled_from([b"bytes=0-1", b"bytes=9-1", b"bytes=" + b"0-1," * 50])),
    )  # fmt: skip
    known = [
        (b"content-type", b"multipart/form-data; boundary=b"),
        (b"authorization", b"Bearer secret"),
    ]
    headers = st.one_of(st.just(known), st.lists(header, max_size=4))
    paths = ["/v1/humanize", "/v1/velocities", "/v1/models", "/healthz", "/", "/docs", "/metrics",
             "/static/../app.py", "/static/%2e%2e/x", "/v1//models", "/nowhere", "/static/\0"]  # fmt: skip
    return st.tuples(
        st.sampled_from(["POST", "GET", "HEAD", "PUT", "OPTIONS"]),
        st.sampled_from(paths),
        headers,
        st.lists(edited([form]), min_size=1, max_size=2),
    )


def _fields() -> st.SearchStrategy[Any]:
    from humanize.options import OPTIONS

    values = ["0.5", "1", "1_0e-1", "nan", "1e400", "-0", "keep", "model", "20,110", "20 110", "0,200",
              "1,3", "Bass", "1-16", "5-12", "12-5", "36-84", "all", "none", "auto", "follow", "true",
              "programs", "tracks", "Bass=0.3,1=1", "a=b=0.1", "fast", "piano-1", "../x", ""]  # fmt: skip
    name = st.sampled_from([*OPTIONS, "as_midi", "unknown"])
    value = st.one_of(st.sampled_from(values), st.text(max_size=12))
    return st.lists(st.tuples(name, value), max_size=5)


def _sources() -> st.SearchStrategy[Any]:
    each = [st.tuples(st.just(ending), edited([data])) for ending, data in archive_seeds()]
    return st.one_of(each)


def _names() -> st.SearchStrategy[Any]:
    letters = st.one_of(
        st.characters(codec="utf-8"), st.sampled_from([*"=+-@'\"\r\n\t,", "\udcff"])
    )
    return st.lists(st.tuples(st.text(letters, min_size=1, max_size=9), st.booleans()), max_size=6)


def _source(draw: random.Random) -> tuple[str, bytes]:
    ending, data = draw.choice(archive_seeds())
    return ending, edited_at_random(draw, [data])


TARGETS = {
    "midi": _files(midi_seeds, check_midi),
    "whole": _files(lambda: midi_seeds()[:4], check_whole),
    "perform": _files(lambda: midi_seeds()[:4], check_perform),
    "strip": _files(performed_seeds, check_strip),
    "musicxml": _files(score_seeds, check_score, *EXTRA_SCORE),
    "mxl": _files(mxl_seeds, check_mxl),
    "sources": Target(_sources, check_source, _source),
    "options": Target(_fields, check_options),
    "report": Target(_names, check_report),
    "answers": _files(lambda: [_store()[2]], check_answer),
    "http": Target(_requests, check_http),
    "built": Target(seeded(midi_file), check_midi, midi_file),
    **{name: Target(seeded(make), check, make) for name, (make, check) in BUILT.items()},
}
"""By name; the slower ones, of a few a second, are ``whole`` and ``perform``."""

warnings.simplefilter("error")  # a warning of numpy is a number that is none
warnings.filterwarnings("ignore", category=DeprecationWarning)
os.environ.setdefault("OMP_NUM_THREADS", "1")
