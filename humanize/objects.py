"""Music that other libraries hold in memory: each object comes back as a copy of its own kind.

mido and symusic read and write Standard MIDI Files themselves, so theirs go through one. A stream
of music21 goes out as MusicXML, and only the velocities come back: nothing else of it is touched.
"""

from __future__ import annotations

import copy
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from humanize.errors import HumanizeError, InputError, OptionError
from humanize.files import read_input
from humanize.reporting.wording import one_line

ACCEPTED = "a PrettyMIDI, mido MidiFile, symusic Score or music21 stream"
_INSTEAD = (
    "humanize_file takes paths, humanize_bytes bytes, humanize_score scores; the same of perform"
)
Written = Callable[[bytes], bytes]
Held = TypeVar("Held")


def library_of(music: object) -> str:
    """Return the name of the library that an object, or what it inherits from, comes from.

    Raises
    ------
    OptionError
        If it is none of those that are taken.
    """
    for kind in type(music).__mro__:
        library = kind.__module__.partition(".")[0]
        if (library, _role(library, kind.__name__)) in _TAKEN:
            return library
    raise OptionError(
        f"{type(music).__module__}.{type(music).__name__} found; expected {ACCEPTED}. {_INSTEAD}"
    )


_TAKEN = {("pretty_midi", "PrettyMIDI"), ("mido", "MidiFile"), ("symusic", "Score"),
          ("music21", "Stream")}  # fmt: skip


def _role(library: str, name: str) -> str:
    """Return the kind of an object: symusic has a class of scores for every unit of time."""
    return "Score" if library == "symusic" and name.startswith("Score") else name


def through_bytes(music: Held, written: Written) -> Held:
    """Return a copy of a mido MidiFile or symusic Score that went through a call on bytes.

    Raises
    ------
    HumanizeError
        If the object cannot be written as a MIDI file, or the call refuses it.
    """
    way = _through_mido if library_of(music) == "mido" else _through_symusic
    try:
        return cast(Held, way(music, written))
    except HumanizeError:
        raise
    except Exception as error:  # what is not music is met by the other library in its own way
        reason = one_line(str(error)) or type(error).__name__
        raise InputError(
            f"{type(music).__name__}: cannot be written as MIDI ({reason}); expected one that can"
        ) from None


def _through_mido(midi: Any, written: Written) -> Any:
    from mido import MidiFile

    content = io.BytesIO()
    midi.save(file=content)
    return MidiFile(file=io.BytesIO(written(content.getvalue())), charset=midi.charset)


def _through_symusic(score: Any, written: Written) -> Any:
    from symusic import Score

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.mid"
        score.to("tick").dump_midi(path)
        done = Score.from_midi(written(read_input(path)))
    return done.to(score.ttype)


def humanized_stream(stream: Held, **options: Any) -> Held:
    """Return a copy of a music21 stream with a pianist's velocity in every note's ``volume``.

    A note that is played more than once gets the mean of its velocities.

    Raises
    ------
    HumanizeError
        If it cannot be read, has no notes, or an option makes no sense.
    """
    from humanize.api import humanize_score

    named = copy.deepcopy(stream)
    heads = list(_heads(named))
    for number, head in enumerate(heads):
        head.id = f"humanize{number}"
    result = humanize_score(named, **options)
    velocity = _mean_by_id(result)
    copied = copy.deepcopy(stream)
    for number, head in enumerate(_heads(copied)):
        if (own := velocity.get(f"humanize{number}")) is not None:
            head.volume.velocity = own
    return copied


def _heads(stream: Any) -> Any:
    """Yield every note of a stream, those of chords one by one."""
    for element in stream.recurse().notes:
        if element.isNote:
            yield element
        elif element.isChord and "Harmony" not in element.classes:
            yield from element.notes


def _mean_by_id(result: Any) -> dict[str, int]:
    played: dict[str, list[int]] = {}
    ids = result.reading.written_ids
    for source, value in zip(
        result.interpretation.notes.source.tolist(), result.velocities.tolist(), strict=True
    ):
        played.setdefault(ids[source], []).append(value)
    return {name: int(sum(values) / len(values) + 0.5) for name, values in played.items()}
