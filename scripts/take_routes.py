"""Put a bundle together from routes that were fitted in separate runs.

Each route's velocity head, its files and what the manifest says of its music come from the bundle
that is named for it; everything else is the first bundle's.

Run: python scripts/take_routes.py BUNDLE OUTPUT flat=REFITTED marked=REFITTED ...
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from humanize.expression import VELOCITY
from humanize.models.bundle import graphs_read, save_bundle
from humanize.models.manifest import read_manifest
from humanize.training.provenance import attribution_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("routes", nargs="+", metavar="CONDITION=BUNDLE")
    options = parser.parse_args()
    manifest, _ = read_manifest(options.bundle)
    graphs = {file: (options.bundle / file).read_bytes() for file in manifest["sha256"]}
    music = list(manifest["training_music"])
    for route in options.routes:
        condition, _, folder = route.partition("=")
        other, _ = read_manifest(Path(folder))
        head = other["routes"][condition]["heads"][VELOCITY.name]
        manifest["routes"][condition]["heads"][VELOCITY.name] = head
        graphs |= {m["file"]: (Path(folder) / m["file"]).read_bytes() for m in head["members"]}
        music = [_without(entry, condition) for entry in music]
        music += [_only(e, condition) for e in other["training_music"]]
    dropped = ("format", "sha256", "trained_on")
    kept = {key: value for key, value in manifest.items() if key not in dropped}
    joined = _joined(music)
    told = {"training_music": joined, "attribution": attribution_of(joined)}
    save_bundle(options.output, kept | told, graphs_read(manifest["routes"], graphs))


def _without(entry: dict[str, Any], condition: str) -> dict[str, Any]:
    hashes = {c: own for c, own in entry["fingerprints"].items() if c != condition}
    return {**entry, "fingerprints": hashes}


def _only(entry: dict[str, Any], condition: str) -> dict[str, Any]:
    hashes = {c: own for c, own in entry["fingerprints"].items() if c == condition}
    return {**entry, "fingerprints": hashes}


def _joined(music: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one entry for each corpus and choice of its music; none that no route heard."""
    joined: list[dict[str, Any]] = []
    for entry in music:
        same = [
            j for j in joined if (j["corpus"], j["splits"]) == (entry["corpus"], entry["splits"])
        ]
        if same:
            same[0]["fingerprints"] = {**same[0]["fingerprints"], **entry["fingerprints"]}
        elif entry["fingerprints"]:
            joined.append(dict(entry))
    return joined


if __name__ == "__main__":
    main()
