"""What a batch was begun with: checked before the first file, and the same when it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from humanize.api import DEFAULT_MODEL, Options
from humanize.errors import OptionError
from humanize.interpretation.dynamics import DYNAMICS
from humanize.interpretation.shaping import Selection, Shaping, measure_spans
from humanize.midi.reading import SPLITS
from humanize.models import load_model
from humanize.models.bundle import bundle_hash

SETTINGS = ".humanize-batch.json"
_CHANNELS = range(1, 17)


def settings_text(options: dict[str, Any]) -> str:
    """Return options as one line that is the same however they are written.

    Defaults are filled in; numbers, sequences and models are brought to one form, so that the
    command line and Python can go on with one another's batches.

    Raises
    ------
    HumanizeError
        For an option that makes no sense for any file, or an unknown model.
    """
    _require_known(options)
    model = load_model(options.get("model", DEFAULT_MODEL))
    settings = {
        **_shaping(options),
        **_selection(options),
        "split": _one_of("split", options.get("split", "programs"), SPLITS),
        "dynamics": _one_of("dynamics", options.get("dynamics", "auto"), DYNAMICS),
        "model": f"{model.name} {bundle_hash(model)}",
    }
    return json.dumps(settings, sort_keys=True)


def require_fit(
    address: str, *, made: bool, began: str | None, settings: str, resume: bool
) -> None:
    """Check what stands in an output before a batch is begun there or goes on.

    Parameters
    ----------
    address : str
        What messages call it.
    made : bool
        Whether anything stands there but the settings.
    began : str or None
        The settings that stand there.
    settings : str
        Those of now.
    resume : bool

    Raises
    ------
    OptionError
        If it is not empty, or was begun with other settings.
    """
    if made and not resume:
        raise OptionError(f"{address}: not empty; expected a new or empty folder, or --resume")
    if made and began is None:
        raise OptionError(
            f"{address}: not empty, and no batch was begun there; expected a new or empty folder"
        )
    if resume and began is not None and began.strip() != settings:
        raise OptionError(
            f"{address}: begun with other options ({began.strip()}); "
            f"expected the same, or a new folder. These are {settings}"
        )


def _require_known(options: dict[str, Any]) -> None:
    unknown = sorted(set(options) - Options.__annotations__.keys())
    if unknown:
        expected = ", ".join(Options.__annotations__)
        raise OptionError(f"option {unknown[0]!r} found; expected one of {expected}")


def _shaping(options: dict[str, Any]) -> dict[str, Any]:
    names = ("strength", "mean", "contrast", "range")
    shaping = Shaping(**{name: options[name] for name in names if name in options})
    return {
        "strength": float(shaping.strength),
        "mean": None if shaping.mean is None else float(shaping.mean),
        "contrast": float(shaping.contrast),
        "range": [int(value) for value in shaping.range],
    }


def _selection(options: dict[str, Any]) -> dict[str, Any]:
    names = ("tracks", "channels", "measures")
    selection = Selection(**{name: options[name] for name in names if name in options})
    wrong = [c for c in selection.channels or () if c not in _CHANNELS]
    if wrong:
        raise OptionError(f"channels: {wrong[0]} found; expected numbers from 1 to 16")
    return {
        "tracks": _sorted(selection.tracks, str),
        "channels": _sorted(selection.channels, int),
        "measures": None if selection.measures is None else measure_spans(selection.measures),
    }


def _sorted(values: Any, kind: Callable[[Any], Any]) -> list[Any] | None:
    return None if values is None else sorted({kind(value) for value in values})


def _one_of(name: str, found: str, known: tuple[str, ...]) -> str:
    if found not in known:
        raise OptionError(f"{name} {found!r} found; expected one of {', '.join(known)}")
    return found
