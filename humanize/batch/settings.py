"""What a batch was begun with: checked before the first file, and the same when it goes on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from humanize.batch.work import PERFORM
from humanize.errors import OptionError
from humanize.files import read_input
from humanize.models import load_model
from humanize.models.bundle import bundle_hash
from humanize.options import MODEL, OPTIONS, PERFORM_OPTIONS, settled

SETTINGS = ".humanize-batch.json"
_LONGEST = 300  # letters of a message


def settings_text(options: dict[str, Any]) -> str:
    """Return options as one line that is the same however they are written.

    Defaults are filled in; numbers, sequences and models are brought to one form, so that the
    command line and Python can go on with one another's batches.

    Raises
    ------
    HumanizeError
        For an option that makes no sense for any file, or an unknown model.
    """
    performed = bool(options.get(PERFORM))
    own = {name: value for name, value in options.items() if name != PERFORM}
    settings = settled(own, PERFORM_OPTIONS if performed else OPTIONS)
    if performed:
        settings[PERFORM] = True
    settings["feel"] = _with_hash(settings["feel"])
    settings["style"] = [_with_hash(own) for own in settings["style"]]
    model = load_model(options.get("model", MODEL.default))
    settings["model"] = f"{model.name} {bundle_hash(model)}"
    return json.dumps(settings, sort_keys=True)


def _with_hash(asked: Any) -> Any:
    """Return the name of a file with a hash of what it holds; anything else as it is."""
    if not isinstance(asked, str) or not Path(asked).is_file():
        return asked
    return f"{asked} {hashlib.sha256(read_input(Path(asked))).hexdigest()[:12]}"


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
        before, now = _where_they_differ(began.strip(), settings)
        raise OptionError(
            f"{address}: begun with other options ({before}); expected the same, or a new folder. "
            f"These are {now}"
        )


def _where_they_differ(began: str, settings: str) -> tuple[str, str]:
    """Return the options of each that the other has otherwise, as text; all of what is none."""
    try:
        one, other = (dict(json.loads(text)) for text in (began, settings))
    except (ValueError, TypeError, RecursionError):
        return _shortened(began), _shortened(settings)
    names = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]

    def said(own: dict[str, Any]) -> str:
        return _shortened(", ".join(f"{name} {json.dumps(own.get(name))}" for name in names))

    return said(one), said(other)


def _shortened(text: str) -> str:
    """Return the beginning of a long text."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
