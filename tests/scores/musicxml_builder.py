"""Small MusicXML for tests: durations in quarter notes, one line of text an element."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

DIVISIONS = 12  # a quarter note


def note(
    pitch: str | None,
    quarters: float = 1.0,
    *,
    chord: bool = False,
    tie: Sequence[str] = (),
    notations: str = "",
    voice: int = 1,
    staff: int | None = None,
    grace: bool = False,
    cue: bool = False,
    unpitched: bool = False,
    instrument: str = "",
    tuplet: tuple[int, int] | None = None,
    attributes: str = "",
) -> str:
    """Return a note such as ``note("F#4", 0.5)``; ``None`` is a rest."""
    parts = [f"<note{attributes}>"]
    parts += ["<grace/>"] * grace + ["<cue/>"] * cue + ["<chord/>"] * chord
    parts.append(_sound(pitch, unpitched))
    if not grace:
        parts.append(f"<duration>{round(quarters * DIVISIONS)}</duration>")
    parts += [f'<tie type="{kind}"/>' for kind in tie]
    if instrument:
        parts.append(f'<instrument id="{instrument}"/>')
    parts.append(f"<voice>{voice}</voice>")
    if tuplet:
        parts.append(
            "<time-modification>"
            f"<actual-notes>{tuplet[0]}</actual-notes><normal-notes>{tuplet[1]}</normal-notes>"
            "</time-modification>"
        )
    if staff is not None:
        parts.append(f"<staff>{staff}</staff>")
    if notations:
        parts.append(f"<notations>{notations}</notations>")
    return "".join([*parts, "</note>"])


def _sound(pitch: str | None, unpitched: bool) -> str:
    if pitch is None:
        return "<rest/>"
    step, octave = pitch[0], pitch[-1]
    if unpitched:
        return (
            f"<unpitched><display-step>{step}</display-step>"
            f"<display-octave>{octave}</display-octave></unpitched>"
        )
    alter = pitch.count("#") - pitch.count("b")
    alteration = f"<alter>{alter}</alter>" if alter else ""
    return f"<pitch><step>{step}</step>{alteration}<octave>{octave}</octave></pitch>"


def direction(kind: str, *, sound: str = "", staff: int | None = None) -> str:
    """Return a direction with this direction-type, and a sound with these attributes."""
    inside = f"<direction-type>{kind}</direction-type>" if kind else ""
    where = f"<staff>{staff}</staff>" if staff is not None else ""
    heard = f"<sound {sound}/>" if sound else ""
    return f"<direction>{inside}{where}{heard}</direction>"


def dynamic(mark: str, *, staff: int | None = None) -> str:
    return direction(f"<dynamics><{mark}/></dynamics>", staff=staff)


def words(text: str, *, sound: str = "") -> str:
    return direction(f"<words>{text}</words>", sound=sound)


def wedge(kind: str) -> str:
    return direction(f'<wedge type="{kind}"/>')


def articulated(*kinds: str) -> str:
    return "<articulations>" + "".join(f"<{kind}/>" for kind in kinds) + "</articulations>"


def barline(location: str, inside: str) -> str:
    return f'<barline location="{location}">{inside}</barline>'


def backup(quarters: float) -> str:
    return f"<backup><duration>{round(quarters * DIVISIONS)}</duration></backup>"


def attributes(inside: str) -> str:
    return f"<attributes>{inside}</attributes>"


def metre(beats: int, beat_type: int) -> str:
    return f"<time><beats>{beats}</beats><beat-type>{beat_type}</beat-type></time>"


FORWARD = barline("left", '<repeat direction="forward"/>')
BACKWARD = barline("right", '<repeat direction="backward"/>')


def part(measures: Sequence[str], *, first: str = metre(4, 4), pickup: bool = False) -> str:
    """Return the measures of a part, numbered; the first begins with divisions and ``first``."""
    out = []
    for number, measure in enumerate(measures, start=0 if pickup else 1):
        head = attributes(f"<divisions>{DIVISIONS}</divisions>{first}") if not out else ""
        implicit = ' implicit="yes"' if pickup and not out else ""
        out.append(f'<measure number="{number}"{implicit}>{head}{measure}</measure>')
    return "\n".join(out)


def score(
    parts: Mapping[str, str],
    *,
    declared: Mapping[str, str] | None = None,
    encoding: str = "UTF-8",
) -> str:
    """Return a score of named parts made by ``part``; ``declared`` adds to their score-part."""
    listed = "".join(
        f'<score-part id="P{n}"><part-name>{name}</part-name>{(declared or {}).get(name, "")}'
        "</score-part>"
        for n, name in enumerate(parts, start=1)
    )
    bodies = "".join(f'<part id="P{n}">{body}</part>' for n, body in enumerate(parts.values(), 1))
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<score-partwise version="4.0">'
        f"<part-list>{listed}</part-list>{bodies}</score-partwise>\n"
    )


def solo(*measures: str, first: str = metre(4, 4), pickup: bool = False) -> bytes:
    """Return the file of a score with one part."""
    return score({"Piano": part(measures, first=first, pickup=pickup)}).encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def container(*rootfiles: tuple[str, str]) -> bytes:
    """Return a container that names these (path, media type; empty for none)."""
    listed = "".join(
        f'<rootfile full-path="{path}"' + (f' media-type="{kind}"' if kind else "") + "/>"
        for path, kind in rootfiles
    )
    return f"<?xml version='1.0'?><container><rootfiles>{listed}</rootfiles></container>".encode()
