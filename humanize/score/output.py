"""A result in the format that the name of its file says."""

from __future__ import annotations

from pathlib import Path

from humanize.errors import OptionError
from humanize.files import (
    MIDI_SUFFIXES,
    is_score,
    midi_endings,
    require_ending,
    starts_as_midi,
)
from humanize.score.text import EXPORTS

_TEXTS = (".musicxml", ".xml")
MUSICXML = (*_TEXTS, ".mxl")
_OF_OTHERS = (*EXPORTS, ".mei", ".krn", ".abc")  # scores that are not written
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
    ending, came = target.suffix.lower(), source.suffix.lower()
    if not starts_as_midi(data) and (came in EXPORTS or not is_score(source.name)):
        return  # reading it says what to export, or that it is no music
    if starts_as_midi(data):
        if ending in MUSICXML and ending != came:
            raise OptionError(f"{target}: a score's ending for MIDI input; expected .mid")
        require_ending(target, midi_endings(source, data))
    elif came in _OF_OTHERS:
        if ending in MUSICXML:
            raise OptionError(
                f"{target}: {came} comes back as MIDI alone; expected .mid, or a MusicXML input"
            )
        require_ending(target, MIDI_SUFFIXES)
    elif ending not in (*MIDI_SUFFIXES, *MUSICXML):
        require_ending(target, (MIDI_SUFFIXES[0], _TEXTS[0], ".mxl"))


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
