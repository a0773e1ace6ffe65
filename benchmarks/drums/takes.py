"""Takes of drums against drummers: spreads, agreement, fills, and whether a classifier tells them.

Run: python benchmarks/drums/takes.py --corpus DIR      (writes takes.json, takes.md; a line in the log)
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from run import METRE, correlation, rounded

from humanize.corpus.groove import Take, load_groove
from humanize.drums.bundle import FOLDER, load_drum_model, manifest_hash
from humanize.drums.hits import DrumHits, hits_of
from humanize.drums.kit import DRUM_NAMES, VOICES
from humanize.drums.sampling import GHOST, sample_hits
from humanize.notes import FloatColumn

HERE = Path(__file__).parent
WINDOW = 32  # hits that the classifier sees at once
LEAST = 100  # hits of a drum whose spread is told
FOLDS = 5
Played = dict[str, FloatColumn]


def windows(hits: DrumHits, own: Played) -> FloatColumn:
    """Return what the classifier sees of a take, a row for each window."""
    velocity, lag = np.clip(np.round(own["velocity"]), 1, 127), own["lag_ms"]
    rows = [
        described(hits, velocity, lag, np.arange(first, first + WINDOW))
        for first in range(0, len(hits) - WINDOW + 1, WINDOW)
    ]
    return np.array(rows)


def described(
    hits: DrumHits, velocity: FloatColumn, lag: FloatColumn, rows: FloatColumn
) -> list[float]:
    """Return statistics of a window: spread, steps, drums, repetition."""
    v, m, drum = velocity[rows], lag[rows], hits.drum[rows]
    found = [v.mean(), v.std(), m.mean(), m.std(), correlation(v, m)]
    found += [*np.percentile(v, [5, 25, 75, 95]), *np.percentile(m, [5, 25, 75, 95])]
    found += [np.abs(np.diff(x)).mean() for x in (v, m)]
    found += [correlation(x[1:], x[:-1]) for x in (v, m)]
    for voice in ("kick", "snare", "hat", "ride", "tom"):
        own = np.isin(drum, VOICES[voice])
        x, y = (v[own], m[own]) if own.sum() > 2 else (np.full(3, np.nan), np.full(3, np.nan))
        found += [x.mean(), x.std(), y.mean(), y.std()]
        found += [np.abs(np.diff(x)).mean(), np.abs(np.diff(y)).mean()]
        found += [correlation(x[1:], x[:-1]), correlation(y[1:], y[:-1])]
    together = np.diff(hits.tick[rows]) == 0
    found.append(np.abs(np.diff(m)[together]).mean() if together.any() else np.nan)
    return [float(value) for value in found]


def auc(one: Sequence[FloatColumn], other: Sequence[FloatColumn]) -> float:
    """Return how well the windows of takes are told from others; folds keep takes whole."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    values = np.concatenate([*one, *other])
    label = np.repeat([0, 1], [sum(map(len, one)), sum(map(len, other))])
    group = np.concatenate(
        [np.full(len(w), n % FOLDS) for side in (one, other) for n, w in enumerate(side)]
    )
    score = np.zeros(len(label))
    for fold in range(FOLDS):
        model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=15, random_state=0)
        model.fit(values[group != fold], label[group != fold])
        score[group == fold] = model.predict_proba(values[group == fold])[:, 1]
    return float(roc_auc_score(label, score))


def one_drummer_and_others(takes: Sequence[Take], seen: Sequence[FloatColumn]) -> float:
    """Return the AUC of telling a drummer from the others, the mean over those with ten takes."""
    found = []
    for drummer in sorted({take.drummer for take in takes}):
        own = [w for t, w in zip(takes, seen, strict=True) if t.drummer == drummer]
        rest = [w for t, w in zip(takes, seen, strict=True) if t.drummer != drummer]
        if len(own) >= 10:
            found.append(auc(own, rest))
    return float(np.mean(found))


def spread(hits: Sequence[DrumHits], own: Sequence[Played], name: str) -> dict[str, float]:
    """Return the standard deviation over all takes by drum."""
    drum = np.concatenate([h.drum for h in hits])
    values = np.concatenate([p[name] for p in own])
    return {
        DRUM_NAMES[d]: float(values[drum == d].std())
        for d in np.unique(drum).tolist()
        if (drum == d).sum() >= LEAST
    }


def rise(hits: Sequence[DrumHits], own: Sequence[Played]) -> float:
    """Return how much velocity rises over the toms of a fill, a quarter note, the mean of fills."""
    found = []
    for h, p in zip(hits, own, strict=True):
        toms = np.isin(h.drum, VOICES["tom"])
        for measure in np.unique(h.measure[toms]):
            rows = np.flatnonzero(toms & (h.measure == measure))
            if len(rows) >= 4 and np.ptp(h.tick[rows]) > 0:
                found.append(24 * np.polyfit(h.tick[rows], p["velocity"][rows], 1)[0])
    return float(np.median(found))


def agreement(one: Sequence[Played], other: Sequence[Played], name: str) -> float:
    r = [correlation(a[name], b[name]) for a, b in zip(one, other, strict=True)]
    return float(np.nanmean(r))


def ghosts_kept(hits: Sequence[DrumHits], mean: Sequence[Played], take: Sequence[Played]) -> float:
    """Return the share of the mean's ghosts of the snare that are below half of its loud hits."""
    kept = []
    for h, m, t in zip(hits, mean, take, strict=True):
        own = np.isin(h.drum, VOICES["snare"])
        if own.sum() > 3:
            loud = np.percentile(m["velocity"][own], 90)
            ghost = own & (m["velocity"] < GHOST * loud)
            kept += (t["velocity"][ghost] < 0.56 * loud).tolist()
    return float(np.mean(kept)) if kept else float("nan")


def repeated_bars(hits: Sequence[DrumHits], own: Sequence[Played]) -> float:
    """Return the share of measures that are the measure before in pattern, and in velocity too."""
    same = equal = 0
    for h, p in zip(hits, own, strict=True):
        velocity = np.round(p["velocity"]).astype(int).tolist()
        code = list(zip(h.position.tolist(), h.drum.tolist(), velocity, strict=True))
        bars = [[code[i] for i in np.flatnonzero(h.measure == n)] for n in np.unique(h.measure)]
        for one, other in pairwise(bars):
            if [c[:2] for c in one] == [c[:2] for c in other]:
                same, equal = same + 1, equal + (one == other)
    return equal / max(same, 1)


def evaluate(corpus: Path, split: str) -> dict[str, object]:
    """Return all figures."""
    model = load_drum_model()
    takes = [t for t in load_groove(corpus, (split,)) if t.metre == METRE]
    both = [(t, h) for t in takes if len(h := hits_of(t.notes)) >= WINDOW]
    takes, hits = [t for t, _ in both], [h for _, h in both]
    drummers = [{"velocity": h.velocity.astype(float), "lag_ms": h.lag_ms} for h in hits]
    mean = [model.predict(h) for h in hits]
    begun = time.process_time()
    one, two = (
        [
            sample_hits(h, m, model.bank, seed=s, freedom=1.0)
            for h, m in zip(hits, mean, strict=True)
        ]
        for s in (1, 2)
    )
    speed = 2 * sum(map(len, hits)) / (time.process_time() - begun)
    sides = {"drummers": drummers, "mean": mean, "take": one}
    seen = {
        name: [windows(h, p) for h, p in zip(hits, own, strict=True)] for name, own in sides.items()
    }
    return {
        "split": split,
        "manifest": manifest_hash(FOLDER / model.name),
        "hits_per_cpu_second": round(speed),
        "takes": len(takes),
        "hits": sum(map(len, hits)),
        "lag_sd_ms": {name: spread(hits, own, "lag_ms") for name, own in sides.items()},
        "velocity_sd": {name: spread(hits, own, "velocity") for name, own in sides.items()},
        "r_of_velocity": {
            "drummer and mean": agreement(drummers, mean, "velocity"),
            "drummer and take": agreement(drummers, one, "velocity"),
            "two takes": agreement(one, two, "velocity"),
        },
        "rise_of_fills": {name: rise(hits, own) for name, own in sides.items()},
        "ghosts_kept": ghosts_kept(hits, mean, one),
        "bars_repeated_exactly": {name: repeated_bars(hits, own) for name, own in sides.items()},
        "auc": {
            "mean": auc(seen["drummers"], seen["mean"]),
            "take": auc(seen["drummers"], seen["take"]),
            "one drummer and the others": one_drummer_and_others(takes, seen["drummers"]),
        },
    }


def markdown(found: dict[str, object]) -> str:
    """Return the figures as tables."""
    lines = [f"# Takes of drums, {found['split']} split", "", f"{found['takes']} takes in four quarters, "
             f"{found['hits']:,} hits; `drums-1`, manifest {found['manifest']}."]  # fmt: skip
    for title, key in (("Standard deviation of lags, ms", "lag_sd_ms"),
                       ("Standard deviation of velocities", "velocity_sd")):  # fmt: skip
        own: dict[str, dict[str, float]] = found[key]  # type: ignore[assignment]
        lines += ["", f"## {title}", "", f"| | {' | '.join(own)} | take / drummers |"]
        lines += ["|---" * (len(own) + 2) + "|"]
        for drum, value in own["drummers"].items():
            cells = " | ".join(f"{side[drum]:.1f}" for side in own.values())
            lines.append(f"| {drum} | {cells} | {own['take'][drum] / value:.2f} |")
    lines += ["", "## The rest", "", "| | |", "|---|---|"]
    for key, name in (("r_of_velocity", "r of velocity"), ("rise_of_fills", "rise of velocity in fills, "
                      "a quarter note"), ("bars_repeated_exactly", "bars repeated to the last velocity"),
                      ("auc", "AUC, drummers told from")):  # fmt: skip
        for side, value in found[key].items():  # type: ignore[attr-defined]
            lines.append(f"| {name}: {side} | {value:.3f} |")
    lines.append(f"| ghosts of the mean that stay ghosts | {found['ghosts_kept']:.3f} |")
    speed = found["hits_per_cpu_second"]
    return "\n".join([*lines, "", f"{speed:,} hits a second of one core are laid.", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="Folder of the Groove corpus")
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    asked = parser.parse_args()
    found = evaluate(asked.corpus, asked.split)
    print(markdown(found))
    if asked.split == "test":
        (HERE / "takes.json").write_text(json.dumps(rounded(found), indent=1) + "\n")
        (HERE / "takes.md").write_text(markdown(found))
        with (HERE / "takes_log.csv").open("a", encoding="utf-8", newline="") as file:
            aucs: dict[str, float] = found["auc"]  # type: ignore[assignment]
            now = datetime.now(UTC).isoformat(timespec="seconds")
            csv.writer(file, lineterminator="\n").writerow(
                [now, "drums-1", found["manifest"], *(f"{v:.3f}" for v in aucs.values())]
            )


if __name__ == "__main__":
    main()
