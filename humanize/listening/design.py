"""Who hears what, and in which order: balanced, repeatable from the key, opaque without it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from humanize.errors import OptionError

Kind = Literal["main", "identical", "repeat", "anchor"]
ANCHORS = ("human", "constant")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Two versions of a piece, played one after the other.

    Attributes
    ----------
    id : str
        Opaque name, the only one that a packet may hold.
    rater : int
        0-based.
    piece, first, second : str
        The piece and the conditions in the order of playing.
    kind : "main", "identical", "repeat" or "anchor"
        What it is for: a comparison, one sound twice, an earlier trial with its sides exchanged,
        or human against constant.
    repeats : str
        For "repeat" the trial that it repeats, else empty.
    """

    id: str
    rater: int
    piece: str
    first: str
    second: str
    kind: Kind
    repeats: str = ""


def design_pairs(
    pieces: Sequence[str],
    conditions: Sequence[str],
    *,
    raters: int,
    seed: int,
    nonce: bytes,
    repeats: int = 2,
) -> tuple[Trial, ...]:
    """Return every rater's trials in the order of hearing.

    Each rater hears every pair of conditions in every piece once. For each rater and pair each
    side comes first in half of the pieces (with an odd number the extra one alternates over
    raters). One identical pair, ``repeats`` repeated trials and, where both are conditions, one
    trial of human against constant are mixed in; a repeat comes after what it repeats.

    Parameters
    ----------
    pieces, conditions : sequence of str
    raters : int
    seed : int
    nonce : bytes
        Secret of the key; seed and nonce together give the design.
    repeats : int

    Returns
    -------
    tuple of Trial

    Raises
    ------
    OptionError
        If there is nothing to compare.
    """
    _require(pieces, conditions, raters, repeats)
    digest = hmac.digest(nonce, str(seed).encode(), "sha256")
    draw = np.random.default_rng(int.from_bytes(digest, "big"))
    flips = {pair: int(draw.integers(2)) for pair in combinations(conditions, 2)}
    trials: list[Trial] = []
    for rater in range(raters):
        heard = _main(pieces, flips, rater, draw)
        heard += _catches(pieces, conditions, rater, draw)
        order = draw.permutation(len(heard))
        session = [heard[i] for i in order.tolist()]
        trials += _named(_with_repeats(session, repeats, draw), nonce)
    return tuple(trials)


def _require(pieces: Sequence[str], conditions: Sequence[str], raters: int, repeats: int) -> None:
    for what, names, least in (("piece", pieces, 1), ("condition", conditions, 2)):
        if len(names) < least or len(set(names)) < len(names):
            found = ", ".join(names) or "none"
            raise OptionError(f"{what}s {found} found; expected at least {least}, all different")
    if raters < 1 or repeats < 0:
        raise OptionError(f"{raters} raters, {repeats} repeats found; expected at least 1 and 0")


def _main(
    pieces: Sequence[str],
    flips: dict[tuple[str, str], int],
    rater: int,
    draw: np.random.Generator,
) -> list[Trial]:
    trials = []
    for pair, flip in flips.items():
        for rank, piece in enumerate(draw.permutation(len(pieces)).tolist()):
            first, second = pair if (rank + rater + flip) % 2 else pair[::-1]
            trials.append(_trial(rater, pieces[piece], first, second, "main"))
    return trials


def _catches(
    pieces: Sequence[str], conditions: Sequence[str], rater: int, draw: np.random.Generator
) -> Iterator[Trial]:
    same = str(draw.choice(list(conditions)))
    yield _trial(rater, str(draw.choice(list(pieces))), same, same, "identical")
    if set(ANCHORS) <= set(conditions):
        first, second = ANCHORS if draw.integers(2) else ANCHORS[::-1]
        yield _trial(rater, str(draw.choice(list(pieces))), first, second, "anchor")


def _trial(rater: int, piece: str, first: str, second: str, kind: Kind) -> Trial:
    return Trial(id="", rater=rater, piece=piece, first=first, second=second, kind=kind)


def _with_repeats(session: list[Trial], repeats: int, draw: np.random.Generator) -> list[Trial]:
    """Append exchanged copies of main trials of the first half; ``repeats`` holds the place."""
    early = [i for i, t in enumerate(session[: len(session) // 2 + 1]) if t.kind == "main"]
    chosen = draw.permutation(early)[:repeats].tolist()
    extra = [
        replace(
            session[i],
            first=session[i].second,
            second=session[i].first,
            kind="repeat",
            repeats=str(i),
        )
        for i in chosen
    ]
    return session + extra


def _named(session: list[Trial], nonce: bytes) -> list[Trial]:
    names = [_opaque(nonce, trial.rater, place) for place, trial in enumerate(session)]
    return [
        replace(t, id=name, repeats=names[int(t.repeats)] if t.repeats else "")
        for name, t in zip(names, session, strict=True)
    ]


def _opaque(nonce: bytes, rater: int, place: int) -> str:
    message = f"trial {rater} {place}".encode()
    return hmac.new(nonce, message, hashlib.sha256).hexdigest()[:16]
