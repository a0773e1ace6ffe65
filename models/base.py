"""What every model is at run time: members that score notes, mixed and calibrated per route.

A member returns *standardised* velocity: 0 is the mean of the performance and 1 its standard
deviation. Members are mixed by weight, and a calibration turns the mixture into velocity units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..features import FeatureTable

FloatColumn = NDArray[np.float64]
Condition = Literal["flat", "marked", "performed"]
CONDITIONS: tuple[Condition, ...] = ("flat", "marked", "performed")

LEVEL_COLUMN = "marking_notated_level"

_LIMIT = 3.5  # standard deviations; beyond it a member extrapolates


class Member(Protocol):
    """One trained regressor."""

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return standardised velocity, shape (n,), from features of shape (n, n_features)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """From standardised velocity to velocity units.

    Attributes
    ----------
    level : float
        Mean velocity of a piece, 1-127, where the markings say nothing.
    spread : float
        Velocity units for one standardised unit of the mixture. A least-squares model predicts
        about half of the human spread; this factor gives a piece that of a pianist.
    marking_slope, marking_centre : float
        How far the level of a piece follows the mean of its notated level: velocity units per
        velocity unit, around a centre.
    """

    level: float
    spread: float
    marking_slope: float = 0.0
    marking_centre: float = 64.0

    def apply(self, standard: FloatColumn, notated_level: FloatColumn | None) -> FloatColumn:
        """Return velocities, not yet rounded nor limited to 1-127."""
        level = self.level
        if notated_level is not None and np.isfinite(notated_level).any():
            level += self.marking_slope * (float(np.nanmean(notated_level)) - self.marking_centre)
        return np.asarray(level + self.spread * np.clip(standard, -_LIMIT, _LIMIT))


@dataclass(frozen=True, kw_only=True)
class Route:
    """How notes of one condition are predicted.

    Attributes
    ----------
    feature_names : tuple of str
        Columns that its members read, in their order.
    members : sequence of (Member, float)
        Each with its weight; weights sum to 1.
    calibration : Calibration
    """

    feature_names: tuple[str, ...]
    members: Sequence[tuple[Member, float]]
    calibration: Calibration

    def standardised(self, features: FeatureTable) -> FloatColumn:
        """Return the mixture of the members' standardised velocities, shape (n,)."""
        values = features.select(self.feature_names)
        total = np.zeros(len(values))
        for member, weight in self.members:
            total += weight * member.predict(values)
        return total


@dataclass(frozen=True, kw_only=True)
class Model:
    """A bundle ready to predict.

    Attributes
    ----------
    name : str
    manifest : mapping
        As it stands in the bundle: licence, training data, versions, hashes.
    routes : mapping of condition to Route
    """

    name: str
    manifest: Mapping[str, Any]
    routes: Mapping[str, Route] = field(repr=False)

    def route(self, condition: Condition) -> Route:
        """Return the route of a condition.

        Raises
        ------
        ModelError
            If the model was not trained for it.
        """
        try:
            return self.routes[condition]
        except KeyError:
            raise ModelError(
                f"model {self.name}: no route for {condition} input; expected one of "
                f"{', '.join(self.routes)}. Train the model for that condition"
            ) from None

    def feature_names(self, condition: Condition) -> tuple[str, ...]:
        """Return the columns that a condition needs."""
        return self.route(condition).feature_names

    def predict(
        self, features: FeatureTable, condition: Condition = "flat"
    ) -> dict[str, FloatColumn]:
        """Predict the expressive parameters of one instrument's notes.

        Parameters
        ----------
        features : FeatureTable
            At least the columns of ``feature_names(condition)``.
        condition : "flat", "marked" or "performed"

        Returns
        -------
        dict of str to (n,) float array
            ``"velocity"``, in velocity units, with the level and spread of a pianist.

        Raises
        ------
        ModelError
            If the model has no route for the condition.
        FeatureError
            If a column is absent.
        """
        route = self.route(condition)
        level = None
        if LEVEL_COLUMN in features.names:
            level = features.select([LEVEL_COLUMN])[:, 0].astype(np.float64)
        return {"velocity": route.calibration.apply(route.standardised(features), level)}
