"""A performance that was written agrees with partitura's performance codec, which reads it back.

Partitura measures for itself: beat periods from the mean onsets of chords, articulation as a binary
logarithm of the sounding over the notated duration.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import humanize
from humanize.notes import starts
from humanize.score.partitura_parts import import_partitura

if find_spec("partitura") is None:
    pytest.skip("partitura is not installed: pip install '.[partitura]'", allow_module_level=True)
WALTZ = Path(__file__).parents[2] / "examples" / "waltz.musicxml"


@pytest.fixture(scope="module")
def performed() -> humanize.Performed:
    return humanize.perform_score(WALTZ, timing=0, pedal="none", write="notes")


@pytest.fixture(scope="module")
def encoded(performed: humanize.Performed, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Return partitura's parameters, in the order of its score notes by onset and pitch."""
    import_partitura()
    import partitura
    from partitura.musicanalysis.performance_codec import encode_performance

    path = tmp_path_factory.mktemp("codec") / "waltz.mid"
    path.write_bytes(performed.bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = partitura.load_score(str(WALTZ))[0]
        played = partitura.load_performance_midi(str(path))[0]
        score = part.note_array()
        score = score[np.lexsort((score["pitch"], score["onset_div"]))]
        of_pitch: dict[int, list[str]] = defaultdict(list)
        for note in np.sort(played.note_array(), order="onset_sec"):
            of_pitch[int(note["pitch"])].append(str(note["id"]))
        alignment = [
            {
                "label": "match",
                "score_id": str(note["id"]),
                "performance_id": of_pitch[int(note["pitch"])].pop(0),
            }
            for note in score
        ]
        parameters, ids = encode_performance(part, played, alignment)[:2]
    place = {note_id: row for row, note_id in enumerate(ids)}
    order = np.array([place[str(note["id"])] for note in score])
    return np.asarray(parameters[order])


def test_beat_periods_are_those_that_partitura_reads(
    performed: humanize.Performed, encoded: np.ndarray
) -> None:
    notes, own = performed.interpretations[0].notes, performed.parameters[0]
    new = starts(notes.onset_beat)
    seconds = np.diff(notes.onset_sec[new]) / np.diff(notes.onset_beat[new])
    expected = seconds * np.exp(own.log_beat_period[:-1])
    found = encoded["beat_period"][new][:-1]
    # a tick of the file lasts half a millisecond, an interval a sixth of a second at least
    np.testing.assert_allclose(found, expected, rtol=0.02)
    assert np.ptp(expected) > 0.05


def test_articulation_is_that_which_partitura_reads(
    performed: humanize.Performed, encoded: np.ndarray
) -> None:
    own = performed.parameters[0]
    found = encoded["articulation_log"] * np.log(2)
    # what would reach into the same pitch is cut: all but a few agree
    near = np.abs(found - own.log_articulation) < 0.1
    assert near.mean() > 0.9
    assert own.log_articulation.std() > 0.1


def test_velocities_are_those_that_partitura_reads(
    performed: humanize.Performed, encoded: np.ndarray
) -> None:
    np.testing.assert_allclose(encoded["velocity"] * 127, performed.parameters[0].velocity)
