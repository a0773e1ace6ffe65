"""Public calls on interpretations of the same notes; what they need is imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from humanize.styles.comparing import Comparison


def compare_files(first: str | Path, second: str | Path) -> Comparison:
    """Say how the second of two interpretations of the same notes is played, against the first.

    Parameters
    ----------
    first, second : path
        MIDI files: performed by this package, by a pianist, or plain notes.

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
    return compare(read_input(one), read_input(two), first_name=str(one), second_name=str(two))
