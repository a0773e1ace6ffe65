"""The one way from a note table to what is written: predict, select, shape, round.

Every caller (Python, the command, training's figures, listening tests, the service, the batch)
comes through ``interpret``; none has a second rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.interpretation.dynamics import (
    Kind,
    taken_for,
    with_written_dynamics,
    without_markings,
)
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import Selection, Shaping
from humanize.models import Model, load_model
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.options import Dynamics, Split, checked


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of a call, checked.

    Attributes
    ----------
    model : Model
    split : "programs", "tracks" or "none"
    dynamics : "auto", "follow" or "ignore"
    shaping : Shaping
    selection : Selection
    """

    model: Model
    split: Split = "programs"
    dynamics: Dynamics = "auto"
    shaping: Shaping = field(default_factory=Shaping)
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """Return the settings that options ask for.

        Raises
        ------
        OptionError
            For an unknown option, or one that makes no sense.
        ModelError
            For an unknown model.
        """
        known = checked(options)
        return cls(
            model=load_model(known["model"]),
            split=known["split"],
            dynamics=known["dynamics"],
            shaping=Shaping(**{n: known[n] for n in ("strength", "mean", "contrast", "range")}),
            selection=Selection(**{n: known[n] for n in ("tracks", "channels", "measures")}),
        )

    @property
    def follow(self) -> bool:
        """Whether written levels are kept to."""
        return self.dynamics == "follow"


@dataclass(frozen=True, kw_only=True)
class Interpretation:
    """What became of one note table.

    Attributes
    ----------
    notes : NoteTable
        What the model read: the table with its written dynamics as markings; ``velocity`` as it
        came.
    predicted : (n,) FloatColumn
        Velocity units, not rounded; NaN where the model was not asked (drums).
    velocity : (n,) IntColumn
        What is written, 1-127.
    selected : (n,) bool array
        Which notes the options let change, and the model knows.
    changed : (n,) bool array
        Which of them were written; none at strength 0.
    kinds : frozenset of "flat", "plateaus" and "performed"
        What the velocities of its instruments were taken for; empty where nobody asked.
    """

    notes: NoteTable
    predicted: FloatColumn
    velocity: IntColumn
    selected: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    kinds: frozenset[Kind] = frozenset()


def interpret(
    notes: NoteTable, settings: Settings, *, track_names: Sequence[str] = ()
) -> Interpretation:
    """Give every selected note of a table its velocity.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    settings : Settings
    track_names : sequence of str
        Names that a selection of tracks may use, the first of track 1.

    Raises
    ------
    OptionError
        For a track, channel or measure that cannot be.
    ModelError
        If the model has no route for such notes.
    """
    marked, kinds = _with_dynamics(notes, settings.dynamics)
    predicted = predict_notes(marked, settings.model, follow=settings.follow)
    selected = settings.selection.mask(notes, track_names) & np.isfinite(predicted)
    changed = selected & (settings.shaping.strength > 0)
    return Interpretation(
        notes=marked,
        predicted=predicted,
        velocity=settings.shaping.apply(np.where(changed, predicted, np.nan), notes.velocity),
        selected=selected,
        changed=changed,
        kinds=kinds,
    )


def _with_dynamics(notes: NoteTable, dynamics: Dynamics) -> tuple[NoteTable, frozenset[Kind]]:
    """Return the notes with their written dynamics, and what their velocities are taken for."""
    if dynamics == "ignore":
        return without_markings(notes), frozenset()
    if notes.markings:
        return notes, frozenset()  # a score says it itself
    marked, kinds = with_written_dynamics(notes)
    return marked, frozenset(kinds.values())


def messages_of(interpretations: Collection[Interpretation], settings: Settings) -> tuple[str, ...]:
    """Return what a user should know of how velocities were taken, a line each."""
    found: set[Kind] = set().union(*(i.kinds for i in interpretations))
    mixed = settings.shaping.strength < 1
    line = taken_for(found - {"flat"}, follow=settings.follow, mixed=mixed)
    return (line,) if line else ()
