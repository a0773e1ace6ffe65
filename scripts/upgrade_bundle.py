"""Write a bundle's manifest in the newest format; its graphs stay as they are, to the byte.

Run: python scripts/upgrade_bundle.py FOLDER [--corpus ASAP [--extra HANNDS]]
With corpora it also writes down what the model was fitted to, as the loaders read it from them. What
predicts is moved and not changed, and nothing of the old manifest is lost.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from humanize.corpus import asap
from humanize.models.bundle import load_model, write_manifest
from humanize.models.manifest import FORMAT, NAME, short_hash, upgraded
from humanize.training.loaders import MoreMusic, load_training_pieces
from humanize.training.provenance import training_music

CONDITIONS = ("flat", "marked", "performed")


def music_of(corpus: Path, extra: Path | None, conditions: list[str]) -> dict[str, Any]:
    """What a model of these conditions was fitted to, before splits were corrected.

    A correction gives a composition its right name and moves it to the test split; models that were
    trained before have seen it, so that it stands among what they were trained on.
    """
    asap.CORRECTIONS = {
        key: {field: value for field, value in own.items() if field != "split"}
        for key, own in asap.CORRECTIONS.items()
    }
    scores = load_training_pieces(corpus, "flat")
    pieces = {
        c: load_training_pieces(corpus, "performed", more=MoreMusic(hannds=extra))
        if c == "performed"
        else scores
        for c in CONDITIONS
        if c in conditions
    }
    return training_music(pieces)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", type=Path, help="ASAP, which the model was trained on")
    parser.add_argument("--extra", type=Path, help="hannds, for performed timing")
    options = parser.parse_args()
    old = json.loads((options.folder / NAME).read_text(encoding="utf-8"))
    new = upgraded(old)
    if old["format"] != FORMAT:
        new["upgraded_from"] = {"format": old["format"], "hash": short_hash(old)}
    if options.corpus is not None:
        new |= music_of(options.corpus, options.extra, list(new["routes"]))
    if new["licence"] != old["licence"]:
        raise SystemExit(f"licence {new['licence']!r} found; expected {old['licence']!r} as before")
    write_manifest(options.folder, new)
    load_model(options.folder)


if __name__ == "__main__":
    main()
