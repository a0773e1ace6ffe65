"""Options that choose notes: by track, channel, measure, pitch or velocity."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from humanize.errors import OptionError
from humanize.options.option import Option, is_number, text_schema

GROOVE = "groove"
"""Instead of tracks that are drums: drums are played too."""

_MIDI_NUMBER = r"(12[0-7]|1[01][0-9]|[1-9][0-9]|[0-9])"
_VELOCITY = r"(12[0-7]|1[01][0-9]|[1-9][0-9]|[1-9])"
_CHANNEL = r"(1[0-6]|[1-9])"
_SHARE = r"(0(\.[0-9]{1,6})?|1(\.0{1,6})?)"
_MEASURE = r"([0-9]{1,6}|[A-Za-z]{1,3}[0-9]{1,5}|[0-9]{1,6}[A-Za-z])"
_MOVEMENT = r"[IVXLC]{1,8}"
_SPAN = rf"({_MOVEMENT}|({_MOVEMENT} *: *)?({_MEASURE}( *-( *{_MEASURE})?)?))"


@dataclass(frozen=True, kw_only=True)
class Tracks(Option):
    """Numbers from 1, or names; whether they are there the file alone can say."""

    def checked(self, value: Any) -> Sequence[int | str] | None:
        """Return the entries as they were given."""
        if value is None or (isinstance(value, Sequence) and not isinstance(value, str)):
            return value
        raise self.refuse(repr(value), "a list of numbers or names")

    def read(self, text: str) -> list[str]:
        """Return the numbers of ``1,3``, or one name."""
        if not text:
            raise self.refuse("nothing", "numbers such as 1,3, or a name")
        parts = [part.strip() for part in text.split(",")]
        return parts if all(is_number(part) for part in parts) else [text]

    def schema(self) -> dict[str, Any]:
        """Return any text."""
        return text_schema(None, f"{self.help} 1,3, or a name")

    def settled(self, value: Any) -> list[str] | None:
        """Return the entries in order, as texts."""
        checked = self.checked(value)
        return None if checked is None else sorted({str(entry) for entry in checked})


@dataclass(frozen=True, kw_only=True)
class Channels(Option):
    """MIDI channels, 1-16."""

    def checked(self, value: Any) -> Sequence[int] | None:
        """Return the channels as they were given."""
        if value is None:
            return None
        for channel in value:
            if not isinstance(channel, int) or not 1 <= channel <= 16:
                raise self.refuse(channel, "numbers from 1 to 16")
        channels: Sequence[int] = value
        return channels

    def read(self, text: str) -> list[int]:
        """Return the channels of ``1,2``."""
        pattern = rf"{_CHANNEL}( *, *{_CHANNEL})*"
        self._require_pattern(text, pattern, "numbers from 1 to 16 such as 1 or 1,2")
        return [int(part) for part in text.split(",")]

    def schema(self) -> dict[str, Any]:
        """Return a text of channels."""
        return text_schema(rf"^{_CHANNEL}( *, *{_CHANNEL})*$", f"{self.help} 1,2")

    def settled(self, value: Any) -> list[int] | None:
        """Return the channels in order."""
        checked = self.checked(value)
        return None if checked is None else sorted(set(checked))


@dataclass(frozen=True, kw_only=True)
class Measures(Option):
    """Spans of measures: ``5-12``, ``5``, ``9-`` or ``1-4,9-12``; of scores also ``II:5-12``."""

    def checked(self, value: Any) -> str | None:
        """Return the text, once its form fits."""
        if value is None:
            return None
        text = str(value)
        if not re.fullmatch(rf"{_SPAN}( *, *{_SPAN})*", text.strip()):
            self.spans(text)
        for part in text.split(","):
            first, _, last = (piece.strip() for piece in part.rpartition(":")[2].partition("-"))
            if first.isdecimal() and last.isdecimal() and int(first) > int(last):
                raise self.refuse(part.strip(), "a first measure from 1, then the last")
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return first and last measure of each span, counted as a MIDI file's are.

        Raises
        ------
        OptionError
            If a span is not a number or two numbers in order.
        """
        return [self._span(part, text) for part in str(text).split(",")]

    def _span(self, part: str, text: str) -> tuple[int, int]:
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        plain = is_number(first) and is_number(last or "1")
        if re.fullmatch(_SPAN, part.strip()) and (not plain or int(first) < 1):
            raise OptionError(
                f"{self.name}: {part.strip()!r} found; the measures of a MIDI file are counted "
                "from 1, without movements"
            )
        if not plain:
            found = text if len(text) < 40 else f"{text[:40]}…"
            raise OptionError(
                f"{self.name} {found!r} found; expected such as 5-12, 5, 9- or 1-4,9-12"
            )
        low = int(first)
        high = int(last) if last else (2**31 if dash else low)
        if not 1 <= low <= high:
            raise self.refuse(part.strip(), "a first measure from 1, then the last")
        return low, high

    def read(self, text: str) -> str:
        """Return the text of a field, once its form fits."""
        pattern = rf"{_SPAN}( *, *{_SPAN})*"
        self._require_pattern(text, pattern, "such as 5-12, 5, 9- or 1-4,9-12")
        return text

    def schema(self) -> dict[str, Any]:
        """Return a text of spans."""
        return text_schema(rf"^{_SPAN}( *, *{_SPAN})*$", f"{self.help} or 1-4,9-12")

    def settled(self, value: Any) -> list[Any] | None:
        """Return the spans; as texts where they are those of a score alone."""
        if value is None:
            return None
        self.checked(value)
        try:
            return [list(span) for span in self.spans(value)]
        except OptionError:
            return [part.strip() for part in str(value).split(",")]


@dataclass(frozen=True, kw_only=True)
class Drums(Tracks):
    """Tracks that are drums, instead of those that are taken for drums.

    ``none`` for no track; ``groove`` for those that are taken for drums, which are then played.
    """

    def checked(self, value: Any) -> Sequence[int | str] | str | None:
        """Return the tracks; an empty list for ``none``, the word for ``groove``."""
        if value in (GROOVE, [GROOVE]):
            return GROOVE
        return [] if value == "none" else super().checked(value)

    def read(self, text: str) -> list[str]:
        """Return the tracks that a field names; ``groove`` as one of them."""
        return [] if text == "none" else super().read(text)

    def settled(self, value: Any) -> list[str] | None:
        """Return the entries in order, as texts."""
        checked = self.checked(value)
        return [GROOVE] if checked == GROOVE else super().settled(checked)


@dataclass(frozen=True, kw_only=True)
class Between(Option):
    """Two numbers, both included: ``36-84``, or one number for both."""

    low: int = 0
    high: int = 127

    def checked(self, value: Any) -> tuple[int, int] | None:
        """Return the lowest and the highest number."""
        if value is None:
            return None
        low, high = self._pair(value)
        if not self.low <= low <= high <= self.high:
            raise self.refuse(value, f"LO-HI from {self.low} to {self.high}, such as 36-84")
        return low, high

    def _pair(self, value: Any) -> tuple[int, int]:
        if isinstance(value, str):
            found = re.fullmatch(r" *(\d{1,3})(?: *- *(\d{1,3}))? *", value, re.ASCII)
            if found is not None:
                return int(found[1]), int(found[2] or found[1])
        elif isinstance(value, Sequence) and len(value) == 2:
            return int(value[0]), int(value[1])
        raise self.refuse(repr(value), "two numbers such as 36-84")

    def read(self, text: str) -> str:
        """Return the text of a field, once its numbers could be read."""
        self.checked(text)
        return text

    def schema(self) -> dict[str, Any]:
        """Return a text of one or two numbers."""
        number = _MIDI_NUMBER if self.low == 0 else _VELOCITY
        return text_schema(rf"^{number}( *- *{number})?$", self.help)

    def settled(self, value: Any) -> list[int] | None:
        """Return a list of two."""
        checked = self.checked(value)
        return None if checked is None else list(checked)


@dataclass(frozen=True, kw_only=True)
class TrackStrengths(Option):
    """A strength for single tracks: ``Bass=0.3,Lead=1``."""

    def checked(self, value: Any) -> dict[str, float] | None:
        """Return track (number or name) to strength."""
        if value is None:
            return None
        pairs = dict(value) if isinstance(value, Mapping) else self._pairs(str(value))
        for track, strength in pairs.items():
            if not isinstance(strength, int | float) or not 0 <= strength <= 1:
                raise self.refuse(f"{track}={strength}", "numbers from 0 to 1: Bass=0.3,Lead=1")
        return {str(track): float(strength) for track, strength in pairs.items()}

    def _pairs(self, text: str) -> dict[str, float]:
        pairs: dict[str, float] = {}
        for part in text.split(","):
            track, _, strength = part.rpartition("=")
            if not track.strip() or not re.fullmatch(_SHARE, strength.strip()):
                raise self.refuse(repr(text), "TRACK=NUMBER, 0 to 1, such as Bass=0.3,Lead=1")
            pairs[track.strip()] = float(strength)
        return pairs

    def read(self, text: str) -> str:
        """Return the text of a field, once it could be read."""
        self.checked(text)
        return text

    def schema(self) -> dict[str, Any]:
        """Return any text."""
        pair = rf"\s*[^,\s][^,]*=\s*{_SHARE}\s*"
        return text_schema(rf"^{pair}(,{pair})*$", self.help)

    def settled(self, value: Any) -> list[list[Any]] | None:
        """Return the pairs in order."""
        checked = self.checked(value)
        return None if checked is None else [list(pair) for pair in sorted(checked.items())]


def track_numbers(
    wanted: Sequence[int | str], names: Sequence[str], *, option: str = "tracks"
) -> list[int]:
    """Return the numbers of tracks given by number from 1 or by name, in any case of letters.

    Raises
    ------
    OptionError
        For a track that is not there.
    """
    numbers: list[int] = []
    for entry in wanted:
        text = str(entry)
        same = [i for i, name in enumerate(names, start=1) if name and name == text] or [
            i for i, n in enumerate(names, start=1) if n and n.casefold() == text.casefold()
        ]
        if same:
            numbers += same
        elif is_number(text) and 1 <= int(text) <= len(names):
            numbers.append(int(text))
        else:
            known = ", ".join(f"{i} {name}".strip() for i, name in enumerate(names, start=1))
            raise OptionError(f"{option}: {entry!r} found; expected a number or name of: {known}")
    return numbers
