"""A result in the format that the name of its file says."""

from __future__ import annotations

from pathlib import Path

from humanize.errors import OptionError
from humanize.files import SCORE_SUFFIXES, starts_as_midi

_TEXTS = (".musicxml", ".xml")
_MUSESCORE = (".mscz", ".mscx")
_UNWRITTEN = (".mei", ".krn", *_MUSESCORE)
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container>
  <rootfiles>
    <rootfile full-path="score.musicxml" media-type="application/vnd.recordare.musicxml+xml"/>
  </rootfiles>
</container>
"""


def require_writable(source: Path, target: Path, data: bytes) -> None:
    """Raise OptionError where a result of these bytes cannot be what the target's ending says.

    Parameters
    ----------
    source, target : Path
    data : bytes
        What came.
    """
    ending = target.suffix.lower()
    if starts_as_midi(data):
        if ending in (*SCORE_SUFFIXES, *_UNWRITTEN) and ending != source.suffix.lower():
            raise OptionError(f"{target}: a score's ending for MIDI input; expected .mid")
    elif source.suffix.lower() in _MUSESCORE:
        return  # reading it says what to export
    elif ending in _UNWRITTEN:
        raise OptionError(f"{target}: no {ending} is written; expected .mid, .musicxml or .mxl")
    elif source.suffix.lower() in _UNWRITTEN and ending in SCORE_SUFFIXES:
        raise OptionError(
            f"{target}: {source.suffix} comes back as MIDI alone; expected .mid, or a MusicXML "
            "input"
        )


def in_format_of(content: bytes, source: Path, target: Path) -> bytes:
    """Return MusicXML packed for a target ``.mxl``, unpacked for ``.musicxml`` and ``.xml``.

    A target with the ending of the source gets what the source was.
    """
    ending = target.suffix.lower()
    if starts_as_midi(content) or ending == source.suffix.lower():
        return content
    packed = content[:2] == b"PK"
    if packed and ending in _TEXTS:
        from humanize.score.text import member_of_mxl

        return member_of_mxl(content, str(source))[1]
    return _packed(content) if ending == ".mxl" and not packed else content


def _packed(text: bytes) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (
            ("META-INF/container.xml", _CONTAINER.encode()),
            ("score.musicxml", text),
        ):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
