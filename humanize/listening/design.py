"""Who hears what, and in which order: balanced, repeatable from the key, opaque without it."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from string import ascii_lowercase
from typing import Literal

import numpy as np

from humanize.errors import OptionError

Kind = Literal["main", "identical", "repeat", "anchor"]
Form = Literal["pairs", "multi"]
Compared = Literal["velocities", "performances"]
HUMAN, PLAIN = "human", ("constant", "deadpan")
Cell = tuple[str, tuple[str, ...]]  # a piece, and the conditions compared in it


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Versions of a piece, played one after the other.

    Attributes
    ----------
    id : str
        Opaque name, the only one that a packet may hold.
    rater : int
        0-based.
    question, piece : str
    order : tuple of str
        The conditions in the order shown: two for a pair, all for a multi-stimulus trial.
    kind : "main", "identical", "repeat" or "anchor"
        What it is for: a comparison, one sound twice, an earlier trial in another order, or human
        against a plain version.
    repeats : str
        For "repeat" the trial that it repeats, else empty.
    """

    id: str
    rater: int
    question: str
    piece: str
    order: tuple[str, ...]
    kind: Kind
    repeats: str = ""

    def sounds(self) -> list[str]:
        """Return the names of the sounds in the order shown, as files and answers have them."""
        return [f"{self.id}{letter}" for letter in ascii_lowercase[: len(self.order)]]


@dataclass(frozen=True, kw_only=True)
class Catches:
    """How many trials per rater and question check the rater, not the music.

    Attributes
    ----------
    identical, repeats, anchors : int
        ``anchors`` counts only where human and a plain version (constant, deadpan) are conditions
        of a paired test.
    """

    identical: int = 4
    repeats: int = 3
    anchors: int = 3


@dataclass(frozen=True, kw_only=True)
class Design:
    """What a listening test compares.

    Attributes
    ----------
    compared : "velocities" or "performances"
        What versions differ in.
    pieces, conditions, questions : tuple of str
        Questions are asked in separate passes, whose order changes from rater to rater.
    form : "pairs" or "multi"
        Two versions at a time, or all versions of a piece on one screen.
    raters : int
    trials : int
        Main trials of each rater and question; 0 for every cell once.
    catches : Catches
    """

    pieces: tuple[str, ...]
    conditions: tuple[str, ...]
    questions: tuple[str, ...] = ("human",)
    form: Form = "pairs"
    raters: int
    trials: int = 0
    catches: Catches = Catches()
    compared: Compared = "velocities"

    def cells(self) -> list[Cell]:
        """Return every comparison of the test."""
        if self.form == "multi":
            return [(piece, self.conditions) for piece in self.pieces]
        pairs = list(combinations(self.conditions, 2))
        return [(piece, pair) for pair in pairs for piece in self.pieces]


def anchors_of(conditions: Collection[str]) -> tuple[str, str] | None:
    """Return the pair of conditions whose better one is known, if they are there."""
    found = [c for c in PLAIN if c in conditions]
    return (HUMAN, found[0]) if found and HUMAN in conditions else None


def draw_trials(design: Design, *, seed: int, nonce: bytes) -> tuple[Trial, ...]:
    """Return every rater's trials in the order of hearing.

    Where raters hear a part of the cells, all cells are heard equally often, give or take one.
    For each rater and pair each side comes first in half of the trials (with an odd number the
    extra one alternates over raters); in a multi-stimulus test each condition stands in each
    place equally often. Identical trials and anchors are mixed in anywhere, repeats among the
    second half.

    Parameters
    ----------
    design : Design
    seed : int
    nonce : bytes
        Secret of the key; seed and nonce together give the trials.

    Returns
    -------
    tuple of Trial

    Raises
    ------
    OptionError
        If there is nothing to compare.
    """
    _require(design)
    digest = hmac.digest(nonce, str(seed).encode(), "sha256")
    draw = np.random.default_rng(int.from_bytes(digest, "big"))
    streams = {question: _Stream(design, draw) for question in design.questions}
    flips = {pair: int(draw.integers(2)) for pair in combinations(design.conditions, 2)}
    trials: list[Trial] = []
    for rater in range(design.raters):
        turn = rater % len(design.questions)
        session: list[Trial] = []
        for question in design.questions[turn:] + design.questions[:turn]:
            cells = streams[question].next()
            block = _Block(design, rater, question, draw)
            session += block.session(cells, flips, start=len(session))
        trials += _named(session, nonce)
    return tuple(trials)


def rater_code(nonce: bytes, rater: int) -> str:
    """Return the secret by which a rater signs in: 80 bits, which nobody guesses from a digest."""
    return hmac.new(nonce, f"rater {rater}".encode(), hashlib.sha256).hexdigest()[:20]


def rater_digest(key_sha256: str, code: str) -> str:
    """Return what a packet calls a rater: it tells a code that is known, and gives none away."""
    return hashlib.sha256(f"{key_sha256} {code}".encode("utf-8", "replace")).hexdigest()


def _require(design: Design) -> None:
    named = (("piece", design.pieces, 1), ("condition", design.conditions, 2))
    for what, names, least in (*named, ("question", design.questions, 1)):
        if len(names) < least or len(set(names)) < len(names):
            found = ", ".join(names) or "none"
            raise OptionError(f"{what}s {found} found; expected at least {least}, all different")
    counts = design.catches
    if design.raters < 1 or min(counts.identical, counts.repeats, counts.anchors) < 0:
        raise OptionError(f"{design.raters} raters, {counts} found; expected at least 1 and 0")
    if not 0 <= design.trials <= len(design.cells()):
        raise OptionError(
            f"{design.trials} trials per rater found; expected 0 (all) to {len(design.cells())}"
        )


class _Stream:
    """Hands each rater the next cells, so that all are heard equally often."""

    def __init__(self, design: Design, draw: np.random.Generator) -> None:
        self._cells, self._draw = design.cells(), draw
        self._count = design.trials or len(self._cells)
        self._waiting: list[Cell] = []

    def next(self) -> list[Cell]:
        taken: list[Cell] = []
        while len(taken) < self._count:
            fresh = [cell for cell in self._waiting if cell not in taken]
            if not fresh:
                order = self._draw.permutation(len(self._cells)).tolist()
                self._waiting += [self._cells[i] for i in order]
                continue
            taken.append(fresh[0])
            self._waiting.remove(fresh[0])
        return taken


class _Block:
    """One rater's trials for one question."""

    def __init__(
        self, design: Design, rater: int, question: str, draw: np.random.Generator
    ) -> None:
        self._design, self._rater, self._question = design, rater, question
        self._draw = draw

    def session(
        self, cells: list[Cell], flips: dict[tuple[str, str], int], *, start: int
    ) -> list[Trial]:
        heard = [*self._main(cells, flips), *self._identical(), *self._anchors()]
        heard = [heard[i] for i in self._draw.permutation(len(heard)).tolist()]
        return self._with_repeats(heard, start)

    def _trial(self, piece: str, order: Sequence[str], kind: Kind) -> Trial:
        return Trial(
            id="",
            rater=self._rater,
            question=self._question,
            piece=piece,
            order=tuple(order),
            kind=kind,
        )

    def _main(self, cells: list[Cell], flips: dict[tuple[str, str], int]) -> Iterator[Trial]:
        seen: Counter[tuple[str, ...]] = Counter()
        for place in self._draw.permutation(len(cells)).tolist():
            piece, compared = cells[place]
            rank = seen[compared] + self._rater
            seen[compared] += 1
            if self._design.form == "multi":
                order = self._rotated(compared, rank)
            else:
                first, second = compared
                side = (rank + flips[first, second]) % 2
                order = (first, second) if side else (second, first)
            yield self._trial(piece, order, "main")

    @staticmethod
    def _rotated(compared: tuple[str, ...], rank: int) -> tuple[str, ...]:
        turn = rank % len(compared)
        order = compared[turn:] + compared[:turn]
        return order[::-1] if rank // len(compared) % 2 else order

    def _identical(self) -> Iterator[Trial]:
        for _ in range(self._design.catches.identical):
            condition = self._one(self._design.conditions)
            order: Sequence[str] = (condition, condition)
            if self._design.form == "multi":
                order = self._shuffled([*self._design.conditions, condition])
            yield self._trial(self._one(self._design.pieces), order, "identical")

    def _anchors(self) -> Iterator[Trial]:
        pair = anchors_of(self._design.conditions) if self._design.form == "pairs" else None
        for _ in range(self._design.catches.anchors if pair else 0):
            yield self._trial(self._one(self._design.pieces), self._shuffled(pair or ()), "anchor")

    def _one(self, names: Sequence[str]) -> str:
        return names[int(self._draw.integers(len(names)))]

    def _shuffled(self, names: Sequence[str]) -> list[str]:
        return [names[i] for i in self._draw.permutation(len(names)).tolist()]

    def _with_repeats(self, session: list[Trial], start: int) -> list[Trial]:
        """Mix reversed copies of early main trials into the second half.

        ``repeats`` holds the place of the original until names are given.
        """
        half = len(session) // 2 + 1
        early = [i for i, t in enumerate(session[:half]) if t.kind == "main"]
        chosen = self._draw.permutation(early)[: self._design.catches.repeats].tolist()
        extra = [
            replace(session[i], order=session[i].order[::-1], kind="repeat", repeats=str(start + i))
            for i in chosen
        ]
        late = session[half:] + extra
        return session[:half] + [late[i] for i in self._draw.permutation(len(late)).tolist()]


def _named(session: list[Trial], nonce: bytes) -> list[Trial]:
    names = [_opaque(nonce, trial.rater, place) for place, trial in enumerate(session)]
    return [
        replace(t, id=name, repeats=names[int(t.repeats)] if t.repeats else "")
        for name, t in zip(names, session, strict=True)
    ]


def _opaque(nonce: bytes, rater: int, place: int) -> str:
    message = f"trial {rater} {place}".encode()
    return hmac.new(nonce, message, hashlib.sha256).hexdigest()[:16]
