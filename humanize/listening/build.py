"""Pieces to a packet: versions, excerpts, design, plan, key."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from humanize.errors import OptionError, OutputError
from humanize.files import holds_score, read_input, require_writable, write_atomically
from humanize.interpretation.dynamics import notated_velocity
from humanize.interpretation.shaping import round_velocity
from humanize.listening.audio import find_soundfont
from humanize.listening.conditions import Hears, Source, Versions, make_versions, one_piece
from humanize.listening.design import Design, draw_trials
from humanize.listening.excerpts import Excerpt, draw_excerpt
from humanize.listening.key import Key, new_nonce
from humanize.listening.packet import Contents, require_empty, write_packet
from humanize.listening.performances import Performances, fit, make_performances
from humanize.listening.plan import QUESTIONS, QUESTIONS_MULTI, Plan, make_plan
from humanize.models.bundle import bundle_hash, load_model
from humanize.options import DEFAULT_MODEL


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a listening test is built from.

    Attributes
    ----------
    sources : tuple of Source
    design : Design
        Its pieces are the names of ``sources``.
    model : str or Path
    hears : "score" or "performance"
    excerpt_sec : float
    starts_sec : mapping of piece to float
        Where an excerpt begins; drawn for the pieces that are not named.
    seed : int or None
        Drawn when None.
    suffix : ".flac", ".opus" or ".mid"
        What raters get.
    soundfont : Path, optional
    """

    sources: tuple[Source, ...]
    design: Design
    model: str | Path = DEFAULT_MODEL
    hears: Hears = "score"
    excerpt_sec: float = 15.0
    starts_sec: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    suffix: str = ".flac"
    soundfont: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Built:
    """What ``build`` wrote.

    Attributes
    ----------
    key : Key
    plan : Plan
    """

    key: Key
    plan: Plan


def build(study: Study, folder: Path, *, key_path: Path, plan_path: Path) -> Built:
    """Write a packet, its key and its plan: all three, or nothing.

    Parameters
    ----------
    study : Study
    folder : Path
        New or empty.
    key_path, plan_path : Path
        New, outside the packet.

    Raises
    ------
    HumanizeError
        For options that make no sense, files that cannot be read, or paths that are taken.
    """
    _require(study, folder, key_path, plan_path)
    _require_sense(study)
    seed = secrets.randbelow(2**31) if study.seed is None else study.seed
    nonce = new_nonce()
    draw = np.random.default_rng([seed, *nonce])
    versions = {s.name: _versions(study, s, draw) for s in study.sources}
    excerpts = {s.name: _excerpt(study, s.name, versions[s.name], draw) for s in study.sources}
    for name, own in versions.items():
        versions[name], excerpts[name] = _fitted(study, own, excerpts[name])
    trials = draw_trials(study.design, seed=seed, nonce=nonce)
    about = _about(study, versions, excerpts)
    plan = make_plan(study.design, trials, hears=study.hears, about=about)
    key = Key(
        seed=seed,
        nonce=nonce,
        trials=trials,
        plan_sha256=hashlib.sha256(plan.to_bytes()).hexdigest(),
    )
    with _staged(folder) as stage:
        data = write_packet(stage, key, _contents(study, versions, excerpts))
        _write_both(plan_path, plan.to_bytes(), key_path, data)
        write_atomically(codes_path(key_path), "".join(f"{c}\n" for c in key.raters()).encode())
    return Built(key=key, plan=plan)


def codes_path(key_path: Path) -> Path:
    """Return where the raters' codes stand beside a key: a line each, each one rater's secret."""
    return key_path.with_suffix(".raters.txt")


def _write_both(plan_path: Path, plan: bytes, key_path: Path, key: bytes) -> None:
    write_atomically(plan_path, plan)
    try:
        write_atomically(key_path, key)
    except OutputError:
        plan_path.unlink(missing_ok=True)
        raise


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Give a folder to write beside the real one, which takes its place when all went well."""
    made = not folder.exists()
    require_empty(folder)
    stage = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(stage, ignore_errors=True)
    try:
        yield stage
        folder.rmdir()
        stage.rename(folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if made and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()


def read_source(path: Path, name: str, human: Path | None) -> Source:
    """Read a piece, MIDI or MusicXML, and its performance.

    Raises
    ------
    HumanizeError
        If a file cannot be read; it is called by its path.
    """
    data, played = read_input(path), read_input(human) if human else None
    if human is not None and played is not None:
        one_piece(played, str(human))
    if not holds_score(path.name, data):
        one_piece(data, str(path))
        return Source(name=name, score=data, human=played)
    return Source(
        name=name,
        score=_score_as_midi(data, str(path)),
        human=played,
        notation=data,
        notation_name=str(path),
    )


def _score_as_midi(data: bytes, name: str) -> bytes:
    """Return a score as MIDI with the velocities that its written dynamics ask for."""
    from humanize.score import read_score
    from humanize.score.as_midi import score_to_midi

    reading = read_score(data, name=name)
    return score_to_midi(reading, round_velocity(notated_velocity(reading.notes)))


def _require(study: Study, folder: Path, key_path: Path, plan_path: Path) -> None:
    inside = folder.resolve()
    for path, what in (
        (key_path, "key"),
        (plan_path, "plan"),
        (codes_path(key_path), "raters' codes"),
    ):
        if inside in path.resolve().parents:
            raise OptionError(f"{path}: inside the packet; expected the {what} to stay outside")
        require_writable(path)
        if path.exists():
            raise OptionError(f"{path}: a file found; expected a new one for the {what}")
    unknown = [name for name in study.starts_sec if name not in study.design.pieces]
    if unknown:
        raise OptionError(
            f"piece {unknown[0]!r} found; expected one of {', '.join(study.design.pieces)}"
        )


def _require_sense(study: Study) -> None:
    """Raise OptionError where versions do not differ in what is asked."""
    if study.design.compared == "performances":
        if study.hears != "score":
            raise OptionError("a model that hears the performance found; expected it to perform")
    elif "timing" in study.design.questions:
        raise OptionError(
            "question 'timing' found, and versions that differ in velocity alone; expected "
            "--compare performances"
        )


def _versions(study: Study, source: Source, draw: np.random.Generator) -> Versions:
    if study.design.compared == "performances":
        return make_performances(source, study.design.conditions, model=study.model)
    return make_versions(
        source,
        study.design.conditions,
        model=study.model,
        hears=study.hears,
        seed=int(draw.integers(2**31)),
    )


def _excerpt(study: Study, name: str, versions: Versions, draw: np.random.Generator) -> Excerpt:
    if name in study.starts_sec:
        return Excerpt(start_sec=study.starts_sec[name], length_sec=study.excerpt_sec)
    return draw_excerpt(versions.onset_sec, study.excerpt_sec, draw)


def _fitted(study: Study, versions: Versions, excerpt: Excerpt) -> tuple[Versions, Excerpt]:
    """Return performances brought to one length, the whole piece where all of it is given."""
    if not isinstance(versions, Performances):
        return versions, excerpt
    if study.suffix == ".mid":
        whole = Excerpt(start_sec=0.0, length_sec=float(versions.clock_sec[-1]) + 1)
        return fit(versions, whole)[0], excerpt
    return fit(versions, excerpt)


def _about(
    study: Study, versions: Mapping[str, Versions], excerpts: Mapping[str, Excerpt]
) -> dict[str, Any]:
    model = load_model(study.model)
    return {
        "humanize": version("humanize-midi"),
        "model": {"name": model.name, "bundle": bundle_hash(model)},
        "audio": None if study.suffix == ".mid" else _audio(study),
        "pieces": [
            {
                "name": source.name,
                "timing": "score" if source.human is None else "human performance",
                "start_sec": excerpts[source.name].start_sec,
                "length_sec": excerpts[source.name].length_sec,
                "notes_aligned": round(versions[source.name].aligned, 4),
            }
            for source in study.sources
        ],
    }


def _audio(study: Study) -> dict[str, str]:
    font = study.soundfont or find_soundfont()
    return {"engine": "FluidSynth", "soundfont": font.name, "format": study.suffix[1:]}


def _contents(
    study: Study, versions: Mapping[str, Versions], excerpts: Mapping[str, Excerpt]
) -> Contents:
    flat = [(p, c, v) for p, own in versions.items() for c, v in own.by_condition.items()]
    words = QUESTIONS_MULTI if study.design.form == "multi" else QUESTIONS
    return Contents(
        form=study.design.form,
        questions={name: words[name] for name in study.design.questions},
        excerpts=excerpts,
        midi={(p, c): v.midi for p, c, v in flat},
        mean_velocity={(p, c): v.mean_velocity for p, c, v in flat},
        tempo_ratio={(p, c): v.tempo_ratio for p, c, v in flat}
        if study.design.compared == "performances"
        else {},
        suffix=study.suffix,
        soundfont=study.soundfont,
    )


def names_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return a name for each piece: its stem, or its path where two have the same stem."""
    stems = [p.stem for p in paths]
    return tuple(s if stems.count(s) == 1 else str(p) for s, p in zip(stems, paths, strict=True))
