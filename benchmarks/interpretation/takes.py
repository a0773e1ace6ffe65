"""Takes beside pianists: told apart or not, agreement with pianists and with each other.

``validation``: scores of maestro-aligned that (n)ASAP lacks, in two halves by composition, the
takes of each made from a bank of the other. ``test``: the test split of (n)ASAP, with the bank that
ships; each look is written into ``test_log.csv``.

Run: python benchmarks/interpretation/takes.py ASAP MAESTRO_ALIGNED [--split test]
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from takes_samplers import SAMPLERS, Sampler
from takes_tables import log_looks, markdown

from humanize.corpus import asap, maestro_aligned
from humanize.corpus.performed import performed_values
from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.discriminator import Sample, discriminate
from humanize.evaluation.expression_metrics import (
    Beats,
    beat_periods,
    beats_of,
    cumulated,
    within_measures,
)
from humanize.evaluation.run import unseen
from humanize.evaluation.statistics import by_composition, estimate
from humanize.expression import ARTICULATION, TEMPO, TIMING, VELOCITY
from humanize.interpretation.performing import (
    Heard,
    hear,
    notated_time_map,
    predict_asynchrony,
    predict_tempo,
    varied,
)
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.sampling import Deviations, deviations_of
from humanize.interpretation.shaping import round_velocity
from humanize.interpretation.timing import relative_to_notated
from humanize.models import Model, load_model
from humanize.models.residuals import DEFAULT, ResidualBank, bank_of, load_bank
from humanize.notes import FloatColumn, NoteTable, starts
from humanize.training.residuals import STEP, bank_arrays, residuals_of

FOLDER = Path(__file__).parent
MOST_PIANISTS, MOST_PIECES, LEAST_NOTES = 3, 40, 200
_STEPS = 50  # of a log beat period, as the discriminator reads whole numbers


@dataclass(frozen=True, kw_only=True)
class Played:
    """One interpretation of a piece: NaN where it does not say.

    Attributes
    ----------
    velocity, asynchrony_ms : (n,) FloatColumn
    tempo : (k,) FloatColumn
        Log beat period of each onset.
    """

    velocity: FloatColumn
    tempo: FloatColumn
    asynchrony_ms: FloatColumn


@dataclass(frozen=True, kw_only=True)
class Case:
    """A piece, what pianists and the model make of it, and the bank that its takes come from."""

    composition: str
    notes: NoteTable
    beats: Beats
    pianists: tuple[Played, ...]
    velocity: FloatColumn
    heard: Heard
    bank: ResidualBank

    @property
    def onset_beat(self) -> FloatColumn:
        return self.notes.onset_beat[starts(self.notes.onset_beat)]

    @property
    def mean(self) -> dict[str, FloatColumn]:
        """What the model expects of each note, by target."""
        return {VELOCITY.name: self.velocity, **self.heard.predicted}


def pianist(piece: Piece, performance: Performance) -> Played:
    first = starts(piece.notes.onset_beat)
    velocity, tempo, timing = (
        performed_values(piece, performance, target) for target in (VELOCITY, TEMPO, TIMING)
    )
    return Played(velocity=velocity, tempo=tempo[first], asynchrony_ms=timing)


def case_of(piece: Piece, model: Model, bank: ResidualBank) -> Case:
    return Case(
        composition=piece.composition,
        notes=piece.notes,
        beats=beats_of(piece.notes),
        pianists=tuple(pianist(piece, q) for q in piece.played_whole()[:6]),
        velocity=predict_notes(piece.notes, model),
        heard=hear(piece.notes, model, (TEMPO, TIMING, ARTICULATION)),
        bank=bank,
    )


def mean_of_model(case: Case) -> Played:
    return performed(case, case.velocity, None)


def take(case: Case, sampler: Sampler | None, seed: int) -> Played:
    """Return a take at freedom 1; without a sampler what a take makes of the mean alone."""
    names = (VELOCITY.name, TEMPO.name, TIMING.name, ARTICULATION.name)
    laid = (
        dict.fromkeys(names, np.zeros(len(case.notes)))
        if sampler is None
        else sampler(case.notes, case.bank, seed)
    )
    own = deviations_of(case.notes, laid, 1.0)
    return performed(case, own.on_velocity(case.velocity, np.arange(len(case.notes))), own)


def performed(case: Case, velocity: FloatColumn, own: Deviations | None) -> Played:
    """Return what ``humanize perform`` plays, with the written changes of tempo that it keeps."""
    heard = case.heard if own is None else varied(case.heard, own)
    notated = notated_time_map(case.notes)
    written = -relative_to_notated(np.zeros(len(case.onset_beat)), case.onset_beat, notated)
    return Played(
        velocity=round_velocity(velocity).astype(np.float64),
        tempo=written + predict_tempo(heard, case.onset_beat, own),
        asynchrony_ms=predict_asynchrony((heard,), len(case.notes)),
    )


def velocity_sample(case: Case, velocity: FloatColumn) -> Sample:
    known = np.isfinite(velocity)
    return Sample(
        composition=case.composition,
        onset_sec=case.notes.onset_sec[known],
        pitch=case.notes.pitch[known].astype(np.float64),
        velocity=velocity[known],
    )


def tempo_sample(case: Case, tempo: FloatColumn) -> Sample:
    """Return log beat periods as the discriminator reads velocities; log IOI stands for pitch."""
    known = np.isfinite(tempo)
    onset = case.notes.onset_sec[starts(case.notes.onset_beat)]
    ioi = 12 * np.log2(np.clip(np.diff(onset, append=onset[-1] + 1), 1 / 32, 8))
    return Sample(
        composition=case.composition,
        onset_sec=np.arange(float(known.sum())),
        pitch=ioi[known],
        velocity=np.rint(_STEPS * tempo[known]),
    )


def known_as(values: FloatColumn, reference: FloatColumn) -> FloatColumn:
    return np.where(np.isfinite(reference), values, np.nan)


def told_apart(pairs: Sequence[tuple[Case, Played, Played]]) -> dict[str, float]:
    """Return the AUC of telling pianists from others for the same notes, velocity and tempo."""
    found = {}
    for name, sample in (("velocity", velocity_sample), ("tempo", tempo_sample)):
        human, other = [], []
        for case, own, played in pairs:
            reference, values = getattr(own, name), getattr(played, name)
            both = known_as(reference, values)
            if np.isfinite(both).sum() > 64:
                human.append(sample(case, both))
                other.append(sample(case, known_as(values, both)))
        found[f"{name} AUC"] = discriminate(human, other)[0] if human else float("nan")
    return found


def correlation(a: FloatColumn, b: FloatColumn) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < 20 or a[known].std() < 1e-9 or b[known].std() < 1e-9:
        return float("nan")
    return float(np.corrcoef(a[known], b[known])[0, 1])


def beats_r(case: Case, a: FloatColumn, b: FloatColumn) -> float:
    periods = [
        beat_periods(cumulated(case.onset_beat, np.nan_to_num(x)), case.beats) for x in (a, b)
    ]
    return within_measures(*periods, case.beats)


def compared(case: Case, one: Played, two: Played) -> dict[str, float]:
    """Return how far two interpretations agree, and are apart."""
    apart = (one.velocity - np.nanmean(one.velocity)) - (two.velocity - np.nanmean(two.velocity))
    slow = one.tempo - two.tempo
    return {
        "velocity r": correlation(one.velocity, two.velocity),
        "tempo r": correlation(one.tempo, two.tempo),
        "beats r": beats_r(case, one.tempo, two.tempo),
        "velocity apart": float(np.sqrt(np.nanmean(apart**2) / 2)),
        "tempo apart": float(np.sqrt(np.nanmean(slow**2) / 2)),
    }


def louder_earlier(case: Case, played: Played) -> float:
    """Return r of velocity and asynchrony within chords; both less the chord's mean."""
    chord = np.cumsum(starts(case.notes.onset_beat)) - 1
    known = np.isfinite(played.velocity) & np.isfinite(played.asynchrony_ms)
    count = np.bincount(chord, known)
    known &= count[chord] > 1
    columns = []
    for values in (played.velocity, played.asynchrony_ms):
        mean = np.bincount(chord, np.where(known, values, 0)) / np.maximum(count, 1)
        columns.append(np.where(known, values - mean[chord], np.nan))
    return correlation(*columns)


def figures(
    cases: Sequence[Case], others: Callable[[Case, int], Played | None], *, takes: bool
) -> dict:
    """Return all that is measured of one way to play: means over compositions, with intervals."""
    rows: dict[str, list[tuple[str, float]]] = {}
    pairs = []

    def add(name: str, case: Case, value: float) -> None:
        if np.isfinite(value):
            rows.setdefault(name, []).append((case.composition, value))

    for case in cases:
        own = [others(case, number) for number in range(min(len(case.pianists), MOST_PIANISTS))]
        for reference, played in zip(case.pianists, own, strict=False):
            if played is None:
                continue
            pairs.append((case, reference, played))
            for name, value in compared(case, reference, played).items():
                if name.endswith(" r"):
                    add(f"{name} with pianists", case, value)
            for name in ("velocity", "tempo"):
                values = known_as(getattr(played, name), getattr(reference, name))
                ratio = np.nanstd(values) / np.nanstd(getattr(reference, name))
                add(f"{name} spread ratio", case, float(ratio))
            add("louder earlier", case, louder_earlier(case, played))
        known = [played for played in own if played is not None]
        for one, two in combinations(known[:3] if takes else [], 2):
            for name, value in compared(case, one, two).items():
                add(f"{name} between two", case, value)
    means = {name: estimate(by_composition(values)) for name, values in rows.items()}
    found = {n: [round(x, 4) for x in (e.mean, e.low, e.high)] for n, e in means.items()}
    return {**found, **{n: round(x, 4) for n, x in told_apart(pairs).items()}}


def ways(cases: Sequence[Case]) -> dict[str, tuple[Callable[[Case, int], Played | None], bool]]:
    """Return every way to play that is compared, and whether it has several takes."""

    def deadpan(case: Case, number: int) -> Played:
        mean = mean_of_model(case)
        return Played(**{n: 0 * getattr(mean, n) + 64 * (n == "velocity") for n in mean.__dict__})

    def another(case: Case, number: int) -> Played | None:
        count = len(case.pianists)
        return case.pianists[(number + 1) % count] if count > 1 else None

    def mean_of_five(case: Case, number: int) -> Played | None:
        rest = [p for i, p in enumerate(case.pianists) if i != number]
        if len(rest) < 5:
            return None
        own = {n: np.mean([getattr(p, n) for p in rest], axis=0) for n in rest[0].__dict__}
        return replace(Played(**own), velocity=np.rint(own["velocity"]))

    found: dict = {
        "deadpan": (deadpan, False),
        "mean": (lambda case, number: mean_of_model(case), False),
        "mean, as a take eases it": (lambda case, number: take(case, None, 0), False),
        "another pianist": (another, True),
        "mean of five pianists": (mean_of_five, False),
    }
    for name, sampler in SAMPLERS.items():
        found[name] = (lambda case, number, own=sampler: take(case, own, number + 1), True)
    return found


def validation_cases(folder: Path, held: Sequence[Piece], model: Model) -> list[Case]:
    """Return cases of maestro-aligned, each half with the bank of the other."""
    pieces = maestro_aligned.load_scores(folder, held, beyond_asap=True).pieces
    halves = [[p for p in pieces if zlib.crc32(p.composition.encode()) % 2 == h] for h in (0, 1)]
    banks = [
        bank_of(
            bank_arrays([r for piece in half for r in residuals_of(piece, model)]),
            name="half",
            manifest={},
            step=STEP,
        )
        for half in halves
    ]
    chosen = [(p, banks[1 - h]) for h, half in enumerate(halves) for p in half]
    chosen = [(p, b) for p, b in chosen if len(p.notes) >= LEAST_NOTES]
    random.Random(0).shuffle(chosen)
    return [case_of(p, model, b) for p, b in chosen[:MOST_PIECES]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    parser.add_argument("--split", default="validation", choices=["validation", "test"])
    options = parser.parse_args()
    model = load_model("piano-1")
    if options.split == "test":
        corpus = asap.load_scores(options.asap, "test")
        pieces = unseen(corpus, {model.name: model}, "flat").pieces
        cases = [case_of(piece, model, load_bank(DEFAULT)) for piece in pieces]
    else:
        held = asap.load_scores(options.asap, "validation", "test").pieces
        cases = validation_cases(options.maestro_aligned, held, model)
    cases = [case for case in cases if case.pianists]
    found = {}
    for name, (others, takes) in ways(cases).items():
        found[name] = figures(cases, others, takes=takes)
        print(name, json.dumps(found[name]), flush=True)
    path = FOLDER / f"takes_{options.split}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    compositions = len({case.composition for case in cases})
    path.with_suffix(".md").write_text(markdown(found, compositions), encoding="utf-8")
    if options.split == "test":
        log_looks(
            FOLDER / "test_log.csv", found, f"{model.name} {model.manifest_hash}", compositions
        )


if __name__ == "__main__":
    main()
