from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from humanize.corpus import asap, maestro, maestro_aligned, percepiano, piano_midi_de
from humanize.corpus.hannds import load_hannds
from humanize.corpus.pieces import Corpus, Piece

LOADERS: dict[str, Callable[[Path], Corpus]] = {
    "HUMANIZE_HANNDS": load_hannds,
    "HUMANIZE_MAESTRO": maestro.load_maestro,
    "HUMANIZE_MAESTRO_ALIGNED": maestro_aligned.load_scores,
    "HUMANIZE_PERCEPIANO": percepiano.load_scores,
    "HUMANIZE_PIANO_MIDI_DE": piano_midi_de.load_scores,
    "HUMANIZE_SMD": maestro.load_smd,
}


@pytest.fixture(scope="session")
def asap_pieces(asap_dir: Path) -> tuple[Piece, ...]:
    """Every score of ASAP."""
    return asap.load_scores(asap_dir).pieces


@pytest.fixture(scope="session")
def other_corpora() -> list[Corpus]:
    """Every corpus beside ASAP that is here, as its loader gives it."""
    found = {name: os.environ.get(name) for name in LOADERS}
    if not any(found.values()):
        pytest.skip(f"no other corpus is here; set one of {', '.join(LOADERS)} to its folder")
    return [LOADERS[name](Path(folder)) for name, folder in found.items() if folder]
