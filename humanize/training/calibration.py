"""From standardised predictions to the unit of a target: level and spread on held-out pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from humanize.expression import VELOCITY, Target
from humanize.models.base import Calibration
from humanize.models.fitting.trainer import FittedMember
from humanize.notes import FloatColumn
from humanize.training.datasets import Prepared
from humanize.training.members import in_scope, run_head
from humanize.training.recipes import HeadRecipe


def calibrate(
    recipe: HeadRecipe, members: Sequence[FittedMember], prepared: Sequence[Prepared]
) -> Calibration:
    """Return the calibration of a head on held-out pieces.

    Velocity gets the level and spread of the pianists. Other quantities get the factor that leaves
    the least squared error, as one that is stretched to the human spread errs more than a constant
    does. Log odds get the factor that leaves the least logistic error; as many events as before.
    """
    if recipe.target == VELOCITY:
        return _human_spread(recipe, members, prepared)
    if recipe.target.kind == "probability":
        return _likeliest(recipe, members, prepared)
    return _least_squares(recipe, members, prepared)


def _human_spread(
    recipe: HeadRecipe, members: Sequence[FittedMember], prepared: Sequence[Prepared]
) -> Calibration:
    human, own, level, notated = [], [], [], []
    for piece in prepared:
        standard = run_head(recipe, members, piece)
        marked = piece.piece.notes.marking("notated_level")
        for reference in piece.references:
            human.append(reference.values.std())
            own.append(standard[reference.rows].std())
            level.append(reference.values.mean())
            known = np.isfinite(marked).any()
            notated.append(float(np.nanmean(marked)) if known else np.nan)
    spread = float(np.mean(human)) / max(float(np.mean(own)), 0.05)
    slope, centre = level_slope(np.array(notated), np.array(level))
    constant = float(np.mean(own)) < 1e-6
    return Calibration(
        level=round(float(np.mean(level)), 3),
        spread=0.0 if constant else round(spread, 4),
        marking_slope=slope,
        marking_centre=centre,
    )


def level_slope(notated: NDArray[np.float64], level: NDArray[np.float64]) -> tuple[float, float]:
    """Return how far the level of a piece follows its notated level, and the mean of the latter.

    Parameters
    ----------
    notated, level : (n,) arrays
        Mean notated level and mean velocity of each performance, in velocity units; NaN where
        nothing is notated. Fewer than ten that are known say nothing: slope 0.
    """
    known = np.isfinite(notated)
    if known.sum() < 10 or notated[known].std() < 1:
        return 0.0, 64.0
    slope = float(np.polyfit(notated[known], level[known], 1)[0])
    return round(min(max(slope, 0.0), 1.0), 4), round(float(notated[known].mean()), 3)


def _least_squares(
    recipe: HeadRecipe, members: Sequence[FittedMember], prepared: Sequence[Prepared]
) -> Calibration:
    predicted = [run_head(recipe, members, piece) for piece in prepared]
    return least_squares(predicted, prepared, recipe.target)


def least_squares(
    predicted: Sequence[FloatColumn], prepared: Sequence[Prepared], target: Target
) -> Calibration:
    """Return the factor that leaves the least squared error, about the neutral value.

    Each performance counts alike, whatever its length.

    Parameters
    ----------
    predicted : sequence of (n,) arrays
        Standardised values of each piece.
    prepared : sequence of Prepared
    target : Target
    """
    product, square = 0.0, 0.0
    for piece, values in zip(prepared, predicted, strict=True):
        standard = in_scope(values, piece.piece.notes, target)
        for reference in piece.references:
            if len(reference.rows):
                own = standard[reference.rows]
                product += float(np.mean(own * (reference.values - target.neutral)))
                square += float(np.mean(own**2))
    spread = product / square if square > 1e-9 else 0.0
    return Calibration(level=target.neutral, spread=round(max(spread, 0.0), 6))


_STEPS, _RIDGE = 30, 1e-3  # of Newton's method; holds the line to the odds as they are


def _likeliest(
    recipe: HeadRecipe, members: Sequence[FittedMember], prepared: Sequence[Prepared]
) -> Calibration:
    """Fit the spread of log odds to what pianists did; each performance counts alike.

    The mean probability stays: how often pianists pedal is read off all compositions that trees
    and nets were fitted to, not off the few that are held out.

    Reference: Platt, Probabilistic outputs for support vector machines, 1999.
    """
    odds, events, weights = [], [], []
    for piece in prepared:
        own = in_scope(run_head(recipe, members, piece), piece.piece.notes, recipe.target)
        for reference in piece.references:
            if len(reference.rows):
                odds.append(own[reference.rows])
                events.append(reference.values)
                weights.append(np.full(len(reference.rows), 1.0 / len(reference.rows)))
    if not odds:
        return Calibration(level=0.0, spread=1.0)
    own, event, weight = (np.concatenate(part) for part in (odds, events, weights))
    spread = max(fit_odds(own, event, weight)[1], 0.0)
    level = level_of_rate(spread * own, weight, np.average(_chance(own), weights=weight))
    return Calibration(level=round(level, 6), spread=round(spread, 6))


def fit_odds(
    log_odds: NDArray[np.float64], event: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the level and the factor of log odds that make events likeliest.

    Parameters
    ----------
    log_odds, event, weight : (n,) arrays
        Events are 0 or 1, or shares between.
    """
    design = np.column_stack([np.ones(len(log_odds)), log_odds])
    share, plain = weight / weight.sum(), np.array([0.0, 1.0])
    line = plain.copy()
    for _ in range(_STEPS):
        probability = _chance(design @ line)
        slope = design.T @ (share * (probability - event)) + _RIDGE * (line - plain)
        curve = (design * (share * probability * (1 - probability))[:, None]).T @ design
        line = line - np.linalg.solve(curve + _RIDGE * np.eye(2), slope)
    return float(line[0]), float(line[1])


def level_of_rate(log_odds: NDArray[np.float64], weight: NDArray[np.float64], rate: float) -> float:
    """Return what must be added to log odds so that the mean probability is a rate, 0 to 1."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        below = np.average(_chance(log_odds + middle), weights=weight) < rate
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def _chance(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30))))
