"""What the measures of a MusicXML score say about the order in which they are played.

Repeats, endings and jumps are read from all parts together, as most files have a *da capo* in the
first part alone. What no ``sound`` element of a score says is read from its words and signs. A
measure with a repeat sign, an ending or a double barline in its middle is several bars.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from humanize.score.jumps import names_its_target, read_words
from humanize.score.order import Bar, Place

if TYPE_CHECKING:
    from lxml.etree import _Element

JUMPS = ("fine", "dacapo", "dalsegno", "tocoda", "segno", "coda")
"""Attributes of ``sound`` that lead to another measure, or say where to."""
_MOST_TIMES = 64  # that a repeat is played
NEAR = 1e-3
"""Quarter notes that are no difference between two parts."""
_DOUBLE = ("light-light", "light-heavy", "heavy-light", "heavy-heavy")


@dataclass
class SignedMeasure:
    """What stands beside the notes in a measure of one part.

    Attributes
    ----------
    number : int
        0-based, in the order of the part.
    label : str
        As printed.
    signs : list of (_Element, float, bool)
        Barlines, directions and sounds, the quarter where each stands, and whether that is behind
        all notes.
    length : float
        Where the last voice ends.
    """

    number: int
    label: str = ""
    signs: list[tuple[_Element, float, bool]] = field(default_factory=list)
    length: float = 0.0

    def barlines(self) -> Iterator[tuple[_Element, float]]:
        """Yield barlines and the quarters where they stand."""
        return ((e, quarter) for e, quarter, _ in self.signs if e.tag == "barline")

    def splits(self) -> list[float]:
        """Return the quarters of barlines in its middle that divide it."""
        found = {quarter for barline, quarter in self.barlines() if _divides(barline)}
        return sorted(q for q in found if NEAR < q < self.length - NEAR)


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

    def sign_at(self, measure: int, quarter: float, behind: bool) -> Bar:
        """Return the bar that begins at a sign: the next measure's, behind all notes."""
        index = self.beginning_at(measure, quarter)
        last = index == self.firsts[measure + 1] - 1
        return self.bars[min(index + (last and behind), len(self.bars) - 1)]


def bars_of_parts(parts: Sequence[Sequence[SignedMeasure]]) -> list[Bar]:
    """Return the bars, with what any part says about each."""
    splits = [(own.number, quarter) for part in parts for own in part for quarter in own.splits()]
    bars = Bars.of(max((len(part) for part in parts), default=0), splits)
    spoken = {
        jump
        for part in parts
        for measure in part
        for element, _, _ in measure.signs
        for sound in element.iter("sound")
        for jump in JUMPS
        if sound.get(jump)
    }
    for part in parts:
        _read_barlines(part, bars)
        reader = _JumpReader(bars, spoken)
        for measure in part:
            for element, quarter, behind in measure.signs:
                reader.read(element, (measure.number, quarter), behind)
    return bars.bars


@dataclass
class _Brackets:
    """Where the endings of a part begin and end, bars by their index."""

    opens: dict[int, frozenset[int]] = field(default_factory=dict)
    closes: set[int] = field(default_factory=set)
    repeats: set[int] = field(default_factory=set)


def _read_barlines(part: Sequence[SignedMeasure], bars: Bars) -> None:
    """Read repeats and endings."""
    brackets = _Brackets()
    for measure in part:
        for barline, quarter in measure.barlines():
            begins, ends = _sides(barline, bars, measure, quarter)
            _read_repeats(barline, bars.bars[begins], bars.bars[ends])
            for ending in barline.iterfind("ending"):
                if ending.get("type") == "start":
                    numbers = re.findall(r"\d+", ending.get("number", ""))
                    brackets.opens[begins] = frozenset(int(n) for n in numbers)
                else:
                    brackets.closes.add(ends)
            brackets.repeats.update(ends for r in barline.iterfind("repeat") if not _is_forward(r))
    _mark_endings(brackets, bars.bars[: bars.firsts[len(part)]])


def _mark_endings(brackets: _Brackets, bars: Sequence[Bar]) -> None:
    """Say of each bar in which ending it stands.

    An ending that nothing closes before the next one opens is closed by a repeat, or by the
    beginning of another repeat.
    """
    opens = [*sorted(brackets.opens), len(bars)]
    for first, following in pairwise(opens):
        last = next((i for i in range(first, following) if i in brackets.closes), None)
        if last is None:
            last = first
            while last + 1 < following and not (last in brackets.repeats or bars[last + 1].forward):
                last += 1
        for bar in bars[first : last + 1]:
            bar.ending |= brackets.opens[first]


def _sides(
    barline: _Element, bars: Bars, measure: SignedMeasure, quarter: float
) -> tuple[int, int]:
    """Return the bars that begin and end at a barline."""
    first, following = bars.firsts[measure.number : measure.number + 2]
    if barline.get("location") != "middle":
        return first, following - 1
    begins = bars.beginning_at(measure.number, quarter)
    if quarter > measure.length - NEAR:
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
    return min(max(int(text), 2), _MOST_TIMES) if text.isdecimal() and len(text) < 9 else 2


@dataclass
class _JumpReader:
    """Reads jumps and the signs that they lead to.

    Attributes
    ----------
    bars : Bars
    spoken : set of str
        The attributes of ``sound`` that the score uses; words say the others.
    jumped : bool
        Whether a jump has been read.
    """

    bars: Bars
    spoken: set[str]
    jumped: bool = False

    def read(self, element: _Element, place: Place, behind: bool) -> None:
        """Read a direction, a sound or a barline."""
        bar = self.bars.bars[self.bars.ending_at(*place)]
        target = self.bars.sign_at(*place, behind)
        for sound in element.iter("sound"):
            if sound.get("forward-repeat") == "yes":
                target.forward = True
            _read_sound(sound, bar, target)
            self.jumped |= bar.da_capo or bar.dal_segno is not None
        if element.tag == "direction":
            for kind in element.iterfind("direction-type"):
                self._read_words(kind, bar)
                self._read_signs(kind, bar, target)
        elif element.tag == "barline":
            self._read_signs(element, bar, target)

    def _read_words(self, kind: _Element, bar: Bar) -> None:
        text = " ".join(w.text or "" for w in kind.iterfind("words"))
        said = read_words(text)
        if not said or said in self.spoken:
            return
        bar.fine |= said == "fine"
        bar.da_capo |= said == "dacapo"
        bar.dal_segno = "" if said == "dalsegno" else bar.dal_segno
        bar.to_coda = "" if said == "tocoda" else bar.to_coda
        bar.named |= names_its_target(text)
        self.jumped |= said in ("dacapo", "dalsegno")

    def _read_signs(self, kind: _Element, bar: Bar, target: Bar) -> None:
        """Read signs; a coda sign before any jump sends to the next one."""
        if "segno" not in self.spoken and kind.find("segno") is not None:
            target.segno = ""
        if "coda" in self.spoken or kind.find("coda") is None:
            return
        if self.jumped or "tocoda" in self.spoken:
            target.coda = ""
        else:
            bar.to_coda = ""


def _read_sound(sound: _Element, bar: Bar, target: Bar) -> None:
    bar.fine |= sound.get("fine", "no") not in ("no", "")
    bar.da_capo |= sound.get("dacapo") == "yes"
    bar.to_coda = sound.get("tocoda", bar.to_coda)
    bar.dal_segno = sound.get("dalsegno", bar.dal_segno)
    target.segno = sound.get("segno", target.segno)
    target.coda = sound.get("coda", target.coda)
