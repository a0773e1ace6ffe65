"""Where the movements of a score begin: jumps and repeats stay within one.

A movement begins where measures are counted from 1 (or 0) again, behind a final barline where
another metre and a tempo follow, and behind a *da capo* that ends at *Fine*, as nothing else could
be meant by the music there. A trio is no movement, nor is one whose *da capo* needs what stands
before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from humanize.score.order import Bar
from humanize.score.written import WrittenScore

_MOST_MOVEMENTS = 500  # that are looked at together: more than any work has


@dataclass(frozen=True, kw_only=True)
class SectionEnds:
    """Measures that end with a barline of two lines.

    Attributes
    ----------
    final : set of int
        Thin and thick, without a repeat.
    repeated : set of int
        The same with a repeat.
    double : set of int
        Two thin ones.
    """

    final: Collection[int] = ()
    repeated: Collection[int] = ()
    double: Collection[int] = ()

    def ends(self, measure: int) -> bool:
        """Return whether a measure ends a section."""
        return measure in self.final or measure in self.repeated or measure in self.double


def first_measures(score: WrittenScore, ends: SectionEnds) -> list[int]:
    """Return the first measure of each movement, and let jumps act where they are meant.

    Parameters
    ----------
    score : WrittenScore
        With labels, bars and parts.
    ends : SectionEnds
    """
    bars = bars_by_measure(score.bars)
    opened = _openings(score)
    _move_words(bars, opened, ends)
    begins = _joined(_counted_anew(score, opened, ends), bars)
    for first, last in zip(begins, [*begins[1:], len(bars)], strict=True):
        _end_at_barlines(bars, range(first, last), opened, ends)
    return sorted({*begins, *_behind_jumps(begins, bars, opened)})


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


def _counted_anew(score: WrittenScore, opened: dict[int, set[str]], ends: SectionEnds) -> list[int]:
    """Return where measures are counted anew, or where a final barline ends what came before."""
    labels = [int(x) if x.isdecimal() and len(x) < 7 else None for x in score.labels]
    begins = [0]
    before = labels[0] if labels else None
    for measure in range(1, len(labels)):
        label, here = labels[measure], opened.get(measure, set())
        again = label is not None and before is not None and label <= 1 < before
        anew = measure - 1 in ends.final and {"metre", "tempo"} <= here
        if (again or anew) and "trio" not in here:
            begins.append(measure)
        before = label if label is not None else before
    return begins


def _move_words(
    bars: Sequence[Sequence[Bar]], opened: dict[int, set[str]], ends: SectionEnds
) -> None:
    """Let *Menuetto D.C.* act at the end of its section where that is one measure later."""
    for measure in range(len(bars) - 1):
        bar, following = bars[measure][-1], bars[measure + 1][-1]
        last = measure + 2 == len(bars) or "metre" in opened.get(measure + 2, set())
        if (
            bar.named
            and not ends.ends(measure)
            and not bar.times
            and (last or ends.ends(measure + 1))
        ):
            following.da_capo, following.dal_segno = bar.da_capo, bar.dal_segno
            bar.da_capo, bar.dal_segno = False, None


def _joined(begins: Sequence[int], bars: Sequence[Sequence[Bar]]) -> list[int]:
    """Leave out beginnings that a jump behind them goes back over."""
    if len(begins) > _MOST_MOVEMENTS:
        return list(begins)
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
    if any(b.da_capo or b.dal_segno is not None for b in before):
        return False
    fine = any(b.fine for b in before) and not any(b.fine for b in own)
    segno = any(b.segno is not None for b in before) and not any(b.segno is not None for b in own)
    return (fine and any(b.da_capo for b in own)) or (
        segno and any(b.dal_segno is not None for b in own)
    )


def _end_at_barlines(
    bars: Sequence[Sequence[Bar]],
    measures: range,
    opened: dict[int, set[str]],
    ends: SectionEnds,
) -> None:
    """Let a *da capo* without *Fine* end before its trio, or at the last final barline."""
    own = [bar for measure in measures for bar in bars[measure]]
    jumps = [m for m in measures if any(b.da_capo for b in bars[m])]
    if not jumps or any(b.fine or b.to_coda is not None for b in own):
        return
    inside = range(measures.start, jumps[0])
    trios = [m for m in inside if "trio" in opened.get(m + 1, set())]
    finals = [m for m in inside if m in ends.final]
    for measure in (trios or finals)[-1:]:
        bars[measure][-1].fine = True


def _behind_jumps(
    begins: Sequence[int], bars: Sequence[Sequence[Bar]], opened: dict[int, set[str]]
) -> list[int]:
    """Return where music goes on behind a jump that ends at *Fine*, and where such a jump leads.

    It leads to where its metre began, as the file holds several movements without a sign between.
    """
    found: list[int] = []
    changed = sorted(measure for measure, here in opened.items() if "metre" in here)
    for begin, last in zip(begins, [*begins[1:], len(bars)], strict=True):
        first, fine = begin, -1
        codas = [m for m in range(begin, last) if any(b.coda is not None for b in bars[m])]
        for measure in range(begin, last - 1):
            bar = bars[measure][-1]
            fine = measure if any(b.fine for b in bars[measure]) else fine
            jumps = bar.da_capo or bar.dal_segno is not None
            if jumps and fine >= 0 and not (codas and codas[-1] >= measure):
                if bar.da_capo:
                    found += _metre_before(changed, first, fine)
                first, fine = measure + 1, -1
                found.append(first)
    return found


def _metre_before(changed: Sequence[int], first: int, fine: int) -> list[int]:
    """Return the measure where the metre of a *Fine* began, if it changed behind the first one."""
    place = bisect_right(changed, fine)
    return [changed[place - 1]] if place and changed[place - 1] > first else []
