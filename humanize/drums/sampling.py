"""Takes of drums: what one drummer did beside what the model expects, laid onto other hits.

All of a take comes from one performance of the bank, so that it has that drummer's feel: how late
the snare is, how even the hi-hat, how time drifts. Each measure takes what is left of the measure
there whose pattern is most alike, going on where it can, and another one where music repeats.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from humanize.drums.bank import DrumBank
from humanize.drums.hits import TICKS, DrumHits
from humanize.drums.kit import DRUM_NAMES, VOICES, limbs_of
from humanize.notes import FloatColumn, IntColumn, distinct

GHOST, STROKE = 0.45, 0.55
"""Of a drum's loud hits: what the mean puts below the one is a ghost, above the other a stroke."""

WIDER = {"velocity": 1.15, "lag_ms": 1.05}
"""Factors on residuals, which are of takes that the model was fitted to; chosen on validation
(``benchmarks/drums/takes.py``): wider velocities are told less, and agree less with drummers."""

_LOUD = 90  # percentile
_CLOSEST = 12  # takes of the bank that one is drawn from
_MOST_MEASURES = 48  # that are compared to choose it
_STEP, _STEPS = TICKS // 4, 16  # of patterns: sixteenths of four quarters
_GOES_ON, _AGAIN, _CHANCE = 0.15, 0.3, 0.1  # of the likeness of measures
_LONG_AGO = 8  # measures after which one may come again
_STRANGE = 0.5  # of what another drum's velocity says
_FILL = 3  # hits of toms in a measure

Patterns = NDArray[np.float64]


def sample_hits(
    hits: DrumHits,
    expected: Mapping[str, FloatColumn],
    bank: DrumBank,
    *,
    seed: int,
    freedom: float,
    level: bool = True,
) -> dict[str, FloatColumn]:
    """Return velocities and lags of one take.

    Parameters
    ----------
    hits : DrumHits
    expected : mapping of str to (n,) FloatColumn
        ``velocity`` and ``lag_ms``: the mean.
    bank : DrumBank
    seed : int
        The same seed gives the same take on every machine.
    freedom : float
        0 the mean, 1 as far from it as drummers are.
    level : bool
        Whether the take's own level counts: how late and loud it is on the whole. A feel that is
        asked for has its own.
    """
    chosen = lay(hits, bank, seed)
    strange = bank.drum[chosen] != hits.drum
    found = {}
    for name, mean in expected.items():
        rest = bank.residual[name][chosen]
        if not level:
            rest = rest - rest.mean()
        if name == "velocity":
            rest = _rising(np.where(strange, _STRANGE * rest, rest), hits)
        found[name] = mean + freedom * WIDER[name] * rest
    velocity = np.clip(found["velocity"], 1.0, 127.0)
    found["velocity"] = apart(velocity, expected["velocity"], hits)
    return found


def apart(velocity: FloatColumn, mean: FloatColumn, hits: DrumHits) -> FloatColumn:
    """Return velocities of snares in which the mean's ghosts stay ghosts, and strokes strokes."""
    kept = velocity.copy()
    for drum in sorted(set(hits.drum.tolist()) & set(VOICES["snare"])):
        rows = hits.drum == drum
        loud = float(np.percentile(mean[rows], _LOUD))
        ghost, stroke = rows & (mean < GHOST * loud), rows & (mean > STROKE * loud)
        kept[ghost] = np.minimum(kept[ghost], STROKE * loud)
        kept[stroke] = np.maximum(kept[stroke], GHOST * loud)
    return kept


def lay(hits: DrumHits, bank: DrumBank, seed: int) -> IntColumn:
    """Return for each hit the hit of the bank whose residual it takes."""
    draw = np.random.PCG64(np.random.SeedSequence(seed))
    measures, of_hit = np.unique(hits.measure, return_inverse=True)
    wanted = patterns(of_hit, hits.position, hits.drum, len(measures))
    take = _take(hits, wanted, bank, draw)
    rows = slice(int(bank.first[take]), int(bank.first[take + 1]))
    there = patterns(bank.measure[rows], bank.position[rows], bank.drum[rows])
    source = _measures(wanted, there, draw)
    nearest = _Nearest(bank, rows)
    keys = zip(source[of_hit].tolist(), hits.drum.tolist(), hits.position.tolist(), strict=True)
    return np.array([nearest.hit(*key) for key in keys], dtype=np.int64)


def patterns(
    measure: IntColumn, position: IntColumn, drum: IntColumn, count: int | None = None
) -> Patterns:
    """Return what is struck on each sixteenth of each measure, as vectors of length 1."""
    size = int(measure.max()) + 1 if count is None else count
    found = np.zeros((size, len(DRUM_NAMES), _STEPS))
    found[measure, drum, (position + _STEP // 2) // _STEP % _STEPS] = 1.0
    flat = found.reshape(size, -1)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9))


def _take(hits: DrumHits, wanted: Patterns, bank: DrumBank, draw: np.random.PCG64) -> int:
    """Return a take that is drawn from those most like the music in pattern, grid and tempo."""
    some = wanted[:: max(len(wanted) // _MOST_MEASURES, 1)]
    tempo, steps = 60 / float(np.median(hits.beat_sec)), float(np.median(hits.steps))
    alike = -np.abs(np.log2(bank.tempo / tempo)) - 0.5 * (bank.steps != round(steps))
    for number in range(len(bank)):
        rows = slice(int(bank.first[number]), int(bank.first[number + 1]))
        there = patterns(bank.measure[rows], bank.position[rows], bank.drum[rows])
        alike[number] += float((some @ there.T).max(axis=1).mean())
    closest = np.argsort(-alike, kind="stable")[:_CLOSEST]
    return int(closest[draw.random_raw() % len(closest)])


def _measures(wanted: Patterns, there: Patterns, draw: np.random.PCG64) -> IntColumn:
    """Return the measure of a take that each measure is laid from."""
    last = np.full(len(there), -_LONG_AGO)
    struck = there.any(axis=1)
    source = np.zeros(len(wanted), dtype=np.int64)
    before = -1
    for number, own in enumerate(wanted):
        chance = draw.random_raw(len(there)) / 2.0**64
        worth = there @ own + _CHANCE * chance - _AGAIN * (number - last < _LONG_AGO)
        if 0 <= before + 1 < len(there):
            worth[before + 1] += _GOES_ON
        before = int(np.argmax(np.where(struck, worth, -np.inf)))
        source[number], last[before] = before, number
    return source


class _Nearest:
    """Finds the hit of a take that is most like another: of its drum or else limb, by its place."""

    def __init__(self, bank: DrumBank, rows: slice) -> None:
        self._measure, self._position = bank.measure[rows], bank.position[rows]
        self._start, self._drum = rows.start, bank.drum[rows]
        self._of = [self._rows(drum) for drum in range(len(DRUM_NAMES))]
        self._known: dict[tuple[int, int, int], int] = {}

    def _rows(self, drum: int) -> IntColumn:
        limb = limbs_of(self._drum) == limbs_of(np.array([drum]))
        found = (np.flatnonzero(same) for same in (self._drum == drum, limb, self._drum >= 0))
        return next(rows for rows in found if len(rows))

    def hit(self, measure: int, drum: int, position: int) -> int:
        """Return its row in the bank."""
        key = (measure, drum, position)
        if key not in self._known:
            rows = self._of[drum]
            far = 2 * TICKS * np.abs(self._measure[rows] - measure)
            far += np.abs(self._position[rows] - position)
            self._known[key] = self._start + int(rows[np.argmin(far)])
        return self._known[key]


def _rising(rest: FloatColumn, hits: DrumHits) -> FloatColumn:
    """Return residuals of velocity that leave a fill the rise that the mean has."""
    toms = np.isin(hits.drum, VOICES["tom"])
    kept = rest.copy()
    for measure in distinct(hits.measure[toms]).tolist():
        rows = np.flatnonzero(toms & (hits.measure == measure))
        if len(rows) >= _FILL:
            place = hits.tick[rows] - hits.tick[rows].mean()
            kept[rows] -= float(place @ rest[rows]) / max(float(place @ place), 1.0) * place
    return kept
