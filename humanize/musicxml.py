"""Velocities into MusicXML: the ``dynamics`` attribute of notes, and not one other byte.

MusicXML gives a note's velocity as a percentage of the default forte, which is velocity 90
(MusicXML 4.0, attribute ``dynamics`` of ``note``). Two decimals are written, so that every velocity
survives. Notes are found by their place among the ``note`` elements; ``with_place_ids`` gives
them ids that say this place, for a reader that keeps ids.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

from humanize.errors import ScoreError
from humanize.score_text import decoded, member_of_mxl
from humanize.score_xml import FORTE

_PREFIX = "place"
_ATTRIBUTE = re.compile(rb"""\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")


def note_tags(text: bytes, *, name: str) -> list[tuple[int, int]]:
    """Return the first and last + 1 byte of the start tag of every ``note`` element.

    Raises
    ------
    ScoreError
        If the text is not well-formed.
    """
    starts: list[int] = []
    parser = expat.ParserCreate()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag == "note":
            starts.append(parser.CurrentByteIndex)

    parser.StartElementHandler = begin
    try:
        parser.Parse(text, True)
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


def with_place_ids(text: bytes, *, name: str) -> bytes:
    """Return the score with every note's id replaced by its place, to be read and thrown away."""

    def renamed(tag: bytes, place: int) -> bytes:
        bare = _ATTRIBUTE.sub(lambda found: b"" if found[1] == b"id" else found[0], tag)
        return bare[:5] + f' id="{_PREFIX}{place}"'.encode() + bare[5:]

    return _rewritten(text, dict.fromkeys(range(text.count(b"<note")), renamed), name)


def place_of(note_id: str) -> int:
    """Return the place that an id of ``with_place_ids`` says, repeats (``-2``) left out."""
    return int(note_id.removeprefix(_PREFIX).partition("-")[0])


def patch_musicxml(text: bytes, velocities: Mapping[int, float], *, name: str) -> bytes:
    """Return the score with the ``dynamics`` of these notes set.

    Parameters
    ----------
    text : bytes
        MusicXML, not compressed; it stays in its encoding.
    velocities : mapping of int to float
        Place among the ``note`` elements, 0-based, to velocity 1-127.
    name : str
        What messages call it.

    Raises
    ------
    ScoreError
        If the text is not well-formed.
    """

    def marked(tag: bytes, place: int) -> bytes:
        value = f'"{velocities[place] / FORTE * 100:.2f}"'.encode()
        for found in _ATTRIBUTE.finditer(tag):
            if found[1] == b"dynamics":
                return tag[: found.start(2)] + value + tag[found.end(2) :]
        return tag[:5] + b" dynamics=" + value + tag[5:]

    plain = decoded(text, name)
    if plain.encoded(plain.text) != text:
        raise ScoreError(
            f"{name}: letters that {plain.codec} writes in two ways; expected a score in UTF-8 to "
            "write it back. Write .mid"
        )
    return plain.encoded(_rewritten(plain.text, dict.fromkeys(velocities, marked), name))


def patch_mxl(content: bytes, velocities: Mapping[int, float], *, name: str) -> bytes:
    """Return the compressed score with the ``dynamics`` of these notes set; other members stay."""
    member, text = member_of_mxl(content, name)
    patched = patch_musicxml(text, velocities, name=name)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as target:
        for info in archive.infolist():
            data = patched if info.filename == member else archive.read(info)
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
