"""Agreement between a performed and a predicted sequence of velocities.

Conventions
-----------
Arguments are ``(reference, estimated)``: velocities of one performance and of one prediction for
the same notes, shape (n,), velocity units. Every metric is for one performance; means are taken
within a composition first, then over compositions. A correlation that is undefined, as one side
is constant, counts as 0.

Metrics
-------
``pearson_r``, ``spearman_r`` : correlation of values, and of ranks.
``spread_ratio`` : standard deviation of the estimate over that of the reference.
``mean_absolute_error`` : after both are centred, as pianos differ in level.
``constant_error`` : the same for the best constant, the reference's own mean.
``centred_r2`` : share of variance explained after both are centred.

References
----------
C. Spearman, The proof and measurement of association between two things, American Journal of
Psychology 15, 1904.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from humanize.errors import InputError

FloatColumn = NDArray[np.float64]


def validate(reference: FloatColumn, estimated: FloatColumn) -> None:
    """Raise InputError unless both are finite, one-dimensional, of one length and not empty."""
    if reference.ndim != 1 or reference.shape != estimated.shape or not len(reference):
        raise InputError(
            f"metrics: shapes {reference.shape} and {estimated.shape} found; expected two columns "
            "of one length, not empty"
        )
    if not (np.isfinite(reference).all() and np.isfinite(estimated).all()):
        raise InputError("metrics: missing or infinite velocities found; expected finite numbers")


def pearson_r(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return Pearson's correlation; 0 where it is undefined."""
    validate(reference, estimated)
    if reference.std() < 1e-9 or estimated.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(reference, estimated)[0, 1])


def spearman_r(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return Pearson's correlation of mid-ranks."""
    validate(reference, estimated)
    return pearson_r(mid_ranks(reference), mid_ranks(estimated))


def spread_ratio(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the ratio of standard deviations; 0 where the reference is constant."""
    validate(reference, estimated)
    return float(estimated.std() / reference.std()) if reference.std() > 1e-9 else 0.0


def mean_absolute_error(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the mean absolute difference of the centred sequences, velocity units."""
    validate(reference, estimated)
    return float(np.abs(_centred(reference) - _centred(estimated)).mean())


def constant_error(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return the mean absolute error of the reference's own mean, velocity units."""
    validate(reference, estimated)
    return float(np.abs(_centred(reference)).mean())


def centred_r2(reference: FloatColumn, estimated: FloatColumn) -> float:
    """Return 1 - residual / total variance of the centred sequences; 0 for a flat reference."""
    validate(reference, estimated)
    total = float((_centred(reference) ** 2).sum())
    residual = float(((_centred(reference) - _centred(estimated)) ** 2).sum())
    return 1.0 - residual / total if total > 1e-9 else 0.0


METRICS = {
    "pearson_r": pearson_r,
    "spearman_r": spearman_r,
    "spread_ratio": spread_ratio,
    "mean_absolute_error": mean_absolute_error,
    "constant_error": constant_error,
}


def evaluate(reference: FloatColumn, estimated: FloatColumn) -> dict[str, float]:
    """Return every metric of ``METRICS`` by name."""
    return {name: metric(reference, estimated) for name, metric in METRICS.items()}


def mid_ranks(values: FloatColumn) -> FloatColumn:
    """Return ranks from 1, ties sharing their mean."""
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[inverse.reshape(-1)], dtype=np.float64)


def _centred(values: FloatColumn) -> FloatColumn:
    return values - values.mean()
