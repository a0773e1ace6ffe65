"""The order in which the measures of a score are played.

A jump, *Fine* and *To Coda* act at the end of the measure they stand in, a segno and a coda at its
beginning. After a jump nothing is repeated, and the last ending is played, but for repeats that say
that they are taken again; there *Fine* and *To Coda* wait for the last time.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class _Group:
    """The endings of one repeat: their numbers, and whether it is taken again after a jump."""

    numbers: frozenset[int] = frozenset()
    again: bool = False


@dataclass
class _Walk:
    """The state of walking through the measures as a player does."""

    bars: Sequence[Bar]
    groups: Sequence[_Group]
    section: int = 0
    turn: int = 1
    jumped: bool = False
    jumps: set[int] = field(default_factory=set)

    def plays(self, index: int) -> bool:
        """Return whether the measure is played in this turn."""
        ending, group = self.bars[index].ending, self.groups[index]
        if 1 not in group.numbers:
            return True
        if self.jumped and not group.again:
            return max(group.numbers) in ending and ending != group.numbers
        return self.turn in ending

    def after(self, index: int) -> int:
        """Return which measure follows; a number behind the last one ends the piece."""
        bar = self.bars[index]
        if self.jumped and not self._comes_again(index):
            if bar.fine:
                return len(self.bars)
            coda = self._coda(index) if bar.to_coda is not None else None
            if coda is not None:
                return self._land(coda)
        if bar.times and self._is_obeyed(index):
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
            return self._jump_to(target)
        return index + 1

    def _land(self, index: int) -> int:
        self.section, self.turn = index, 1
        return index

    def _jump_to(self, index: int) -> int:
        """Go to a measure, which may stand within what is repeated and within an ending."""
        first = index
        while first and not self.bars[first].forward and not self._ends_section(first - 1):
            first -= 1
        self.section = first
        self.turn = min(self.bars[index].ending) if 1 in self.groups[index].numbers else 1
        return index

    def _is_obeyed(self, index: int) -> bool:
        """Return whether the repeat that ends here is taken."""
        return not self.jumped or self.bars[index].again or self.groups[index].again

    def _comes_again(self, index: int) -> bool:
        """Return whether a repeat leads back to here."""
        for last in range(index, len(self.bars)):
            if last > index and self.bars[last].forward:
                return False
            if self.bars[last].times:
                return self._is_obeyed(last) and self.turn < self._turns(last)
            if self._leaves_endings(last):
                return False
        return False

    def _ends_section(self, index: int) -> bool:
        bar = self.bars[index]
        return bool(bar.times and not bar.ending) or self._leaves_endings(index)

    def _turns(self, index: int) -> int:
        ending, group = self.bars[index].ending, self.groups[index].numbers
        if 1 not in group:
            return self.bars[index].times
        return max(group) + (1 if ending == group else 0)

    def _leaves_endings(self, index: int) -> bool:
        ending, group = self.bars[index].ending, self.groups[index].numbers
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


def playing_order(bars: Sequence[Bar]) -> Order:
    """Return the stretches of a score in the order they are played."""
    places: list[Place] = []
    measure = -1
    for bar in [*bars, Bar()]:
        measure += bar.within == 0
        places.append((measure, bar.within))
    return [(places[first], places[last]) for first, last in _stretches(bars)]


def whole_measures(stretches: Sequence[tuple[int, int]]) -> Order:
    """Return stretches of whole measures (first, last + 1; 0-based) as an order."""
    return [((first, 0.0), (last, 0.0)) for first, last in stretches]


def _stretches(bars: Sequence[Bar]) -> list[tuple[int, int]]:
    """Return stretches of bars (first, last + 1; 0-based) in the order they are played."""
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


def _groups(bars: Sequence[Bar]) -> list[_Group]:
    """Return for each measure the endings that stand beside its own."""
    groups = [_Group()] * len(bars)
    first = 0
    for index in range(len(bars) + 1):
        begins = index < len(bars) and index > first and _begins_anew(bars, first, index)
        if index == len(bars) or not bars[index].ending or begins:
            own = bars[first:index]
            numbers = frozenset().union(*(b.ending for b in own))
            groups[first:index] = [_Group(numbers, any(b.again for b in own))] * len(own)
            first = index if index < len(bars) and bars[index].ending else index + 1
    return groups


def _begins_anew(bars: Sequence[Bar], first: int, index: int) -> bool:
    """Return whether an ending belongs to another repeat than those before it."""
    ending, before = bars[index].ending, bars[index - 1].ending
    return ending != before and 1 in ending and any(1 in b.ending for b in bars[first:index])
