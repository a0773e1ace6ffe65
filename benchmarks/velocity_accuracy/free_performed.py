"""Whether piano-midi.de's hand-made tempo helps where pianists' timing is heard.

Question: trees learn performed timing from hannds and PercePiano; do 306 files whose rubato one
musician drew by hand help them on pianists' compositions that they have not heard?
Run: python benchmarks/velocity_accuracy/free_performed.py PIANO_MIDI_DE PERCEPIANO HANNDS [--asap ASAP]
Writes free_performed.md beside this file.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from cross_validate import HERE, r_by_composition

from humanize.corpus.content import with_shared_compositions
from humanize.corpus.pieces import Piece
from humanize.evaluation.statistics import estimate, paired_difference
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, prepare
from humanize.training.free import FOLDS, FreeMusic, fold_of, held_out_of
from humanize.training.free_fit import PERFORMED
from humanize.training.members import TrainingOptions, fit_members, run_head
from humanize.training.progress import SilentProgress
from humanize.training.recipes import HeadRecipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("piano_midi_de", type=Path)
    parser.add_argument("percepiano", type=Path)
    parser.add_argument("hannds", type=Path)
    parser.add_argument("--asap", type=Path)
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    music = FreeMusic(
        piano_midi_de=options.piano_midi_de,
        percepiano=options.percepiano,
        hannds=options.hannds,
        by_hand=True,
        held_out=held_out_of(options.asap) if options.asap else (),
    )
    pieces = with_shared_compositions(music.load("performed"))
    prepared = prepare(pieces, condition="performed", variants=1, workers=options.threads)
    found = {
        label: figures(prepared, options, by_hand)
        for label, by_hand in (("without", False), ("with", True))
    }
    write(found, prepared, options.folds)


def is_by_hand(piece: Piece) -> bool:
    return piece.id.startswith("midis/")


def figures(
    prepared: list[Prepared], options: argparse.Namespace, by_hand: bool
) -> dict[str, float]:
    """Return r by composition on the pianists' pieces of the folds."""
    folds = fold_of([p.piece for p in prepared])
    recipe = HeadRecipe(trained_on="performed", members=(PERFORMED[0].recipe,))
    held: list[Piece] = []
    said = []
    for fold in options.folds:
        kept = [
            p
            for p in prepared
            if folds[p.piece.composition] != fold and (by_hand or not is_by_hand(p.piece))
        ]
        out = [
            p for p in prepared if folds[p.piece.composition] == fold and not is_by_hand(p.piece)
        ]
        store = Checkpoints(HERE / ".checkpoints" / f"free-performed-{by_hand}" / str(fold))
        fitted = fit_members(
            recipe, kept, TrainingOptions(threads=options.threads), SilentProgress(), store, out
        )
        print(by_hand, fold, [round(r, 3) for r in fitted[0].curve], flush=True)
        held += [p.piece for p in out]
        said += [run_head(recipe, fitted, p) for p in out]
    return r_by_composition([replace(piece) for piece in held], said)


def write(found: dict[str, dict[str, float]], prepared: list[Prepared], folds: list[int]) -> None:
    by_hand = sum(is_by_hand(p.piece) for p in prepared)
    without, with_it = found["without"], found["with"]
    lines = [
        "# Hand-made tempo as performed timing",
        "",
        f"Trees of piano-free, folds {', '.join(map(str, folds))} of {FOLDS}: {len(prepared) - by_hand} "
        f"performances of hannds and PercePiano, without and with {by_hand} files of piano-midi.de; r on "
        "the pianists' compositions of the folds, with a 95 % bootstrap interval.",
        "",
        "| trained on | r |",
        "|---|---|",
        f"| hannds and PercePiano | {estimate(without)} |",
        f"| the same and piano-midi.de in its hand-made timing | {estimate(with_it)} |",
        f"| gain, paired | {paired_difference(with_it, without)} |",
    ]
    (HERE / "free_performed.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
