"""What the measures of a MusicXML score say about the order in which they are played.

Repeats, endings and jumps are read from all parts together, as most files have a *da capo* in the
first part alone. Jumps are what ``sound`` elements say; a score without any is played as its words
say. A measure with a repeat sign, an ending or a double barline in its middle is several bars.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from humanize.score_order import Bar, Place

if TYPE_CHECKING:
    from lxml.etree import _Element

JUMPS = ("fine", "dacapo", "dalsegno", "tocoda", "segno", "coda")
"""Attributes of ``sound`` that lead to another measure, or say where to."""
_WORDS = (
    ("dacapo", re.compile(r"(d\.? ?c\.?|da capo)( al .*)?")),
    ("dalsegno", re.compile(r"(d\.? ?s\.?|dal segno)( al .*)?")),
    ("tocoda", re.compile(r"to coda|al coda")),
    ("fine", re.compile(r"fine")),
)
_MOST_TIMES = 64  # that a repeat is played
NEAR = 1e-3
"""Quarter notes that are no difference between two parts."""
_DOUBLE = ("light-light", "light-heavy", "heavy-light", "heavy-heavy")


@dataclass(frozen=True)
class _Measure:
    """A measure of one part, and the divisions of a quarter note in force at its beginning."""

    number: int
    element: _Element
    divisions: float

    def inside(self) -> Iterator[tuple[_Element, float, float]]:
        """Yield what stands in the measure, the quarter where it does, and where it leads."""
        now, divisions = 0.0, self.divisions
        for element in self.element:
            divisions = _divisions(element, divisions)
            begin = now
            if element.tag in ("note", "backup", "forward") and not _is_inner(element):
                length = _number(element.findtext("duration")) / divisions
                now = max(now - length, 0.0) if element.tag == "backup" else now + length
            yield element, begin, now

    def length(self) -> float:
        """Return the quarter where the last voice ends."""
        return max((end for _, _, end in self.inside()), default=0.0)

    def splits(self) -> list[float]:
        """Return the quarters of barlines in its middle that divide it."""
        if not any(_divides(barline) for barline in self.element.iterfind("barline")):
            return []
        last = self.length() - NEAR
        found = {q for e, q, _ in self.inside() if e.tag == "barline" and _divides(e)}
        return sorted(q for q in found if NEAR < q < last)


def _measures(part: _Element) -> list[_Measure]:
    found, divisions = [], 1.0
    for number, element in enumerate(part.iterfind("measure")):
        found.append(_Measure(number, element, divisions))
        for attributes in element.iterfind("attributes"):
            divisions = _divisions(attributes, divisions)
    return found


def _divisions(element: _Element, before: float) -> float:
    return (_number(element.findtext("divisions")) if element.tag == "attributes" else 0) or before


def _number(text: str | None) -> float:
    found = re.search(r"\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else 0.0


def _is_inner(element: _Element) -> bool:
    """Return whether a note takes no time of its own."""
    return element.find("chord") is not None or element.find("grace") is not None


def _divides(barline: _Element) -> bool:
    if barline.get("location") != "middle":
        return False
    style = (barline.findtext("bar-style") or "").strip()
    return (
        style in _DOUBLE or barline.find("repeat") is not None or barline.find("ending") is not None
    )


@dataclass(frozen=True)
class Bars:
    """The bars of a score, found by a place in a measure.

    Attributes
    ----------
    bars : list of Bar
    starts : list of list of float
        For each measure the quarters where its bars begin, 0 the first.
    firsts : list of int
        For each measure its first bar, and the number of bars.
    """

    bars: list[Bar]
    starts: list[list[float]]
    firsts: list[int]

    @classmethod
    def of(cls, measures: int, splits: Iterable[Place]) -> Bars:
        """Return the bars of as many measures, divided at these places."""
        starts = [[0.0] for _ in range(measures)]
        for measure, quarter in sorted(splits):
            if quarter - starts[measure][-1] > NEAR:
                starts[measure].append(quarter)
        firsts = [0]
        for own in starts:
            firsts.append(firsts[-1] + len(own))
        return cls([Bar(within=quarter) for own in starts for quarter in own], starts, firsts)

    def ending_at(self, measure: int, quarter: float) -> int:
        """Return the bar that ends there, or is under way there."""
        own = self.starts[measure]
        return self.firsts[measure] + max(bisect_right(own, quarter - NEAR) - 1, 0)

    def beginning_at(self, measure: int, quarter: float) -> int:
        """Return the bar that begins there, or is under way there."""
        return self.firsts[measure] + bisect_right(self.starts[measure], quarter + NEAR) - 1

    def sign_at(self, measure: int, quarter: float, sign: _Element) -> Bar:
        """Return the bar that begins at a sign: the next measure's, behind all notes."""
        index = self.beginning_at(measure, quarter)
        last = index == self.firsts[measure + 1] - 1
        return self.bars[min(index + (last and _is_last(sign)), len(self.bars) - 1)]


def bars_of_parts(parts: Sequence[_Element]) -> list[Bar]:
    """Return the bars, with what any part says about each."""
    read = [_measures(part) for part in parts]
    splits = [(own.number, quarter) for part in read for own in part for quarter in own.splits()]
    bars = Bars.of(max((len(part) for part in read), default=0), splits)
    spoken = any(sound.get(jump) for p in parts for sound in p.iter("sound") for jump in JUMPS)
    for part in read:
        _read_barlines(part, bars)
        for measure in part:
            for element, quarter, _ in measure.inside():
                _read_forward_repeats(element, bars, measure.number, quarter)
                if spoken and element.tag in ("direction", "sound"):
                    _read_sounds(element, bars, measure.number, quarter)
                elif element.tag == "direction":
                    _read_words(element, bars, measure.number, quarter)
    return bars.bars


def _read_barlines(part: Sequence[_Measure], bars: Bars) -> None:
    """Read repeats and endings; an ending is open until its end or a repeat."""
    opens: dict[int, frozenset[int]] = {}
    closes: set[int] = set()
    for measure in part:
        for barline, quarter, _ in measure.inside():
            if barline.tag == "barline":
                begins, ends = _sides(barline, bars, measure, quarter)
                _read_repeats(barline, bars.bars[begins], bars.bars[ends])
                for ending in barline.iterfind("ending"):
                    if ending.get("type") == "start":
                        numbers = re.findall(r"\d+", ending.get("number", ""))
                        opens[begins] = frozenset(int(n) for n in numbers)
                    else:
                        closes.add(ends)
                closes.update(ends for r in barline.iterfind("repeat") if not _is_forward(r))
    opened: frozenset[int] = frozenset()
    for index, bar in enumerate(bars.bars[: bars.firsts[len(part)]]):
        opened = opens.get(index, opened)
        bar.ending |= opened
        opened = frozenset() if index in closes else opened


def _sides(barline: _Element, bars: Bars, measure: _Measure, quarter: float) -> tuple[int, int]:
    """Return the bars that begin and end at a barline."""
    first, following = bars.firsts[measure.number : measure.number + 2]
    if barline.get("location") != "middle":
        return first, following - 1
    begins = bars.beginning_at(measure.number, quarter)
    if quarter > measure.length() - NEAR:
        begins = min(following, len(bars.bars) - 1)
    ends = bars.ending_at(measure.number, quarter)
    return begins, max(ends - (quarter < NEAR), 0)


def _read_repeats(barline: _Element, begins: Bar, ends: Bar) -> None:
    for repeat in barline.iterfind("repeat"):
        if _is_forward(repeat):
            begins.forward = True
        else:
            ends.times = max(ends.times, _times(repeat.get("times", "")))
            ends.again |= repeat.get("after-jump") == "yes"


def _is_forward(repeat: _Element) -> bool:
    return repeat.get("direction") == "forward"


def _times(text: str) -> int:
    return min(max(int(text), 2), _MOST_TIMES) if text.isdecimal() else 2


def _read_forward_repeats(element: _Element, bars: Bars, measure: int, quarter: float) -> None:
    """Read where a repeat begins without a sign."""
    if element.tag in ("direction", "sound"):
        for sound in element.iter("sound"):
            if sound.get("forward-repeat") == "yes":
                bars.sign_at(measure, quarter, sound).forward = True


def _read_sounds(element: _Element, bars: Bars, measure: int, quarter: float) -> None:
    bar = bars.bars[bars.ending_at(measure, quarter)]
    for sound in element.iter("sound"):
        bar.fine |= sound.get("fine", "no") not in ("no", "")
        bar.da_capo |= sound.get("dacapo") == "yes"
        bar.to_coda = sound.get("tocoda", bar.to_coda)
        bar.dal_segno = sound.get("dalsegno", bar.dal_segno)
        target = bars.sign_at(measure, quarter, sound)
        target.segno = sound.get("segno", target.segno)
        target.coda = sound.get("coda", target.coda)


def _read_words(element: _Element, bars: Bars, measure: int, quarter: float) -> None:
    """Read jumps from words and signs; a coda sign before any jump sends to the next one."""
    bar = bars.bars[bars.ending_at(measure, quarter)]
    for kind in element.iterfind("direction-type"):
        text = " ".join((kind.findtext("words") or "").lower().split()).strip(".: ")
        said = next((jump for jump, form in _WORDS if form.fullmatch(text)), "")
        bar.fine |= said == "fine"
        bar.da_capo |= said == "dacapo"
        bar.dal_segno = "" if said == "dalsegno" else bar.dal_segno
        bar.to_coda = "" if said == "tocoda" else bar.to_coda
        for sign in kind:
            target = bars.sign_at(measure, quarter, sign)
            if sign.tag == "segno":
                target.segno = ""
            elif sign.tag == "coda" and any(
                b.da_capo or b.dal_segno is not None for b in bars.bars
            ):
                target.coda = ""
            elif sign.tag == "coda":
                bar.to_coda = ""


def _is_last(sound: _Element) -> bool:
    """Return whether a sound stands behind all notes of its measure."""
    element, parent = sound, sound.getparent()
    while parent is not None and parent.tag != "measure":
        element, parent = parent, parent.getparent()
    before = any(e.tag == "note" for e in element.itersiblings(preceding=True))
    return before and not any(e.tag == "note" for e in element.itersiblings())
