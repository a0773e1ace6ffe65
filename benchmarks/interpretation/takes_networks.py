"""Train the decoder and the flow on one half of maestro-aligned; blocks beside them on the other.

Run: python benchmarks/interpretation/takes_networks.py ASAP MAESTRO_ALIGNED [--weights FOLDER]
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import takes_decoder
import takes_flow
import torch
from takes import FOLDER, LEAST_NOTES, Case, case_of, figures, take
from takes_samplers import SAMPLERS, Sampler
from takes_tables import markdown
from torch import nn

from humanize.corpus import asap, maestro_aligned
from humanize.corpus.pieces import Piece
from humanize.models import Model, load_model
from humanize.models.residuals import ResidualBank, bank_of
from humanize.training.residuals import STEP, bank_arrays, expected, residuals_of

EPOCHS, STEPS = 8, 2_000  # of the decoder, of the flow
PIECES, MOST_NOTES = 14, 2_500


def taught(pieces: Sequence[Piece], model: Model) -> tuple[ResidualBank, list[takes_flow.Field]]:
    """Return what networks learn from: residuals, and with them what the model expects."""
    own = [(expected(piece.notes, model), residuals_of(piece, model)) for piece in pieces]
    arrays = bank_arrays([residuals for _, several in own for residuals in several])
    return (
        bank_of(arrays, name="half", manifest={}, step=STEP),
        [takes_flow.field_of(residuals, mean) for mean, several in own for residuals in several],
    )


def fitted(fit: Callable[[], nn.Module], empty: nn.Module, path: Path | None) -> nn.Module:
    """Return a network: as it was kept, else trained, and kept where somebody asks."""
    if path is not None and path.exists():
        empty.load_state_dict(torch.load(path, weights_only=True))
        return empty.eval()
    begun = time.process_time()
    network = fit()
    print(f"{type(network).__name__}: {time.process_time() - begun:.0f} CPU seconds", flush=True)
    if path is not None:
        torch.save(network.state_dict(), path)
    return network


def samplers_of(
    cases: Sequence[Case], decoder: takes_decoder.Decoder, flow: takes_flow.Flow
) -> dict[str, Sampler]:
    means = {id(case.notes): case.mean for case in cases}
    return {
        "blocks (ships)": SAMPLERS["blocks (ships)"],
        "decoder": lambda notes, _, seed: takes_decoder.sample(decoder, notes, seed),
        "flow": lambda notes, _, seed: takes_flow.sample(flow, notes, means[id(notes)], seed),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asap", type=Path)
    parser.add_argument("maestro_aligned", type=Path)
    parser.add_argument("--weights", type=Path, help="a folder that keeps them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model("piano-1")
    held = asap.load_scores(options.asap, "validation", "test").pieces
    pieces = maestro_aligned.load_scores(options.maestro_aligned, held, beyond_asap=True).pieces
    halves = [[p for p in pieces if zlib.crc32(p.composition.encode()) % 2 == h] for h in (0, 1)]
    bank, fields = taught(halves[0], model)
    others = [
        p
        for p in halves[1]
        if LEAST_NOTES <= len(p.notes) <= MOST_NOTES and len(p.performances) > 1
    ]
    cases = [case for case in (case_of(p, model, bank) for p in others[:PIECES]) if case.pianists]
    kept = (lambda name: options.weights / f"{name}.pt") if options.weights else lambda _: None
    decoder = fitted(
        lambda: takes_decoder.fit(bank, epochs=EPOCHS), takes_decoder.Decoder(), kept("decoder")
    )
    flow = fitted(lambda: takes_flow.fit(fields, steps=STEPS), takes_flow.Flow(), kept("flow"))
    found = {}
    for name, sampler in samplers_of(cases, decoder, flow).items():

        def others_of(case: Case, number: int, own: Sampler = sampler):
            return take(case, own, number + 1) if number < 2 else None

        begun = time.process_time()
        found[name] = figures(cases, others_of, takes=True)
        print(f"{name}, {time.process_time() - begun:.0f} s", json.dumps(found[name]), flush=True)
    path = FOLDER / "takes_networks.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    compositions = len({case.composition for case in cases})
    path.with_suffix(".md").write_text(markdown(found, compositions), encoding="utf-8")


if __name__ == "__main__":
    main()
