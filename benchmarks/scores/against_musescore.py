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
from contextlib import suppress
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EVERY = 2  # of the scores of the corpus
NEAR = 0.02  # quarter notes
AHEAD = 16  # notes that tell a move
ASIDE = 0.25  # quarter notes that a measure of MuseScore's is longer or shorter
LONGEST_SEC = 300
COLUMNS = ("score", "notes", "compared", "same", "moved", "only_here", "only_musescore", "grace", "ornament",
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
    ours = _keys(notes.onset_beat, notes.pitch, ~grace & ~ornament & ~arpeggio)
    them = _keys(theirs.onset_beat, theirs.pitch, np.ones(len(theirs), dtype=bool))
    same, moved, missing = _matched(ours, them)
    around = {round(o * 2) for o in notes.onset_beat[grace | ornament | arpeggio].tolist()}
    everything = _keys(notes.onset_beat, notes.pitch, np.ones(len(notes), dtype=bool))
    extra = _matched(them, everything)[2]
    plain = [k for k in extra if not any(round(k[0] * 2) + d in around for d in range(-8, 9))]
    return {
        "notes": len(notes),
        "compared": len(ours),
        "same": same,
        "moved": moved,
        "only_here": len(missing),
        "only_musescore": len(plain),
        "grace": int(grace.sum()),
        "ornament": int(ornament.sum()),
        "arpeggio": int(arpeggio.sum()),
        "length_here": round(float((notes.onset_beat + notes.duration_beat).max()), 2),
        "length_musescore": round(float((theirs.onset_beat + theirs.duration_beat).max()), 2),
    }


def _keys(onset: np.ndarray, pitch: np.ndarray, chosen: np.ndarray) -> set[tuple[float, int]]:
    """Return where each pitch is struck; of several voices at once, once."""
    times = np.round(onset[chosen], 3).tolist()
    return set(zip(times, pitch[chosen].tolist(), strict=True))


def _matched(
    first: set[tuple[float, int]], second: set[tuple[float, int]]
) -> tuple[int, int, list[tuple[float, int]]]:
    """Return how many notes are in both, how many a little aside, and those of the first alone.

    MuseScore gives some measures another length, and all behind them move: the notes are followed.
    """
    by_pitch: dict[int, list[float]] = {}
    for onset, pitch in sorted(second):
        by_pitch.setdefault(pitch, []).append(onset)
    arrays = {pitch: np.array(onsets) for pitch, onsets in by_pitch.items()}
    ordered = sorted(first)
    same, moved, missing, shift = 0, 0, [], 0.0
    for place, (onset, pitch) in enumerate(ordered):
        if not _is_there(arrays, onset + shift, pitch):
            shift = _shift(arrays, ordered[place : place + AHEAD], shift)
        if _is_there(arrays, onset + shift, pitch):
            same, moved = same + (abs(shift) <= NEAR), moved + (abs(shift) > NEAR)
        else:
            missing.append((onset, pitch))
    return same, moved, missing


def _is_there(arrays: dict[int, np.ndarray], when: float, pitch: int) -> bool:
    onsets = arrays.get(pitch)
    if onsets is None:
        return False
    place = int(np.searchsorted(onsets, when - NEAR))
    return place < len(onsets) and bool(onsets[place] <= when + NEAR)


def _shift(arrays: dict[int, np.ndarray], notes: list[tuple[float, int]], before: float) -> float:
    """Return by how much most of the following notes are moved, if not as those before."""
    onset, pitch = notes[0]
    away = arrays.get(pitch, np.zeros(0)) - onset
    found = [0.0, before, *away[np.abs(away - before) <= ASIDE].tolist()]
    counts = [sum(_is_there(arrays, o + by, p) for o, p in notes) for by in found]
    kept = counts[1]
    best = int(np.argmax(counts))
    return found[best] if counts[best] > kept + 2 else before


def scores_of(corpus: Path) -> dict[str, Path]:
    """Return the scores that are compared by what they are called."""
    found = {p.relative_to(corpus).parent.as_posix(): p for p in sorted(corpus.rglob("*.musicxml"))}
    chosen = dict(list(found.items())[::EVERY])
    own = [*sorted((ROOT / "tests" / "scores" / "cases").glob("*.musicxml")),
           *sorted((ROOT / "tests" / "integrations").glob("*.musicxml")),
           ROOT / "examples" / "waltz.musicxml"]  # fmt: skip
    return {**{f"small/{p.stem}": p for p in own}, **chosen}


KINDS = """
What is not the same, by kind:

- **a little aside**: MuseScore 3 gives a measure whose voices do not add up another length (rounded tuplets,
  cadenzas), so that all behind it comes a little earlier or later; in one score (Debussy, Reflets dans l'eau) by
  so much that most notes are not found again.
- **only here**: notes of percent signs, which its importer leaves out; repeats within an ending and endings
  without a repeat, which it plays otherwise; main notes that lose their beginning to a grace note or ornament
  there; notes that it holds for tied, or strikes with another voice's.
- **only there**: its own notes of ornaments further than two quarters from the sign, as in long trills through
  ties; the same repeats.
"""


def report(rows: list[dict[str, object]], scores: int, musescore: str) -> str:
    """Return the sums as Markdown."""
    total = {c: sum(int(str(row[c])) for row in rows) for c in COLUMNS[1:10]}
    done = subprocess.run([musescore, "--version"], capture_output=True, text=True, check=False,
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})  # fmt: skip
    share = (total["same"] + total["moved"]) / total["compared"]
    exact = sum(row["only_here"] == row["only_musescore"] == 0 for row in rows)
    return (
        f"{len(rows)} of {scores} scores (the others MuseScore did not convert), "
        f"{total['compared']:,} notes compared.\n\n"
        f"| | notes |\n|---|---|\n| at the same quarter | {total['same']:,} |\n"
        f"| a little aside | {total['moved']:,} |\n| only here | {total['only_here']:,} |\n"
        f"| only there | {total['only_musescore']:,} |\n\n"
        f"Found: {100 * share:.2f} %. Scores without any difference: {exact}.\n{KINDS}\n"
        f"{done.stdout.strip() or done.stderr.strip()}.\n"
    )


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
    text = report(rows, len(scores), options.musescore)
    (HERE / "musescore.md").write_text(text)
    print(text)
    with (HERE / "musescore.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
