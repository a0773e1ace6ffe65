"""Targets whose inputs are well built (``grammar.py``): events, tokens, trees, manifests, feels."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from grammar import (
    ROOT,
    abc_file,
    changed_json,
    changed_tree,
    json_text,
    kern_file,
    midi_file,
    rich_scores,
)
from hypothesis import strategies as st

from humanize.errors import HumanizeError, ModelError

FORMAT_1 = ROOT / "tests/stored/bundle_format_1"
_NOTHING = {"strength": 0, "rubato": 0, "timing": 0, "articulation": 0, "pedal": "keep"}
_PERFORMANCES: tuple[dict[str, Any], ...] = (
    {}, {"write": "notes"}, {"rubato": 2.0, "timing": 2.0, "articulation": 2.0}, _NOTHING,
    {"pedal": "replace", "pedal_values": "continuous"}, {"pedal": "none", "write": "notes"},
    {"only": "timing", "drums": "groove"}, {"feel": "funk", "swing": 0.66}, {"only": "pedal"},
    {"feel": "jazz", "timing": 2.0, "write": "notes"}, {"strength": 0.0, "rubato": 0.3},
    {"seed": 3}, {"seed": 1, "freedom": 0.4, "drums": "groove"}, {"feel_tracks": [1], "swing": 0.7},
    {"seed": 2, "feel": "latin", "feel_tracks": [1], "timing": 2.0}, {"seed": 5, "write": "notes"},
    {"loudness": 2.0, "spread": -2.0, "melody": 3.0, "phrasing": -3.0},
    {"lead": 3.0, "legato": -3.0, "pedal_depth": 3.0, "rubato_depth": 3.0, "seed": 1},
)  # fmt: skip
_MEI_WORDS = ("up", "4", "8", "breve", "major", "#missing", "s", "p", "ff", "rptend", "1.5", "+3hz")
_XML_WORDS = ("C", "quarter", "start", "stop", "backward", "forward", "yes", "begin", "discontinue",
              "1, 2", "D.C. al Fine", "rit.", "64th", "light-heavy", "percussion", "TAB")  # fmt: skip


def seeded(make: Callable[[random.Random], Any]) -> Callable[[], st.SearchStrategy[Any]]:
    """Return a strategy of what is made from a seed; what it finds is not made smaller."""
    return lambda: st.integers(0, 2**32).map(lambda seed: make(random.Random(seed)))


def one_line(error: HumanizeError) -> None:
    """Raise where a message is more than one line."""
    text = str(error)
    assert text and "\n" not in text and len(text) < 2000, text


def check_performed(given: tuple[bytes, int]) -> None:
    """What was put in is taken out again; with amounts of nothing nothing is put in."""
    from humanize.midi.reading import read_midi
    from humanize.midi.record import strip_performance
    from humanize.performance import perform_bytes

    data, which = given
    options = _PERFORMANCES[which]
    try:
        made = perform_bytes(data, **options)
    except HumanizeError as error:
        one_line(error)
        return
    if options is _NOTHING:
        assert made.bytes == data
        return
    if made.bytes != data:
        assert strip_performance(made.bytes) == data
    before, after = read_midi(data), read_midi(made.bytes)
    assert sum(map(len, before.pieces)) == sum(map(len, after.pieces))


def performed_input(draw: random.Random) -> tuple[bytes, int]:
    """Return a file and which options it is performed with."""
    return midi_file(draw), draw.randrange(len(_PERFORMANCES))


def check_reading(data: bytes, name: str) -> None:
    """A score is refused in one line, or is a table of notes that can be written and read."""
    from humanize.score import read_score

    try:
        reading = read_score(data, name=name)
    except HumanizeError as error:
        one_line(error)
        assert "cannot be read (" not in str(error), str(error)
        return
    require_sound(reading)


def require_sound(reading: Any) -> None:
    """Raise unless a reading is sound: finite, in order, and every note in the MIDI of it."""
    from humanize.midi.reading import read_midi
    from humanize.score.as_midi import score_to_midi

    notes = reading.notes
    for column in (notes.onset_beat, notes.duration_beat, notes.onset_sec, notes.duration_sec):
        assert np.isfinite(column).all() and (column >= 0).all()
    assert (np.diff(notes.onset_beat) >= 0).all()
    assert ((notes.pitch >= 0) & (notes.pitch <= 127)).all()
    made = score_to_midi(reading, np.full(len(notes), 64), ornaments="written")
    played = sum(map(len, read_midi(made).pieces))
    assert played == len(notes), (played, len(notes))


def check_abc(data: bytes) -> None:
    """ABC."""
    check_reading(data, "x.abc")


def check_tree(data: bytes) -> None:
    """MusicXML whose elements were edited."""
    check_reading(data, "x.musicxml")


@lru_cache
def mei_seeds() -> list[bytes]:
    """Return MEI as Verovio makes it of the cases of the tests."""
    from humanize.score.verovio_mei import as_mei

    folder = ROOT / "tests/scores/cases"
    files = [(p, "mei") for p in sorted(folder.glob("*.mei"))]
    files += [(p, "humdrum") for p in sorted(folder.glob("*.krn")) if "refused" not in p.name]
    return [as_mei(path.read_bytes(), kind, path.name) for path, kind in files]  # type: ignore[arg-type]


def check_mei(data: bytes) -> None:
    """MEI as Verovio writes it, whose elements were edited."""
    from humanize.score.mei import read_mei
    from humanize.score.reading import reading_of

    try:
        reading = reading_of(read_mei(data, "x.mei"), "x.mei", "programs")
    except HumanizeError as error:
        one_line(error)
        return
    require_sound(reading)


def check_verovio(given: tuple[bytes, str]) -> None:
    """MEI and Humdrum through Verovio, which may end as it likes."""
    from humanize.score import read_score

    data, name = given
    try:
        reading = read_score(data, name=name)
    except HumanizeError as error:
        one_line(error)
        return
    require_sound(reading)


def verovio_input(draw: random.Random) -> tuple[bytes, str]:
    """Return Humdrum of tokens, or MEI with edits."""
    if draw.random() < 0.7:
        return kern_file(draw), "x.krn"
    return changed_tree(draw, draw.choice(mei_seeds()), _MEI_WORDS), "x.mei"


@lru_cache
def _bundle() -> tuple[Any, dict[str, bytes]]:
    from humanize.models.manifest import upgraded

    manifest = upgraded(json.loads((FORMAT_1 / "manifest.json").read_text()))
    return manifest, {path.name: path.read_bytes() for path in FORMAT_1.glob("*.onnx")}


def bundle_input(draw: random.Random) -> tuple[bytes, dict[str, bytes]]:
    """Return a manifest and files, one of the two with edits; hashes are often mended after."""
    manifest, graphs = _bundle()
    files = dict(graphs)
    if draw.random() < 0.5:
        name = draw.choice(sorted(files))
        graph = bytearray(files[name])
        for _ in range(draw.randint(1, 6)):
            graph[draw.randrange(len(graph))] = draw.choice(
                (0, 1, 127, 128, 255, draw.randrange(256))
            )
        files[name] = bytes(graph)
        hashes = {n: hashlib.sha256(f).hexdigest() for n, f in files.items()}
        manifest = {**manifest, "sha256": hashes}
        if draw.random() < 0.7:
            return json_text(manifest), files
    return json_text(changed_json(draw, manifest)), files


def check_bundle(given: tuple[bytes, dict[str, bytes]]) -> None:
    """A bundle is a ModelError in one line, or predicts numbers, one for each note."""
    from humanize.features import FeatureTable
    from humanize.models.bundle import load_model

    text, files = given
    names = ("pitch", "onset_notes", "duration_beat", "marking_notated_level")
    table = FeatureTable(names, np.ones((3, 4), dtype=np.float32))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (*files.items(), ("manifest.json", text)):
            (Path(folder) / name).write_bytes(content)
        load_model.cache_clear()
        try:
            model = load_model(folder)
            for condition in model.routes:
                for values in model.predict(table, condition).values():  # type: ignore[arg-type]
                    assert values.shape == (3,) and np.isfinite(values).all()
        except ModelError as error:
            one_line(error)


@lru_cache
def _feel() -> Any:
    from humanize.drums.choosing import extract_feel

    return extract_feel((ROOT / "examples/rock_beat.mid").read_bytes(), name="x").to_json()


def check_feel(data: bytes) -> None:
    """A feel is refused in one line, or plays a beat with finite lags and velocities."""
    from humanize.drums.feel import read_feel
    from humanize.drums.playing import play_drums
    from humanize.midi.reading import read_midi

    try:
        feel = read_feel(data, name="x.json")
    except HumanizeError as error:
        one_line(error)
        return
    notes = read_midi((ROOT / "examples/rock_beat.mid").read_bytes()).pieces[0]
    played = play_drums(notes, feel=feel)
    assert np.isfinite(played.velocity).all() and np.isfinite(played.lag_ms).all()


def check_groove(data: bytes) -> None:
    """The groove of any file is a feel that can be read again, or one line."""
    from humanize.drums.choosing import extract_feel
    from humanize.drums.feel import read_feel

    try:
        feel = extract_feel(data, name="x.mid")
    except HumanizeError as error:
        one_line(error)
        return
    again = read_feel(json_text(feel.to_json()), name="x.json")
    assert len(again.drum) == len(feel.drum)


@lru_cache
def _given() -> tuple[bytes, Any]:
    """Return a small piece and what the service says of its performance."""
    from humanize.service.work import UploadJob, work

    data = (ROOT / "examples/waltz.mid").read_bytes()
    job = UploadJob(wanted="interpretation", data=data, options={}, max_notes=1000)
    pieces = json.loads(work(job).body)["pieces"]
    names = ("velocity", "log_beat_period", "asynchrony_ms", "log_articulation", "pedal_lift_ms",
             "pedal_press_ms", "drum_lag_ms")  # fmt: skip
    return data, [_listed(piece, names) for piece in pieces]


def _listed(piece: Any, names: tuple[str, ...]) -> dict[str, Any]:
    found = {**piece["performance"], "velocity": piece["columns"]["velocity_after"]}
    return {name: found[name] for name in names if found[name]}


def given_input(draw: random.Random) -> bytes:
    """Return an interpretation with edits, as a client sends it back."""
    return json_text(changed_json(draw, _given()[1]))


def check_given(text: bytes) -> None:
    """An interpretation from a client is refused in one line, or written so that it comes out."""
    from humanize.midi.record import strip_performance
    from humanize.service.given import taken_out
    from humanize.service.work import UploadJob, work

    data = _given()[0]
    try:
        _, given = taken_out([("interpretation", text.decode())])
    except HumanizeError as error:
        one_line(error)
        return
    job = UploadJob(wanted="performance", data=data, options={}, max_notes=1000, given=given)
    answer = work(job)
    if answer.error:
        assert "\n" not in answer.message
    elif answer.body != data:
        assert strip_performance(answer.body) == data


def check_style(data: bytes) -> None:
    """A style is refused in one line, or is sliders within their bounds."""
    from humanize.options.sliders import FURTHEST
    from humanize.styles.style import style_from_json

    try:
        found = style_from_json(json.loads(data), name="x.json")
    except HumanizeError as error:
        one_line(error)
        return
    assert all(abs(value) <= FURTHEST for value in found.values())


_STYLE = {"style": "humanize style 1", "of": ["a.mid"], "notes": 900, "loudness": 0.5, "lead": -1.2}


def style_input(draw: random.Random) -> bytes:
    """Return a style with edits."""
    return json_text(changed_json(draw, _STYLE))


def tree_input(draw: random.Random) -> bytes:
    """Return MusicXML with edits of its tree."""
    return changed_tree(draw, draw.choice(rich_scores()), _XML_WORDS)


def mei_input(draw: random.Random) -> bytes:
    """Return MEI with edits of its tree."""
    return changed_tree(draw, draw.choice(mei_seeds()), _MEI_WORDS)


def feel_input(draw: random.Random) -> bytes:
    """Return a feel with edits."""
    return json_text(changed_json(draw, _feel()))


BUILT: dict[str, tuple[Callable[[random.Random], Any], Callable[[Any], None]]] = {
    "performed": (performed_input, check_performed),
    "groove": (midi_file, check_groove),
    "feel": (feel_input, check_feel),
    "style": (style_input, check_style),
    "given": (given_input, check_given),
    "abc": (abc_file, check_abc),
    "tree": (tree_input, check_tree),
    "mei": (mei_input, check_mei),
    "verovio": (verovio_input, check_verovio),
    "bundle": (bundle_input, check_bundle),
}
"""By name: how an input is drawn, and what must hold of it."""
