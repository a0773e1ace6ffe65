"""Velocities into MusicXML: the ``dynamics`` attribute of notes, and not one other byte.

A performance adds its tempo: ``sound`` elements before notes on the beat.

MusicXML gives a note's velocity as a percentage of the default forte, which is velocity 90
(MusicXML 4.0, attribute ``dynamics`` of ``note``). Two decimals are written, so that every velocity
survives. Notes are found by their place among the ``note`` elements.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from humanize.errors import ScoreError
from humanize.notes import IntColumn
from humanize.score.musicxml_notes import FORTE
from humanize.score.text import BLANK, decoded, member_of_mxl, opened_mxl, unpacked

if TYPE_CHECKING:
    from humanize.score.reading import ScoreReading

_ATTRIBUTE = re.compile(rb"""\s*([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<[^\s/>]+")


def note_tags(text: bytes, *, name: str) -> list[tuple[int, int]]:
    """Return the first and last + 1 byte of the start tag of every ``note`` element.

    Raises
    ------
    ScoreError
        If the text is not well-formed.
    """
    starts: list[int] = []
    blank = len(text) - len(text.lstrip(BLANK))
    parser = expat.ParserCreate()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "note":
            starts.append(parser.CurrentByteIndex + blank)

    parser.StartElementHandler = begin
    try:
        parser.Parse(text.strip(BLANK), True)
    except expat.ExpatError as error:
        raise ScoreError(f"{name}: broken XML ({error}); expected a whole score") from None
    return [(start, _tag_end(text, start)) for start in starts]


def _tag_end(text: bytes, start: int) -> int:
    quote = 0
    for position in range(start, len(text)):
        byte = text[position]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return position + 1
    return len(text)


def score_to_musicxml(
    content: bytes,
    reading: ScoreReading,
    velocities: IntColumn,
    changed: NDArray[np.bool_],
    *,
    name: str,
    tempi: Mapping[int, float] | None = None,
) -> tuple[bytes, int]:
    """Return a MusicXML file with velocities, and how many repeated notes got a mean.

    Parameters
    ----------
    content : bytes
        The file as it came, compressed or not.
    reading : ScoreReading
        Of that file.
    velocities : (n,) IntColumn
        1-127, in the order of ``reading.notes``.
    changed : (n,) bool array
        Which of them are written.
    name : str
        What messages call it.
    tempi : mapping of int to float, optional
        Quarter notes a minute, by the place of the note before which they are written.

    Raises
    ------
    ScoreError
        If what came was not MusicXML, or cannot be written back.
    """
    if not reading.is_musicxml or not content:
        raise ScoreError(f"{name}: not MusicXML; expected it to write MusicXML. Write .mid")
    values: dict[int, list[int]] = {}
    for row in np.flatnonzero(changed).tolist():
        place = int(reading.places[reading.notes.source[row]])
        values.setdefault(place, []).append(int(velocities[row]))
    means = {place: sum(own) / len(own) for place, own in values.items()}
    patch = patch_mxl if content[:2] == b"PK" else patch_musicxml
    uneven = sum(1 for own in values.values() if len(set(own)) > 1)
    return patch(content, means, name=name, tempi=tempi), uneven


def patch_musicxml(
    text: bytes,
    velocities: Mapping[int, float],
    *,
    name: str,
    tempi: Mapping[int, float] | None = None,
) -> bytes:
    """Return the score with the ``dynamics`` of these notes set, and tempi before some.

    Parameters
    ----------
    text : bytes
        MusicXML, not compressed; it stays in its encoding.
    velocities : mapping of int to float
        Place among the ``note`` elements, 0-based, to velocity 1-127.
    name : str
        What messages call it.
    tempi : mapping of int to float, optional
        Place to quarter notes a minute.

    Raises
    ------
    ScoreError
        If the text is not well-formed.
    """
    told = tempi or {}

    def written(tag: bytes, place: int) -> bytes:
        loud = marked(tag, place) if place in velocities else tag
        return _sound(tag, told[place]) + loud if place in told else loud

    def marked(tag: bytes, place: int) -> bytes:
        value = f'"{velocities[place] / FORTE * 100:.2f}"'.encode()
        named = _NAME.match(tag)
        stop = named.end() if named else len("<note")
        for found in _attributes(tag, stop):
            if found[1] == b"dynamics":
                return tag[: found.start(2)] + value + tag[found.end(2) :]
        return tag[:stop] + b" dynamics=" + value + tag[stop:]

    plain = decoded(text, name)
    if plain.encoded(plain.text) != text:
        raise ScoreError(
            f"{name}: letters that {plain.codec} writes in two ways; expected a score in UTF-8 to "
            "write it back. Write .mid"
        )
    return plain.encoded(
        _rewritten(plain.text, dict.fromkeys({**velocities, **told}, written), name)
    )


def _attributes(tag: bytes, start: int) -> Iterator[re.Match[bytes]]:
    """Yield the attributes of a tag, one after the other: to search for them takes the square."""
    while (found := _ATTRIBUTE.match(tag, start)) is not None:
        yield found
        start = found.end()


def _sound(note_tag: bytes, tempo: float) -> bytes:
    """Return a sound with a tempo, in the namespace of a note."""
    named = _NAME.match(note_tag)
    prefix = named[0][1:].rpartition(b":")[0] if named else b""
    return b"<" + prefix + (b":" if prefix else b"") + f'sound tempo="{tempo:.2f}"/>'.encode()


def patch_mxl(
    content: bytes,
    velocities: Mapping[int, float],
    *,
    name: str,
    tempi: Mapping[int, float] | None = None,
) -> bytes:
    """Return the compressed score with the ``dynamics`` of these notes set; other members stay."""
    member, text = member_of_mxl(content, name)
    patched = patch_musicxml(text, velocities, name=name, tempi=tempi)
    return with_member(content, member, patched, name=name)


def with_member(content: bytes, member: str, text: bytes, *, name: str) -> bytes:
    """Return a compressed score with another text of one member; the others stay."""
    out = io.BytesIO()
    with opened_mxl(content, name) as archive, zipfile.ZipFile(out, "w") as target:
        for info in archive.infolist():
            data = text if info.filename == member else unpacked(archive, info)
            target.writestr(info, data, compress_type=info.compress_type)
    return out.getvalue()


def _rewritten(text: bytes, rules: Mapping[int, object], name: str) -> bytes:
    parts, done = [], 0
    for place, (start, end) in enumerate(note_tags(text, name=name)):
        rule = rules.get(place)
        if callable(rule):
            parts += [text[done:start], rule(text[start:end], place)]
            done = end
    return b"".join([*parts, text[done:]])
