"""Exceptions: everything this package raises on purpose has one root.

::

    HumanizeError
     ├── InputError          the input cannot be read as what it claims to be
     │    ├── MidiError      a Standard MIDI File is damaged or has nothing to humanise
     │    └── ScoreError     a MusicXML, MEI, Humdrum or ABC score cannot be read
     ├── OptionError         an option, or a combination of options, makes no sense
 ├── AddressError        a server cannot listen where it should
     ├── OutputError         the result cannot be written where it should go
     ├── ModelError          an unknown model name, or a bundle that does not fit
     ├── FeatureError        a feature column has the wrong shape or a missing value
     ├── CorpusError         a corpus is not laid out as its loader expects
     ├── LimitError          a job was given up for its size, time or memory
     ├── UnforeseenError     a fault of this package: a worker broke down over a file
     └── MissingExtraError   an optional dependency is not installed

A message says where, what was found, what was expected and what to do, in one line.
"""

from __future__ import annotations

EXIT_ERROR, EXIT_USAGE = 1, 2
"""Exit codes: of every error, and of those that lie in what was typed (``OptionError``, and what
``click`` refuses)."""
EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C: what shells say of a program that SIGINT has ended."""


class HumanizeError(Exception):
    """Root of every error that this package raises on purpose."""


class InputError(HumanizeError):
    """The input cannot be read as what it claims to be."""


class MidiError(InputError):
    """A Standard MIDI File is damaged or has nothing to humanise."""


class ScoreError(InputError):
    """A MusicXML, MEI, Humdrum or ABC score cannot be read."""


class OptionError(HumanizeError):
    """An option, or a combination of options, makes no sense for this input."""


class AddressError(HumanizeError):
    """A server cannot listen where it should: the port is taken, or the host is not this one."""


class OutputError(HumanizeError):
    """The result cannot be written where it should go."""


class ModelError(HumanizeError):
    """An unknown model name, or a bundle that does not fit this version."""


class FeatureError(HumanizeError):
    """A feature column has the wrong shape or a missing value where none may be."""


class CorpusError(HumanizeError):
    """A corpus is not laid out as its loader expects."""


class LimitError(HumanizeError):
    """A job was given up: too many bytes or notes, too long, or too much memory."""


class UnforeseenError(HumanizeError):
    """A fault of this package: a worker met what nobody foresaw, or broke down."""


class MissingExtraError(HumanizeError):
    """An optional dependency is not installed.

    Parameters
    ----------
    package : str
        The distribution that was looked for.
    extra : str
        The extra of ``humanize-midi`` that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; expected it for this command. "
            f"Install it with: {install_command(extra)}"
        )


def install_command(extra: str) -> str:
    """Return the command that installs what an extra asks for, package by package.

    The packages are named, as they can be had whatever way this one was installed.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires("humanize-midi") or []
    except PackageNotFoundError:  # run from its folder
        lines = []
    marked = [line.partition(";") for line in lines]
    wanted = [need.strip() for need, _, mark in marked if f"extra == '{extra}'" in _single(mark)]
    named = " ".join(f'"{need}"' for need in wanted) or f'"humanize-midi[{extra}]"'
    return f"pip install {named}"


def _single(mark: str) -> str:
    return mark.replace('"', "'")
