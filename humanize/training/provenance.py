"""What a model is fitted to, written into its manifest: compositions, hashes, licences, names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from humanize.corpus.pieces import Origin, Piece
from humanize.models.base import Condition
from humanize.models.provenance import TrainingMusic

_ASKS_NOTHING = frozenset({"MIT", "CC0 1.0", "public domain"})
"""Licences whose only condition is to be named, or that have none."""


def training_music(
    pieces: Mapping[Condition, Sequence[Piece]], teacher: Sequence[TrainingMusic] = ()
) -> dict[str, Any]:
    """Return a manifest's entries about the music that a model is fitted to.

    Parameters
    ----------
    pieces : mapping of condition to sequence of Piece
        By condition: all that members, epochs or calibration were fitted to.
    teacher : sequence of TrainingMusic
        What the teacher was fitted to, whose predictions were learnt; for other conditions than
        those of ``pieces`` it is left out.

    Returns
    -------
    dict
        ``training_music`` (a list of ``TrainingMusic`` as JSON), ``licence`` and ``attribution``.
    """
    origins = dict.fromkeys(p.origin for own in pieces.values() for p in own if p.performances)
    music = [_of_corpus(origin, pieces) for origin in origins]
    heard = [own for own in teacher if not own.fingerprints or own.fingerprints.keys() & pieces]
    music = _with_teacher(music, [_of_conditions(own, pieces) for own in heard])
    return {
        "training_music": [own.entry() for own in music],
        "licence": _licence(own.licence for own in music),
        "attribution": attribution_of(own.entry() for own in music),
    }


def attribution_of(music: Iterable[Mapping[str, Any]]) -> str:
    """Return whom a manifest names for its training music, each once, in order."""
    return "; ".join(dict.fromkeys(entry["attribution"] for entry in music))


def _of_corpus(origin: Origin, pieces: Mapping[Condition, Sequence[Piece]]) -> TrainingMusic:
    played = {
        condition: [p for p in own if p.origin == origin and p.performances]
        for condition, own in pieces.items()
    }
    splits: dict[str, set[str]] = {}
    for piece in (p for own in played.values() for p in own):
        splits.setdefault(piece.split, set()).add(piece.composition)
    return TrainingMusic(
        corpus=origin.name,
        splits={split: tuple(sorted(names)) for split, names in sorted(splits.items())},
        fingerprints={c: fingerprint(own) for c, own in played.items() if own},
        licence=origin.licence,
        attribution=origin.attribution,
    )


def _with_teacher(
    music: Sequence[TrainingMusic], teacher: Sequence[TrainingMusic]
) -> list[TrainingMusic]:
    """Return both, each corpus once; what a teacher has seen its student knows from it."""
    learnt: dict[str, TrainingMusic] = {}
    for own in teacher:
        learnt[own.corpus] = _joined(own, learnt.get(own.corpus, own))
    joined = [_joined(own, learnt.pop(own.corpus, own)) for own in music]
    return [*joined, *learnt.values()]


def _joined(music: TrainingMusic, other: TrainingMusic) -> TrainingMusic:
    splits = {
        split: tuple(sorted({*music.splits.get(split, ()), *other.splits.get(split, ())}))
        for split in sorted({*music.splits, *other.splits})
    }
    return replace(music, splits=splits, fingerprints={**other.fingerprints, **music.fingerprints})


def _of_conditions(music: TrainingMusic, conditions: Iterable[Condition]) -> TrainingMusic:
    wanted: set[str] = set(conditions)
    kept: dict[str, str] = {c: own for c, own in music.fingerprints.items() if c in wanted}
    return replace(music, fingerprints=kept)


def _licence(licences: Iterable[str]) -> str:
    """Return the terms that the weights carry: those of every corpus that has any."""
    known = list(dict.fromkeys(licences))
    return " and ".join([own for own in known if own not in _ASKS_NOTHING] or known)


def fingerprint(pieces: Iterable[Piece]) -> str:
    """Return a hash of the notes and performances of some pieces, in any order of the pieces."""
    whole = hashlib.sha256()
    for piece in sorted(pieces, key=lambda p: p.id):
        whole.update(f"{piece.split} {piece.composition} {piece.id}".encode())
        _add(whole, piece.notes.onset_beat, piece.notes.duration_beat, piece.notes.pitch)
        for performance in piece.performances:
            whole.update(performance.id.encode())
            _add(whole, performance.rows, performance.velocity)
    return whole.hexdigest()[:16]


def _add(whole: Any, *columns: np.typing.NDArray[Any]) -> None:
    """Add columns in thousandths of their unit, so that no machine's last bit counts."""
    for column in columns:
        whole.update(np.round(column * 1000.0).astype("<i8").tobytes())
