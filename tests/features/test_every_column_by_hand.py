"""No column without a value worked out by hand."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
from by_hand import CASES

from humanize.features import all_features


def test_every_registered_column_has_a_case_by_hand() -> None:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path != Path(__file__):
            importlib.import_module(path.stem)
    worked_out: dict[str, set[float]] = {}
    for case in CASES:
        for name, values in case()[1].items():
            known = np.array(values, dtype=np.float64)
            worked_out.setdefault(name, set()).update(known[~np.isnan(known)].tolist())
    # a column whose every value is 0 says nothing of its formula
    names = [f.name for f in all_features() if not worked_out.get(f.name, set()) - {0.0}]
    assert names == []


CATEGORIES = {
    **dict.fromkeys(("pitch_class", "chord_root", "chord_inversion", "chord_degree"), 12),
    **{
        f"key_{what}_{where}": 12
        for what in ("degree", "root_degree")
        for where in ("piece", "around8s")
    },
    "chord_quality": 19,  # sixteen chords, a single pitch class, two of them, others
    "chord_family": 6,
    "metrical_strength": 5,
    "subdivision": 6,
    "voice_kind": 4,
    "measure_mod2": 2,
    "measure_mod4": 4,
}


def test_a_column_of_categories_says_how_many_there_are() -> None:
    assert {f.name: f.categories for f in all_features() if f.categories} == CATEGORIES
