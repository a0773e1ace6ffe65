"""The feature table: completeness, names, and what each column must not depend on."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from humanize.errors import FeatureError
from humanize.features import all_features, feature_names, feature_table
from humanize.models.onsets import ONSET_COLUMN, first_rows
from humanize.notes import MARKINGS, TIME_MARKINGS, NoteTable, starts


def make_notes(seed: int = 0, *, measures: int = 24, timing: str = "score") -> NoteTable:
    """Return invented two-hand music in 3/4: chords below, a melody above."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, float, int]] = []
    for measure in range(measures):
        root = int(rng.choice([36, 41, 43, 45]))
        rows.append((3.0 * measure, 1.0, root))
        for beat in (1.0, 2.0):
            rows += [(3.0 * measure + beat, 1.0, root + i) for i in (12, 16, 19)]
        at = 0.0
        while at < 3.0:
            length = float(rng.choice([0.5, 0.5, 1.0, 0.25]))
            rows.append((3.0 * measure + at, length, int(rng.integers(64, 84))))
            at += length
    onset, duration, pitch = (np.array(column) for column in zip(*rows, strict=True))
    size = len(rows)
    ones = np.ones(size, dtype=np.int64)
    return NoteTable(
        onset_beat=onset,
        duration_beat=duration,
        onset_sec=onset * 0.5,
        duration_sec=duration * 0.5,
        pitch=pitch.astype(np.int64),
        measure=(onset // 3).astype(np.int64) + 1,
        measure_position_beat=onset % 3,
        metre_numerator=3 * ones,
        metre_denominator=4 * ones,
        track=ones,
        channel=ones,
        program=0 * ones,
        instrument=0 * ones,
        velocity=64 * ones,
        source=np.arange(size, dtype=np.int64),
        timing="performed" if timing == "performed" else "score",
    ).canonical()


def marked(notes: NoteTable) -> NoteTable:
    """Return the notes with a level that steps and with a few accents."""
    columns = {name: np.zeros(len(notes)) for name in (*MARKINGS, *TIME_MARKINGS)}
    columns["notated_level"] = np.where(notes.measure < 12, 49.0, 96.0)
    columns["accent"] = (notes.measure_position_beat == 0).astype(np.float64)
    return replace(notes, markings=columns)


def test_at_least_212_features_with_unique_names_and_full_descriptions() -> None:
    features = all_features()
    assert len(features) >= 212
    assert len(set(feature_names())) == len(features)
    for feature in features:
        assert re.fullmatch(r"[a-z][a-z0-9_.]*", feature.name), feature.name
        assert feature.family and feature.unit and len(feature.formula) > 8, feature.name


@pytest.mark.parametrize("timing", ["score", "performed"])
def test_every_column_is_finite_or_says_when_it_is_missing(timing: str) -> None:
    notes = make_notes(timing=timing)
    table = feature_table(notes)
    for feature, column in zip(all_features(), table.values.T, strict=True):
        assert not np.isinf(column).any(), feature.name
        if not feature.missing:
            assert not np.isnan(column).any(), feature.name
        if feature.categories:
            known = column[~np.isnan(column)]
            assert np.isin(known, np.arange(feature.categories)).all(), feature.name


def test_input_velocity_reaches_no_feature() -> None:
    notes = make_notes()
    other = replace(notes, velocity=np.random.default_rng(1).permutation(np.arange(len(notes))))
    np.testing.assert_array_equal(feature_table(notes).values, feature_table(other).values)


def test_order_of_rows_in_the_source_reaches_no_feature() -> None:
    notes = make_notes()
    shuffled = notes.take(np.random.default_rng(2).permutation(len(notes))).canonical()
    np.testing.assert_array_equal(feature_table(notes).values, feature_table(shuffled).values)


def test_transposition_by_an_octave_changes_only_absolute_pitch() -> None:
    notes = make_notes()
    up = feature_table(replace(notes, pitch=notes.pitch + 12))
    plain = feature_table(notes)
    changed = {
        name
        for name, a, b in zip(plain.names, plain.values.T, up.values.T, strict=True)
        if not np.allclose(a, b, atol=1e-3, equal_nan=True)
    }
    absolute = re.compile(
        r"pitch|octave|sounding_pitch_mean|piece_pitch_(mean|min|max)"
        r"|pitch_(past|next)\d+_(mean|min|max)|pitch_around\d+s_mean"
    )
    assert changed
    assert all(absolute.fullmatch(name) for name in changed), changed


def test_transposition_by_a_semitone_keeps_chords_and_key_degrees() -> None:
    notes = make_notes()
    names = [n for n in feature_names() if n.startswith(("chord_quality", "chord_degree"))]
    names += [n for n in feature_names() if n.startswith(("key_degree", "key_fit"))]
    up = feature_table(replace(notes, pitch=notes.pitch + 1), names)
    np.testing.assert_allclose(up.values, feature_table(notes, names).values, atol=1e-5)


def test_dropping_markings_changes_only_the_markings_family() -> None:
    notes = marked(make_notes())
    with_markings, without = feature_table(notes), feature_table(replace(notes, markings={}))
    for feature, a, b in zip(all_features(), with_markings.values.T, without.values.T, strict=True):
        if feature.family in ("markings", "cues"):
            assert np.isnan(b).all(), feature.name
            assert not np.isnan(a).all(), feature.name
        else:
            np.testing.assert_array_equal(a, b, err_msg=feature.name)


def test_the_place_in_the_piece_tells_onsets_apart_in_the_longest_pieces() -> None:
    notes = make_notes(measures=4000)
    onset = notes.onset_beat + (notes.pitch % 2) / 480
    spread = replace(notes, onset_beat=onset, onset_sec=onset * 0.5).canonical()
    position = feature_table(spread, [ONSET_COLUMN]).values[:, 0]
    first = np.flatnonzero(starts(spread.onset_beat))
    assert len(first) > 30_000
    np.testing.assert_array_equal(first_rows(position), first)


def test_a_choice_of_columns_equals_the_same_columns_of_the_whole() -> None:
    notes = make_notes()
    names = feature_names()[::-7]
    np.testing.assert_array_equal(
        feature_table(notes, names).values, feature_table(notes).select(names)
    )


def test_chord_quality_of_known_chords() -> None:
    chords = {
        "major": [60, 64, 67],
        "minor": [57, 60, 64],
        "diminished": [59, 62, 65],
        "augmented": [60, 64, 68],
        "dominant seventh": [55, 59, 62, 65],
        "major seventh": [60, 64, 67, 71],
        "half-diminished seventh": [59, 62, 65, 69],
        "diminished seventh": [59, 62, 65, 68],
    }
    from humanize.features.harmony import QUALITIES

    for name, pitches in chords.items():
        quality, root = _chord(pitches)
        assert list(QUALITIES)[int(quality)] == name
        if name not in ("augmented", "diminished seventh"):  # symmetrical: any note may be root
            assert root == pitches[0] % 12


def _chord(pitches: list[int]) -> tuple[float, float]:
    notes = make_notes().take(np.arange(len(pitches)))
    zero = np.zeros(len(pitches))
    table = replace(
        notes, pitch=np.array(pitches), onset_beat=zero, onset_sec=zero, duration_beat=zero + 1
    )
    values = feature_table(table, ["chord_quality", "chord_root"]).values
    return float(values[0, 0]), float(values[0, 1])


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (6, 8), (2, 2), (9, 8)])
def test_downbeat_is_the_strongest_position(numerator: int, denominator: int) -> None:
    length = numerator * 4 / denominator
    onset = np.arange(0, 8 * length, 0.5)
    base = make_notes().take(np.zeros(len(onset), dtype=np.int64))
    notes = replace(
        base,
        onset_beat=onset,
        onset_sec=onset / 2,
        measure_position_beat=onset % length,
        metre_numerator=np.full(len(onset), numerator),
        metre_denominator=np.full(len(onset), denominator),
    )
    strength = feature_table(notes, ["metrical_strength"]).values[:, 0]
    assert (strength[onset % length == 0] == 4).all()
    assert (strength[onset % length != 0] < 4).all()


def test_unknown_metre_is_estimated_from_the_music() -> None:
    notes = make_notes(measures=48)
    hidden = replace(
        notes,
        metre_known=False,
        metre_numerator=np.full(len(notes), 4),
        measure_position_beat=notes.onset_beat % 4,
    )
    names = ["measure_length_beat", "metrical_strength"]
    estimated, known = feature_table(hidden, names).values, feature_table(notes, names).values
    assert (estimated[:, 0] == 3).all()
    np.testing.assert_array_equal(estimated[:, 1], known[:, 1])


@pytest.mark.parametrize("size", [0, 1, 2])
def test_tiny_tables(size: int) -> None:
    table = feature_table(make_notes().take(np.arange(size)))
    assert table.values.shape == (size, len(all_features()))


def test_ten_thousand_notes_in_one_chord() -> None:
    base = make_notes().take(np.zeros(10_000, dtype=np.int64))
    notes = replace(base, pitch=np.arange(10_000) % 128).canonical()
    assert feature_table(notes).values.shape[0] == 10_000


def test_unknown_feature_name_is_refused() -> None:
    with pytest.raises(FeatureError, match=r"feature 'loudness' is unknown"):
        feature_table(make_notes(), ["loudness"])


def test_no_two_columns_are_near_copies_on_the_corpus(asap_dir: Path) -> None:
    from humanize.corpus.asap import load_scores
    from humanize.corpus.markings import mark_pieces

    draw = np.random.default_rng(0)
    pieces = mark_pieces(load_scores(asap_dir, "train").pieces[::6], asap_dir)
    tables = [feature_table(piece.notes).values for piece in pieces]
    values = np.concatenate([t[draw.integers(0, len(t), 600)] for t in tables]).astype(np.float64)
    known = np.isfinite(values)
    mean = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - mean, 0)
    scale = np.sqrt((centred**2).sum(axis=0))
    used = scale > 1e-9
    correlation = np.abs(
        (centred.T @ centred)[np.ix_(used, used)] / np.outer(scale[used], scale[used])
    )
    np.fill_diagonal(correlation, 0)
    names = np.array(feature_names())[used]
    copies = [(names[i], names[j]) for i, j in np.argwhere(correlation > 0.999)]
    assert copies == []
