"""The notes of MIDI files made here and by MuseScore 3 from the same scores.

Question: are the same notes played at the same times, and where not, why?
Run: python benchmarks/scores/against_musescore.py --corpus $HUMANIZE_ASAP [--musescore musescore3]
Writes musescore.csv and musescore.md beside this file.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EVERY = 2  # of the scores of the corpus
NEAR = 0.02  # quarter notes
LONGEST_SEC = 300
COLUMNS = ("score", "notes", "compared", "same", "only_here", "only_musescore", "grace", "ornament",
           "arpeggio", "length_here", "length_musescore")  # fmt: skip


def convert(paths: list[Path], folder: Path, musescore: str) -> list[Path]:
    """Return MIDI files that MuseScore makes of scores; some may be missing."""
    targets = [folder / f"{number}.mid" for number in range(len(paths))]
    for path, target in zip(paths, targets, strict=True):
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [musescore, "-o", str(target), str(path)],
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                capture_output=True,
                check=False,
                timeout=LONGEST_SEC,
            )
    return targets


def compare(path: Path, made: Path) -> dict[str, object] | None:
    """Return the counts of one score; None where MuseScore made no file of it."""
    from humanize.errors import HumanizeError
    from humanize.midi.reading import read_midi
    from humanize.score import read_score

    reading = read_score(path)
    notes = reading.notes
    try:
        theirs = read_midi(made.read_bytes(), split="none").pieces[0]
    except (OSError, HumanizeError):  # refused, or without notes
        return None
    grace = notes.marking("grace") > 0
    ornament = notes.marking("ornament") > 0
    arpeggio = reading.delay > 0
    ours = Counter(_keys(notes.onset_beat, notes.pitch, ~grace & ~ornament & ~arpeggio))
    them = Counter(_keys(theirs.onset_beat, theirs.pitch, np.ones(len(theirs), dtype=bool)))
    same, missing = _matched(ours, them)
    around = {round(o * 2) for o in notes.onset_beat[grace | ornament | arpeggio].tolist()}
    everything = Counter(_keys(notes.onset_beat, notes.pitch, np.ones(len(notes), dtype=bool)))
    _, extra = _matched(them, everything)
    plain = [k for k in extra if not any(round(k[0] * 2) + d in around for d in range(-8, 9))]
    return {
        "notes": len(notes),
        "compared": sum(ours.values()),
        "same": same,
        "only_here": len(missing),
        "only_musescore": len(plain),
        "grace": int(grace.sum()),
        "ornament": int(ornament.sum()),
        "arpeggio": int(arpeggio.sum()),
        "length_here": round(float((notes.onset_beat + notes.duration_beat).max()), 2),
        "length_musescore": round(float((theirs.onset_beat + theirs.duration_beat).max()), 2),
    }


def _keys(onset: np.ndarray, pitch: np.ndarray, chosen: np.ndarray) -> list[tuple[float, int]]:
    return list(zip(onset[chosen].tolist(), pitch[chosen].tolist(), strict=True))


def _matched(
    first: Counter[tuple[float, int]], second: Counter[tuple[float, int]]
) -> tuple[int, list[tuple[float, int]]]:
    """Return how many notes are in both, and those of the first alone."""
    by_pitch: dict[int, list[float]] = {}
    for (onset, pitch), count in second.items():
        by_pitch.setdefault(pitch, []).extend([onset] * count)
    arrays = {pitch: np.sort(np.array(onsets)) for pitch, onsets in by_pitch.items()}
    used = {pitch: np.zeros(len(onsets), dtype=bool) for pitch, onsets in arrays.items()}
    same, missing = 0, []
    for onset, pitch in sorted(first.elements()):
        onsets = arrays.get(pitch)
        low = int(np.searchsorted(onsets, onset - NEAR)) if onsets is not None else 0
        while onsets is not None and low < len(onsets) and used[pitch][low]:
            low += 1
        if onsets is not None and low < len(onsets) and onsets[low] <= onset + NEAR:
            used[pitch][low] = True
            same += 1
        else:
            missing.append((onset, pitch))
    return same, missing


def scores_of(corpus: Path) -> dict[str, Path]:
    """Return the scores that are compared by what they are called."""
    found = {p.relative_to(corpus).parent.as_posix(): p for p in sorted(corpus.rglob("*.musicxml"))}
    chosen = dict(list(found.items())[::EVERY])
    own = [*sorted((ROOT / "tests" / "scores" / "cases").glob("*.musicxml")),
           *sorted((ROOT / "tests" / "integrations").glob("*.musicxml")),
           ROOT / "examples" / "waltz.musicxml"]  # fmt: skip
    return {**{f"small/{p.stem}": p for p in own}, **chosen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("HUMANIZE_ASAP"))
    parser.add_argument("--musescore", default="musescore3")
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("no corpus; expected --corpus or HUMANIZE_ASAP to say where ASAP lies")
    scores = scores_of(Path(options.corpus))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        made = convert(list(scores.values()), Path(folder), options.musescore)
        for (name, path), target in zip(scores.items(), made, strict=True):
            found = compare(path, target)
            if found is not None:
                rows.append({"score": name, **found})
                print(rows[-1], flush=True)
    with (HERE / "musescore.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
