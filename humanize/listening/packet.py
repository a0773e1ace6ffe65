"""A packet's files: the page, sounds and a manifest of opaque names; the key is never inside."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from humanize.errors import OptionError, OutputError
from humanize.files import write_atomically
from humanize.listening.audio import (
    RATE_HZ,
    Samples,
    encode,
    match_loudness,
    measure_loudness,
    synthesise,
)
from humanize.listening.design import Form, Trial, rater_digest
from humanize.listening.excerpts import Excerpt
from humanize.listening.key import Key, hash_of
from humanize.listening.padding import common_size, pad
from humanize.listening.practice import practice_files

MANIFEST = "packet.json"
PAGE = ("index.html", "listen.js", "style.css", "LICENCES.txt")
_DITHER = 2.0**-15  # one step of 16 bits: unheard, and no two renderings share bytes
_PRACTICE_SEC = 5.5
_EPOCH = 946_684_800  # 2000-01-01: one time for every file
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_SUBTYPES = {".flac": "PCM_16", ".opus": "OPUS"}
Sounds = Mapping[tuple[str, str], Samples]
Midi = Mapping[tuple[str, str], bytes]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a packet holds besides its key's hash.

    Attributes
    ----------
    form : "pairs" or "multi"
    questions : dict of str to str
        Name and wording.
    excerpts : mapping of piece to Excerpt
        Of one length.
    midi : mapping of (piece, condition) to bytes
    mean_velocity : mapping of (piece, condition) to float
    tempo_ratio : mapping of (piece, condition) to float
        Of whole performances: the tempo that each is heard in over its own; else empty.
    suffix : ".flac", ".opus" or ".mid"
        What raters get; ".mid" are the MIDI files themselves.
    soundfont : Path, optional
    """

    form: Form
    questions: dict[str, str]
    excerpts: Mapping[str, Excerpt]
    midi: Midi
    mean_velocity: Mapping[tuple[str, str], float]
    suffix: str = ".flac"
    soundfont: Path | None = None
    tempo_ratio: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def practice(self) -> tuple[bytes, bytes]:
        """Return what raters practise on: it differs in what the pieces differ in."""
        return practice_files(timed=bool(self.tempo_ratio))

    def row(self, piece: str, condition: str) -> dict[str, Any]:
        """Return what the key says of a version before it is heard."""
        place = (piece, condition)
        own: dict[str, Any] = {"piece": piece, "condition": condition}
        own["mean_velocity"] = round(self.mean_velocity[place], 2)
        if place in self.tempo_ratio:
            own["tempo_ratio"] = round(self.tempo_ratio[place], 3)
        return own


def write_packet(folder: Path, key: Key, contents: Contents) -> bytes:
    """Write a packet; return the bytes of its key file.

    Each trial has sound files of its own. All have one size and one modification time, no tags,
    and differ in inaudible noise even where the sound is the same.

    Parameters
    ----------
    folder : Path
        New or empty.
    key : Key
        Its ``sounds`` are filled in.
    contents : Contents

    Returns
    -------
    bytes
        What the key file must hold; its SHA-256 is in the manifest.

    Raises
    ------
    HumanizeError
        If the folder has files, the lengths differ, or a piece cannot be rendered.
    """
    if len({excerpt.length_sec for excerpt in contents.excerpts.values()}) != 1:
        raise OptionError("excerpts of different lengths found; expected one length")
    require_empty(folder)
    if contents.suffix != ".mid":
        sounds, measured = _render(contents)
        key = replace(key, sounds=measured)
        _write_sounds(folder, key, sounds, contents)
    else:
        key = replace(key, sounds=_silent_rows(contents))
        _write_midi(folder, key, contents)
    data = key.to_bytes()
    _write_page(folder, _manifest(key, hash_of(data), contents))
    return data


def zip_packet(folder: Path, target: Path) -> None:
    """Write a packet as a zip archive: stored, sorted, all of one time; whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(folder.iterdir()):
                entry = zipfile.ZipInfo(f"{folder.name}/{path.name}", _ZIP_TIME)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
        part.replace(target)
    except OSError as error:
        raise OutputError(f"{target}: {error.strerror}; expected a file to write") from None
    finally:
        part.unlink(missing_ok=True)


def require_empty(folder: Path) -> None:
    """Make a folder, or find it empty.

    Raises
    ------
    OutputError
        If it has files or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}; expected a folder to write") from None
    if taken is not None:
        raise OutputError(f"{folder}: {taken.name} found; expected a new or an empty folder")


def _render(contents: Contents) -> tuple[Sounds, list[dict[str, Any]]]:
    sounds: dict[tuple[str, str], Samples] = {}
    measured = []
    for (piece, condition), midi in contents.midi.items():
        excerpt = contents.excerpts[piece]
        whole = synthesise(
            midi, name=piece, soundfont=contents.soundfont, until_sec=excerpt.end_sec
        )
        cut = excerpt.cut(whole)
        sounds[piece, condition] = match_loudness(cut)
        measured.append(
            {
                **contents.row(piece, condition),
                "lufs_before": round(measure_loudness(cut), 2),
                "lufs": round(measure_loudness(sounds[piece, condition]), 3),
            }
        )
    return sounds, measured


def _silent_rows(contents: Contents) -> list[dict[str, Any]]:
    return [contents.row(piece, condition) for piece, condition in contents.mean_velocity]


def _conditions(trial: Trial) -> Iterator[tuple[str, str]]:
    return zip(trial.sounds(), trial.order, strict=True)


def _write_sounds(folder: Path, key: Key, sounds: Sounds, contents: Contents) -> None:
    """Write every sound, then pad all to the size of the largest; one is in memory at a time."""
    suffix = contents.suffix
    named = [(trial, *place) for trial in key.trials for place in _conditions(trial)]
    paths = []
    for trial, name, condition in sorted(named, key=lambda each: each[1]):
        noisy = _with_noise(sounds[trial.piece, condition], key.nonce, name)
        paths.append(folder / f"{name}{suffix}")
        paths[-1].write_bytes(encode(noisy, suffix, subtype=_SUBTYPES[suffix]))
    size = common_size(path.read_bytes() for path in paths)
    for path in paths:
        draw = np.random.default_rng([*key.nonce, *b"filler", *path.stem.encode()])
        _write(path, pad(path.read_bytes(), size, draw))
    for letter, midi in zip("ab", contents.practice(), strict=True):
        whole = synthesise(midi, soundfont=contents.soundfont)[: round(_PRACTICE_SEC * RATE_HZ)]
        _write(folder / f"practice-{letter}{suffix}", encode(match_loudness(whole), suffix))


def _write_midi(folder: Path, key: Key, contents: Contents) -> None:
    for trial in key.trials:
        for name, condition in _conditions(trial):
            _write(folder / f"{name}.mid", contents.midi[trial.piece, condition])
    for letter, midi in zip("ab", contents.practice(), strict=True):
        _write(folder / f"practice-{letter}.mid", midi)


def _write_page(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=1)
    _write(folder / MANIFEST, f"{text}\n".encode())
    # a page from disk may not fetch a file, but may have it as a script
    _write(folder / "packet.js", f"window.PACKET = {text};\n".encode())
    page = files("humanize.listening") / "page"
    for name in PAGE:
        _write(folder / name, (page / name).read_bytes())


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, data)
    os.utime(path, (_EPOCH, _EPOCH))


def _with_noise(samples: Samples, nonce: bytes, name: str) -> Samples:
    draw = np.random.default_rng([*nonce, *name.encode()])
    noise = draw.triangular(-_DITHER, 0, _DITHER, samples.shape)
    return (samples + noise).astype(np.float32)


def _manifest(key: Key, key_sha256: str, contents: Contents) -> dict[str, Any]:
    suffix = contents.suffix
    first = next(iter(contents.excerpts.values()))
    return {
        "version": 1,
        "key_sha256": key_sha256,
        "plan_sha256": key.plan_sha256,
        "form": contents.form,
        "suffix": suffix,
        "seconds": first.length_sec,
        "questions": contents.questions,
        "practice": [f"practice-{letter}{suffix}" for letter in "ab"],
        "raters": {  # not by their codes: every rater has the whole packet
            rater_digest(key_sha256, code): [
                {"id": t.id, "question": t.question, "sounds": len(t.order)} for t in trials
            ]
            for code, trials in key.raters().items()
        },
    }
