"""Make a bank of residuals that takes are made from.

Run: python scripts/make_residuals.py takes-1 MAESTRO_ALIGNED --asap ASAP
     python scripts/make_residuals.py takes-free PERCEPIANO --asap ASAP
"""

from __future__ import annotations

import argparse
from pathlib import Path

from humanize.corpus import asap, maestro_aligned, percepiano
from humanize.corpus.pieces import Corpus, Piece
from humanize.models import load_model
from humanize.models.residuals import FOLDER, save_bank
from humanize.training.residuals import STEP, bank_arrays, residuals_of

BANKS = {
    "takes-1": (
        "piano-1",
        maestro_aligned.ORIGIN,
        lambda folder, held: maestro_aligned.load_scores(folder, held, beyond_asap=True),
        "residuals of pianists whose velocities piano-1 was not fitted to",
    ),
    "takes-free": (
        "piano-free",
        percepiano.ORIGIN,
        percepiano.load_scores,
        "residuals of pianists, made from nothing that forbids commercial use",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(BANKS))
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--asap", type=Path, required=True, help="whose held-out music is cleared")
    options = parser.parse_args()
    model_name, origin, load, summary = BANKS[options.name]
    held: tuple[Piece, ...] = asap.load_scores(options.asap, "validation", "test").pieces
    corpus: Corpus = load(options.corpus, held)
    model = load_model(model_name)
    found = [own for piece in corpus.pieces for own in residuals_of(piece, model)]
    arrays = bank_arrays(found)
    manifest = {
        "name": options.name,
        "summary": summary,
        "licence": origin.licence,
        "attribution": origin.attribution,
        "corpus": origin.name,
        "mean": f"{model.name} {model.manifest_hash}",
        "music": sorted({own.composition for own in found}),
        "performances": sorted(own.performance for own in found),
        "step": STEP,
    }
    save_bank(FOLDER / options.name, manifest, arrays)
    print(f"{len(found)} performances, {len(arrays['size'])} chords, {arrays['size'].sum()} notes")


if __name__ == "__main__":
    main()
