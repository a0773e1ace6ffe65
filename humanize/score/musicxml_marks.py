"""Dynamics, hairpins, words and tempo of a MusicXML part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from humanize.score.dynamics import is_sforzando, level_in_words, level_of
from humanize.score.musicxml_bars import SignedMeasure
from humanize.score.musicxml_notes import FORTE, number
from humanize.score.time_marks import PEDAL_TYPES
from humanize.score.written import Mark, MarkKind, WrittenPart

if TYPE_CHECKING:
    from lxml.etree import _Element

_UNITS = {"long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5,
          "16th": 0.25, "32nd": 0.125}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LOWEST_TEMPO, _HIGHEST_TEMPO = 5, 1000  # quarter notes a minute


def read_marks(part: WrittenPart, measures: Sequence[SignedMeasure]) -> None:
    """Add to a part what its directions and sounds say."""
    reader = _MarkReader(part.marks)
    for measure in measures:
        for element, quarter, _ in measure.signs:
            if element.tag == "direction":
                reader.direction(element, measure.number, quarter)
            elif element.tag == "sound":
                reader.sound(element, measure.number, quarter, None, silent=False)


@dataclass
class _MarkReader:
    marks: list[Mark]
    wedges: dict[str, tuple[int, float, MarkKind, int | None]] = field(default_factory=dict)
    dashes: dict[str, list[int]] = field(default_factory=dict)  # number to places in marks

    def direction(self, element: _Element, measure: int, quarter: float) -> None:
        """Read a direction."""
        text = (element.findtext("staff") or "").strip()
        staff = int(text) if text.isdecimal() and len(text) < 3 else None
        before = len(self.marks)
        dashed: list[_Element] = []
        for kind in element.iterfind("direction-type"):
            for child in kind:
                self._child(child, measure, quarter, staff)
                dashed += [child] if child.tag == "dashes" else []
        for sign in dashed:
            self._dashes(sign, measure, quarter, before)
        spoken = any(_is_spoken(mark) for mark in self.marks[before:])
        sounds = element.findall("sound")
        for sound in sounds:
            self.sound(sound, measure, quarter, staff, silent=spoken)
        if not any(_tempo(sound) for sound in sounds):
            self._metronome(element, measure, quarter)

    def sound(
        self, element: _Element, measure: int, quarter: float, staff: int | None, *, silent: bool
    ) -> None:
        """Read a sound: its tempo, and its dynamics unless it is to be ``silent`` of them."""
        tempo, percent = _tempo(element), number(element.get("dynamics"))
        if tempo:
            self.marks.append(Mark("tempo", measure, quarter, value=tempo))
        if percent > 0 and not silent:
            level = min(max(float(round(percent * FORTE / 100)), 1.0), 127.0)
            self.marks.append(Mark("level", measure, quarter, staff, value=level))

    def _child(self, child: _Element, measure: int, quarter: float, staff: int | None) -> None:
        tag = child.tag
        if tag == "dynamics":
            for mark in child:
                other = mark.tag == "other-dynamics"
                text = (mark.text or "").strip() if other else str(mark.tag)
                self.marks.append(Mark("level", measure, quarter, staff, text))
        elif tag == "words" and (child.text or "").strip():
            text = " ".join((child.text or "").split())
            self.marks.append(Mark("words", measure, quarter, staff, text))
        elif tag == "pedal" and child.get("type") in PEDAL_TYPES:
            text = str(child.get("type"))
            self.marks.append(Mark("pedal", measure, quarter, staff, text))
        elif tag == "wedge":
            self._wedge(child, measure, quarter, staff)

    def _wedge(self, child: _Element, measure: int, quarter: float, staff: int | None) -> None:
        key, kind = child.get("number") or "1", child.get("type")
        if kind in ("crescendo", "diminuendo"):
            self.wedges[key] = (
                measure, quarter, "cresc" if kind == "crescendo" else "dim", staff,
            )  # fmt: skip
        elif kind == "stop" and key in self.wedges:
            first, begin, form, own = self.wedges.pop(key)
            self.marks.append(Mark(form, first, begin, own, end=(measure, quarter)))

    def _dashes(self, child: _Element, measure: int, quarter: float, first: int) -> None:
        """Let words last until where their dashes end."""
        key = child.get("number") or "1"
        if child.get("type") == "start":
            self.dashes[key] = list(range(first, len(self.marks)))
        elif child.get("type") == "stop":
            for place in self.dashes.pop(key, []):
                self.marks[place] = self.marks[place]._replace(end=(measure, quarter))

    def _metronome(self, element: _Element, measure: int, quarter: float) -> None:
        mark = element.find("direction-type/metronome")
        if mark is None:
            return
        units = mark.findall("beat-unit")
        found = _NUMBER.search(mark.findtext("per-minute") or "")
        unit = (units[0].text or "").strip() if len(units) == 1 else ""
        if found and unit in _UNITS:
            dots = len(mark.findall("beat-unit-dot"))
            tempo = number(found[0]) * _UNITS[unit] * (2 - 0.5**dots)
            if _LOWEST_TEMPO <= tempo <= _HIGHEST_TEMPO:
                self.marks.append(Mark("tempo", measure, quarter, value=tempo))


def _is_spoken(mark: Mark) -> bool:
    """Return whether a mark says a dynamic, so that a sound beside it says the same."""
    if mark.kind not in ("level", "words"):
        return False
    text = mark.text
    return level_of(text) is not None or is_sforzando(text) or level_in_words(text) is not None


def _tempo(sound: _Element) -> float:
    tempo = number(sound.get("tempo"))
    return tempo if _LOWEST_TEMPO <= tempo <= _HIGHEST_TEMPO else 0.0
