"""What a model was fitted to, as its manifest says: corpora, splits, compositions, licences.

An evaluation finds by it whether a model has seen the music that it is measured on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .manifest import Entry

MUSIC_OF_ADDED_HEADS = "music_of_added_heads"
"""Where a manifest says, by condition, which compositions the heads beside velocity were fitted to;
it may be others than those of velocity."""


@dataclass(frozen=True, kw_only=True)
class TrainingMusic:
    """What of one corpus a model was fitted to, the choice of its epochs included.

    Attributes
    ----------
    corpus : str
    splits : mapping of str to tuple of str
        Compositions by split of that corpus.
    fingerprints : mapping of str to str
        By condition, a hash of the notes and performances that were read.
    licence, attribution : str
        Of the corpus; the weights carry its terms.
    """

    corpus: str
    splits: Mapping[str, tuple[str, ...]]
    fingerprints: Mapping[str, str]
    licence: str
    attribution: str

    @property
    def compositions(self) -> frozenset[str]:
        """Every composition, whatever its split."""
        return frozenset(name for names in self.splits.values() for name in names)

    def entry(self) -> dict[str, Any]:
        """Return what stands in the manifest."""
        return {
            "corpus": self.corpus,
            "splits": {split: list(names) for split, names in self.splits.items()},
            "fingerprints": dict(self.fingerprints),
            "licence": self.licence,
            "attribution": self.attribution,
        }


def read_training_music(manifest: Entry) -> tuple[TrainingMusic, ...]:
    """Return what a manifest says that the model was fitted to; empty where it says nothing.

    Raises
    ------
    ModelError
        If what stands there is of another kind.
    """
    found = manifest.optional("training_music")
    return () if found is None else tuple(_read(entry) for entry in found.elements())


def _read(entry: Entry) -> TrainingMusic:
    return TrainingMusic(
        corpus=entry.field("corpus").text(),
        splits={split: names.texts() for split, names in entry.field("splits").items()},
        fingerprints={c: own.text() for c, own in entry.field("fingerprints").items()},
        licence=entry.field("licence").text(),
        attribution=entry.field("attribution").text(),
    )


def seen_compositions(
    trained_on: Iterable[TrainingMusic], corpus: str, compositions: Iterable[str], condition: str
) -> list[str]:
    """Return which compositions of a corpus a route of a model was fitted to, in order.

    Music whose fingerprints name no condition counts for every one.
    """
    known = {
        name
        for music in trained_on
        if music.corpus == corpus and (condition in music.fingerprints or not music.fingerprints)
        for name in music.compositions
    }
    return sorted(known & set(compositions))
