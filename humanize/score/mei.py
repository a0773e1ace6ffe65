"""MEI, as Verovio writes it, as a written score."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from humanize.score.jumps import names_its_target, read_words
from humanize.score.mei_controls import ControlReader
from humanize.score.mei_layers import LayerReader, Metre
from humanize.score.mei_names import ID, children, descendants, local_name, whole, words_of
from humanize.score.mei_staves import StaffDefinition, change_staves, parts_of
from humanize.score.movements import SectionEnds, first_measures
from humanize.score.order import Bar
from humanize.score.text import parsed
from humanize.score.written import LONGEST, Mark, WrittenPart, WrittenScore

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_TIMES = 64  # that a repeat is played
_LOWEST_TEMPO, _HIGHEST_TEMPO = 5, 1000  # quarter notes a minute
_CONTAINERS = ("section", "ending", "score", "lem", "rdg", "part", "parts", "expansion")


def read_mei(text: bytes, name: str) -> WrittenScore:
    """Return an MEI score as written.

    Parameters
    ----------
    text : bytes
        As Verovio writes it.
    name : str
        What messages call it.

    Raises
    ------
    ScoreError
        If it is not well-formed.
    """
    reader = _Reader()
    for movement in descendants(parsed(text, name), "mdiv"):
        if next(descendants(movement, "measure"), None) is not None:
            reader.movement(movement)
    if len(reader.score.movements) == 1 and reader.score.lengths:
        reader.score.movements = first_measures(reader.score, SectionEnds(final=reader.finals))
    return reader.score


@dataclass
class _Reader:
    score: WrittenScore = field(default_factory=WrittenScore)
    staves: dict[str, StaffDefinition] = field(default_factory=dict)
    metre: Metre = field(default_factory=Metre)
    sections: dict[str, tuple[int, int]] = field(default_factory=dict)
    finals: set[int] = field(default_factory=set)
    again: bool = False  # whether a repeat begins with the next measure

    def movement(self, element: _Element) -> None:
        """Read a movement."""
        first = len(self.score.lengths)
        if first:
            self.score.movements.append(first)
        parts, self.staves = parts_of(element)
        self._add_parts(parts, first)
        layers = LayerReader(self.staves, element)
        controls = ControlReader(self.staves, layers)
        expansions: list[_Element] = []
        for definition in list(descendants(element, "scoreDef"))[:1]:
            self._define(definition, first)
        self._walk(element, layers, controls, frozenset(), expansions)
        controls.finish()
        for message in (*layers.messages, *controls.messages):
            self.score.messages.append(message)
            self.score.warnings += 1
        self.score.sections = ()
        if first == 0:
            self._order_sections(expansions)

    def _add_parts(self, parts: list[WrittenPart], first: int) -> None:
        """Let a movement's parts go on with those of their name and place."""
        known = self.score.parts
        for place, part in enumerate(parts):
            same = place < len(known) and known[place].staves == part.staves
            if first and same and known[place].name == part.name:
                for definition in self.staves.values():
                    if definition.part is part:
                        definition.part = known[place]
            else:
                known.append(part)

    def _walk(
        self,
        element: _Element,
        layers: LayerReader,
        controls: ControlReader,
        ending: frozenset[int],
        expansions: list[_Element],
    ) -> None:
        for child in element:
            kind = local_name(child)
            begin = len(self.score.lengths)
            if kind == "measure":
                self._measure(child, layers, controls, ending)
            elif kind in ("scoreDef", "staffDef"):
                self._define(child, begin)
            elif kind == "expansion":
                expansions.append(child)
            elif kind in _CONTAINERS:
                own = _numbers(child) if kind == "ending" else ending
                self._walk(child, layers, controls, own, expansions)
            if kind in _CONTAINERS and child.get(ID):
                self.sections[str(child.get(ID))] = (begin, len(self.score.lengths))

    def _define(self, element: _Element, measure: int) -> None:
        """Read a change of metre, key or transposition."""
        change_staves(element, self.staves)
        tempo = element.get("midi.bpm")
        if tempo and _LOWEST_TEMPO <= whole(tempo.partition(".")[0]) <= _HIGHEST_TEMPO:
            for part in self.score.parts[:1]:
                part.marks.append(Mark("tempo", measure, 0.0, value=float(tempo)))
        found = _metre_of(element)
        if found is not None:
            self.metre = found
            for part in self.score.parts:
                part.marks.append(Mark("metre", measure, 0.0, None, "", found.beats, found.unit))

    def _measure(
        self,
        element: _Element,
        layers: LayerReader,
        controls: ControlReader,
        ending: frozenset[int],
    ) -> None:
        number = len(self.score.lengths)
        length = layers.measure(element, number, self.metre)
        self.score.lengths.append(min(length, LONGEST))
        self.score.labels.append((element.get("n") or str(number + 1)).strip())
        bar = Bar(ending=ending)
        left, right = element.get("left") or "", element.get("right") or ""
        before = self.score.bars[-1] if self.score.bars else None
        bar.forward = left in ("rptstart", "rptboth") or self.again
        self.again = right == "rptboth"
        bar.times = 2 if right in ("rptend", "rptboth") else 0
        if left in ("rptend", "rptboth") and before is not None:
            before.times = before.times or 2
        self.score.bars.append(bar)
        if right == "end":
            self.finals.add(number)
        for sign in children(element, "dir", "repeatMark", "tempo", "reh", "dynam"):
            _read_jump(sign, bar)
        controls.measure(element, number, self.metre, length)

    def _order_sections(self, expansions: Iterable[_Element]) -> None:
        """Follow the first list of sections, as Humdrum and MEI may give one."""
        for expansion in expansions:
            named = [self.sections.get(n.lstrip("#")) for n in expansion.get("plist", "").split()]
            order = [stretch for stretch in named if stretch is not None]
            if order and len(order) == len(named):
                self.score.sections = order[: _MOST_TIMES * 64]
                return


def _numbers(element: _Element) -> frozenset[int]:
    return frozenset(int(n) for n in re.findall(r"\d{1,4}", element.get("n", "")))


def _metre_of(element: _Element) -> Metre | None:
    """Return the metre that a definition changes to; None where it keeps it."""
    signs = [element, *children(element, "meterSig")]
    for place, sign in enumerate(signs):
        prefix = "" if place else "meter."
        count, unit = sign.get(f"{prefix}count"), sign.get(f"{prefix}unit")
        symbol = sign.get("sym") if place else sign.get("meter.sym")
        total = sum(int(n) for n in re.findall(r"\d{1,4}", count or ""))
        if total and whole(unit):
            return Metre(total, whole(unit))
        if symbol in ("common", "cut"):
            return Metre(4, 4) if symbol == "common" else Metre(2, 2)
    for staff in descendants(element, "staffDef"):
        found = _metre_of(staff) if staff is not element else None
        if found is not None:
            return found
    return None


def _read_jump(sign: _Element, bar: Bar) -> None:
    """Read a jump from what it is called, else from its words."""
    kind = (sign.get("func") or sign.get("type") or "").lower()
    if kind in ("segno", "coda"):
        setattr(bar, kind, "")
    elif kind in ("fine", "dacapo", "dalsegno", "tocoda"):
        _set(bar, kind)
    elif said := read_words(words_of(sign)):
        _set(bar, said)
        bar.named |= names_its_target(words_of(sign))


def _set(bar: Bar, kind: str) -> None:
    bar.fine |= kind == "fine"
    bar.da_capo |= kind == "dacapo"
    bar.dal_segno = "" if kind == "dalsegno" else bar.dal_segno
    bar.to_coda = "" if kind == "tocoda" else bar.to_coda
