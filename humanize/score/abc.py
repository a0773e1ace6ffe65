"""ABC (standard 2.1) as a written score: tunes are movements, voices are parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from humanize.errors import ScoreError
from humanize.score.abc_fields import (
    Key,
    default_length,
    fraction,
    key_of,
    metre_of,
    tempo_of_field,
    voice_of,
)
from humanize.score.abc_voice import TuneVoice
from humanize.score.order import Bar
from humanize.score.written import Mark, WrittenPart, WrittenScore

_FIELD = re.compile(r"^([A-Za-z+]):\s*(.*)$")
_INLINE = re.compile(r"\[([KMLQVrI]):\s*([^\]]*)\]")
_DEFAULT_VOICE = "1"
_SILENT = "ABCDFGHNORSTWZmswu+"  # fields that change no note


@dataclass
class _Tune:
    """A tune while it is read.

    Attributes
    ----------
    voices : dict of str to TuneVoice
        By their ids.
    names : dict of str to str
    """

    voices: dict[str, TuneVoice] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    current: str = _DEFAULT_VOICE
    unit: float | None = None
    metre: tuple[int, int] | None = (4, 4)
    key: Key = field(default_factory=Key)
    tempo: float = 0.0
    begun: bool = False

    def voice(self) -> TuneVoice:
        """Return the voice that is being read; a new one begins as the tune does."""
        if self.current not in self.voices:
            voice = TuneVoice(unit=self.length(), metre=self.metre, key=replace(self.key))
            if self.metre is not None:
                voice.mark("metre", value=self.metre[0], other=self.metre[1])
            if self.tempo and not self.voices:
                voice.mark("tempo", value=self.tempo)
            self.voices[self.current] = voice
        return self.voices[self.current]

    def length(self) -> float:
        """Return the quarter notes of a note without a length."""
        return self.unit if self.unit is not None else default_length(self.metre)

    def read_field(self, name: str, value: str) -> None:
        """Read a field of the header or of the body."""
        if name == "V":
            self.current, title = voice_of(value)
            self.names[self.current] = title or self.names.get(self.current, "")
        elif name == "L":
            self.unit = 4 * fraction(value, 1 / 8)
            self._each(lambda voice: setattr(voice, "unit", self.unit))
        elif name == "M":
            self.metre = metre_of(value)
            self._each(lambda voice: voice.change_metre(self.metre))
        elif name == "K":
            self.key = key_of(value, self.key)
            self._each(lambda voice: setattr(voice, "key", replace(self.key)))
            self.begun = True
        elif name == "Q":
            self.tempo = tempo_of_field(value, self.metre) or self.tempo
            if self.tempo:
                self._each(lambda voice: voice.mark("tempo", value=self.tempo))

    def _each(self, change: object) -> None:
        """Change the voice that is being read, if it has begun."""
        if self.begun and self.current in self.voices and callable(change):
            change(self.voices[self.current])

    def read_music(self, line: str) -> None:
        """Read a line of the body, fields within it among the notes."""
        place = 0
        for found in _INLINE.finditer(line):
            self._notes(line[place : found.start()])
            self.read_field(found[1], found[2])
            place = found.end()
        self._notes(line[place:])

    def _notes(self, text: str) -> None:
        if text.strip():
            self.voice().read(text)


def read_abc(text: bytes, name: str) -> WrittenScore:
    """Return the tunes of an ABC file as written.

    Parameters
    ----------
    text : bytes
        UTF-8.
    name : str
        What messages call it.

    Raises
    ------
    ScoreError
        If there is no tune in it.
    """
    lines = text.decode("utf-8", errors="replace").splitlines()
    if not any(line.startswith(("X:", "K:")) for line in lines):
        raise ScoreError(f"{name}: no X: or K: field; expected an ABC tune")
    score = WrittenScore(movements=[])
    for tune in _tunes(lines):
        if any(voice.notes for voice in tune.voices.values()):
            _add(score, tune)
    if not score.parts:
        raise ScoreError(f"{name}: no notes in any tune; expected at least one")
    return score


def _tunes(lines: list[str]) -> list[_Tune]:
    tunes: list[_Tune] = []
    tune = _Tune()
    for line in lines:
        plain = re.sub(r"(?<!\\)%.*", "", line).rstrip()
        found = _FIELD.match(plain)
        if found and found[1] == "X":
            tune = _Tune()
            tunes.append(tune)
        elif found:
            if found[1] not in _SILENT:
                tune.read_field(found[1], found[2])
        elif plain.strip() and tune.begun:
            tune.read_music(plain)
        if not tunes and tune.begun:
            tunes.append(tune)
    return tunes


def _add(score: WrittenScore, tune: _Tune) -> None:
    """Add a tune behind what is there, as a movement."""
    first = len(score.lengths)
    score.movements.append(first)
    for voice in tune.voices.values():
        voice.finish()
    count = max(len(voice.lengths) for voice in tune.voices.values())
    lengths = [
        max((v.lengths[n] for v in tune.voices.values() if n < len(v.lengths)), default=0.0)
        for n in range(count)
    ]
    bars = [Bar() for _ in range(count)]
    for place, (own, voice) in enumerate(tune.voices.items()):
        _merge(bars, voice.bars)
        for note in voice.notes:
            note.measure += first
        _part_at(score, place, tune.names.get(own, "")).notes += voice.notes
        part = score.parts[place]
        part.slurs += voice.slurs
        part.marks += [_moved_mark(mark, first) for mark in voice.marks]
    score.lengths += lengths
    score.labels += _labels(lengths, next(iter(tune.voices.values())))
    score.bars += bars


def _part_at(score: WrittenScore, place: int, name: str) -> WrittenPart:
    while len(score.parts) <= place:
        score.parts.append(WrittenPart(name=name or f"Voice {len(score.parts) + 1}"))
    return score.parts[place]


def _moved_mark(mark: Mark, by: int) -> Mark:
    end = (mark.end[0] + by, mark.end[1]) if mark.end else None
    return mark._replace(measure=mark.measure + by, end=end)


def _merge(bars: list[Bar], own: list[Bar]) -> None:
    """Add what a voice says about the order of playing."""
    for bar, said in zip(bars, own, strict=False):
        bar.forward |= said.forward
        bar.times = max(bar.times, said.times)
        bar.ending |= said.ending
        bar.fine |= said.fine
        bar.da_capo |= said.da_capo
        for name in ("segno", "coda", "to_coda", "dal_segno"):
            if getattr(said, name) is not None:
                setattr(bar, name, getattr(said, name))


def _labels(lengths: list[float], voice: TuneVoice) -> list[str]:
    """Return the numbers of measures: an upbeat is 0."""
    metre = voice.first_metre
    upbeat = metre is not None and len(lengths) > 1 and lengths[0] < metre[0] * 4 / metre[1] - 1e-6
    return [str(number + (not upbeat)) for number in range(len(lengths))]
