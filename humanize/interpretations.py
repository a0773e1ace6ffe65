"""Public calls on interpretations of the same notes; what they need is imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from humanize.options import DEFAULT_MODEL

if TYPE_CHECKING:
    from humanize.interpretation.parameters import WriteMode
    from humanize.styles.comparing import Comparison
    from humanize.styles.matching import File


def compare_files(
    first: str | Path, second: str | Path, *, score: str | Path | None = None
) -> Comparison:
    """Say how the second of two interpretations of the same notes is played, against the first.

    Parameters
    ----------
    first, second : path
        MIDI files: performed by this package, by a pianist, or plain notes.
    score : path, optional
        The notes of both, MIDI on the grid or a score: what two recordings do not say themselves.

    Returns
    -------
    Comparison
        Its ``lines()`` are plain words, ``to_json()`` all figures, ``plot()`` a picture.

    Raises
    ------
    InputError
        If one cannot be read, or they are not the same music.
    LimitError
        If notes differ and there are too many to find out which.
    """
    from humanize.files import read_input
    from humanize.styles.comparing import compare

    one, two = Path(first), Path(second)
    return compare(
        read_input(one), read_input(two), first_name=str(one), second_name=str(two),
        score=_notation(score),
    )  # fmt: skip


def _notation(score: str | Path | None) -> File | None:
    """Return the notes that interpretations are of, where somebody says."""
    from humanize.files import read_input
    from humanize.styles.matching import read_notation

    return None if score is None else read_notation(read_input(Path(score)), name=str(score))


def style_of(*performances: str | Path, model: str | Path = DEFAULT_MODEL) -> dict[str, Any]:
    """Return what is a pianist's own in performances of any pieces, as ``style`` takes it.

    Loudness, spread, melody, lead, legato and pedal, each in standard deviations of pianists, 0 as
    most of them; what the pieces ask for is taken out, and what pianists change from piece to piece
    drawn towards 0.

    Parameters
    ----------
    *performances : path
        MIDI files; of several the mean.
    model : str or Path
        What is asked how such notes are played.

    Returns
    -------
    dict
        Of JSON types; may be edited.

    Raises
    ------
    InputError
        If one is no performance, or has too few notes.
    OptionError
        If there is none.
    """
    from humanize.errors import OptionError
    from humanize.files import read_input
    from humanize.models import load_model
    from humanize.styles.reference import read_reference
    from humanize.styles.style import style_to_json

    if not performances:
        raise OptionError("style: no performance found; expected one or more")
    known = load_model(model)
    return style_to_json(
        [read_reference(read_input(Path(p)), name=str(p), model=known) for p in performances]
    )


def morph_files(
    first: str | Path,
    second: str | Path,
    output: str | Path,
    *,
    position: float = 0.5,
    steps: int | None = None,
    write: str = "tempo",
    plot: str | Path | None = None,
    score: str | Path | None = None,
) -> tuple[Path, ...]:
    """Write what lies between two interpretations of the same notes.

    Parameters
    ----------
    first, second : path
        MIDI files: performed by this package, by a pianist, or plain notes.
    output : path
        A MIDI file; a series goes to ``NAME-1.mid``, ``NAME-2.mid`` and so on.
    position : float
        0 is the first, 1 the second.
    steps : int, optional
        Write so many files instead, from the first to the second.
    write : "tempo" or "notes"
        Whether tempo events carry the rubato, or the notes move.
    plot : path, optional
        Also draw them: a PNG of velocity, tempo and pedal over the bars.
    score : path, optional
        The notes of both, MIDI on the grid or a score: what lies between is written into them.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    InputError
        If one cannot be read, or they are not the same music.
    OptionError
        For a position, number of steps or output that cannot be.
    """
    from humanize.files import (
        midi_endings,
        read_input,
        require_ending,
        require_two_files,
        write_atomically,
    )
    from humanize.options import WRITE
    from humanize.styles.morphing import even_positions, morph

    one, two, target = Path(first), Path(second), Path(output)
    contents = read_input(one), read_input(two)
    endings = (*midi_endings(one, contents[0]), *midi_endings(two, contents[1]))
    require_ending(target, tuple(dict.fromkeys(endings)))
    between = morph(
        *contents, first_name=str(one), second_name=str(two),
        mode=cast("WriteMode", WRITE.checked(write)), score=_notation(score),
    )  # fmt: skip
    positions = [position] if steps is None else even_positions(steps)
    found = [between.at(one_position) for one_position in positions]
    numbers = range(1, len(found) + 1)
    series = [target.with_name(f"{target.stem}-{number}{target.suffix}") for number in numbers]
    paths = [target] if steps is None else series
    outputs = dict(zip(paths, found, strict=True))
    if plot is not None:
        shown = positions if steps is not None else [0.0, position, 1.0]
        outputs[Path(plot)] = between.plot(shown)
    for path in outputs:
        require_two_files(one, path)
        require_two_files(two, path)
    for path, content in outputs.items():
        write_atomically(path, content)
    return tuple(paths)
