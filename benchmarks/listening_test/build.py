"""A packet of test-split pieces, and what a machine rater makes of its excerpts.

Question: is the protocol ready for people, and does a discriminator, given the same excerpts, take
the model's velocities for a pianist's more often than shuffled and constant ones?

One piece of each of the first compositions (in an order drawn with a fixed seed) that have a
robustly aligned performance; its timing is that of every version, and the model reads the flat
score. The packet and its key go to a folder outside the repository, as they hold music of the
corpus; the plan, the loudness of every sound and the machine's verdict are stored here.

    python benchmarks/listening_test/build.py --corpus ASAP -o FOLDER
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import click
import numpy as np

from humanize.corpus.asap import load_scores
from humanize.corpus.pieces import Performance, Piece
from humanize.evaluation.discriminator import Sample, describe_windows, sample_of
from humanize.evaluation.statistics import estimate
from humanize.interpretation.interpret import Settings, interpret
from humanize.listening.build import Built, Study, build
from humanize.listening.conditions import Source, make_versions
from humanize.listening.design import Design
from humanize.midi.reading import read_midi
from humanize.models import load_model

HERE = Path(__file__).parent
CONDITIONS = ("constant", "shuffled", "model", "human")
EXCERPT_SEC = 15.0
SEED = 1


def chosen(pieces: tuple[Piece, ...], count: int) -> list[tuple[Piece, Performance]]:
    by_composition: dict[str, tuple[Piece, Performance]] = {}
    for piece in pieces:
        if "#" in piece.id:
            continue  # played with other repeats than its MIDI score
        for performance in piece.performances:
            if performance.robust:
                by_composition.setdefault(piece.composition, (piece, performance))
    names = sorted(by_composition)
    order = np.random.default_rng(SEED).permutation(len(names))[:count]
    return [by_composition[names[i]] for i in sorted(order.tolist())]


def midi_of(path: Path) -> Path:
    return path if path.suffix == ".mid" else path.with_suffix(".mid")


def machine(pieces: tuple[Piece, ...], left_out: str, draw: np.random.Generator):
    """A classifier of 64-note windows, pianist or not, that never saw this composition."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = load_model("piano-1")
    human, other = [], []
    for piece in pieces:
        robust = [p for p in piece.performances if p.robust]
        if piece.composition == left_out or not robust:
            continue
        predicted = interpret(piece.notes, Settings(model=model, dynamics="ignore")).velocity * 1.0
        for performance in robust:
            own = performance.velocity
            human.append(describe_windows(sample_of(piece, performance, own)))
            for velocity in (
                np.full(len(own), 64.0),
                draw.permutation(predicted[performance.rows]),
                predicted[performance.rows],
            ):
                other.append(describe_windows(sample_of(piece, performance, velocity)))
    values = np.concatenate([*human, *other])
    label = np.repeat([1, 0], [sum(map(len, human)), sum(map(len, other))])
    classifier = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.08, max_leaf_nodes=15, class_weight="balanced", random_state=0
    )
    return classifier.fit(values, label)


def excerpt_sample(midi: bytes, start: float, composition: str) -> Sample:
    notes = read_midi(midi).pieces[0]
    inside = (notes.onset_sec >= start) & (notes.onset_sec < start + EXCERPT_SEC)
    return Sample(
        composition=composition,
        onset_sec=notes.onset_sec[inside],
        pitch=notes.pitch[inside].astype(float),
        velocity=notes.velocity[inside].astype(float),
    )


def verdict(
    pieces: tuple[Piece, ...], music: list[tuple[Piece, Performance]], study: Study, built: Built
) -> dict:
    draw = np.random.default_rng(0)
    starts = {p["name"]: p["start_sec"] for p in built.plan.about["pieces"]}
    rows = []
    for (piece, _), source in zip(music, study.sources, strict=True):
        classifier = machine(pieces, piece.composition, draw)
        versions = make_versions(source, CONDITIONS, seed=int(draw.integers(2**31)))
        row: dict = {"piece": source.name, "aligned": round(versions.aligned, 4)}
        for condition, version in versions.by_condition.items():
            sample = excerpt_sample(version.midi, starts[source.name], piece.composition)
            row[condition] = round(
                float(classifier.predict_proba(describe_windows(sample))[:, 1].mean()), 4
            )
        rows.append(row)
        click.echo(json.dumps(row))
    chosen_over = {}
    for one, two in combinations(CONDITIONS, 2):
        won = {r["piece"]: 0.5 + 0.5 * float(np.sign(r[two] - r[one])) for r in rows}
        found = estimate(won)
        chosen_over[f"{two} over {one}"] = [found.mean, found.low, found.high, found.count]
    return {"pieces": rows, "chosen": chosen_over}


@click.command()
@click.option("--corpus", required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--count", default=8, show_default=True)
@click.option("--raters", default=20, show_default=True)
@click.option("--trials", default=24, show_default=True)
def main(corpus: Path, output: Path, count: int, raters: int, trials: int) -> None:
    pieces = load_scores(corpus, "test").pieces
    music = chosen(pieces, count)
    sources = tuple(
        Source(
            name=piece.composition,
            score=(corpus / piece.id).read_bytes(),
            human=midi_of(corpus / performance.id).read_bytes(),
        )
        for piece, performance in music
    )
    study = Study(
        sources=sources,
        design=Design(
            pieces=tuple(s.name for s in sources),
            conditions=CONDITIONS,
            raters=raters,
            trials=trials,
        ),
        excerpt_sec=EXCERPT_SEC,
        seed=SEED,
    )
    output.mkdir(parents=True, exist_ok=True)
    built = build(
        study, output / "packet", key_path=output / "key.json", plan_path=output / "plan.json"
    )
    found = verdict(pieces, music, study, built)
    key = json.loads((output / "key.json").read_text())
    (HERE / "plan.json").write_bytes((output / "plan.json").read_bytes())
    result = {"sounds": key["sounds"], "machine": found, "people": []}
    (HERE / "packet.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
