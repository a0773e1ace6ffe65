"""The order in which the measures of a score are played.

A jump, *Fine* and *To Coda* act at the end of the measure they stand in, a segno and a coda at its
beginning. After a jump nothing is repeated, and the last ending is played, but for repeats that say
that they are taken again; there *Fine* and *To Coda* wait for the last time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

_LONGEST = 200_000  # measures as played: more than any score, few enough for memory

Place = tuple[int, float]
"""A measure, 0-based, and quarter notes from its downbeat."""
Order = Sequence[tuple[Place, Place]]
"""Stretches of a score in the order they are played: where each begins and where it ends."""


@dataclass
class Bar:
    """What one measure, or a piece of one, says about the order.

    Attributes
    ----------
    within : float
        Where it begins in its measure, in quarter notes; above 0 in all pieces but the first.
    forward : bool
        Whether a repeat begins here.
    times : int
        How often what ends here is played; 0 where nothing is repeated.
    again : bool
        Whether that is so after a jump, too.
    ending : frozenset of int
        In which passes it is played; empty outside endings.
    segno, coda, to_coda, dal_segno : str or None
        Their labels.
    da_capo, fine : bool
    named : bool
        Whether the words of a jump name what it leads to, as *Menuetto D.C.*; they may stand a
        measure early.
    """

    within: float = 0.0
    forward: bool = False
    times: int = 0
    again: bool = False
    ending: frozenset[int] = frozenset()
    segno: str | None = None
    coda: str | None = None
    to_coda: str | None = None
    dal_segno: str | None = None
    da_capo: bool = False
    fine: bool = False
    named: bool = False


@dataclass(frozen=True)
class _Group:
    """The endings of one repeat: their numbers, and whether it is taken again after a jump.

    Brackets that neither a repeat nor a jump leads back from are no endings and have no numbers.
    """

    numbers: frozenset[int] = frozenset()
    again: bool = False


@dataclass(frozen=True)
class _Map:
    """Where the signs of a score stand, found once for all bars.

    Attributes
    ----------
    groups : list of _Group
    closing : list of int
        For each bar the first one from there that ends what is repeated, or before which another
        repeat begins; the number of bars where there is none.
    inner : set of int
        Bars at which a repeat within an ending begins.
    segni, codas : list of int
    """

    groups: Sequence[_Group]
    closing: Sequence[int]
    inner: frozenset[int]
    segni: _Labels
    codas: _Labels

    @classmethod
    def of(cls, bars: Sequence[Bar]) -> _Map:
        """Return where the signs of these bars stand."""
        groups = _groups(bars)
        return cls(
            groups=groups,
            closing=_closing(bars, groups),
            inner=_inner_repeats(bars, groups),
            segni=_Labels([bar.segno for bar in bars]),
            codas=_Labels([bar.coda for bar in bars]),
        )


class _Labels:
    """The places of segno or coda signs, by their labels."""

    def __init__(self, labels: Sequence[str | None]) -> None:
        self.places: dict[str | None, list[int]] = {}
        for place, label in enumerate(labels):
            if label is not None:
                self.places.setdefault(label, []).append(place)
                self.places.setdefault(None, []).append(place)

    def last_until(self, index: int, label: str) -> int | None:
        """Return the last place with a label until a bar, else the last place of any."""
        for wanted in (label, None):
            own = self.places.get(wanted, [])
            count = bisect_right(own, index)
            if count:
                return own[count - 1]
        return None

    def first_after(self, index: int, label: str) -> int | None:
        """Return the first place with a label behind a bar, else the first of any."""
        for wanted in (label, None):
            own = self.places.get(wanted, [])
            count = bisect_right(own, index)
            if count < len(own):
                return own[count]
        return None


@dataclass
class _Walk:
    """The state of walking through the measures as a player does."""

    bars: Sequence[Bar]
    signs: _Map
    section: int = 0
    turn: int = 1
    jumped: bool = False
    jumps: set[int] = field(default_factory=set)
    outer: tuple[int, int] | None = None  # section and turn around a repeat within an ending

    def enter(self, index: int) -> None:
        """Take note of a repeat that begins at a bar."""
        if not self.bars[index].forward or index == self.section:
            return
        if self.outer is None and index in self.signs.inner:
            self.outer = (self.section, self.turn)
        self.section, self.turn = index, 1

    def plays(self, index: int) -> bool:
        """Return whether the measure is played in this turn."""
        ending, group = self.bars[index].ending, self.signs.groups[index]
        if 1 not in group.numbers:
            return True
        if self.jumped and not group.again:
            return max(group.numbers) in ending and ending != group.numbers
        return (self.outer[1] if self.outer else self.turn) in ending

    def after(self, index: int) -> int:
        """Return which measure follows; a number behind the last one ends the piece."""
        bar = self.bars[index]
        if self.jumped and not self._comes_again(index):
            if bar.fine:
                return len(self.bars)
            coda = None
            if bar.to_coda is not None:
                coda = self.signs.codas.first_after(index, bar.to_coda)
            if coda is not None:
                return self._land(coda)
        if bar.times and self._is_obeyed(index):
            if self.turn < self._turns(index):
                self.turn += 1
                return self.section
            self._leave(index)
        elif self._leaves_endings(index):
            self._land(index + 1)
        target = self._jump(index)
        if target is not None and index not in self.jumps:
            self.jumps.add(index)
            self.jumped = True
            return self._jump_to(target)
        return index + 1

    def _leave(self, index: int) -> None:
        """Go on behind what has been repeated: to what is around it, or to what follows."""
        if self.outer is None or self._leaves_endings(index):
            self._land(index + 1)
        else:
            (self.section, self.turn), self.outer = self.outer, None

    def _land(self, index: int) -> int:
        self.section, self.turn, self.outer = index, 1, None
        return index

    def _jump_to(self, index: int) -> int:
        """Go to a measure, which may stand within what is repeated and within an ending."""
        first = index
        while first and not self.bars[first].forward and not self._ends_section(first - 1):
            first -= 1
        self._land(first)
        in_group = 1 in self.signs.groups[index].numbers
        self.turn = min(self.bars[index].ending) if in_group else 1
        return index

    def _is_obeyed(self, index: int) -> bool:
        """Return whether the repeat that ends here is taken."""
        return not self.jumped or self.bars[index].again or self.signs.groups[index].again

    def _comes_again(self, index: int) -> bool:
        """Return whether a repeat leads back to here."""
        last = self.signs.closing[index]
        if last == len(self.bars) or not self.bars[last].times:
            return False
        return self._is_obeyed(last) and self.turn < self._turns(last)

    def _ends_section(self, index: int) -> bool:
        bar = self.bars[index]
        return bool(bar.times and not bar.ending) or self._leaves_endings(index)

    def _turns(self, index: int) -> int:
        ending, group = self.bars[index].ending, self.signs.groups[index].numbers
        if 1 not in group or self.outer is not None:
            return self.bars[index].times
        return max(group) + (1 if ending == group else 0)

    def _leaves_endings(self, index: int) -> bool:
        return _leaves_endings(self.bars, self.signs.groups, index)

    def _jump(self, index: int) -> int | None:
        bar = self.bars[index]
        if bar.dal_segno is not None:
            return self.signs.segni.last_until(index, bar.dal_segno)
        return 0 if bar.da_capo else None


def _leaves_endings(bars: Sequence[Bar], groups: Sequence[_Group], index: int) -> bool:
    ending, group = bars[index].ending, groups[index].numbers
    following = bars[index + 1].ending if index + 1 < len(bars) else None
    return bool(group) and max(group) in ending and following != ending


def _closing(bars: Sequence[Bar], groups: Sequence[_Group]) -> list[int]:
    closing = [len(bars)] * len(bars)
    for index in range(len(bars) - 1, -1, -1):
        if bars[index].times or _leaves_endings(bars, groups, index):
            closing[index] = index
        elif index + 1 < len(bars) and not bars[index + 1].forward:
            closing[index] = closing[index + 1]
    return closing


def _inner_repeats(bars: Sequence[Bar], groups: Sequence[_Group]) -> frozenset[int]:
    """Return where repeats begin that begin and end within one ending.

    What ends with a first ending is the repeat that the ending belongs to.
    """
    inner = set()
    for index, bar in enumerate(bars):
        if bar.forward and groups[index].numbers:
            last = index
            while (
                not bars[last].times
                and last + 1 < len(bars)
                and (bars[last + 1].ending == bar.ending and not bars[last + 1].forward)
            ):
                last += 1
            ends = last + 1 == len(bars) or bars[last + 1].ending != bar.ending
            if bars[last].times and (not ends or max(groups[index].numbers) in bar.ending):
                inner.add(index)
    return frozenset(inner)


def playing_order(bars: Sequence[Bar]) -> Order:
    """Return the stretches of a score in the order they are played."""
    places: list[Place] = []
    measure = -1
    for bar in [*bars, Bar()]:
        measure += bar.within == 0
        places.append((measure, bar.within))
    return [(places[first], places[last]) for first, last in _stretches(bars)]


def order_of_movements(
    bars: Sequence[Bar], movements: Sequence[int], sections: Sequence[tuple[int, int]] = ()
) -> Order:
    """Return the stretches of a score of several movements, each played by its own signs.

    Parameters
    ----------
    bars : sequence of Bar
    movements : sequence of int
        First measure of each.
    sections : sequence of (int, int)
        Stretches of measures (first, last + 1) in the order of playing, where the file lists them.
    """
    if sections:
        return [((first, 0.0), (last, 0.0)) for first, last in sections]
    begins = [place for place, bar in enumerate(bars) if bar.within == 0]
    order: list[tuple[Place, Place]] = []
    for first, last in zip(movements, [*movements[1:], len(begins)], strict=True):
        stop = begins[last] if last < len(begins) else len(bars)
        for begin, end in playing_order(bars[begins[first] : stop] if begins else []):
            begin, end = (begin[0] + first, begin[1]), (end[0] + first, end[1])
            if order and order[-1][1] == begin:
                order[-1] = (order[-1][0], end)
            else:
                order.append((begin, end))
    return order


def _stretches(bars: Sequence[Bar]) -> list[tuple[int, int]]:
    """Return stretches of bars (first, last + 1; 0-based) in the order they are played."""
    walk = _Walk(bars=bars, signs=_Map.of(bars))
    stretches: list[tuple[int, int]] = []
    index = played = 0
    while index < len(bars) and played < _LONGEST:
        walk.enter(index)
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


def _groups(bars: Sequence[Bar]) -> list[_Group]:
    """Return for each measure the endings that stand beside its own."""
    groups = [_Group()] * len(bars)
    first = 0
    for index in range(len(bars) + 1):
        begins = index < len(bars) and index > first and _begins_anew(bars, first, index)
        if index == len(bars) or not bars[index].ending or begins:
            own = bars[first:index]
            groups[first:index] = [_group(own)] * len(own)
            first = index if index < len(bars) and bars[index].ending else index + 1
    return groups


def _group(own: Sequence[Bar]) -> _Group:
    leads_back = any(b.times or b.da_capo or b.dal_segno is not None for b in own)
    numbers: frozenset[int] = frozenset().union(*(b.ending for b in own))
    return _Group(numbers if leads_back else frozenset(), any(b.again for b in own))


def _begins_anew(bars: Sequence[Bar], first: int, index: int) -> bool:
    """Return whether an ending belongs to another repeat than those before it."""
    ending, before = bars[index].ending, bars[index - 1].ending
    return ending != before and 1 in ending and any(1 in b.ending for b in bars[first:index])
