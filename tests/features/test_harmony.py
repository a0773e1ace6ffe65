"""The columns of harmony, by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from by_hand import Expected, Row, by_hand, score

from humanize.features import feature_table
from humanize.features.harmony import QUALITIES
from humanize.notes import NoteTable

# Krumhansl 1990, table 2.1: probe-tone ratings of the twelve degrees above the tonic
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]

CHORDS = {  # semitones above the root: quality, triad family, root position
    "major": ((0, 4, 7), 1),
    "minor": ((0, 3, 7), 2),
    "diminished": ((0, 3, 6), 3),
    "augmented": ((0, 4, 8), 4),
    "suspended fourth": ((0, 5, 7), 5),
    "suspended second": ((0, 2, 7), 5),
    "dominant seventh": ((0, 4, 7, 10), 1),
    "major seventh": ((0, 4, 7, 11), 1),
    "minor seventh": ((0, 3, 7, 10), 2),
    "half-diminished seventh": ((0, 3, 6, 10), 3),
    "diminished seventh": ((0, 3, 6, 9), 3),
    "minor-major seventh": ((0, 3, 7, 11), 2),
    "augmented seventh": ((0, 4, 8, 10), 4),
    "major ninth": ((0, 2, 4, 7, 11), 1),
    "dominant ninth": ((0, 2, 4, 7, 10), 1),
    "minor ninth": ((0, 2, 3, 7, 10), 2),
}


def chord(*pitches: int) -> NoteTable:
    return score([(0, 1, p) for p in sorted(pitches)])


def first(notes: NoteTable, *names: str) -> list[float]:
    """Return columns of the first note."""
    return feature_table(notes, names).values[0].tolist()


@pytest.mark.parametrize("number", range(len(CHORDS)))
def test_every_chord_type_is_known_on_every_root(number: int) -> None:
    name, (shape, family) = list(CHORDS.items())[number]
    assert list(QUALITIES)[number] == name
    for root in range(12):
        notes = chord(*(48 + root + i for i in shape))
        found = first(notes, "chord_quality", "chord_family", "chord_pitch_classes", "chord_root")
        # a suspended second is a suspended fourth on another root, which comes first
        same = "suspended fourth" if name == "suspended second" else name
        tonic = (root + 7) % 12 if name == "suspended second" else root
        assert found == [list(CHORDS).index(same), family, len(shape), tonic]


@by_hand
def test_a_triad_and_its_inversions() -> tuple[NoteTable, Expected]:
    notes = score([
        (0, 1, 48), (0, 1, 52), (0, 1, 55),  # C E G
        (1, 1, 52), (1, 1, 55), (1, 1, 60),  # E G C
        (2, 1, 55), (2, 1, 60), (2, 1, 64),  # G C E
        (3, 1, 53), (3, 1, 57), (3, 1, 60),  # F A C
        (4, 1, 53), (4, 1, 65),  # F F
    ])  # fmt: skip
    # interval classes of a major triad: 4 (0.1), 5 (0.05) and 3 (0.2)
    triad = (0.1 + 0.05 + 0.2) / 3
    own = {0: (0.1 + 0.05) / 2, 4: (0.1 + 0.2) / 2, 7: (0.05 + 0.2) / 2}
    degrees = [0, 4, 7, 4, 7, 0, 7, 0, 4, 0, 4, 7]
    return notes, {
        "chord_quality": [0] * 12 + [16, 16],
        "chord_family": [1] * 12 + [0, 0],
        "chord_pitch_classes": [3] * 12 + [1, 1],
        "chord_root": [0] * 9 + [5] * 5,
        "chord_inversion": [0, 0, 0, 4, 4, 4, 7, 7, 7, 0, 0, 0, 0, 0],
        "chord_degree": [*degrees, 0, 0],
        "chord_roughness": [triad] * 12 + [0, 0],
        "chord_roughness_change": [0] * 12 + [-triad, -triad],
        "note_roughness": [*(own[d] for d in degrees), 0, 0],
        "chord_change": [1, 1, 1, *6 * [0], *3 * [2 / 3], 0, 0],
        "octave_doubling": [0] * 12 + [1, 1],
    }


@by_hand
def test_a_held_bass_makes_the_inversion() -> tuple[NoteTable, Expected]:
    # G sounds on under C E and under B D
    notes = score([(0, 4, 43), (1, 1, 60), (1, 1, 64), (2, 1, 59), (2, 1, 62), (2, 1, 67)])
    return notes, {
        "chord_quality": [16, 0, 0, 0, 0, 0],
        "chord_root": [7, 0, 0, 7, 7, 7],
        "chord_inversion": [0, 7, 7, 0, 0, 0],
        "chord_degree": [0, 0, 4, 4, 7, 0],
        "chord_change": [1, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3],
        "octave_doubling": [0, 0, 0, 0, 0, 0],  # the G that is held began before
    }


@by_hand
def test_three_octaves_double_one_another() -> tuple[NoteTable, Expected]:
    return chord(36, 43, 48, 60), {"octave_doubling": [2, 0, 2, 2]}


@by_hand
def test_roughness_of_every_interval_class() -> tuple[NoteTable, Expected]:
    rough = [0, 1, 0.55, 0.2, 0.1, 0.05, 0.6, 0.05, 0.1, 0.2, 0.55, 1, 0]  # up to an octave
    rows = [(float(i), 1, p) for i in range(13) for p in (60, 60 + i)]
    both = [v for v in rough for _ in range(2)]
    steps = [0, *(after - before for before, after in pairwise(rough))]
    return score(rows), {
        "chord_roughness": both,
        "note_roughness": both,
        "chord_roughness_change": [v for v in steps for _ in range(2)],
        "chord_quality": [16, 16, *22 * [17], 16, 16],
        "chord_pitch_classes": [1, 1, *22 * [2], 1, 1],
    }


@by_hand
def test_what_is_no_chord_has_the_root_that_explains_most() -> tuple[NoteTable, Expected]:
    """Parncutt 1988: unison 10, fifth 5, major third 3, minor seventh 2, ninth 1, minor third 1."""
    dyads = [
        (60, 67, 0),  # C is the fifth's root
        (60, 65, 5),  # so is F
        (60, 64, 0),  # C by the third
        (60, 68, 8),  # A flat by the third
        (60, 70, 0),  # C by the seventh (2), B flat by the ninth (1)
        (60, 62, 2),  # D by the seventh
        (60, 63, 0),  # C by the minor third
        (60, 69, 9),  # A likewise
        (60, 66, 0),  # a tritone explains nothing: the bass
        (66, 72, 6),
        (60, 61, 0),  # nor does a semitone
    ]
    rows = [(float(i), 1, p) for i, (low, high, _) in enumerate(dyads) for p in (low, high)]
    # C Db D Eb: D explains C by its seventh, Eb Db by its; C explains D and Eb by 1 each
    rows += [(11.0, 1, p) for p in (60, 61, 62, 63)]
    # Db: Eb by the ninth. C: 1 + 1, Db: 1, D: 2, Eb: 2. Three are equal: the bass
    roots = [root for *_, root in dyads for _ in range(2)] + [0] * 4
    # the same with D in the bass: D, then the next up
    rows += [(12.0, 1, p) for p in (61, 62, 63, 72)]
    roots += [2] * 4
    return score(rows), {
        "chord_root": roots,
        "chord_quality": [17] * 22 + [18] * 8,
        "chord_family": [0] * 30,
    }


@by_hand
def test_a_fifth_explains_as_much_as_a_third_and_a_seventh() -> tuple[NoteTable, Expected]:
    # C E Bb B: C by the third of E (3) and the seventh of Bb (2), E by the fifth of B (5)
    rows = [(0.0, 1, p) for p in (60, 64, 70, 71)] + [(1.0, 1, p) for p in (64, 70, 71, 72)]
    return score(rows), {"chord_root": [0, 0, 0, 0, 4, 4, 4, 4]}  # the bass decides


@by_hand
def test_a_symmetrical_chord_has_its_bass_for_root() -> tuple[NoteTable, Expected]:
    rows: list[Row] = []
    for number, bass in enumerate((60, 64, 68)):
        rows += [(float(number), 1, bass + i) for i in (0, 4, 8)]
    for number, bass in enumerate((59, 62, 65), start=3):
        rows += [(float(number), 1, bass + i) for i in (0, 3, 6, 9)]
    roots = [0, 0, 0, 4, 4, 4, 8, 8, 8, *4 * [11], *4 * [2], *4 * [5]]
    return score(rows), {"chord_root": roots, "chord_inversion": [0] * 21}


def correlation(profile: list[float], tonic: int, held: list[float]) -> float:
    return float(np.corrcoef(np.roll(profile, tonic), held)[0, 1])


@by_hand
def test_a_piece_in_d_major() -> tuple[NoteTable, Expected]:
    """Every degree of the scale, as long as it is usual, and each of the others for a moment."""
    tonic = 2
    rows = [(float(i), MAJOR[i] - 2, 62 + i) for i in range(12)]
    held = [0.0] * 12
    for _, length, pitch in rows:
        held[pitch % 12] += min(length, 4.0) + 0.1
    return score(rows), {
        "key_minor_piece": [0] * 12,
        "key_fit_piece": [correlation(MAJOR, tonic, held)] * 12,
        "key_degree_piece": list(range(12)),
        "key_diatonic_piece": [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1],
        "key_stability_piece": MAJOR,
    }


@by_hand
def test_a_piece_in_f_sharp_minor() -> tuple[NoteTable, Expected]:
    tonic = 6
    rows = [(float(i), MINOR[i] - 2, 54 + i) for i in range(12)]
    held = [0.0] * 12
    for _, length, pitch in rows:
        held[pitch % 12] += min(length, 4.0) + 0.1
    return score(rows), {
        "key_minor_piece": [1] * 12,
        "key_fit_piece": [correlation(MINOR, tonic, held)] * 12,
        "key_degree_piece": list(range(12)),
        "key_diatonic_piece": [1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1],
        "key_stability_piece": MINOR,
    }


@by_hand
def test_a_piece_in_c_minor() -> tuple[NoteTable, Expected]:
    rows = [(float(i), MINOR[i] - 2, 60 + i) for i in range(12)]
    return score(rows), {
        "key_minor_piece": [1] * 12,
        "key_degree_piece": list(range(12)),
        "key_diatonic_piece": [1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1],
        "key_stability_piece": MINOR,
    }


@by_hand
def test_a_piece_in_b_major() -> tuple[NoteTable, Expected]:
    rows = [(float(i), MAJOR[i] - 2, 59 + i) for i in range(12)]
    return score(rows), {
        "key_minor_piece": [0] * 12,
        "key_degree_piece": list(range(12)),
        "key_diatonic_piece": [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1],
        "key_stability_piece": MAJOR,
    }


@by_hand
def test_the_key_moves_with_eight_seconds_either_side() -> tuple[NoteTable, Expected]:
    """A scale and chord of C major, and after a long rest of A flat major and of E minor."""
    keys = [(0.0, 60, (0, 2, 4, 5, 7, 9, 11, 12), 4), (100.0, 68, (0, 2, 4, 5, 7, 9, 11, 12), 1),
            (200.0, 64, (0, 2, 3, 5, 7, 8, 11, 12), 1)]  # fmt: skip
    rows: list[Row] = []
    minor, degree, roots, diatonic, stability, fit = ([] for _ in range(6))  # type: ignore[var-annotated]
    for start, tonic, scale, times in keys:
        profile = MINOR if start == 200 else MAJOR
        for time in range(times):
            rows += [(start + time + 0.1 * i, 1.0, tonic + s) for i, s in enumerate(scale)]
        held = [0.0] * 12
        for s in scale:
            held[(tonic + s) % 12] += times * 1.1
        own = [(s % 12) for s in scale] * times
        degree += own
        minor += [float(start == 200)] * len(own)
        stability += [profile[d] for d in own]
        diatonic += [1] * len(own)
        fit += [correlation(profile, tonic % 12, held)] * len(own)
    notes = score(rows)
    sounding_root = feature_table(notes, ["chord_root"]).values[:, 0].tolist()
    tonics = [0] * 32 + [8] * 8 + [4] * 8
    roots = [(r - t) % 12 for r, t in zip(sounding_root, tonics, strict=True)]
    # on the circle of fifths A flat is four steps flat of C, E minor one sharp, as G
    return notes, {
        "key_minor_around8s": minor,
        "key_fit_around8s": fit,
        "key_degree_around8s": degree,
        "key_root_degree_around8s": roots,
        "key_diatonic_around8s": diatonic,
        "key_stability_around8s": stability,
        "key_distance": [0] * 32 + [4] * 8 + [1] * 8,
        "key_degree_piece": [*4 * [0, 2, 4, 5, 7, 9, 11, 0], 8, 10, 0, 1, 3, 5, 7, 8,
                             4, 6, 7, 9, 11, 0, 3, 4],
        "key_root_degree_piece": sounding_root,
    }  # fmt: skip


@by_hand
def test_roots_as_degrees_of_the_key() -> tuple[NoteTable, Expected]:
    """I IV V I in G major: the roots stand 0, 5, 7 and 0 semitones above the tonic."""
    chords = [(43, 55, 59, 62), (48, 55, 60, 64), (50, 54, 57, 62), (43, 55, 59, 62)]
    rows = [(float(i), 1, p) for i, own in enumerate(chords) for p in own]
    degrees = [0, 5, 7, 0]
    return score(rows), {
        "key_root_degree_piece": [d for d in degrees for _ in range(4)],
        "key_root_degree_around8s": [d for d in degrees for _ in range(4)],
        "key_degree_piece": [0, 0, 4, 7, 5, 0, 5, 9, 7, 11, 2, 7, 0, 0, 4, 7],
        "key_minor_piece": [0] * 16,
        "key_distance": [0] * 16,
    }


@by_hand
def test_long_notes_count_for_no_more_than_four_beats_in_a_key() -> tuple[NoteTable, Expected]:
    rows = [(0, 30, 61), *((1 + 0.5 * i, 4, 60 + s) for i, s in enumerate((0, 2, 4, 5, 7, 9, 11)))]
    held = [0.0] * 12
    for _, length, pitch in rows:
        held[pitch % 12] += min(length, 4.0) + 0.1
    best = max(correlation(p, t, held) for p in (MAJOR, MINOR) for t in range(12))
    return score(rows), {"key_fit_piece": [best] * 8}


@by_hand
def test_the_key_around_sees_eight_seconds_and_no_more() -> tuple[NoteTable, Expected]:
    rows = [(0.0, 1, 60), (0.0, 1, 64), (0.0, 1, 67), (8.0, 2, 66), (8.05, 1, 73)]

    def best(*heard: int) -> float:
        held = [0.0] * 12
        for row in heard:
            held[rows[row][2] % 12] += rows[row][1] + 0.1
        return max(correlation(p, t, held) for p in (MAJOR, MINOR) for t in range(12))

    early = best(0, 1, 2, 3)
    return score(rows), {"key_fit_around8s": [*3 * [early], best(0, 1, 2, 3, 4), best(3, 4)]}
