"""Humdrum ``**kern`` for partitura, and what partitura leaves out of it.

Spines are followed line by line, as the Humdrum user guide defines them: a data line stands where
the notes before it have ended, in whichever spine that is first. So repeats, dynamics of
``**dynam`` spines and articulations find their place in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from humanize.errors import ScoreError
from humanize.score_marks import (
    add_articulation,
    add_fermata,
    add_hairpin,
    add_ornament,
    add_text,
)
from humanize.score_order import Bar, Order, playing_order, whole_measures
from humanize.score_xml import Prepared

_NOTE = re.compile(r"([A-Ga-g]+)([#n-]*)")
_DURATION = re.compile(r"(\d+)(?:%(\d+))?(\.*)")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ARTICULATIONS = (("^^", "strong-accent"), ("^", "accent"), ("'", "staccato"),
                  ("`", "staccatissimo"), ("~", "tenuto"))  # fmt: skip
_ORNAMENTS = re.compile(r"[TtMmWwS]")
_DYNAMIC = re.compile(r"(?<![a-z])(?:p{1,5}|mp|mf|f{1,5}|s?f+z?p*|rfz?)(?![a-z])")
_HAIRPINS = {"<": "cres", ">": "dim"}
_READ_BY_PARTITURA = re.compile(
    r"^\*(\^|v|-|x|staff\d+|part\d+|I.*|clef[GFC].*|k\[.*\]|M\d+/\d+|MM\d+(\.\d+)?)$"
)
_SECTIONS = re.compile(r"^\*>\[(.*)\]$")


@dataclass
class _Spine:
    """One column: which spine of the first line it comes from, and when it is due."""

    origin: int
    due: Fraction = Fraction(0)


@dataclass
class _Walk:
    """What is found by following the spines.

    Attributes
    ----------
    kinds, names, parts : list of str
        For each spine of the first line its interpretation, instrument and part.
    data : list of (Fraction, int, str)
        Quarter note, spine, token.
    text : list of str
        The lines with the spines that have notes, as partitura reads them.
    bars : list of (Fraction, str)
        Quarter note and barline.
    labels : list of (Fraction, str)
        Where sections begin.
    sections : list of str
        The order of the sections.
    """

    kinds: list[str]
    names: list[str]
    parts: list[str]
    data: list[tuple[Fraction, int, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    bars: list[tuple[Fraction, str]] = field(default_factory=list)
    labels: list[tuple[Fraction, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    now: Fraction = Fraction(0)


def prepare_kern(text: bytes, name: str) -> Prepared:
    """Return a Humdrum score for partitura, with the order it is played in.

    Raises
    ------
    ScoreError
        If it has no ``**kern`` spine, or a line with too few or too many columns.
    """
    lines = text.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    lines = [line for line in lines if line and not line.startswith("!")]
    if not lines or "**kern" not in lines[0].split("\t"):
        raise ScoreError(f"{name}: no **kern spine; expected a Humdrum score with notes")
    walk = _followed(lines, name)
    return Prepared(
        text="\n".join([*walk.text, ""]).encode(),
        order=_order(walk),
        instruments=tuple(_instruments(walk)),
        finish=partial(_mark_parts, walk),
    )


def _followed(lines: Sequence[str], name: str) -> _Walk:
    kinds = lines[0].split("\t")
    walk = _Walk(kinds=kinds, names=[""] * len(kinds), parts=[""] * len(kinds))
    spines = [_Spine(origin=n) for n in range(len(kinds))]
    walk.text.append("\t".join(kind for kind in kinds if kind == "**kern"))
    for number, line in enumerate(lines[1:], start=2):
        tokens = line.split("\t")
        if len(tokens) != len(spines):
            raise ScoreError(
                f"{name}: line {number} without comments has {len(tokens)} columns; "
                f"expected {len(spines)}"
            )
        _keep_line(walk, spines, tokens)
        if line.startswith("*"):
            _interpret(walk, spines, tokens)
            spines = _spines_after(spines, tokens)
        elif line.startswith("="):
            walk.now = max((s.due for s in spines), default=walk.now)
            walk.bars.append((walk.now, tokens[0]))
        else:
            _data_line(walk, spines, tokens)
    if not walk.bars:
        _add_last_bar(walk.text)
    return walk


def _add_last_bar(text: list[str]) -> None:
    """Write a barline before the end of a score that has none; partitura reads no other."""
    columns = text[-1].count("\t") + 1
    ended = text[-1].startswith("*-")
    text.insert(len(text) - ended, "\t".join(["=="] * columns))


def _keep_line(walk: _Walk, spines: Sequence[_Spine], tokens: Sequence[str]) -> None:
    kept = [
        token
        for spine, token in zip(spines, tokens, strict=True)
        if walk.kinds[spine.origin] == "**kern"
    ]
    if kept and kept[0].startswith("*"):
        tempo = [re.sub(r"^(\*MM\d+(?:\.\d+)?)\D.*", r"\1", token) for token in kept]
        kept = [token if _READ_BY_PARTITURA.match(token) else "*" for token in tempo]
    if any(token not in (".", "*") for token in kept):
        walk.text.append("\t".join(kept))


def _interpret(walk: _Walk, spines: Sequence[_Spine], tokens: Sequence[str]) -> None:
    for spine, token in zip(spines, tokens, strict=True):
        if token.startswith('*I"') or (token.startswith("*I") and not walk.names[spine.origin]):
            walk.names[spine.origin] = token
        elif token.startswith("*part"):
            walk.parts[spine.origin] = token
    first = tokens[0]
    sections = _SECTIONS.match(first)
    if sections:
        walk.sections = sections[1].split(",")
    elif first.startswith("*>") and "[" not in first:
        now = max((s.due for s in spines), default=walk.now)
        walk.labels.append((now, first[2:]))


def _spines_after(spines: Sequence[_Spine], tokens: Sequence[str]) -> list[_Spine]:
    """Return the columns below a line that may split, join, end or swap them."""
    out: list[_Spine] = []
    joined = False
    for spine, token in zip(spines, tokens, strict=True):
        if token == "*^":
            out += [spine, _Spine(spine.origin, spine.due)]
        elif token == "*v":
            if joined and out and out[-1].origin == spine.origin:
                out[-1].due = max(out[-1].due, spine.due)
            else:
                out.append(spine)
        elif token != "*-":
            out.append(spine)
        joined = token == "*v"
    swapped = [n for n, token in enumerate(tokens) if token == "*x"]
    if len(swapped) == 2 and len(out) == len(spines):
        first, second = swapped
        out[first], out[second] = out[second], out[first]
    return out


def _data_line(walk: _Walk, spines: Sequence[_Spine], tokens: Sequence[str]) -> None:
    heard = [
        (spine, token)
        for spine, token in zip(spines, tokens, strict=True)
        if token != "." and walk.kinds[spine.origin] == "**kern"
    ]
    timed = [(spine, length) for spine, token in heard if (length := _length(token)) is not None]
    if timed:
        walk.now = max(max(spine.due for spine, _ in timed), walk.now)
    for spine, token in zip(spines, tokens, strict=True):
        if token != ".":
            walk.data.append((walk.now, spine.origin, token))
    for spine, length in timed:
        spine.due = walk.now + length


def _length(token: str) -> Fraction | None:
    """Return the length of a note or rest in quarter notes; None for grace notes."""
    found = _DURATION.search(token.split(" ")[0])
    if found is None or "q" in token.lower().split(" ")[0]:
        return None
    divisor = int(found[1])
    whole = Fraction(int(found[2] or 1), divisor) if divisor else Fraction(2)
    return 4 * whole * (2 - Fraction(1, 2 ** len(found[3])))


def _order(walk: _Walk) -> Order:
    """Return the order of the measures, from the list of sections or else from the barlines."""
    times = [when for when, _ in walk.bars]
    signs = [sign for _, sign in walk.bars]
    if not times or times[0] > 0:  # what stands before the first barline is a measure, too
        times, signs = [Fraction(0), *times], ["", *signs]
    if walk.sections and {label for _, label in walk.labels} >= set(walk.sections):
        return whole_measures(_order_of_sections(walk, times))
    bars = []
    for sign, following in zip(signs, [*signs[1:], ""], strict=True):
        ends = re.search(r":[|!]", following) is not None
        bars.append(Bar(forward=re.search(r"[|!]:", sign) is not None, times=2 if ends else 0))
    return playing_order(bars)


def _order_of_sections(walk: _Walk, times: Sequence[Fraction]) -> list[tuple[int, int]]:
    order: list[tuple[int, int]] = []
    for wanted in walk.sections:
        place = next(n for n, (_, label) in enumerate(walk.labels) if label == wanted)
        start = walk.labels[place][0]
        later = [when for when, _ in walk.labels[place + 1 :] if when > start]
        inside = [n for n, t in enumerate(times) if start <= t and (not later or t < later[0])]
        if inside and order and order[-1][1] == inside[0]:
            order[-1] = (order[-1][0], inside[-1] + 1)
        elif inside:
            order.append((inside[0], inside[-1] + 1))
    return order


def _notes_spines(walk: _Walk) -> list[int]:
    """Return the spines with notes from the upper staff down, as partitura orders its parts."""
    return [n for n, kind in enumerate(walk.kinds) if kind == "**kern"][::-1]


def _groups(walk: _Walk) -> list[int]:
    """Return for each of these spines the first one of its instrument.

    Spines of one ``*part``, or of one instrument name, are one; two that say neither are the hands
    of a keyboard.
    """
    spines = _notes_spines(walk)
    names = [walk.parts[n] or walk.names[n] for n in spines]
    if len(spines) == 2 and not any(names):
        return [0, 0]
    return [names.index(name) if name else n for n, name in enumerate(names)]


def _instruments(walk: _Walk) -> list[int]:
    groups = _groups(walk)
    return [] if len(set(groups)) == 1 and _one_part(walk) else groups


def _one_part(walk: _Walk) -> bool:
    """Return whether partitura makes one part of all spines."""
    spines = _notes_spines(walk)
    parts = {walk.parts[n] for n in spines}
    names = {walk.names[n] for n in spines}
    return len(spines) > 1 and (
        (len(parts) == 1 and parts != {""}) or (parts == {""} and len(names) == 1 and names != {""})
    )


def _mark_parts(walk: _Walk, parts: Sequence[Any]) -> None:
    """Add dynamics, articulations, fermatas and ornaments to partitura's parts."""
    spines = _notes_spines(walk)
    own = {spine: parts[min(n, len(parts) - 1)] for n, spine in enumerate(spines)}
    groups = dict(zip(spines, _groups(walk), strict=True))
    notes = {spine: _notes_by_place(part) for spine, part in own.items()}
    for spine, part in own.items():
        if len(parts) == len(spines):
            for note in part.iter_all():
                if hasattr(note, "staff") and hasattr(note, "voice"):
                    note.staff = spines.index(spine) - groups[spine] + 1
    for when, spine, token in walk.data:
        if spine in own:
            _mark_notes(own[spine], notes[spine], when, token)
    for spine in own:
        _tie(own[spine], notes[spine], [(w, t) for w, s, t in walk.data if s == spine])
    for spine, kind in enumerate(walk.kinds):
        if kind == "**dynam":
            home = _home(walk, spine, spines)
            together = [p for s, p in own.items() if groups[s] == groups[home]]
            unique = [p for n, p in enumerate(together) if p not in together[:n]]
            _mark_dynamics(unique, [(w, t) for w, s, t in walk.data if s == spine])


def _home(walk: _Walk, spine: int, spines: Sequence[int]) -> int:
    """Return the spine with notes that dynamics belong to: of the same part, else to the left."""
    same = [n for n in spines if walk.parts[spine] and walk.parts[n] == walk.parts[spine]]
    left = [n for n in spines if n < spine]
    return next(iter([*same, *left, *spines]))


def _notes_by_place(part: Any) -> dict[tuple[int, int], list[Any]]:
    from partitura.score import Note

    found: dict[tuple[int, int], list[Any]] = {}
    for note in part.iter_all(Note, include_subclasses=True):
        found.setdefault((note.start.t, note.midi_pitch), []).append(note)
    return found


def _found(
    part: Any, notes: dict[Any, list[Any]], when: Fraction, token: str
) -> Iterator[tuple[str, Any]]:
    """Yield each note of a token, as text and as partitura's note."""
    time = round(float(part.inv_quarter_map(float(when))))
    for single in token.split(" "):
        named = _NOTE.search(single)
        if named is not None and "r" not in single:
            for note in notes.get((time, _pitch(named[1], named[2])), [])[:1]:
                yield single, note


def _mark_notes(part: Any, notes: dict[Any, list[Any]], when: Fraction, token: str) -> None:
    for text, note in _found(part, notes, when, token):
        rest = text
        for sign, kind in _ARTICULATIONS:
            if sign in rest:
                add_articulation(note, kind)
                rest = rest.replace(sign, "")
        if ";" in rest:
            add_fermata(part, note)
        if _ORNAMENTS.search(rest):
            add_ornament(note, "trill-mark")


def _tie(part: Any, notes: dict[Any, list[Any]], data: Sequence[tuple[Fraction, str]]) -> None:
    """Tie notes, those of chords among them, which partitura leaves apart."""
    opened: dict[int, Any] = {}
    for when, token in data:
        for text, note in _found(part, notes, when, token):
            before = opened.pop(note.midi_pitch, None) if re.search(r"[\]_]", text) else None
            if before is not None and before.end.t == note.start.t:
                before.tie_next, note.tie_prev = note, before
            if re.search(r"[\[_]", text):
                opened[note.midi_pitch] = note


def _pitch(letters: str, accidentals: str) -> int:
    octave = 3 + len(letters) if letters[0].islower() else 4 - len(letters)
    step = _STEPS[letters[0].lower()] + accidentals.count("#") - accidentals.count("-")
    return 12 * (octave + 1) + step


def _mark_dynamics(parts: Sequence[Any], data: Sequence[tuple[Fraction, str]]) -> None:
    opened: tuple[Fraction, str] | None = None
    for when, token in data:
        dynamics = _DYNAMIC.findall(token)
        if opened and (dynamics or "[" in token or "]" in token):
            add_hairpin(parts, float(opened[0]), float(when), _HAIRPINS[opened[1]])
            opened = None
        for dynamic in dynamics:
            add_text(parts, float(when), dynamic)
        for word in re.findall(r"[a-z]{3,}\.?", token):
            if word not in dynamics:
                add_text(parts, float(when), word)
        begun = [sign for sign in _HAIRPINS if sign in token]
        if begun:
            opened = (when, begun[0])
