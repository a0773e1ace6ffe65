"""Velocity and micro-timing of drums on the test split of the Groove corpus, in four quarters.

Run: python benchmarks/drums/run.py --corpus DIR      (two minutes; writes results.json, results.md)
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from humanize.corpus.groove import Take, load_groove
from humanize.drums.bundle import FOLDER, load_drum_model, manifest_hash
from humanize.drums.feel import feel_of
from humanize.drums.hits import DrumHits, hits_of
from humanize.drums.kit import DRUM_NAMES
from humanize.notes import FloatColumn

HERE = Path(__file__).parent
LEAST = 8  # hits of a take that a correlation needs
METRE = "4-4"

Predicted = list[dict[str, FloatColumn]]


def played_onset(hits: DrumHits) -> FloatColumn:
    """Return the onsets in quarter notes as they were played."""
    return hits.tick / 24 + hits.lag_ms / 1000 / hits.beat_sec


def medians(rows: dict[tuple[object, ...], list[float]]) -> dict[tuple[object, ...], float]:
    return {key: float(np.median(values)) for key, values in rows.items()}


class Table:
    """Medians of velocity and of lag on sixteenths by some keys of the training takes."""

    def __init__(self, takes: Sequence[tuple[Take, DrumHits]], *, by_drummer: bool) -> None:
        self.by_drummer = by_drummer
        found: dict[str, dict[tuple[object, ...], list[float]]] = {
            name: defaultdict(list) for name in ("velocity", "lag")
        }
        for take, hits in takes:
            for key, velocity, lag in self.rows(take, hits):
                for own in (key, key[1:], ()):
                    found["velocity"][own].append(velocity)
                    found["lag"][own].append(lag)
        self.velocity, self.lag = medians(found["velocity"]), medians(found["lag"])

    def rows(self, take: Take, hits: DrumHits) -> list[tuple[tuple[object, ...], float, float]]:
        onset = played_onset(hits)
        place = np.round(onset * 4)
        lag = (onset - place / 4) * hits.beat_sec * 1000
        who = take.drummer if self.by_drummer else ""
        return [
            ((who, d, p % 16), v, m)
            for d, p, v, m in zip(
                hits.drum.tolist(),
                place.tolist(),
                hits.velocity.tolist(),
                lag.tolist(),
                strict=True,
            )
        ]

    def predict(self, take: Take, hits: DrumHits) -> dict[str, FloatColumn]:
        out: dict[str, list[float]] = {"velocity": [], "error_ms": []}
        for key, _, lag in self.rows(take, hits):
            own = next(k for k in (key, key[1:], ()) if k in self.velocity)
            out["velocity"].append(self.velocity[own])
            out["error_ms"].append(lag - self.lag[own])
        return {name: np.array(values) for name, values in out.items()}


def figures(takes: Sequence[DrumHits], predicted: Predicted) -> dict[str, float]:
    """Return the figures of the table: MAE over all hits, r of velocity per take."""
    velocity = [np.abs(p["velocity"] - h.velocity) for h, p in zip(takes, predicted, strict=True)]
    error = [np.abs(p["error_ms"]) for p in predicted]
    r = [
        correlation(p["velocity"], h.velocity)
        for h, p in zip(takes, predicted, strict=True)
        if len(h) >= LEAST
    ]
    known = [value for value in r if np.isfinite(value)]
    return {
        "timing_mae_ms": float(np.concatenate(error).mean()),
        "velocity_mae": float(np.concatenate(velocity).mean()),
        "velocity_r": float(np.mean(known)) if known else float("nan"),
        "takes": len(takes),
        "hits": sum(map(len, takes)),
    }


def correlation(a: FloatColumn, b: FloatColumn) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.std(a) > 0 and np.std(b) > 0 else float("nan")


def with_error(hits: DrumHits, predicted: dict[str, FloatColumn]) -> dict[str, FloatColumn]:
    return {**predicted, "error_ms": hits.lag_ms - predicted["lag_ms"]}


def from_first_half(
    hits: DrumHits, predicted: dict[str, FloatColumn]
) -> tuple[DrumHits, dict[str, FloatColumn], dict[str, FloatColumn]]:
    """Return the second half, the model's prediction of it, and that with the first half's feel."""
    half = len(hits) // 2
    first, second = np.arange(half), np.arange(half, len(hits))
    feel = feel_of([(hits.take(first), {n: c[first] for n, c in predicted.items()})])
    rest = hits.take(second)
    alone = {name: column[second] for name, column in predicted.items()}
    felt = {
        name: column + feel.expected(name, rest.drum, rest.position)
        for name, column in alone.items()
    }
    felt["velocity"] = np.clip(felt["velocity"], 1, 127)
    return rest, with_error(rest, alone), with_error(rest, felt)


def half_table(take: Take, hits: DrumHits) -> dict[str, FloatColumn]:
    """Return what medians of the first half, by drum and sixteenth, say of the second."""
    half = len(hits) // 2
    table = Table([(take, hits.take(np.arange(half)))], by_drummer=False)
    return table.predict(take, hits.take(np.arange(half, len(hits))))


def spreads(takes: Sequence[DrumHits], lags: Sequence[FloatColumn]) -> dict[str, float]:
    """Return the standard deviation of lags, ms, of each drum with at least 300 hits."""
    drum, lag = np.concatenate([h.drum for h in takes]), np.concatenate(list(lags))
    return {
        name: float(lag[drum == d].std())
        for d, name in enumerate(DRUM_NAMES)
        if (drum == d).sum() >= 300
    }


def by_group(
    takes: Sequence[Take], hits: Sequence[DrumHits], predicted: Predicted, attribute: str
) -> dict[str, dict[str, float]]:
    groups = sorted({getattr(take, attribute) for take in takes})
    return {
        group: figures(
            [h for t, h in zip(takes, hits, strict=True) if getattr(t, attribute) == group],
            [p for t, p in zip(takes, predicted, strict=True) if getattr(t, attribute) == group],
        )
        for group in groups
    }


def evaluate(corpus: Path, split: str) -> dict[str, object]:
    known = [(t, hits_of(t.notes)) for t in load_groove(corpus, ("train",))]
    pairs = [(t, hits_of(t.notes)) for t in load_groove(corpus, (split,)) if t.metre == METRE]
    takes, hits = [t for t, _ in pairs], [h for _, h in pairs]
    model = load_drum_model()
    model.predict(hits[0])
    start = time.process_time()
    predicted = [with_error(h, model.predict(h)) for h in hits]
    seconds = time.process_time() - start
    constant = float(np.median(np.concatenate([h.velocity for _, h in known])))
    sixteenths = [np.round(played_onset(h) * 4) / 4 for h in hits]
    on_grid = [
        {
            "velocity": np.full(len(h), constant),
            "error_ms": (played_onset(h) - place) * h.beat_sec * 1000,
        }
        for h, place in zip(hits, sixteenths, strict=True)
    ]
    own_grid = [{"velocity": np.full(len(h), constant), "error_ms": h.lag_ms} for h in hits]
    table, drummers = Table(known, by_drummer=False), Table(known, by_drummer=True)
    long = [
        (t, h, p) for t, h, p in zip(takes, hits, predicted, strict=True) if len(h) >= 2 * LEAST
    ]
    bare = [{n: c for n, c in p.items() if n != "error_ms"} for _, _, p in long]
    halves = [from_first_half(h, p) for (_, h, _), p in zip(long, bare, strict=True)]
    second = [rest for rest, _, _ in halves]
    rows = {
        "sixteenths, constant velocity": figures(hits, on_grid),
        "own grid, constant velocity": figures(hits, own_grid),
        "median of drum x sixteenth": figures(hits, [table.predict(*p) for p in pairs]),
        "median of drummer x drum x sixteenth": figures(
            hits, [drummers.predict(*p) for p in pairs]
        ),
        f"{model.name}": figures(hits, predicted),
        "second halves: medians of the first half": figures(
            second, [half_table(t, h) for t, h, _ in long]
        ),
        f"second halves: {model.name}": figures(second, [alone for _, alone, _ in halves]),
        f"second halves: {model.name} with the feel of the first half": figures(
            second, [felt for _, _, felt in halves]
        ),
    }
    return {
        "split": split,
        "model": model.name,
        "manifest": manifest_hash(FOLDER / model.name),
        "rows": rows,
        "by_style": by_group(takes, hits, predicted, "style"),
        "by_drummer": by_group(takes, hits, predicted, "drummer"),
        "lag_sd_ms": {
            "drummers": spreads(hits, [h.lag_ms for h in hits]),
            model.name: spreads(hits, [p["lag_ms"] for p in predicted]),
        },
        "hits_per_cpu_second": round(sum(map(len, hits)) / seconds),
    }


def markdown(found: dict[str, object]) -> str:
    lines = [
        f"# Drums on Groove's {found['split']} split, four quarters",
        "",
        f"Model `{found['model']}`, manifest {found['manifest']}. MAE over all hits; r of velocity is a "
        f"mean over takes of at least {LEAST} hits.",
        "",
        "| | timing MAE, ms | velocity MAE | r of velocity | takes | hits |",
        "|---|---|---|---|---|---|",
    ]
    lines += [row(name, own) for name, own in found["rows"].items()]  # type: ignore[attr-defined]
    for title in ("by_style", "by_drummer"):
        lines += ["", f"## {title.replace('_', ' ').capitalize()}, {found['model']}", ""]
        lines += ["| | timing MAE, ms | velocity MAE | r of velocity | takes | hits |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [row(name, own) for name, own in found[title].items()]  # type: ignore[attr-defined]
    spread: dict[str, dict[str, float]] = found["lag_sd_ms"]  # type: ignore[assignment]
    lines += ["", "## Standard deviation of lags, ms", "", f"| | {' | '.join(spread)} |"]
    lines += ["|---" * (len(spread) + 1) + "|"]
    for drum in next(iter(spread.values())):
        cells = " | ".join(f"{own[drum]:.1f}" for own in spread.values())
        lines.append(f"| {drum} | {cells} |")
    speed = found["hits_per_cpu_second"]
    return "\n".join([*lines, "", f"{speed:,} hits a second of one core, features included.", ""])


def row(name: str, own: dict[str, float]) -> str:
    r = f"{own['velocity_r']:.3f}" if np.isfinite(own["velocity_r"]) else "-"
    return (
        f"| {name} | {own['timing_mae_ms']:.1f} | {own['velocity_mae']:.1f} | {r} | "
        f"{own['takes']} | {own['hits']:,} |"
    )


def log_look(found: dict[str, object]) -> None:
    """Add a line to the log of looks at the test split."""
    path = HERE / "test_log.csv"
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["time_utc", "model", "manifest", "timing_mae_ms", "velocity_mae", "r"])
        own: dict[str, float] = found["rows"][found["model"]]  # type: ignore[index]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        values = [f"{own[name]:.3f}" for name in ("timing_mae_ms", "velocity_mae", "velocity_r")]
        writer.writerow([now, found["model"], found["manifest"], *values])


def rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: rounded(own) for name, own in value.items()}
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="Folder of the Groove corpus")
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--dry", action="store_true", help="Print, and write nothing")
    asked = parser.parse_args()
    found = evaluate(asked.corpus, asked.split)
    print(markdown(found))
    if not asked.dry and asked.split == "test":
        log_look(found)
        (HERE / "results.json").write_text(json.dumps(rounded(found), indent=1) + "\n")
        (HERE / "results.md").write_text(markdown(found))


if __name__ == "__main__":
    main()
