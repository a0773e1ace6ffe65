"""The one way from a note table to what is written: predict, select, shape, round.

Every caller (Python, the command, training's figures, listening tests, the service, the batch)
comes through ``interpret``; none has a second rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from humanize.drums.wording import said_of_no_drums
from humanize.interpretation.dynamics import (
    Kind,
    is_mix,
    mix_groups,
    taken_for,
    with_shared_levels,
    with_written_dynamics,
    without_markings,
)
from humanize.interpretation.prediction import predict_notes
from humanize.interpretation.shaping import Selection, Shaping
from humanize.models import Model, load_model
from humanize.notes import FloatColumn, IntColumn, NoteTable
from humanize.options import DEFAULT_SEED, Dynamics, Split, checked
from humanize.options.selections import GROOVE, track_numbers
from humanize.options.sliders import STYLE, VELOCITY_SLIDERS

if TYPE_CHECKING:
    from humanize.drums.playing import PlayedDrums
    from humanize.interpretation.sampling import Deviations


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of a call, checked.

    Attributes
    ----------
    model : Model
    split : "programs", "tracks" or "none"
    drums : sequence of int or str, "groove" or None
        "groove": drums are played too.
    key_switches : "keep" or "shape"
    dynamics : "auto", "follow" or "ignore"
    dynamics_amount : float or None
    balance : float
    shaping : Shaping
    selection : Selection
    track_strength : mapping of str to float, or None
    ornaments : "played" or "written"
        Of a score that becomes MIDI.
    feel : str, Path or None
        How drums are played.
    seed : int
        Which take.
    freedom : float
        How far it leaves the mean, 0-1.
    sliders : mapping of str to float
        By how much attributes are moved, those of the style among it, in standard deviations of
        pianists.
    """

    model: Model
    split: Split = "programs"
    drums: Sequence[int | str] | str | None = None
    key_switches: str = "keep"
    dynamics: Dynamics = "auto"
    dynamics_amount: float | None = None
    balance: float = 0.0
    shaping: Shaping = field(default_factory=Shaping)
    selection: Selection = field(default_factory=Selection)
    track_strength: Mapping[str, float] | None = None
    ornaments: str = "played"
    feel: str | Path | None = None
    seed: int = DEFAULT_SEED
    freedom: float = 0.0
    sliders: Mapping[str, float] = field(default_factory=dict)

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
        if known["feel"] is not None and known["drums"] is None:
            known["drums"] = GROOVE
        if known["freedom"] is None:
            known["freedom"] = 0.0 if known["seed"] is None else 1.0
        if known["seed"] is None:
            known["seed"] = DEFAULT_SEED

        def given(*names: str) -> dict[str, Any]:
            return {name: known[name] for name in names}

        model = load_model(known["model"])
        return cls(
            model=model,
            sliders=_sliders(known, model),
            shaping=Shaping(**given("strength", "mean", "contrast", "range")),
            selection=Selection(**given("tracks", "channels", "measures", "pitches", "velocities")),
            **given("split", "drums", "key_switches", "dynamics", "dynamics_amount", "balance"),
            **given("track_strength", "ornaments", "feel", "seed", "freedom"),
        )

    @property
    def reading(self) -> dict[str, Any]:
        """The options that a reader of MIDI takes."""
        return {
            "split": self.split,
            "drums": self.drums,
            "key_switches": self.key_switches == "keep",
        }

    @property
    def plays_drums(self) -> bool:
        """Whether drums get velocities and micro-timing, instead of being left alone."""
        return self.drums == GROOVE

    def playing_drums(self) -> Settings:
        """Return the settings with drums played."""
        return replace(self, drums=GROOVE)

    def sliding(self, sliders: Mapping[str, float]) -> Settings:
        """Return the settings with attributes moved by so much more."""
        names = dict.fromkeys((*self.sliders, *sliders))
        total = {n: self.sliders.get(n, 0.0) + sliders.get(n, 0.0) for n in names}
        return replace(self, sliders={n: value for n, value in total.items() if value})

    @property
    def literal(self) -> float:
        """How literally written levels are kept, 0-1."""
        if self.dynamics_amount is not None:
            return self.dynamics_amount
        return 1.0 if self.dynamics == "follow" else 0.0

    @property
    def keeps_a_mix(self) -> bool:
        """Whether several instruments, each at one velocity, keep their means."""
        return self.shaping.mean is None and self.dynamics == "auto" and self.literal == 0

    @property
    def follow(self) -> bool:
        """Whether written levels are kept to the letter."""
        return self.literal == 1


@dataclass(frozen=True, kw_only=True)
class Interpretation:
    """What became of one note table.

    Attributes
    ----------
    notes : NoteTable
        What the model read: the table with its written dynamics as markings; ``velocity`` as it
        came.
    predicted : (n,) FloatColumn
        Velocity units, not rounded; NaN where no model was asked (drums that are left alone).
    velocity : (n,) IntColumn
        What is written, 1-127.
    selected : (n,) bool array
        Which notes the options let change, and the model knows.
    changed : (n,) bool array
        Which of them were written; none at strength 0.
    kinds : frozenset of "flat", "plateaus" and "performed"
        What the velocities of its instruments were taken for; empty where nobody asked.
    drum_lag_ms : (n,) FloatColumn
        How late each drum is played; NaN for other notes, empty where drums are left alone.
    deviations : Deviations or None
        What a take adds to the mean of pitched notes; None at freedom 0.
    """

    notes: NoteTable
    predicted: FloatColumn
    velocity: IntColumn
    selected: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    kinds: frozenset[Kind] = frozenset()
    drum_lag_ms: FloatColumn = field(default_factory=lambda: np.zeros(0))
    deviations: Deviations | None = None


def interpret(
    notes: NoteTable,
    settings: Settings,
    *,
    track_names: Sequence[str] = (),
    measures: Callable[[str], NDArray[np.bool_]] | None = None,
) -> Interpretation:
    """Give every selected note of a table its velocity.

    Parameters
    ----------
    notes : NoteTable
        In canonical order.
    settings : Settings
    track_names : sequence of str
        Names that a selection of tracks may use, the first of track 1.
    measures : callable, optional
        Which notes a text of measures means, where they have printed numbers.

    Raises
    ------
    OptionError
        For a track, channel or measure that cannot be.
    ModelError
        If the model has no route for such notes.
    """
    mixed = not notes.markings and settings.keeps_a_mix and is_mix(notes)
    marked, kinds = _with_dynamics(notes, "ignore" if mixed else settings.dynamics)
    deviations = _deviations(marked, settings)
    predicted = predict_notes(
        marked,
        settings.model,
        literal=settings.literal,
        balance=settings.balance,
        vary=None if deviations is None else deviations.on_velocity,
    )
    louder = 0.0
    if settings.sliders:  # few calls have some, and they take a while to import
        from humanize.interpretation.sliding import added_loudness, slide_velocity

        predicted = slide_velocity(marked, predicted, settings.sliders)
        louder = added_loudness(settings.sliders) if mixed else 0.0
    lag_ms = np.zeros(0)
    if settings.plays_drums:
        played = _played_drums(notes, settings, track_names)
        predicted = np.where(np.isnan(played.velocity), predicted, played.velocity)
        lag_ms = played.lag_ms
    selected = settings.selection.mask(notes, track_names, measures) & np.isfinite(predicted)
    strength = _strength(notes, settings, track_names)
    changed = selected & (strength > 0)
    velocity = settings.shaping.apply(
        np.where(changed, predicted, np.nan),
        notes.velocity,
        strength=strength,
        groups=mix_groups(notes) if mixed or settings.shaping.mean == "keep" else None,
        louder=louder,
    )
    return Interpretation(
        notes=marked,
        predicted=predicted,
        velocity=velocity,
        selected=selected,
        changed=changed,
        kinds=frozenset({"mix"}) if mixed else kinds,
        drum_lag_ms=lag_ms,
        deviations=deviations,
    )


def _deviations(notes: NoteTable, settings: Settings) -> Deviations | None:
    """Return what the take that is asked for adds to the mean; None where that is nothing."""
    if settings.freedom == 0 or not notes.pitched.any():
        return None
    from humanize.interpretation.sampling import sample_deviations  # few calls ask for a take
    from humanize.models.residuals import bank_for

    bank = bank_for(settings.model)
    return sample_deviations(notes, bank, seed=settings.seed, freedom=settings.freedom)


def _sliders(known: Mapping[str, Any], model: Model) -> Mapping[str, float]:
    """Return by how much each attribute is moved, by the style and its slider together."""
    sliders = {option.name: known[option.name] for option in VELOCITY_SLIDERS}
    if known[STYLE.name]:
        from humanize.styles.style import styled  # reads files, and may ask the model itself

        sliders = styled(sliders, known[STYLE.name], model)
    return {name: value for name, value in sliders.items() if value}


def _strength(notes: NoteTable, settings: Settings, names: Sequence[str]) -> FloatColumn:
    strength = np.full(len(notes), settings.shaping.strength, dtype=np.float64)
    for track, own in (settings.track_strength or {}).items():
        numbers = track_numbers([track], names, option="track_strength")
        strength[np.isin(notes.track, numbers)] = own
    return strength


def _played_drums(notes: NoteTable, settings: Settings, track_names: Sequence[str]) -> PlayedDrums:
    from humanize.drums.choosing import choose_feel  # few calls play drums
    from humanize.drums.playing import click_notes, play_drums

    return play_drums(
        notes,
        left=click_notes(notes, track_names),
        feel=None if settings.feel is None else choose_feel(settings.feel),
        seed=settings.seed,
        freedom=settings.freedom,
    )


def _with_dynamics(notes: NoteTable, dynamics: Dynamics) -> tuple[NoteTable, frozenset[Kind]]:
    """Return the notes with their written dynamics, and what their velocities are taken for."""
    if dynamics == "ignore":
        return without_markings(notes), frozenset()
    if notes.markings:
        return with_shared_levels(notes), frozenset()  # a score says itself what is written
    marked, kinds = with_written_dynamics(notes)
    return marked, frozenset(kinds.values())


def messages_of(interpretations: Collection[Interpretation], settings: Settings) -> tuple[str, ...]:
    """Return what a user should know of how velocities were taken, a line each."""
    found: set[Kind] = set().union(*(i.kinds for i in interpretations))
    mixed = settings.shaping.strength < 1
    tables = [own.notes for own in interpretations]
    lines = (
        taken_for(found - {"flat"}, follow=settings.follow, mixed=mixed),
        said_of_no_drums(tables, "feel") if settings.feel is not None else "",
    )
    return tuple(line for line in lines if line)
