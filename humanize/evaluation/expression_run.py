"""Tempo, timing, articulation and pedal of models beside pianists on a corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from humanize.corpus.performed import performed_values, time_map
from humanize.corpus.pieces import Corpus, Performance, Piece, SplitName
from humanize.evaluation.expression_metrics import (
    LEAST,
    Beats,
    auc,
    beat_periods,
    beats_of,
    before_the_end,
    cumulated,
    error_over_constant,
    f1_at_rate,
    known_r,
    spread_of_known,
    within_measures,
)
from humanize.evaluation.metrics import FloatColumn
from humanize.evaluation.run import seen_by
from humanize.evaluation.statistics import Estimate, by_composition, estimate
from humanize.expression import (
    ARTICULATION,
    PEDAL_DOWN,
    PEDAL_LIFT,
    PEDAL_PRESS,
    TEMPO,
    TIMING,
    Target,
    targets_of,
)
from humanize.features import feature_table
from humanize.interpretation.rules import final_ritardando
from humanize.models import Model
from humanize.models.base import Condition
from humanize.models.provenance import MUSIC_OF_ADDED_HEADS
from humanize.notes import NoteTable, starts

PAIR, OTHERS = "two pianists", "one pianist and the mean of the others"
RITARDANDO = "final ritardando"
BEATS, _LEAD = "beats", "melody lead"  # series that are read off others
Series = Mapping[str, FloatColumn]
"""By name of a target (or ``beats``, ``melody lead``), a value for each note, onset or beat."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One number that two series are compared by.

    Attributes
    ----------
    name : str
        As tables call it.
    series : str
        Which of the series is compared.
    metric : callable
        From reference, estimate and the beats of the piece to a number.
    of_pianists : bool
        Whether it says something of two pianists too.
    """

    name: str
    series: str
    metric: Callable[[FloatColumn, FloatColumn, Beats], float]
    of_pianists: bool = True


def _plain(metric: Callable[[FloatColumn, FloatColumn], float]) -> Callable[..., float]:
    return lambda reference, estimated, beats: metric(reference, estimated)


def _beats_r(reference: FloatColumn, estimated: FloatColumn, beats: Beats) -> float:
    return known_r(reference * before_the_end(beats), estimated)


def _of(name: str, target: Target) -> tuple[Measured, ...]:
    """Return the three measures of a quantity: r, spread ratio, error over a constant's."""
    return (
        Measured(name=f"{name}, r", series=target.name, metric=_plain(known_r)),
        Measured(
            name=f"{name}, spread ratio",
            series=target.name,
            metric=_plain(spread_of_known),
            of_pianists=False,
        ),
        Measured(
            name=f"{name}, error over a constant's",
            series=target.name,
            metric=_plain(error_over_constant),
        ),
    )


def _of_event(name: str, target: Target) -> tuple[Measured, ...]:
    """Return the measures of an event: phi (r of the soft prediction), AUC, F1 at the rate."""
    return (
        Measured(name=f"{name}, phi", series=target.name, metric=_plain(known_r)),
        Measured(name=f"{name}, AUC", series=target.name, metric=_plain(auc), of_pianists=False),
        Measured(name=f"{name}, F1 at the human rate", series=target.name,
                 metric=_plain(f1_at_rate)),
    )  # fmt: skip


MEASURES: dict[str, tuple[Measured, ...]] = {
    TEMPO.aspect: (
        Measured(name="beats within 8 measures, r", series=BEATS, metric=within_measures),
        *_of("log IOI", TEMPO),
        Measured(name="beats but the last 2 measures, r", series=BEATS, metric=_beats_r),
        Measured(
            name="beats, spread ratio",
            series=BEATS,
            metric=_plain(spread_of_known),
            of_pianists=False,
        ),
    ),
    TIMING.aspect: (
        *_of("asynchrony", TIMING),
        Measured(name="melody lead, r", series=_LEAD, metric=_plain(known_r)),
    ),
    ARTICULATION.aspect: _of("articulation", ARTICULATION),
    PEDAL_LIFT.aspect: (
        *_of_event("lift", PEDAL_LIFT),
        *_of_event("press", PEDAL_PRESS),
        Measured(name="share of time down, r", series=PEDAL_DOWN.name, metric=_plain(known_r)),
    ),
}
"""What each target is measured by; the first of each is the headline."""

Row = tuple[str, str, str, str, str, float]
COLUMNS = ("model", "composition", "piece", "performance", "metric", "value")


@dataclass(frozen=True, kw_only=True)
class ExpressionEvaluation:
    """Everything that was measured of one target.

    Attributes
    ----------
    aspect, condition, split : str
    models : tuple of str
        The models, and baselines after them.
    pieces : sequence of Piece
    rows : list of Row
        One per model, performance and metric, in the order of ``COLUMNS``. Pianists stand among
        the models, as ``PAIR`` and ``OTHERS``.
    excluded : tuple of (str, str)
    seen : tuple of str
        Models that were trained on compositions of these.
    """

    aspect: str
    condition: Condition
    split: SplitName
    models: tuple[str, ...]
    pieces: Sequence[Piece]
    rows: list[Row]
    excluded: tuple[tuple[str, str], ...] = field(default=())
    seen: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[Measured, ...]:
        """What was measured, the headline first."""
        return MEASURES[self.aspect]

    def means(self, model: str, metric: str) -> dict[str, float]:
        """Return a metric of a model by composition."""
        own = [(r[1], r[5]) for r in self.rows if r[0] == model and r[4] == metric]
        return by_composition([(name, value) for name, value in own if np.isfinite(value)])

    def estimate(self, model: str, metric: str) -> Estimate:
        """Return a metric of a model over compositions, with its interval."""
        return estimate(self.means(model, metric))

    def ratio(self, model: str, metric: str) -> float:
        """Return a model's value over that of two pianists, on compositions that have both."""
        own, pair = self.means(model, metric), self.means(PAIR, metric)
        shared = sorted(own.keys() & pair.keys())
        of_pair = float(np.mean([pair[c] for c in shared])) if shared else 0.0
        if abs(of_pair) < 1e-9:
            return float("nan")
        return float(np.mean([own[c] for c in shared])) / of_pair


def evaluate_expression(
    corpus: Corpus,
    models: Mapping[str, Model],
    *,
    aspect: str,
    condition: Condition,
    split: SplitName,
    tell: Callable[[str], None] = lambda text: None,
) -> ExpressionEvaluation:
    """Compare what models predict with every robustly aligned performance.

    Parameters
    ----------
    corpus : Corpus
        As ``humanize.evaluation.run.load_condition`` returns it.
    models : mapping of str to Model
    aspect : "tempo", "timing", "articulation" or "pedal"
    condition, split : str
    tell : callable
        Told what is being done.

    Raises
    ------
    ModelError
        If a model does not predict it.
    """
    pieces = [p for p in corpus.pieces if any(_usable(q) for q in p.performances)]
    tell(f"{aspect}: {len(pieces)} pieces ({condition}, {split})")
    rows: list[Row] = []
    baselines = (RITARDANDO,) if aspect == TEMPO.aspect else ()
    for piece in pieces:
        own = {name: predicted(piece, model, aspect, condition) for name, model in models.items()}
        if baselines:
            own[RITARDANDO] = tempo_series(piece.notes, final_ritardando(piece.notes))
        rows += _rows(piece, own, aspect)
    return ExpressionEvaluation(
        aspect=aspect,
        condition=condition,
        split=split,
        models=(*models, *baselines),
        pieces=pieces,
        rows=rows,
        excluded=corpus.excluded,
        seen=tuple(name for name, model in models.items() if _seen(model, pieces, condition)),
    )


def _seen(model: Model, pieces: Sequence[Piece], condition: Condition) -> bool:
    """Return whether the heads beside velocity were fitted to one of these compositions."""
    own = model.manifest.get(MUSIC_OF_ADDED_HEADS, {}).get(condition)
    if own is None:
        return bool(seen_by(model, pieces, condition))
    return not {piece.composition for piece in pieces}.isdisjoint(own)


def _usable(performance: Performance) -> bool:
    return performance.robust and len(performance.rows) >= LEAST


def _rows(piece: Piece, models: Mapping[str, Series], aspect: str) -> list[Row]:
    played = [(q.id, performed(piece, q, aspect)) for q in piece.performances if _usable(q)]
    beats = beats_of(piece.notes)
    rows: list[Row] = []

    def compare(name: str, about: str, reference: Series, estimated: Series, humans: bool) -> None:
        for own in MEASURES[aspect]:
            if own.of_pianists or not humans:
                value = own.metric(reference[own.series], estimated[own.series], beats)
                rows.append((name, piece.composition, piece.id, about, own.name, value))

    for about, reference in played:
        for name, estimated in models.items():
            compare(name, about, reference, estimated, False)
        if len(played) > 1:
            others = mean_series([own for other, own in played if other != about])
            compare(OTHERS, about, reference, others, True)
    for (about, one), (other, two) in combinations(played, 2):
        compare(PAIR, f"{about} {other}", one, two, True)
    return rows


def mean_series(series: Sequence[Series]) -> Series:
    """Return the mean of each series over those who know; NaN where nobody does."""
    found = {}
    for name in series[0]:
        stacked = np.stack([own[name] for own in series])
        known = np.isfinite(stacked)
        count = known.sum(axis=0)
        total = np.where(known, stacked, 0.0).sum(axis=0)
        found[name] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def performed(piece: Piece, performance: Performance, aspect: str) -> Series:
    """Return what a pianist did: of onsets a value each, of notes a value each, of beats too."""
    first = starts(piece.notes.onset_beat)
    found: dict[str, FloatColumn] = {}
    for target in targets_of([aspect]):
        values = performed_values(piece, performance, target)
        found[target.name] = values[first] if target.scope == "onset" else values
    if aspect == TEMPO.aspect:
        beats, played = beats_of(piece.notes), time_map(piece.notes, performance)
        unknown = np.full(len(beats.beat), np.nan)
        found[BEATS] = unknown if played is None else beat_periods(played, beats)
    if aspect == TIMING.aspect:
        found[_LEAD] = melody_lead(piece.notes, found[TIMING.name])
    return found


def predicted(piece: Piece, model: Model, aspect: str, condition: Condition) -> Series:
    """Return what a model predicts, as ``performed`` returns what a pianist did."""
    if condition == "marked" and not piece.notes.markings:
        condition = "flat"
    wanted = [target.name for target in targets_of([aspect])]
    table = feature_table(piece.notes, model.feature_names(condition, wanted))
    values = model.predict(table, condition, wanted)
    group = np.cumsum(starts(piece.notes.onset_beat)) - 1
    found: dict[str, FloatColumn] = {}
    for target in targets_of([aspect]):
        own = values[target.name]
        mean = np.bincount(group, own) / np.bincount(group)
        found[target.name] = mean if target.scope == "onset" else own
    if aspect == TEMPO.aspect:
        return tempo_series(piece.notes, found[TEMPO.name])
    if aspect == TIMING.aspect:
        found[_LEAD] = melody_lead(piece.notes, found[TIMING.name])
    return found


def tempo_series(notes: NoteTable, log_beat_period: FloatColumn) -> Series:
    """Return the series of tempo of a log beat period for each onset: itself, and at beats."""
    onset = notes.onset_beat[starts(notes.onset_beat)]
    beats = beats_of(notes)
    if len(onset) < 2:
        return {TEMPO.name: log_beat_period, BEATS: np.full(len(beats.beat), np.nan)}
    played = cumulated(onset, log_beat_period)
    return {TEMPO.name: log_beat_period, BEATS: beat_periods(played, beats)}


def melody_lead(notes: NoteTable, asynchrony_ms: FloatColumn) -> FloatColumn:
    """Return by how much the highest note of each chord comes before the mean of the others, ms.

    NaN where no other note of the onset is known.
    """
    first = np.flatnonzero(starts(notes.onset_beat))
    group = np.cumsum(starts(notes.onset_beat)) - 1
    top = np.append(first[1:], len(notes)) - 1  # of an onset, pitches ascend
    known = np.isfinite(asynchrony_ms)
    known[top] = False
    count = np.bincount(group, known, minlength=len(first))
    total = np.bincount(group, np.where(known, asynchrony_ms, 0.0), minlength=len(first))
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.asarray(mean - asynchrony_ms[top])
