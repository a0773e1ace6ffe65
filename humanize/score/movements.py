"""Where the movements of a score begin: jumps and repeats stay within one.

A movement begins where measures are counted from 1 (or 0) again, and behind a final barline where
another metre and a tempo follow. A trio is no movement, nor is one whose *da capo* needs what
stands before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from humanize.score.order import Bar
from humanize.score.written import WrittenScore


def first_measures(score: WrittenScore, finals: Collection[int]) -> list[int]:
    """Return the first measure of each movement.

    Parameters
    ----------
    score : WrittenScore
        With labels, bars and parts.
    finals : collection of int
        Measures that end with a final barline.
    """
    labels = [int(x) if x.isdecimal() and len(x) < 7 else None for x in score.labels]
    begins = [0]
    bars = bars_by_measure(score.bars)
    opened = _openings(score)
    before = labels[0] if labels else None
    for measure in range(1, len(labels)):
        label = labels[measure]
        again = label is not None and before is not None and label <= 1 < before
        anew = measure - 1 in finals and {"metre", "tempo"} <= opened.get(measure, set())
        if (again or anew) and "trio" not in opened.get(measure, set()):
            begins.append(measure)
        before = label if label is not None else before
    begins = _joined(begins, bars)
    _end_at_final_barlines(begins, bars, finals)
    return begins


def bars_by_measure(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Return the bars of each measure."""
    found: list[list[Bar]] = []
    for bar in bars:
        if bar.within == 0:
            found.append([])
        found[-1].append(bar)
    return found


def _openings(score: WrittenScore) -> dict[int, set[str]]:
    """Return for measures what is written at their beginnings."""
    found: dict[int, set[str]] = {}
    metres: dict[int, tuple[float, float]] = {}
    for number, part in enumerate(score.parts):
        for mark in part.marks:
            here = found.setdefault(mark.measure, set())
            if mark.kind == "metre":
                if metres.get(number) not in (None, (mark.value, mark.other)):
                    here.add("metre")
                metres[number] = (mark.value, mark.other)
            elif mark.quarter == 0 and mark.kind == "tempo":
                here.add("tempo")
            elif mark.quarter == 0 and mark.kind == "words" and "trio" in mark.text.lower():
                here.add("trio")
    return found


def _joined(begins: Sequence[int], bars: Sequence[Sequence[Bar]]) -> list[int]:
    """Leave out beginnings that a jump behind them goes back over."""
    kept = [0]
    for place, first in enumerate(begins[1:], start=1):
        last = begins[place + 1] if place + 1 < len(begins) else len(bars)
        before = [bar for own in bars[kept[-1] : first] for bar in own]
        own = [bar for measure in bars[first:last] for bar in measure]
        if not _needs(own, before):
            kept.append(first)
    return kept


def _needs(own: Sequence[Bar], before: Sequence[Bar]) -> bool:
    """Return whether the jumps of bars lead to bars before them."""
    jumps_before = any(b.da_capo or b.dal_segno is not None for b in before)
    if jumps_before:
        return False
    fine = any(b.fine for b in before) and not any(b.fine for b in own)
    segno = any(b.segno is not None for b in before) and not any(b.segno is not None for b in own)
    return (fine and any(b.da_capo for b in own)) or (
        segno and any(b.dal_segno is not None for b in own)
    )


def _end_at_final_barlines(
    begins: Sequence[int], bars: Sequence[Sequence[Bar]], finals: Collection[int]
) -> None:
    """Let a *da capo* without *Fine* end at the last final barline before it."""
    for first, last in zip(begins, [*begins[1:], len(bars)], strict=True):
        own = [bar for measure in bars[first:last] for bar in measure]
        jumps = [m for m in range(first, last) if any(b.da_capo for b in bars[m])]
        if jumps and not any(b.fine or b.to_coda is not None for b in own):
            inside = [m for m in range(first, jumps[0]) if m in finals]
            if inside:
                bars[inside[-1]][-1].fine = True
