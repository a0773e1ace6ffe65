"""The order in which the measures of a MusicXML score are played.

Repeats, endings and jumps are read from all parts together, as most files have a *da capo* in the
first part alone. A jump, *Fine* and *To Coda* act at the end of the measure they stand in, a segno
and a coda at its beginning. After a jump nothing is repeated, and the last ending is played. Jumps
are what ``sound`` elements say; a score without any is played as its words say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONGEST = 200_000  # measures as played: more than any score, few enough for memory
JUMPS = ("fine", "dacapo", "dalsegno", "tocoda", "segno", "coda")
"""Attributes of ``sound`` that lead to another measure, or say where to."""
_WORDS = (
    ("dacapo", re.compile(r"(d\.? ?c\.?|da capo)( al .*)?")),
    ("dalsegno", re.compile(r"(d\.? ?s\.?|dal segno)( al .*)?")),
    ("tocoda", re.compile(r"to coda|al coda")),
    ("fine", re.compile(r"fine")),
)
_MOST_TIMES = 64  # that a repeat is played


@dataclass
class Bar:
    """What one measure says about the order.

    Attributes
    ----------
    forward : bool
        Whether a repeat begins here.
    times : int
        How often what ends here is played; 0 where nothing is repeated.
    ending : frozenset of int
        In which passes it is played; empty outside endings.
    segno, coda, to_coda, dal_segno : str or None
        Their labels.
    da_capo, fine : bool
    """

    forward: bool = False
    times: int = 0
    ending: frozenset[int] = frozenset()
    segno: str | None = None
    coda: str | None = None
    to_coda: str | None = None
    dal_segno: str | None = None
    da_capo: bool = False
    fine: bool = False


def bars_of_parts(parts: Sequence[_Element]) -> list[Bar]:
    """Return the measures, with what any part says about each."""
    bars = [Bar() for _ in range(max((len(p.findall("measure")) for p in parts), default=0))]
    spoken = any(sound.get(jump) for p in parts for sound in p.iter("sound") for jump in JUMPS)
    for part in parts:
        opened: frozenset[int] = frozenset()
        for index, measure in enumerate(part.findall("measure")):
            opened = _read_barlines(measure, bars[index], opened)
            if spoken:
                _read_sounds(measure, bars, index)
            else:
                _read_words(measure, bars, index)
    return bars


def _read_barlines(measure: _Element, bar: Bar, opened: frozenset[int]) -> frozenset[int]:
    """Read repeats and endings; return the ending that is open after the measure."""
    endings = measure.findall("barline/ending")
    for ending in endings:
        if ending.get("type") == "start":
            opened = frozenset(int(n) for n in re.findall(r"\d+", ending.get("number", "")))
    bar.ending |= opened
    for repeat in measure.findall("barline/repeat"):
        if repeat.get("direction") == "forward":
            bar.forward = True
        else:
            bar.times = max(bar.times, _times(repeat.get("times", "")))
            opened = frozenset()
    return frozenset() if any(e.get("type") != "start" for e in endings) else opened


def _times(text: str) -> int:
    return min(max(int(text), 2), _MOST_TIMES) if text.isdecimal() else 2


def _read_sounds(measure: _Element, bars: Sequence[Bar], index: int) -> None:
    bar = bars[index]
    for sound in measure.iter("sound"):
        bar.fine |= sound.get("fine", "no") not in ("no", "")
        bar.da_capo |= sound.get("dacapo") == "yes"
        bar.to_coda = sound.get("tocoda", bar.to_coda)
        bar.dal_segno = sound.get("dalsegno", bar.dal_segno)
        if sound.get("segno") is not None or sound.get("coda") is not None:
            target = bars[index + 1] if _is_last(sound) and index + 1 < len(bars) else bar
            target.segno = sound.get("segno", target.segno)
            target.coda = sound.get("coda", target.coda)


def _read_words(measure: _Element, bars: Sequence[Bar], index: int) -> None:
    """Read jumps from words and signs; a coda sign before any jump sends to the next one."""
    bar = bars[index]
    for kind in measure.findall("direction/direction-type"):
        text = " ".join((kind.findtext("words") or "").lower().split()).strip(".: ")
        said = next((jump for jump, form in _WORDS if form.fullmatch(text)), "")
        bar.fine |= said == "fine"
        bar.da_capo |= said == "dacapo"
        bar.dal_segno = "" if said == "dalsegno" else bar.dal_segno
        bar.to_coda = "" if said == "tocoda" else bar.to_coda
        for sign in kind:
            target = bars[index + 1] if _is_last(sign) and index + 1 < len(bars) else bar
            if sign.tag == "segno":
                target.segno = ""
            elif sign.tag == "coda" and any(b.da_capo or b.dal_segno is not None for b in bars):
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


@dataclass
class _Walk:
    """The state of walking through the measures as a player does."""

    bars: Sequence[Bar]
    groups: Sequence[frozenset[int]]
    section: int = 0
    turn: int = 1
    jumped: bool = False
    jumps: set[int] = field(default_factory=set)

    def plays(self, index: int) -> bool:
        """Return whether the measure is played in this turn."""
        ending, group = self.bars[index].ending, self.groups[index]
        if not ending or 1 not in group:
            return True
        if self.jumped:
            return max(group) in ending and ending != group
        return self.turn in ending

    def after(self, index: int) -> int:
        """Return which measure follows; a number behind the last one ends the piece."""
        bar = self.bars[index]
        if self.jumped and bar.fine:
            return len(self.bars)
        coda = self._coda(index) if self.jumped and bar.to_coda is not None else None
        if coda is not None:
            return self._land(coda)
        if bar.times and not self.jumped:
            if self.turn < self._turns(index):
                self.turn += 1
                return self.section
            self._land(index + 1)
        elif self._leaves_endings(index):
            self._land(index + 1)
        target = self._jump(index)
        if target is not None and index not in self.jumps:
            self.jumps.add(index)
            self.jumped = True
            return self._land(target)
        return index + 1

    def _land(self, index: int) -> int:
        self.section, self.turn = index, 1
        return index

    def _turns(self, index: int) -> int:
        ending, group = self.bars[index].ending, self.groups[index]
        if not ending or 1 not in group:
            return self.bars[index].times
        return max(group) + (1 if ending == group else 0)

    def _leaves_endings(self, index: int) -> bool:
        ending, group = self.bars[index].ending, self.groups[index]
        following = self.bars[index + 1].ending if index + 1 < len(self.bars) else None
        return bool(ending) and max(group) in ending and following != ending

    def _jump(self, index: int) -> int | None:
        bar = self.bars[index]
        if bar.dal_segno is not None:
            places = [i for i, b in enumerate(self.bars[: index + 1]) if b.segno is not None]
            return _labelled(places, [self.bars[i].segno for i in places], bar.dal_segno, -1)
        return 0 if bar.da_capo else None

    def _coda(self, index: int) -> int | None:
        places = [i for i, b in enumerate(self.bars) if b.coda is not None and i > index]
        labels = [self.bars[i].coda for i in places]
        return _labelled(places, labels, str(self.bars[index].to_coda), 0)


def _labelled(
    places: Sequence[int], labels: Sequence[str | None], wanted: str, default: int
) -> int | None:
    """Return the place with a label, else the first or last place; None where there is none."""
    same = [place for place, label in zip(places, labels, strict=True) if label == wanted]
    return (same or places)[default] if places else None


def playing_order(bars: Sequence[Bar]) -> list[tuple[int, int]]:
    """Return stretches of measures (first, last + 1; 0-based) in the order they are played."""
    walk = _Walk(bars=bars, groups=_groups(bars))
    stretches: list[tuple[int, int]] = []
    index = played = 0
    while index < len(bars) and played < _LONGEST:
        if bars[index].forward and index != walk.section:
            walk.section, walk.turn = index, 1
        if not walk.plays(index):
            index += 1
            continue
        if stretches and stretches[-1][1] == index:
            stretches[-1] = (stretches[-1][0], index + 1)
        else:
            stretches.append((index, index + 1))
        played += 1
        index = walk.after(index)
    return stretches


def _groups(bars: Sequence[Bar]) -> list[frozenset[int]]:
    """Return for each measure the numbers of all endings that stand beside its own."""
    groups: list[frozenset[int]] = [frozenset()] * len(bars)
    first = 0
    for index in range(len(bars) + 1):
        begins = index < len(bars) and index > first and _begins_anew(bars, first, index)
        if index == len(bars) or not bars[index].ending or begins:
            numbers = frozenset().union(*(b.ending for b in bars[first:index]))
            groups[first:index] = [numbers] * (index - first)
            first = index if index < len(bars) and bars[index].ending else index + 1
    return groups


def _begins_anew(bars: Sequence[Bar], first: int, index: int) -> bool:
    """Return whether an ending belongs to another repeat than those before it."""
    ending, before = bars[index].ending, bars[index - 1].ending
    return ending != before and 1 in ending and any(1 in b.ending for b in bars[first:index])
