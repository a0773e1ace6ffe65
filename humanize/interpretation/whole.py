"""Settings of a whole performance, and what they make of one interpretation.

Velocities are those of ``interpret``; tempo, asynchrony, articulation and pedal are predicted here,
moved by sliders, and drums and what follows them get their lags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from humanize.errors import OptionError
from humanize.expression import ASPECTS
from humanize.interpretation.interpret import Interpretation, Settings
from humanize.interpretation.parameters import Amounts, PerformanceParameters, Writing
from humanize.interpretation.performing import perform
from humanize.options import OPTIONS, PERFORM_OPTIONS, checked
from humanize.options.selections import GROOVE, track_numbers
from humanize.options.sliders import PERFORM_SLIDERS


@dataclass(frozen=True, kw_only=True)
class PerformSettings:
    """The options of a whole performance, checked.

    Attributes
    ----------
    velocity : Settings
        Those of every call.
    aspects : tuple of str
        What is performed.
    pedal : "auto", "keep", "add", "replace" or "none"
    writing : Writing
        Its pedal is "keep" where ``pedal`` is "auto", until the file is known.
    swing : float or None
        Of drums.
    feel_tracks : sequence of int or str, or None
        Tracks whose timing follows them.
    """

    velocity: Settings
    aspects: tuple[str, ...]
    pedal: str
    writing: Writing
    swing: float | None = None
    feel_tracks: Sequence[int | str] | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> PerformSettings:
        """Return the settings that options ask for.

        Raises
        ------
        OptionError
            For an unknown option, or one that makes no sense.
        ModelError
            For an unknown model.
        """
        known = checked(options, PERFORM_OPTIONS)
        amounts = Amounts(**{n: known[n] for n in ("rubato", "timing", "articulation")})
        own = {name: value for name, value in options.items() if name in OPTIONS}
        if known["swing"] is not None and known["drums"] is None:
            own["drums"] = GROOVE
        velocity = Settings.of(own)
        velocity = velocity.sliding({option.name: known[option.name] for option in PERFORM_SLIDERS})
        if known["feel_tracks"] is not None and known["swing"] is known["feel"] is None:
            raise OptionError(
                "feel_tracks: found without feel or swing; expected one that the tracks follow"
            )
        return cls(
            velocity=velocity,
            aspects=known["only"] or ASPECTS,
            pedal=known["pedal"],
            swing=known["swing"],
            feel_tracks=known["feel_tracks"],
            writing=Writing(
                mode=known["write"],
                pedal="keep" if known["pedal"] == "auto" else known["pedal"],
                pedal_values=known["pedal_values"],
                amounts=amounts,
            ),
        )

    @property
    def is_nothing(self) -> bool:
        """Whether every amount is 0, so that a file comes back as it was."""
        amounts = self.writing.amounts
        own = (amounts.rubato, amounts.timing, amounts.articulation)
        return not any((self.velocity.shaping.strength, *own))

    def writing_with(self, pedalled: bool) -> Writing:
        """Return how music is written that has a pedal, which is kept, or none: one is added."""
        if self.pedal != "auto":
            return self.writing
        adds = "pedal" in self.aspects and not pedalled and not self.is_nothing
        return replace(self.writing, pedal="add" if adds else "keep")


def parameters_of(
    interpretation: Interpretation, settings: PerformSettings, names: Sequence[str]
) -> PerformanceParameters:
    """Return what is performed of one table, velocities among it where they are asked for.

    Parameters
    ----------
    interpretation : Interpretation
        Of the table; its velocities are those that are performed.
    settings : PerformSettings
    names : sequence of str
        Of the tracks, which ``feel_tracks`` may name.

    Raises
    ------
    OptionError
        For a track that is not there.
    ModelError
        If the model predicts velocity alone.
    """
    notes = interpretation.notes
    timed = () if notes.timing == "performed" else settings.aspects
    needed = _needed(timed, settings)
    selected = interpretation.selected
    own = perform(
        notes,
        settings.velocity.model,
        needed,
        selected=selected,
        deviations=interpretation.deviations,
    )
    if settings.velocity.sliders:
        from humanize.interpretation.sliding import slide_performance

        own = slide_performance(notes, own, settings.velocity.sliders, needed, selected)
    if "timing" in needed:
        own = _with_groove(own, interpretation, settings, names)
    return replace(own, velocity=interpretation.velocity)


def _with_groove(
    own: PerformanceParameters,
    interpretation: Interpretation,
    settings: PerformSettings,
    names: Sequence[str],
) -> PerformanceParameters:
    """Return parameters with the lags of drums, and of the tracks that follow them."""
    notes, lag = interpretation.notes, interpretation.drum_lag_ms
    follow = np.zeros(len(notes), dtype=bool)
    if settings.feel_tracks is not None:
        numbers = track_numbers(settings.feel_tracks, names, option="feel_tracks")
        follow = np.isin(notes.track, numbers) & notes.pitched & interpretation.selected
    if not len(lag) and not follow.any():
        return own
    from humanize.drums.choosing import choose_feel  # few files have a groove
    from humanize.drums.swing import followed_lags, swing_lags

    lag = (
        np.where(interpretation.selected, lag, np.nan) if len(lag) else np.full(len(notes), np.nan)
    )
    if settings.swing is not None:
        lag = lag + swing_lags(notes, settings.swing)
    feel = settings.velocity.feel
    if follow.any():
        known = None if feel is None else choose_feel(feel)
        lag[follow] = followed_lags(notes, np.flatnonzero(follow), known, settings.swing)
    together = np.where(follow, 0.0, own.asynchrony_ms)
    return replace(own, drum_lag_ms=lag, asynchrony_ms=together)


def _needed(aspects: tuple[str, ...], settings: PerformSettings) -> tuple[str, ...]:
    """Return the aspects whose predictions reach the file."""
    amounts = settings.writing.amounts
    pedals = settings.pedal in ("auto", "add", "replace") and not settings.is_nothing
    factor = {
        "velocity": 0.0,
        "tempo": amounts.rubato,
        "timing": amounts.timing,
        "articulation": amounts.articulation,
        "pedal": float(pedals),
    }
    return tuple(aspect for aspect in aspects if factor[aspect] > 0)
