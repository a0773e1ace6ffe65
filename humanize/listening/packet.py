"""A packet's files: sound and a manifest of opaque names; the key is returned, never inside."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from humanize.errors import OptionError, OutputError
from humanize.files import write_atomically
from humanize.listening.audio import RATE_HZ, Samples, encode, match_loudness, synthesise
from humanize.listening.key import Key, hash_of

MANIFEST = "packet.json"
_FADE_SEC = 0.05
_DITHER = 2.0**-20  # up to eight steps of 24 bits: unheard, and no two renderings share bytes
_EPOCH = 946_684_800  # 2000-01-01: one time for every file
_FLAC_PADDING, _FLAC_LAST = 1, 0x80


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """The stretch of a piece that is heard.

    Attributes
    ----------
    start_sec, length_sec : float
    """

    start_sec: float
    length_sec: float

    def cut(self, samples: Samples) -> Samples:
        """Return the stretch, silent beyond the end of the piece, with its edges faded."""
        start, length = round(self.start_sec * RATE_HZ), round(self.length_sec * RATE_HZ)
        fade = round(_FADE_SEC * RATE_HZ)
        if start < 0 or length < 8 * fade or start >= len(samples):
            raise OptionError(
                f"excerpt of {self.length_sec} s from {self.start_sec} s found; expected 0.4 s or "
                "more, inside the piece"
            )
        cut = samples[start : start + length]
        cut = np.pad(cut, ((0, length - len(cut)), (0, 0)))
        ramp = np.ones(length)
        ramp[:fade] = np.linspace(0, 1, fade)
        ramp[-fade:] = ramp[:fade][::-1]
        return (cut * ramp[:, None]).astype(np.float32)


def write_packet(
    folder: Path,
    key: Key,
    versions: Mapping[tuple[str, str], bytes],
    excerpts: Mapping[str, Excerpt],
) -> bytes:
    """Write the sound of every trial and the manifest; return the bytes of the key file.

    Each trial has two FLAC files of its own. All have one size and one modification time, no
    tags, and differ in inaudible noise even where the sound is the same.

    Parameters
    ----------
    folder : Path
        New or empty.
    key : Key
    versions : mapping of (piece, condition) to bytes
        MIDI files.
    excerpts : mapping of piece to Excerpt
        Of one length.

    Returns
    -------
    bytes
        What the key file must hold; its SHA-256 is in the manifest.

    Raises
    ------
    HumanizeError
        If the folder has files, the lengths differ, or a piece cannot be rendered.
    """
    if len({excerpt.length_sec for excerpt in excerpts.values()}) != 1:
        raise OptionError("excerpts of different lengths found; expected one length")
    _prepare(folder)
    sounds = {
        (piece, condition): match_loudness(excerpts[piece].cut(synthesise(midi, name=piece)))
        for (piece, condition), midi in versions.items()
    }
    files = {}
    for trial in key.trials:
        for side, condition in (("a", trial.first), ("b", trial.second)):
            noisy = _with_noise(sounds[trial.piece, condition], key.nonce, f"{trial.id}{side}")
            files[f"{trial.id}{side}.flac"] = encode(noisy, ".flac")
    size = max(map(len, files.values())) + 4
    contents = {name: pad_flac(data, size) for name, data in files.items()}
    contents[MANIFEST] = _manifest(key)
    for name, data in sorted(contents.items()):
        write_atomically(folder / name, data)
        os.utime(folder / name, (_EPOCH, _EPOCH))
    return key.to_bytes()


def pad_flac(data: bytes, size: int) -> bytes:
    """Return a FLAC file of a given size: a padding block follows its stream information.

    Raises
    ------
    OptionError
        If the size leaves no room for the block's 4 bytes, or needs more than 16 MiB.
    """
    padding = size - len(data) - 4
    if not 0 <= padding < 1 << 24:
        raise OptionError(f"{len(data)} bytes to make {size} found; expected room for padding")
    first = 8 + int.from_bytes(data[5:8], "big")  # "fLaC", then the stream information
    last = data[4] & _FLAC_LAST
    block = bytes([_FLAC_PADDING | last]) + padding.to_bytes(3, "big") + bytes(padding)
    return data[:4] + bytes([data[4] & ~_FLAC_LAST]) + data[5:first] + block + data[first:]


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}; expected a folder to write") from None
    if taken is not None:
        raise OutputError(f"{folder}: {taken.name} found; expected a new or an empty folder")


def _with_noise(samples: Samples, nonce: bytes, name: str) -> Samples:
    draw = np.random.default_rng([*nonce, *name.encode()])
    noise = draw.uniform(-_DITHER, _DITHER, samples.shape)
    return (samples + noise).astype(np.float32)


def _manifest(key: Key) -> bytes:
    raters: dict[int, list[str]] = {}
    for trial in key.trials:
        raters.setdefault(trial.rater, []).append(trial.id)
    content = {
        "version": 1,
        "key_sha256": hash_of(key.to_bytes()),
        "raters": [raters[rater] for rater in sorted(raters)],
    }
    return (json.dumps(content, indent=1) + "\n").encode()
