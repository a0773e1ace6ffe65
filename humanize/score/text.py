"""The text of a score: out of a compressed file, out of UTF-16, and safe to parse."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote
from xml.parsers import expat

from humanize.errors import HumanizeError, ScoreError
from humanize.files import SCORE_SUFFIXES as SUFFIXES
from humanize.reporting.wording import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

Format = Literal["musicxml", "mei", "humdrum", "abc"]
EXPORTS = {
    ".mscz": "a MuseScore file; expected MusicXML. In MuseScore: File, Export, MusicXML",
    ".mscx": "a MuseScore file; expected MusicXML. In MuseScore: File, Export, MusicXML",
    ".sib": "a Sibelius file; expected MusicXML. In Sibelius: File, Export, MusicXML",
    ".gp": "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Export, MusicXML",
    ".gpx": "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Export, MusicXML",
    ".gp5": "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Export, MusicXML",
    ".gp4": "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Export, MusicXML",
    ".gp3": "a Guitar Pro file; expected MusicXML. In Guitar Pro: File, Export, MusicXML",
    ".musx": "a Finale file; expected MusicXML. In Finale: File, Export, MusicXML",
    ".mus": "a Finale file; expected MusicXML. In Finale: File, Export, MusicXML",
    ".dorico": "a Dorico file; expected MusicXML. In Dorico: File, Export, MusicXML",
    ".ly": "a LilyPond file; expected MIDI or MusicXML. Put \\midi {} into its \\score block and "
    "run lilypond, then give the .midi file",
    ".cap": "a capella file; expected MusicXML. In capella: File, Export, MusicXML",
    ".capx": "a capella file; expected MusicXML. In capella: File, Export, MusicXML",
}
"""What to say of the files of programs that are not read, by their endings."""
_LARGEST = 64 * 2**20  # bytes of XML
_MOST_TAGS, _MOST_VALUES = 2_000_000, 2_000_000  # of XML: what a parser needs memory for
_CONTAINER = "META-INF/container.xml"
_LARGEST_CONTAINER = 2**20
_LONGEST_DECLARATION = 1024  # bytes of an XML declaration
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of a .mxl (MusicXML 4.0)
_MEDIA_TYPES = ("application/vnd.recordare.musicxml+xml", "application/vnd.recordare.musicxml",
                "application/xml", "text/xml", "")  # fmt: skip
_ENCODING = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]*\?>"""
)
_PLAIN = ("utf-8", "utf8", "us-ascii", "ascii")
_NO_ENCODINGS = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7")
_UTF8_MARK = b"\xef\xbb\xbf"
BLANK = b" \t\r\n\0"
"""Bytes around an XML text that harm nobody."""
_MEI = re.compile(rb"<(?:[\w.-]+:)?mei[\s>]")
_MUSICXML = (".musicxml", ".xml", ".mxl")
_FORMATS: dict[str, Format] = {".krn": "humdrum", ".abc": "abc"}
_DECLARATION = re.compile(r"\ufeff?\s*<\?xml.*?\?>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A text in UTF-8 and what leads back to the bytes that it came from.

    Attributes
    ----------
    text : bytes
        UTF-8; where the file is in another encoding, without byte-order mark and XML declaration.
    head : bytes
        What was left out, as it came.
    codec : str or None
        What the rest was in; None where ``text`` is the file as it came.
    """

    text: bytes
    head: bytes = b""
    codec: str | None = None

    def encoded(self, text: bytes) -> bytes:
        """Return a changed text in the encoding of the file."""
        return self.head + (text.decode().encode(self.codec) if self.codec else text)


def decoded(content: bytes, name: str) -> Decoded:
    """Return a text as UTF-8 by its byte-order mark, its first letter or its XML declaration.

    Raises
    ------
    ScoreError
        If it is not in the encoding that it says, or that encoding is unknown.
    """
    codec = _utf16(content) or _declared(content)
    if codec is None:
        return Decoded(text=content)
    try:
        text = _text(content, codec)
    except UnicodeError as error:
        spoken = codec.upper().removesuffix("-LE").removesuffix("-BE")
        reason = getattr(error, "reason", error)
        raise ScoreError(f"{name}: broken {spoken} ({reason}); expected a score") from None
    except LookupError:
        raise ScoreError(
            f"{name}: encoding {codec!r} found; expected a known one, such as UTF-8"
        ) from None
    found = _DECLARATION.match(text)
    head = text[: found.end()] if found else "\ufeff" * text.startswith("\ufeff")
    body = text[len(head) :]
    return Decoded(text=body.encode(), head=head.encode(codec), codec=codec)


def _declared(content: bytes) -> str | None:
    """Return what the XML declaration names, None where it names UTF-8 or a part of it.

    A file of bytes is not UTF-16, whatever it says: some programs write it so.
    """
    found = _ENCODING.match(content[:_LONGEST_DECLARATION])  # else many encodings take long
    codec = found[1].decode().lower() if found else "utf-8"
    if codec in _PLAIN:
        return None
    if content.startswith(_UTF8_MARK) or codec.startswith(("utf-16", "ucs-2", "iso-10646-ucs-2")):
        return "utf-8"
    return codec[:40]


def _text(content: bytes, codec: str) -> str:
    if codecs.lookup(codec).name in _NO_ENCODINGS:
        raise LookupError(codec)
    return content.decode(codec)


def _utf16(content: bytes) -> str | None:
    if content[:2] in (b"\xff\xfe", b"<\0"):
        return "utf-16-le"
    return "utf-16-be" if content[:2] in (b"\xfe\xff", b"\0<") else None


def plain_text(content: bytes, name: str) -> tuple[bytes, Format]:
    """Return the text of a score, unpacked and in UTF-8, and its format.

    Raises
    ------
    ScoreError
        For a format that is not read, for text that is empty, too large or not safe to parse, or
        an archive that is damaged or too large.
    """
    suffix = Path(name).suffix.lower()
    if suffix in EXPORTS:
        raise ScoreError(f"{name}: {EXPORTS[suffix]}")
    if content[:2] == b"PK":
        content, suffix = member_of_mxl(content, name)[1], ".mxl"
    text = decoded(content, name).text.removeprefix(_UTF8_MARK)
    _require_small_text(text, name)
    written = _format_of(text, suffix)
    if written is None:
        raise ScoreError(f"{name}: {suffix!r} found; expected one of {', '.join(SUFFIXES)}")
    if written in ("musicxml", "mei"):
        text = text.strip(BLANK)
        _require_safe(text, written, name)
    return text, written


def _format_of(text: bytes, suffix: str) -> Format | None:
    """Return what a file's ending says; XML that is MEI inside is MEI."""
    if suffix in (".mei", *_MUSICXML):
        return "mei" if suffix == ".mei" or _MEI.search(text[:100_000]) else "musicxml"
    return _FORMATS.get(suffix)


def member_of_mxl(content: bytes, name: str) -> tuple[str, bytes]:
    """Return the name and the text of the score inside a compressed MusicXML file.

    The score is the first one that ``META-INF/container.xml`` names; without one, the first
    MusicXML in the archive.

    Raises
    ------
    ScoreError
        If the archive is damaged, has no score, or would unpack to more than 64 MiB.
    """
    with opened_mxl(content, name) as archive:
        named = _named_by_container(archive, name)
        if named is not None:
            return named, unpacked(archive, archive.getinfo(named))
        for info in _candidates(archive):
            text = unpacked(archive, info)
            if b"<score-" in decoded(text, name).text:
                return info.filename, text
    raise ScoreError(f"{name}: an archive without a score; expected MusicXML in it")


@contextmanager
def opened_mxl(content: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    """Open a compressed MusicXML file; what goes wrong inside is a ScoreError.

    Raises
    ------
    ScoreError
        If the archive is damaged, says one name twice, or would unpack to more than 64 MiB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_small(archive, name)
            yield archive
    except HumanizeError:
        raise
    except Exception as error:  # damage can raise anything here, also of zlib and struct
        reason = one_line(str(error) or type(error).__name__)
        raise ScoreError(f"{name}: a damaged archive ({reason}); expected a .mxl file") from None


def _require_small(archive: zipfile.ZipFile, name: str) -> None:
    """Raise ScoreError for too much to unpack, or names of which one is another's."""
    total = sum(info.file_size for info in archive.infolist())
    if total > _LARGEST:
        raise ScoreError(
            f"{name}: it would unpack to {total:,} bytes; expected at most {_LARGEST:,}"
        )
    twice = [member for member, times in Counter(archive.namelist()).items() if times > 1]
    if twice:
        raise ScoreError(f"{name}: two members are called {twice[0]!r}; expected one of each name")


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a member; no more is unpacked than its size says, however much there is.

    Raises
    ------
    BadZipFile
        If there is more or less, or it is packed as no .mxl is.
    """
    if info.compress_type not in _COMPRESSIONS:
        raise zipfile.BadZipFile(f"{info.filename} is packed in another way than a .mxl")
    with archive.open(info) as file:
        return file.read(info.file_size + 1)  # without a number all of it would be unpacked first


def _candidates(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith((".xml", ".musicxml"))
        and not info.filename.startswith("META-INF")
    ]


def _named_by_container(archive: zipfile.ZipFile, name: str) -> str | None:
    members = set(archive.namelist())
    if _CONTAINER not in members or archive.getinfo(_CONTAINER).file_size > _LARGEST_CONTAINER:
        return None
    paths = _rootfiles(unpacked(archive, archive.getinfo(_CONTAINER)))
    for path in paths:
        for spelt in (path, unquote(path)):
            if spelt in members:
                return spelt
    if paths:
        raise ScoreError(f"{name}: {_CONTAINER} names {paths[0]!r}; expected it in the archive")
    return None


def _rootfiles(container: bytes) -> list[str]:
    """Return the paths of the MusicXML that a container names; none where it is broken."""
    paths: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("media-type", "").strip().lower()
        if tag.rpartition(" ")[2] == "rootfile" and kind in _MEDIA_TYPES:
            paths.append(attributes.get("full-path", ""))

    parser.StartElementHandler = begin
    try:
        parser.Parse(container, True)
    except expat.ExpatError:
        return []
    return [path for path in paths if path]


def _require_small_text(text: bytes, name: str) -> None:
    if not text.strip(BLANK):
        raise ScoreError(f"{name}: the file is empty; expected a score")
    if len(text) > _LARGEST:
        raise ScoreError(f"{name}: {len(text):,} bytes found; expected at most {_LARGEST:,}")


def _require_safe(text: bytes, written: Format, name: str) -> None:
    if b"<!ENTITY" in text:
        raise ScoreError(f"{name}: entity declarations found; expected none in a score")
    if written == "musicxml" and b"score-" not in text:
        raise ScoreError(f"{name}: no <score-partwise> or <score-timewise>; expected MusicXML")
    for sign, most in ((b"<", 2 * _MOST_TAGS), (b"=", _MOST_VALUES)):
        if text.count(sign) > most:
            raise ScoreError(
                f"{name}: more than {most:,} XML {'tags' if sign == b'<' else 'attributes'} found; "
                "expected a score of fewer. Split it"
            )


def parsed(text: bytes, name: str) -> _Element:
    """Return the root of an XML score; entities stay what they are, nothing is fetched.

    Raises
    ------
    ScoreError
        If it is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        reason = " ".join(str(error.msg).split())
        raise ScoreError(f"{name}: broken XML ({reason}); expected a whole score") from None
    for unknown in root.iter(etree.Entity):
        raise ScoreError(f"{name}: {unknown.text} found, which XML lacks; expected the letter")
    return root
