"""Notes on loan: where they came from, and the way back into it.

Four things hold music: a MIDI file, a score, a PrettyMIDI, a partitura score. Each gives its note
tables, and each takes velocities back in its own way, without touching anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from humanize.drums.wording import only_drums, said_of_drums
from humanize.errors import InputError, OptionError
from humanize.files import holds_score
from humanize.interpretation.dynamics import notated_velocity
from humanize.interpretation.interpret import Interpretation
from humanize.interpretation.shaping import round_velocity
from humanize.midi.reading import MidiPieces, notes_from_pretty_midi, read_midi
from humanize.midi.smf import patch
from humanize.notes import DRUMS, KEY_SWITCHES, NoteTable, distinct
from humanize.options import Split
from humanize.options.selections import GROOVE
from humanize.reporting.wording import counted

if TYPE_CHECKING:
    from partitura.score import Part, Score
    from pretty_midi import PrettyMIDI

    from humanize.score import ScoreReading


_MOST = 12  # tracks that a line names


class Music(Protocol):
    """What every holder of notes offers.

    Attributes
    ----------
    name : str
        What messages call it.
    pieces : tuple of NoteTable
        One table, or one per track of an SMF type 2.
    track_names : tuple of str
        The first of track 1.
    messages : tuple of str
        What a user should know of the reading, a line each.
    warnings : int
        How often the reader complained.
    measures : callable or None
        Which notes a text of measures means, where they have printed numbers.
    plays_drums : bool
        Whether drums are played because nothing else is there, or because that was asked for.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def pieces(self) -> tuple[NoteTable, ...]: ...  # noqa: D102
    @property
    def track_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def messages(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def warnings(self) -> int: ...  # noqa: D102
    @property
    def measures(self) -> Callable[[str], NDArray[np.bool_]] | None: ...  # noqa: D102
    @property
    def plays_drums(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class MidiMusic:
    """A Standard MIDI File; see ``Music``."""

    name: str
    content: bytes = field(repr=False)
    reading: MidiPieces = field(repr=False)
    warnings: int = 0
    measures: None = None
    asks_for_drums: bool = False

    @property
    def plays_drums(self) -> bool:
        """Whether drums are played: asked for, or nothing else is there."""
        return self.asks_for_drums or only_drums(self.pieces)

    @property
    def messages(self) -> tuple[str, ...]:
        """Which tracks are left alone, and the option that overrules it; how drums are played."""
        found = (
            said_of_drums(self.pieces, self.track_names)
            if self.plays_drums
            else _left_alone(
                self, DRUMS, "drums", "--drums groove plays them, --drums none shapes them as notes"
            ),
            _left_alone(self, KEY_SWITCHES, "key switches", "--key-switches shape shapes them too"),
        )
        return tuple(line for line in found if line)

    @property
    def pieces(self) -> tuple[NoteTable, ...]:
        """The tables that were read."""
        return self.reading.pieces

    @property
    def track_names(self) -> tuple[str, ...]:
        """Names as far as they can be decoded."""
        return self.reading.track_names

    def written(
        self,
        interpretations: Sequence[Interpretation],
        *,
        as_midi: bool = False,
        ornaments: str = "played",
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return the file, byte for byte, but for the velocities of selected notes."""
        sources = np.concatenate([i.notes.source[i.selected] for i in interpretations])
        values = np.concatenate([i.velocity[i.selected] for i in interpretations])
        return patch(self.content, self.reading.positions[sources], values), ()


@dataclass(frozen=True, kw_only=True)
class ScoreMusic:
    """A score, from a file or from partitura; see ``Music``.

    ``content`` is empty for an object of partitura.
    """

    name: str
    content: bytes = field(repr=False)
    reading: ScoreReading = field(repr=False)
    asks_for_drums: bool = False

    @property
    def plays_drums(self) -> bool:
        """Whether drums get velocities and micro-timing: where they are asked for, or alone."""
        return self.asks_for_drums or only_drums((self.reading.notes,))

    @property
    def messages(self) -> tuple[str, ...]:
        """What a user should know of the score, measures that are never played among it."""
        drums = (
            said_of_drums(self.pieces, self.track_names)
            if self.plays_drums
            else _left_alone(self, DRUMS, "drums", "--drums groove plays them")
        )
        return (*self.reading.messages, drums) if drums else self.reading.messages

    @property
    def pieces(self) -> tuple[NoteTable, ...]:
        """The notes as played; ``velocity`` is what the score says to the letter."""
        notes = self.reading.notes
        return (replace(notes, velocity=round_velocity(notated_velocity(notes))),)

    @property
    def track_names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(self.reading.part_names)

    @property
    def warnings(self) -> int:
        """How often the reader of the score complained."""
        return self.reading.warnings

    @property
    def is_musicxml(self) -> bool:
        """Whether what came was MusicXML, which can take velocities back."""
        return bool(self.content) and self.reading.is_musicxml

    def written(
        self,
        interpretations: Sequence[Interpretation],
        *,
        as_midi: bool = False,
        ornaments: str = "played",
    ) -> tuple[bytes, tuple[str, ...]]:
        """Return MusicXML as it was with ``dynamics`` set, everything else as a MIDI file."""
        if as_midi or not self.is_musicxml:
            return self.to_midi(interpretations[0], ornaments=ornaments), ()
        content, uneven = self.to_musicxml(interpretations[0])
        if not uneven:
            return content, ()
        several = f"{uneven:,} note{'s are' if uneven > 1 else ' is'}"
        return content, (
            f"{several} played more than once with other velocities; the file has room for one "
            "each: their mean",
        )

    def to_midi(self, interpretation: Interpretation, *, ornaments: str = "played") -> bytes:
        """Return a Standard MIDI File of the score as it is played."""
        from humanize.score import score_to_midi

        return score_to_midi(self.reading, interpretation.velocity, ornaments=ornaments)

    def measures(self, text: str) -> NDArray[np.bool_]:
        """Return which notes stand in measures, by their printed numbers."""
        from humanize.score import measure_mask

        return measure_mask(self.reading, text)

    def to_musicxml(
        self, interpretation: Interpretation, tempi: Mapping[int, float] | None = None
    ) -> tuple[bytes, int]:
        """Return the file that came with ``dynamics`` set, and how many repeated notes got a mean.

        A performance has tempi too, by the place of the note that they stand before.

        Raises
        ------
        ScoreError
            If what came was not MusicXML.
        """
        from humanize.score import score_to_musicxml

        velocity, changed = interpretation.velocity, interpretation.changed
        return score_to_musicxml(
            self.content, self.reading, velocity, changed, name=self.name, tempi=tempi
        )


@dataclass(frozen=True, kw_only=True)
class PrettyMidiMusic:
    """A PrettyMIDI; see ``Music``. It goes back as a copy, not as a file."""

    midi: PrettyMIDI = field(repr=False)
    pieces: tuple[NoteTable, ...]
    name: str = "PrettyMIDI"
    plays_drums: bool = False
    messages: tuple[str, ...] = ()
    warnings: int = 0
    measures: None = None

    @property
    def track_names(self) -> tuple[str, ...]:
        """Names of the instruments."""
        return tuple(part.name for part in self.midi.instruments)

    def copy_with(self, interpretation: Interpretation) -> PrettyMIDI:
        """Return a copy with new velocities."""
        import copy

        copied = copy.deepcopy(self.midi)
        flat = [note for part in copied.instruments for note in part.notes]
        sources, velocity = interpretation.notes.source, interpretation.velocity
        for source, value in zip(sources.tolist(), velocity.tolist(), strict=True):
            flat[source].velocity = value
        return copied


def _left_alone(music: MidiMusic | ScoreMusic, instrument: int, what: str, instead: str) -> str:
    """Return the line about notes that no model is asked about; nothing where there are none."""
    tracks = np.concatenate([p.track[p.instrument == instrument] for p in music.pieces])
    if not len(tracks):
        return ""
    names = music.track_names
    shown = ", ".join(f"{n} {names[n - 1]}".strip() for n in distinct(tracks).tolist()[:_MOST])
    return f"{what} left alone: {counted(len(tracks), 'note')} of track {shown} ({instead})"


def read_music(
    data: bytes,
    *,
    name: str,
    split: Split = "programs",
    drums: Sequence[int | str] | str | None = None,
    key_switches: bool = True,
) -> MidiMusic | ScoreMusic:
    """Read the notes of a file in memory: MIDI, or a score by the ending of its name.

    Raises
    ------
    InputError
        If the file is damaged or has no notes.
    """
    if not isinstance(data, bytes | bytearray):
        found = type(data).__name__
        raise InputError(f"{name}: {found} found; expected the bytes of a MIDI file or a score")
    if holds_score(name, data):
        return read_score_music(data, name=name, split=split, drums=drums)
    reading = read_midi(data, name=name, split=split, drums=drums, key_switches=key_switches)
    return MidiMusic(name=name, content=data, reading=reading, asks_for_drums=drums == GROOVE)


def read_score_music(
    source: bytes | Part | Score,
    *,
    name: str,
    split: Split = "programs",
    drums: Sequence[int | str] | str | None = None,
) -> ScoreMusic:
    """Read a score: the bytes of a file, or an object of partitura.

    Of ``drums`` a score takes "groove" alone: which parts are drums, it says itself.

    Raises
    ------
    ScoreError
        If it cannot be read.
    """
    from humanize.score import read_score

    content = source if isinstance(source, bytes) else b""
    reading = read_score(source, name=name, split=split)
    return ScoreMusic(name=name, content=content, reading=reading, asks_for_drums=drums == GROOVE)


def read_pretty_midi(midi: PrettyMIDI, **reading: Any) -> PrettyMidiMusic:
    """Read a PrettyMIDI; options as those of ``read_music``.

    Raises
    ------
    MidiError
        If it has no notes.
    """
    pieces = (notes_from_pretty_midi(midi, **reading),)
    return PrettyMidiMusic(midi=midi, pieces=pieces, plays_drums=only_drums(pieces))


def require_no_channels(channels: object) -> None:
    """Raise OptionError where channels of a PrettyMIDI are selected."""
    if channels is not None:
        raise OptionError("channels found; a PrettyMIDI has none: expected tracks instead")
