"""The benchmark of takes measures what is written: its takes are those of the API."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn (extra: train)")

from humanize.evaluation.expression_metrics import beats_of
from humanize.expression import ARTICULATION, TEMPO, TIMING
from humanize.interpretation.interpret import Settings, interpret
from humanize.interpretation.performing import hear, notated_time_map, perform
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.timing import relative_to_notated
from humanize.midi.reading import read_midi
from humanize.models import load_model
from humanize.models.residuals import bank_for
from humanize.notes import starts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks/interpretation"


@pytest.fixture(scope="module")
def takes():
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("takes")
    finally:
        sys.path.remove(str(FOLDER))
        for name in ("takes", "takes_samplers", "takes_tables"):
            sys.modules.pop(name, None)


def test_a_take_of_the_benchmark_is_what_the_api_writes(takes) -> None:
    model = load_model("fast")
    notes = read_midi((ROOT / "examples/bach_prelude.mid").read_bytes()).pieces[0]
    case = takes.Case(
        composition="prelude",
        notes=notes,
        beats=beats_of(notes),
        pianists=(),
        velocity=predict_notes(notes, model),
        heard=hear(notes, model, (TEMPO, TIMING, ARTICULATION)),
        bank=bank_for(model),
    )
    measured = takes.take(case, takes.SAMPLERS["blocks (ships)"], 7)
    own = interpret(notes, Settings.of({"model": "fast", "seed": 7}))
    played = perform(notes, model, ("tempo", "timing"), deviations=own.deviations)
    # notes of equal onset and pitch share a velocity when they are written
    equal = starts(notes.onset_beat) | starts(notes.pitch)
    assert (measured.velocity == own.velocity)[equal & np.append(equal[1:], True)].all()
    notated = notated_time_map(notes)
    relative = relative_to_notated(measured.tempo, case.onset_beat, notated)
    np.testing.assert_allclose(relative, played.log_beat_period, atol=1e-12)
    np.testing.assert_allclose(measured.asynchrony_ms, played.asynchrony_ms, atol=1e-12)
    assert np.ptp(measured.tempo) > 0.1
