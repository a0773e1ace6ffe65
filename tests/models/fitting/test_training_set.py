"""What trainers read of a sequence, with and without its optional columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from humanize.models.fitting import trees
from humanize.models.fitting.training_set import TrainingSequence, TrainingSet, every_variant
from humanize.models.fitting.trees import TreeOptions, fit_trees
from humanize.training.progress import SilentProgress

OPTIONAL = np.array([1, 3])


def made(seed: int = 0) -> TrainingSet:
    draw = np.random.default_rng(seed)

    def values(rows: int, columns: int) -> np.ndarray:
        return draw.normal(size=(rows, columns)).astype(np.float32)

    sequences = [
        TrainingSequence(
            composition=str(number),
            variants=[values(rows, 5), values(rows, 5)],
            target=draw.normal(size=rows).astype(np.float32),
            weight=(draw.random(rows) * (draw.random(rows) > 0.3)).astype(np.float32),
            optional_blocks=[np.full((rows, 2), np.nan, np.float32), values(rows, 2)][: number % 3],
        )
        for number, rows in enumerate((40, 300, 200, 150))
    ]
    names = tuple("abcde")
    return TrainingSet(feature_names=names, sequences=sequences, optional_columns=OPTIONAL)


def test_rows_are_the_weighted_notes_of_every_variant_and_block() -> None:
    training = made()
    values, target, weight = training.rows()
    expected = [
        (variant[s.weight > 0], s.target[s.weight > 0], s.weight[s.weight > 0])
        for s in training.sequences
        for variant in every_variant(s, OPTIONAL)
    ]
    assert len(expected) == 4 * 2 + 3
    for found, parts in zip((values, target, weight), zip(*expected, strict=True), strict=True):
        np.testing.assert_array_equal(found, np.concatenate(parts))
    assert (weight > 0).all()
    assert np.isnan(values[:, OPTIONAL]).any()
    assert not np.isnan(np.delete(values, OPTIONAL, axis=1)).any()


def test_a_block_stands_only_beside_the_notes_as_written() -> None:
    values, _, _ = made().rows(1)
    assert len(values) == sum(
        int((s.weight > 0).sum()) * (1 + len(s.optional_blocks)) for s in made().sequences
    )


def test_trees_are_the_same_whether_notes_are_read_at_once_or_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = TreeOptions(rounds=10, least=5, rows=1.0, columns=1.0, penalty=0.0, threads=1)
    whole = fit_trees(made(), options, SilentProgress()).model_to_string()
    monkeypatch.setattr(trees, "_MOST_AT_ONCE", 100)
    assert fit_trees(made(), options, SilentProgress()).model_to_string() == whole
    assert whole.count("Tree=") == 10


def test_a_share_of_the_notes_is_drawn_in_their_order() -> None:
    for rows in made().variant_rows():
        generator = np.random.default_rng(3)
        assert rows.drawn(1.0, generator) is rows
        half = rows.drawn(0.5, generator)
        assert 0.2 * len(rows) < len(half) < 0.8 * len(rows)
        every = {own.tobytes(): place for place, own in enumerate(rows.values_at(slice(None)))}
        places = [every[own.tobytes()] for own in half.values_at(slice(None))]
        assert places == sorted(places)
        kept = rows.target()[places]
        np.testing.assert_array_equal(half.target(), kept)


def test_trees_grow_on_the_share_that_is_drawn() -> None:
    options = TreeOptions(rounds=1, least=5, rows=1.0, columns=1.0, penalty=0.0, threads=1)
    count = sum(map(len, made().variant_rows(1)))
    for share in (1.0, 0.5):
        grown = fit_trees(made(), replace(options, share=share), SilentProgress())
        read = grown.dump_model()["tree_info"][0]["tree_structure"]["internal_count"]
        assert read == count if share == 1 else 0.4 * count < read < 0.6 * count
