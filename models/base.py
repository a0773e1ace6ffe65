"""What every model is at run time: routes by condition, heads by target, members that score notes.

A member returns a *standardised* value: 0 is the mean of a performance and 1 its standard
deviation (of an event, the logarithm of its odds). Members are mixed by weight, and a calibration
turns the mixture into the unit of the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..expression import TARGETS, VELOCITY, Target
from ..features import FeatureTable
from .provenance import TrainingMusic

FloatColumn = NDArray[np.float64]
Condition = Literal["flat", "marked", "performed"]
CONDITIONS: tuple[Condition, ...] = ("flat", "marked", "performed")

LEVEL_COLUMN = "marking_notated_level"

_LIMIT = 3.5  # standard deviations; beyond it a member extrapolates


class Member(Protocol):
    """One trained regressor."""

    def predict(self, values: NDArray[np.float32]) -> FloatColumn:
        """Return standardised values, shape (n,), from features of shape (n, n_features)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """From standardised values to the unit of the target.

    Attributes
    ----------
    level : float
        Mean of a piece, where the markings say nothing; of velocity 1-127.
    spread : float
        Units for one standardised unit of the mixture. A least-squares model predicts about half
        of the human spread of velocity; this factor gives a piece that of a pianist.
    marking_slope, marking_centre : float
        How far the level of a piece follows the mean of its notated level: units per velocity
        unit, around a centre.
    """

    level: float
    spread: float
    marking_slope: float = 0.0
    marking_centre: float = 64.0

    def apply(
        self, standard: FloatColumn, notated_level: FloatColumn | None, *, limited: bool = True
    ) -> FloatColumn:
        """Return values in the unit of the target, not yet rounded.

        Unless they are not ``limited``, they lie within what members do not extrapolate to.
        """
        level = self.level
        if notated_level is not None and np.isfinite(notated_level).any():
            level += self.marking_slope * (float(np.nanmean(notated_level)) - self.marking_centre)
        most = _LIMIT if limited else np.inf
        return np.asarray(level + self.spread * np.clip(standard, -most, most))

    def probability(self, log_odds: FloatColumn) -> FloatColumn:
        """Return the probability of an event, 0 to 1."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.level + self.spread * log_odds))))


@dataclass(frozen=True, kw_only=True)
class Head:
    """How one target is predicted.

    Attributes
    ----------
    target : Target
    feature_names : tuple of str
        Columns that its members read, in their order.
    members : sequence of (Member, float)
        Each with its weight; weights sum to 1.
    calibration : Calibration
    """

    feature_names: tuple[str, ...]
    members: Sequence[tuple[Member, float]]
    calibration: Calibration
    target: Target = VELOCITY

    def standardised(self, features: FeatureTable) -> FloatColumn:
        """Return the mixture of the members' standardised values, shape (n,)."""
        values = features.select(self.feature_names)
        total = np.zeros(len(values))
        for member, weight in self.members:
            total += weight * member.predict(values)
        return total

    def predict(self, features: FeatureTable, *, limited: bool = True) -> FloatColumn:
        """Return the target in its unit for each note, shape (n,).

        ``limited`` is as for ``Calibration.apply``; a probability has limits anyway. A target of
        scope ``onset`` has a value for each note too; the mean over an onset's notes is that of the
        onset.
        """
        standard = self.standardised(features)
        if self.target.kind == "probability":
            return self.calibration.probability(standard)
        level = None
        if LEVEL_COLUMN in features.names:
            level = features.select([LEVEL_COLUMN])[:, 0].astype(np.float64)
        return self.calibration.apply(standard, level, limited=limited)


@dataclass(frozen=True, kw_only=True)
class Route:
    """How notes of one condition are predicted.

    Attributes
    ----------
    heads : mapping of str to Head
        By the name of their target, in the order of ``expression.TARGETS``.
    """

    heads: Mapping[str, Head]

    def feature_names(self, targets: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the columns that some of the heads read, each once; of all heads by default."""
        chosen = self.heads if targets is None else [t for t in self.heads if t in set(targets)]
        names = (name for target in chosen for name in self.heads[target].feature_names)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, kw_only=True)
class Model:
    """A bundle ready to predict.

    Attributes
    ----------
    name : str
    manifest : mapping
        As it stands in the bundle, in the terms of the newest format: licence, versions, hashes.
    routes : mapping of condition to Route
    trained_on : tuple of TrainingMusic
        What it was fitted to; empty where the bundle does not say.
    manifest_hash : str
        A short hash of the manifest, and so of the whole bundle.
    """

    name: str
    manifest: Mapping[str, Any]
    routes: Mapping[str, Route] = field(repr=False)
    trained_on: tuple[TrainingMusic, ...] = field(default=(), repr=False)
    manifest_hash: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets that every route predicts, in the order of the targets."""
        heads = [route.heads for route in self.routes.values()]
        return tuple(t.name for t in TARGETS if all(t.name in own for own in heads))

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

    def head(self, condition: Condition, target: str = VELOCITY.name) -> Head:
        """Return the head of a target.

        Raises
        ------
        ModelError
            If the model was not trained for the condition or for the target.
        """
        heads = self.route(condition).heads
        try:
            return heads[target]
        except KeyError:
            raise ModelError(
                f"model {self.name}: no head for {target} of {condition} input; expected one of "
                f"{', '.join(heads)}. Train the model for that target"
            ) from None

    def feature_names(
        self, condition: Condition, targets: Iterable[str] | None = None
    ) -> tuple[str, ...]:
        """Return the columns that a condition needs, for some targets or for all it has."""
        return self.route(condition).feature_names(targets)

    def predict(
        self,
        features: FeatureTable,
        condition: Condition = "flat",
        targets: Iterable[str] | None = None,
    ) -> dict[str, FloatColumn]:
        """Predict what a pianist adds to one instrument's notes.

        Parameters
        ----------
        features : FeatureTable
            At least the columns of ``feature_names(condition, targets)``.
        condition : "flat", "marked" or "performed"
        targets : iterable of str, optional
            Names of targets; all that the route has by default.

        Returns
        -------
        dict of str to (n,) float array
            By target, in its unit (``humanize.expression``): ``"velocity"`` with the level and
            spread of a pianist.

        Raises
        ------
        ModelError
            If the model has no route for the condition, or no head for a target.
        FeatureError
            If a column is absent.
        """
        wanted = tuple(self.route(condition).heads) if targets is None else tuple(targets)
        return {name: self.head(condition, name).predict(features) for name in wanted}
