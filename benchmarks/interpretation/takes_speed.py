"""What a take costs beside the mean: CPU seconds of one thread, and their ratio.

Run: OMP_NUM_THREADS=1 python benchmarks/interpretation/takes_speed.py
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pretty_midi

import humanize

FOLDER = Path(__file__).parent
NOTES, ROUNDS = 10_000, 3


def music() -> pretty_midi.PrettyMIDI:
    """Return a long piece of chords and runs."""
    draw, midi = random.Random(0), pretty_midi.PrettyMIDI()
    piano, beat = pretty_midi.Instrument(program=0), 0.0
    while len(piano.notes) < NOTES:
        length = draw.choice((0.125, 0.25, 0.5))
        for pitch in draw.sample(range(36, 90), draw.choice((1, 1, 2, 3, 4))):
            piano.notes.append(pretty_midi.Note(64, pitch, beat, beat + length))
        beat += length
    midi.instruments.append(piano)
    return midi


def cpu_seconds(call: Callable[[], object]) -> float:
    """Return the least of some runs, after one to warm up."""
    call()
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    midi, found = music(), {}
    for name, call in (("humanize", humanize.humanize_midi), ("perform", humanize.perform_midi)):
        for model in ("piano-1", "piano-1-fast"):
            mean = cpu_seconds(lambda c=call, m=model: c(midi, model=m))
            take = cpu_seconds(lambda c=call, m=model: c(midi, model=m, seed=1))
            found[f"{name}, {model}"] = {
                "notes": len(midi.instruments[0].notes),
                "mean_sec": round(mean, 3),
                "take_sec": round(take, 3),
                "ratio": round(take / mean, 2),
                "notes_per_sec": round(len(midi.instruments[0].notes) / take),
            }
            print(name, model, found[f"{name}, {model}"], flush=True)
    (FOLDER / "takes_speed.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
