"""Draw the example beat before and after, drum by drum: python benchmarks/drums/plot.py

Writes docs/drums.png.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import humanize
from humanize.drums.hits import hits_of
from humanize.drums.kit import DRUM_NAMES

ROOT = Path(__file__).parents[2]


def main() -> None:
    path = ROOT / "examples" / "rock_beat.mid"
    result = humanize.perform_bytes(path.read_bytes(), name=path.name)
    own, notes = result.interpretations[0], result.notes[0]
    hits = hits_of(notes)
    drums = [d for d in range(len(DRUM_NAMES)) if (hits.drum == d).sum() > 1]
    figure, axes = plt.subplots(
        len(drums), 2, figsize=(11, 1.25 * len(drums)), sharex=True, sharey="col",
        constrained_layout=True,
    )  # fmt: skip
    for (velocity, lag), drum in zip(axes, drums, strict=True):
        rows = hits.row[hits.drum == drum]
        beat = notes.onset_beat[rows] + 1
        velocity.vlines(beat, 0, own.velocity[rows], color="C0", lw=2)
        velocity.plot(beat, notes.velocity[rows], "_", color="0.6", ms=6)
        velocity.set_ylabel(DRUM_NAMES[drum], rotation=0, ha="right", va="center")
        lag.axhline(0, color="0.6", lw=0.8)
        lag.vlines(beat, 0, own.drum_lag_ms[rows], color="C1", lw=2)
    axes[0, 0].set_title("velocity: grey as it came")
    axes[0, 1].set_title("lag, ms: above the line is late")
    axes[0, 0].set_ylim(0, 130)
    for axis in axes[-1]:
        axis.set_xlabel("quarter note")
        axis.set_xticks(np.arange(1, 18, 2))
    figure.savefig(ROOT / "docs" / "drums.png", dpi=80, metadata={"Software": None})


if __name__ == "__main__":
    main()
