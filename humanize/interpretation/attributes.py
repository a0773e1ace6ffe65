"""Attributes of an interpretation: what it is like in one number each, and how to change that.

Each attribute measures itself on an interpretation and can move it by an amount of its unit. Moves
of several are made in turns, those that were not asked for moved back to where they were, so that
each slider changes its own attribute alone. Sliders count in standard deviations of pianists:
how far performances of one and the same composition differ ((n)ASAP, train;
``scripts/measure_pianists.py``).

References
----------
Grachten & Widmer 2012 and Cancino-Chacon et al. 2018 (what such parameters describe); Goebl,
Melody lead in piano performance, JASA 110, 2001. Sliders as directions: Roberts et al., MusicVAE,
ICML 2018.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from humanize.expression import TEMPO, TIMING
from humanize.features.context import Context
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.pedal_share import share_down, with_share_moved
from humanize.interpretation.performing import notated_time_map
from humanize.interpretation.timing import TimeMap, perform_time_map
from humanize.notes import FloatColumn, IntColumn, NoteTable, starts

PIANISTS = Path(__file__).with_name("pianists.json")
"""How pianists differ, as ``scripts/measure_pianists.py`` found."""

PHRASE_BEATS = 2.0
"""The slow curve of velocity is the mean of the notes within this many beats on either side."""

MELODY_BEATS = 0.5
"""A note is melody where none is higher that sounds with it, or begins so near to it."""

_FEWEST = 4  # chords, or notes on either side, that say what a pianist does
SHORTEST_BEAT = 0.1  # shorter intervals are graces and ornaments: they say nothing of the tempo
_ROUNDS = 60
_NEAR = 1e-3  # standard deviations


class Ground:
    """What stays in every interpretation of some notes, found once.

    Parameters
    ----------
    notes : NoteTable
        Notes that are played together, in canonical order.
    notated : TimeMap, optional
        What log beat periods are relative to; that of the notes by default.
    """

    def __init__(self, notes: NoteTable, notated: TimeMap | None = None) -> None:
        self.notes = notes
        self.notated = notated or notated_time_map(notes)

    @cached_property
    def end_beat(self) -> float:
        """Where the last note ends."""
        return float((self.notes.onset_beat + self.notes.duration_beat).max())

    def time_map(self, parameters: PerformanceParameters) -> TimeMap:
        """Return performed time."""
        return perform_time_map(
            self.notated, parameters.onset_beat, parameters.log_beat_period, end_beat=self.end_beat
        )

    @cached_property
    def is_melody(self) -> FloatColumn:
        """1 where a note is the highest of those that sound at its onset or begin near it."""
        onset, pitch = self.notes.onset_beat, self.notes.pitch
        first = np.searchsorted(onset, onset - MELODY_BEATS - 1e-9)
        stop = np.searchsorted(onset, onset + MELODY_BEATS + 1e-9)
        near = highest_between(pitch, first, stop)
        return Context(self.notes).is_skyline * (pitch >= near)

    @cached_property
    def chord(self) -> IntColumn:
        """Number of the onset of each note."""
        return np.cumsum(starts(self.notes.onset_beat)) - 1

    @cached_property
    def size(self) -> IntColumn:
        """How many notes each onset has."""
        return np.bincount(self.chord)

    @cached_property
    def top(self) -> IntColumn:
        """Row of the highest note of each onset: the last, as rows are in order of pitch."""
        return np.cumsum(self.size) - 1

    @cached_property
    def near(self) -> tuple[IntColumn, IntColumn]:
        """First and last row, exclusive, of the notes around each."""
        onset = self.notes.onset_beat
        return (
            np.searchsorted(onset, onset - PHRASE_BEATS - 1e-9),
            np.searchsorted(onset, onset + PHRASE_BEATS + 1e-9),
        )

    def smooth(self, values: FloatColumn) -> FloatColumn:
        """Return for each note the mean of the notes around it."""
        total = np.concatenate([[0.0], np.cumsum(values)])
        first, stop = self.near
        return np.asarray((total[stop] - total[first]) / (stop - first))


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One interpretation of some notes.

    Attributes
    ----------
    ground : Ground
    velocity : (n,) FloatColumn
        Not rounded.
    parameters : PerformanceParameters
        Tempo, asynchrony, articulation and pedal.
    """

    ground: Ground
    velocity: FloatColumn
    parameters: PerformanceParameters


def highest_between(pitch: IntColumn, first: IntColumn, stop: IntColumn) -> IntColumn:
    """Return the highest pitch from each first row to before each stop."""
    edges = np.column_stack([first, stop]).ravel()
    padded = np.append(pitch, 0)  # a stop may be the end
    return np.asarray(np.maximum.reduceat(padded, edges)[::2])


class Attribute(ABC):
    """What an interpretation is like in one respect.

    Attributes
    ----------
    name : str
        Of the option too.
    aspect : str
        What of a performance it changes.
    unit : str
    more, less : str
        What it is where there is more of it, and less.
    """

    name: ClassVar[str]
    aspect: ClassVar[str]
    unit: ClassVar[str]
    more: ClassVar[str]
    less: ClassVar[str]

    def measure(self, expression: Expression) -> float:
        """Return the attribute in its unit; NaN where the notes do not say."""
        return self._measure(expression)

    def moved(self, expression: Expression, by: float) -> Expression:
        """Return an interpretation that has about so much more of it."""
        return self._moved(expression, by)

    @abstractmethod
    def _measure(self, expression: Expression) -> float: ...

    @abstractmethod
    def _moved(self, expression: Expression, by: float) -> Expression: ...


class _OfVelocity(Attribute):
    aspect = "velocity"
    unit = "MIDI velocity"

    @abstractmethod
    def _change(self, ground: Ground, velocity: FloatColumn, by: float) -> FloatColumn:
        """Return what is added to the velocities."""

    def _moved(self, expression: Expression, by: float) -> Expression:
        added = self._change(expression.ground, expression.velocity, by)
        return replace(expression, velocity=expression.velocity + added)


class Loudness(_OfVelocity):
    """Mean velocity."""

    name, more, less = "loudness", "louder", "softer"

    def _measure(self, expression: Expression) -> float:
        return float(expression.velocity.mean())

    def _change(self, ground: Ground, velocity: FloatColumn, by: float) -> FloatColumn:
        return np.full(len(velocity), by)


class Spread(_OfVelocity):
    """Standard deviation of velocity."""

    name, more, less = "spread", "wider", "narrower"

    def _measure(self, expression: Expression) -> float:
        return float(expression.velocity.std())

    def _change(self, ground: Ground, velocity: FloatColumn, by: float) -> FloatColumn:
        return _stretched(velocity, velocity, by)


class Melody(_OfVelocity):
    """Mean velocity of the notes that are the highest sounding, less that of the others."""

    name, more, less = "melody", "stronger", "weaker"

    def _measure(self, expression: Expression) -> float:
        melody = expression.ground.is_melody > 0
        if min(int(melody.sum()), int((~melody).sum())) < _FEWEST:
            return np.nan
        velocity = expression.velocity
        return float(velocity[melody].mean() - velocity[~melody].mean())

    def _change(self, ground: Ground, velocity: FloatColumn, by: float) -> FloatColumn:
        return by * (ground.is_melody - ground.is_melody.mean())


class Phrasing(_OfVelocity):
    """Standard deviation of the slow curve of velocity (``PHRASE_BEATS``)."""

    name, more, less = "phrasing", "more arched", "flatter"

    def _measure(self, expression: Expression) -> float:
        return float(expression.ground.smooth(expression.velocity).std())

    def _change(self, ground: Ground, velocity: FloatColumn, by: float) -> FloatColumn:
        return _stretched(ground.smooth(velocity), velocity, by)


def _stretched(curve: FloatColumn, velocity: FloatColumn, by: float) -> FloatColumn:
    """Return what is added where the spread of a curve within the velocities grows by so much."""
    spread = float(curve.std())
    if spread < 1e-6:
        return np.zeros(len(velocity))
    return np.asarray((curve - curve.mean()) * (max(by, -0.9 * spread) / spread))


class Lead(Attribute):
    """How much earlier the top note of a chord is than the mean of the others."""

    name, aspect, unit = "lead", "timing", "milliseconds"
    more, less = "further ahead", "less ahead"

    def _measure(self, expression: Expression) -> float:
        ground, early = expression.ground, -expression.parameters.asynchrony_ms
        size, total = ground.size, np.bincount(ground.chord, early)
        widest = np.zeros(len(size))
        np.maximum.at(widest, ground.chord, np.abs(early))
        known = (size > 1) & (widest <= TIMING.high)
        top = early[ground.top]
        others = (total - top)[known] / (size[known] - 1)
        return float((top[known] - others).mean()) if known.sum() >= _FEWEST else np.nan

    def _moved(self, expression: Expression, by: float) -> Expression:
        ground, parameters = expression.ground, expression.parameters
        size = ground.size[ground.chord]
        later = np.where(size > 1, by / size, 0.0)
        later[ground.top] -= np.where(ground.size > 1, by, 0.0)
        moved = replace(parameters, asynchrony_ms=parameters.asynchrony_ms + later)
        return replace(expression, parameters=moved)


class Legato(Attribute):
    """Mean log articulation: how long keys are held over what is written."""

    name, aspect, unit = "legato", "articulation", "natural logarithm"
    more, less = "more legato", "more detached"

    def _measure(self, expression: Expression) -> float:
        return float(expression.parameters.log_articulation.mean())

    def _moved(self, expression: Expression, by: float) -> Expression:
        parameters = expression.parameters
        held = parameters.log_articulation + by
        return replace(expression, parameters=replace(parameters, log_articulation=held))


class RubatoDepth(Attribute):
    """Standard deviation of the log beat period, from onset to onset."""

    name, aspect, unit = "rubato_depth", "tempo", "natural logarithm"
    more, less = "freer", "steadier"

    def _measure(self, expression: Expression) -> float:
        period = expression.parameters.log_beat_period[:-1]
        period = period[np.diff(expression.parameters.onset_beat) >= SHORTEST_BEAT]
        if not len(period):
            return np.nan
        return float(np.clip(period - np.median(period), TEMPO.low, TEMPO.high).std())

    def _moved(self, expression: Expression, by: float) -> Expression:
        parameters = expression.parameters
        period, spread = parameters.log_beat_period, self.measure(expression)
        if not spread > 1e-6:
            return expression
        new = period.mean() + (period - period.mean()) * (1 + max(by / spread, -0.9))
        length = np.diff(parameters.onset_beat, append=parameters.onset_beat[-1] + 1.0)
        lasting = np.sum(length * np.exp(period)) / np.sum(length * np.exp(new))
        new = new + np.log(lasting)  # the whole lasts as long as before
        return replace(expression, parameters=replace(parameters, log_beat_period=new))


class PedalDepth(Attribute):
    """Share of the time that the damper pedal is down."""

    name, aspect, unit = "pedal_depth", "pedal", "share of time"
    more, less = "more pedal", "drier"

    def _measure(self, expression: Expression) -> float:
        ground, parameters = expression.ground, expression.parameters
        if not len(parameters.pedal_press_ms):
            return np.nan
        return share_down(parameters, ground.time_map(parameters), ground.end_beat)

    def _moved(self, expression: Expression, by: float) -> Expression:
        ground, parameters = expression.ground, expression.parameters
        if not len(parameters.pedal_press_ms):
            return expression
        new = with_share_moved(parameters, ground.time_map(parameters), ground.end_beat, by)
        return replace(expression, parameters=new)


ATTRIBUTES: Mapping[str, Attribute] = {
    a.name: a
    for a in (
        Loudness(), Spread(), Melody(), Lead(), Legato(), PedalDepth(), RubatoDepth(), Phrasing(),
    )
}  # fmt: skip
"""Every attribute by name, in the order in which they are listed."""


@cache
def pianists() -> dict[str, Any]:
    """Return how pianists differ: by attribute, its standard deviation and more."""
    known: dict[str, Any] = json.loads(PIANISTS.read_text(encoding="utf-8"))
    return known


def spread_of(name: str) -> float:
    """Return the standard deviation of an attribute among pianists of one composition."""
    return float(pianists()["attributes"][name]["sd"])


def measured(expression: Expression) -> dict[str, float]:
    """Return every attribute of an interpretation by name; NaN where the notes do not say."""
    return {name: attribute.measure(expression) for name, attribute in ATTRIBUTES.items()}


def shifted(
    expression: Expression, sliders: Mapping[str, float], aspects: tuple[str, ...]
) -> Expression:
    """Return an interpretation with its attributes moved, as far as it can be done.

    Parameters
    ----------
    expression : Expression
    sliders : mapping of str to float
        Standard deviations of pianists by attribute; 0 where one is not named.
    aspects : tuple of str
        Only attributes of these are moved; those of an aspect that were not asked for stay as they
        are, one against the other.
    """
    asked = {ATTRIBUTES[name].aspect for name, amount in sliders.items() if amount}
    if "tempo" in asked:
        asked.add("pedal")  # a share of the time, which the tempo changes
    before = expression
    for aspect in aspects:
        own = [a for a in ATTRIBUTES.values() if a.aspect == aspect and aspect in asked]
        wanted = {a: a.measure(before) + sliders.get(a.name, 0.0) * spread_of(a.name) for a in own}
        expression = _settled(expression, wanted)
    return expression


def _settled(expression: Expression, wanted: Mapping[Attribute, float]) -> Expression:
    """Return the interpretation in which each attribute is where it should be, moved in turns."""
    for _ in range(_ROUNDS):
        largest = 0.0
        for attribute, target in wanted.items():
            missing = target - attribute.measure(expression)
            if np.isfinite(missing) and missing:
                expression = attribute.moved(expression, missing)
                largest = max(largest, abs(missing) / spread_of(attribute.name))
        if largest < _NEAR:
            break
    return expression
