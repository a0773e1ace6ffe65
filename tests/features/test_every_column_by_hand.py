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
