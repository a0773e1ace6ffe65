"""What pianists do at a written rit. or accel., what the model does, and what a performance obeys.

Question: by how much is the last third of a written rit. (accel.) slower (quicker) than the four
beats before it? Pianists: every performance of ASAP's train and validation splits. The model: marked
scores of the validation split, which its tempo head was stopped and calibrated on; before and after
the rule of humanize.interpretation.performing.
Run: python benchmarks/performance/words.py ASAP
Writes words.md beside this file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from humanize.corpus.asap import load_scores
from humanize.corpus.markings import mark_pieces
from humanize.corpus.performed import performed_values
from humanize.corpus.pieces import Piece
from humanize.expression import TEMPO
from humanize.interpretation.performing import hear, notated_time_map, obeyed_tempo
from humanize.models import load_model
from humanize.notes import starts

HERE = Path(__file__).parent
BEFORE_BEAT = 4.0
KINDS = {"slowing": "rit., rall., allarg. ...", "hurrying": "accel., string. ..."}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    pieces = load_scores(options.asap, "train", "validation").pieces
    pieces = mark_pieces(
        [p for p in pieces if p.performances], options.asap, workers=options.workers
    )
    lines = [
        "# Written changes of tempo",
        "",
        "Log beat period (natural logarithm) of the last third of a stretch, less that of the four beats before "
        "it: median, and the middle half.",
        "",
        "| words | who | stretches | performances | median | middle half |",
        "|---|---|---|---|---|---|",
    ]
    model = load_model("piano-1")
    for kind, text in KINDS.items():
        own = [(piece, stretch) for piece in pieces for stretch in stretches(piece, kind)]
        played = [change for piece, stretch in own for change in of_pianists(piece, stretch)]
        lines.append(row(text, "pianists", len(own), played))
        held = [(p, s) for p, s in own if p.split == "validation"]
        plain = [of_model(piece, s, model, obeyed=False) for piece, s in held]
        rule = [of_model(piece, s, model, obeyed=True) for piece, s in held]
        pianists = [change for piece, s in held for change in of_pianists(piece, s)]
        lines.append(row(text, "pianists, validation", len(held), pianists))
        lines.append(row(text, "piano-1, validation", len(held), plain))
        lines.append(row(text, "piano-1 and the rule, validation", len(held), rule))
    (HERE / "words.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def row(text: str, who: str, count: int, changes: list[float]) -> str:
    known = [change for change in changes if np.isfinite(change)]
    if not known:
        return f"| {text} | {who} | {count} | 0 | | |"
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    return (
        f"| {text} | {who} | {count} | {len(known)} | {middle:+.2f} | {low:+.2f} to {high:+.2f} |"
    )


def stretches(piece: Piece, kind: str) -> list[tuple[float, float]]:
    """Return first and last beat of each stretch of a kind."""
    notes = piece.notes
    inside = np.nan_to_num(notes.marking(kind)) > 0
    onset = np.unique(notes.onset_beat[inside])
    if not len(onset):
        return []
    share = np.array(
        [np.nan_to_num(notes.marking(kind))[notes.onset_beat == o].max() for o in onset]
    )
    cuts = np.flatnonzero((np.diff(onset) > 4.0) | (np.diff(share) < 0)) + 1
    return [(float(p[0]), float(p[-1])) for p in np.split(onset, cuts) if p[-1] - p[0] >= 1.0]


def change(onset: np.ndarray, period: np.ndarray, stretch: tuple[float, float]) -> float:
    first, last = stretch
    before = (onset < first) & (onset >= first - BEFORE_BEAT) & np.isfinite(period)
    late = (onset <= last) & (onset >= last - (last - first) / 3) & np.isfinite(period)
    if not (before.any() and late.any()):
        return float("nan")
    return float(period[late].mean() - period[before].mean())


def of_pianists(piece: Piece, stretch: tuple[float, float]) -> list[float]:
    new = starts(piece.notes.onset_beat)
    onset = piece.notes.onset_beat[new]
    return [
        change(onset, performed_values(piece, performance, TEMPO)[new], stretch)
        for performance in piece.performances
    ]


def of_model(piece: Piece, stretch: tuple[float, float], model: object, *, obeyed: bool) -> float:
    notes = piece.notes
    new = starts(notes.onset_beat)
    onset = notes.onset_beat[new]
    period = hear(notes, model, (TEMPO,)).predicted[TEMPO.name][new]  # type: ignore[arg-type]
    if obeyed:
        period = obeyed_tempo(period, notes, onset, notated_time_map(notes))
    return change(onset, period, stretch)


if __name__ == "__main__":
    main()
