"""Train the decoder on one half of maestro-aligned, and compare its takes with blocks on the other.

Run: python benchmarks/interpretation/takes_decoder_run.py ASAP MAESTRO_ALIGNED
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

import torch
from takes import FOLDER, LEAST_NOTES, Case, case_of, figures, take
from takes_decoder import fit, sample
from takes_samplers import SAMPLERS, Sampler
from takes_tables import markdown

from humanize.corpus import asap, maestro_aligned
from humanize.models import load_model
from humanize.models.residuals import bank_of
from humanize.training.residuals import STEP, bank_arrays, residuals_of

EPOCHS, PIECES, MOST_NOTES = 8, 14, 2_500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model("piano-1")
    held = asap.load_scores(options.asap, "validation", "test").pieces
    pieces = maestro_aligned.load_scores(options.maestro_aligned, held, beyond_asap=True).pieces
    half = [zlib.crc32(piece.composition.encode()) % 2 for piece in pieces]
    taught = [p for p, h in zip(pieces, half, strict=True) if h == 0]
    residuals = [r for piece in taught for r in residuals_of(piece, model)]
    bank = bank_of(bank_arrays(residuals), name="half", manifest={}, step=STEP)
    others = [
        p
        for p, h in zip(pieces, half, strict=True)
        if h == 1 and LEAST_NOTES <= len(p.notes) <= MOST_NOTES and len(p.performances) > 1
    ]
    cases = [case_of(p, model, bank) for p in others[:PIECES]]
    cases = [case for case in cases if case.pianists]
    decoder = fit(bank, epochs=EPOCHS)
    print("fitted", flush=True)
    samplers: dict[str, Sampler] = {
        "blocks (ships)": SAMPLERS["blocks (ships)"],
        "decoder": remembered(lambda notes, _, seed: sample(decoder, notes, seed)),
    }
    found = {}
    for name, sampler in samplers.items():

        def others_of(case: Case, number: int, own: Sampler = sampler):
            return take(case, own, number + 1) if number < 2 else None

        found[name] = figures(cases, others_of, takes=True)
        print(name, json.dumps(found[name]), flush=True)
    path = FOLDER / "takes_decoder.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    compositions = len({case.composition for case in cases})
    path.with_suffix(".md").write_text(markdown(found, compositions), encoding="utf-8")


def remembered(sampler: Sampler) -> Sampler:
    """Return a sampler that draws the same residuals once."""
    known: dict = {}

    def drawn(notes, bank, seed):
        key = (id(notes), seed)
        if key not in known:
            known[key] = sampler(notes, bank, seed)
        return known[key]

    return drawn


if __name__ == "__main__":
    main()
