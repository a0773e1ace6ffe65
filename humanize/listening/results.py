"""Answers, key and plan to everything that a report says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from humanize.errors import InputError
from humanize.listening.analysis import (
    Answer,
    Share,
    bradley_terry,
    clustered_share,
    order_bias,
    outcomes,
    preference,
)
from humanize.listening.answers import Sheet, answer_files, answers_of, read_sheet
from humanize.listening.checks import catch_points, exclusion, repeats_agree
from humanize.listening.key import Key, read_key
from humanize.listening.plan import Hypothesis, hypotheses_of, read_plan, rules_of

_BOOTSTRAPS = 500


@dataclass(frozen=True, kw_only=True)
class RaterRow:
    """What is said of one rater.

    Attributes
    ----------
    rater : str
    answered, trials : int
    catches_passed, catches : int
    repeats_same, repeats : int
        Comparisons in repeated trials.
    median_sec : float
    excluded : str
        Why, or empty.
    """

    rater: str
    answered: int
    trials: int
    catches_passed: int
    catches: int
    repeats_same: int
    repeats: int
    median_sec: float
    excluded: str


@dataclass(frozen=True, kw_only=True)
class QuestionResult:
    """The answers to one question.

    Attributes
    ----------
    question : str
    answers : int
    shares : dict of (condition, other) to Share
    strengths : dict of str to (value, low, high)
        Bradley-Terry log strengths, mean 0; bootstrap over raters and pieces.
    by_piece : dict of piece to Share
        Of the primary pair; the interval is over raters.
    order : Share or None
        How often the second-played side was preferred; none in a multi-stimulus test.
    """

    question: str
    answers: int
    shares: dict[tuple[str, str], Share]
    strengths: dict[str, tuple[float, float, float]]
    by_piece: dict[str, Share]
    order: Share | None


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that was found.

    Attributes
    ----------
    plan : dict
        As it was written.
    key : Key
    raters : list of RaterRow
    missing : int
        Raters of the design without answers.
    refused : list of str
        One line for each file of answers that could not be used.
    remarks : list of str
    verdicts : list of (Hypothesis, Share or None)
    questions : list of QuestionResult
    """

    plan: dict[str, Any]
    key: Key
    raters: list[RaterRow]
    missing: int
    refused: list[str]
    remarks: list[str]
    verdicts: list[tuple[Hypothesis, Share | None]]
    questions: list[QuestionResult]


def analyze(folder: Path, key_path: Path, plan_path: Path) -> Results:
    """Read every rater's answers and compute what the plan says.

    A file of answers that cannot be read, was changed, or is of another packet or an unknown rater
    is refused and named; the others count.

    Parameters
    ----------
    folder : Path
        With one ``.jsonl`` file for each rater.
    key_path, plan_path : Path

    Raises
    ------
    InputError
        If the key or the plan does not fit, or no file of answers can be used.
    """
    key = read_key(key_path)
    sheets, refused = _read(folder, key)
    plan = read_plan(plan_path, key.plan_sha256)
    rules = rules_of(plan)
    rows = [_row(s, exclusion(s.trials, s.grades, rules)) for s in sheets]
    kept = [s for s, row in zip(sheets, rows, strict=True) if not row.excluded]
    hypotheses = hypotheses_of(plan)
    questions = [
        _of_question(kept, question, hypotheses, paired=plan["design"]["form"] == "pairs")
        for question in plan["design"]["questions"]
    ]
    return Results(
        plan=plan,
        key=key,
        raters=rows,
        missing=len(key.raters()) - len(sheets),
        refused=refused,
        remarks=[remark for s in sheets for remark in s.remarks],
        verdicts=[(h, _verdict(h, questions)) for h in hypotheses],
        questions=questions,
    )


def _read(folder: Path, key: Key) -> tuple[list[Sheet], list[str]]:
    sheets: dict[str, Sheet] = {}
    refused = []
    for path in answer_files(folder):
        try:
            sheet = read_sheet(path, key)
        except InputError as error:
            refused.append(str(error))
            continue
        if sheet.rater in sheets:
            refused.append(f"{path}: rater {sheet.rater} found again; expected one file a rater")
            continue
        sheets[sheet.rater] = sheet
    if not sheets:
        others = f" (and {len(refused) - 1} more files refused)" if len(refused) > 1 else ""
        raise InputError(f"{refused[0]}{others}")
    return list(sheets.values()), refused


def _row(sheet: Sheet, excluded: str) -> RaterRow:
    points, same = (
        catch_points(sheet.trials, sheet.grades),
        repeats_agree(sheet.trials, sheet.grades),
    )
    return RaterRow(
        rater=sheet.rater,
        answered=len(sheet.grades),
        trials=len(sheet.trials),
        catches_passed=sum(points),
        catches=len(points),
        repeats_same=sum(same),
        repeats=len(same),
        median_sec=float(np.median(sheet.seconds)) if sheet.seconds else 0.0,
        excluded=excluded,
    )


def _of_question(
    sheets: Sequence[Sheet], question: str, hypotheses: Sequence[Hypothesis], *, paired: bool
) -> QuestionResult:
    answers = answers_of(sheets, question)
    names = sorted({c for a in answers for c in (a.first, a.second)})
    shares = {
        (one, two): preference(answers, one, two)
        for one, two in combinations(names, 2)
        if any({a.first, a.second} == {one, two} for a in answers)
    }
    primary = next((h for h in hypotheses if h.question == question), None)
    return QuestionResult(
        question=question,
        answers=len(answers),
        shares=shares,
        strengths=_strengths(answers),
        by_piece=_by_piece(answers, primary),
        order=order_bias(answers) if paired and answers else None,
    )


def _by_piece(answers: Sequence[Answer], primary: Hypothesis | None) -> dict[str, Share]:
    if primary is None:
        return {}
    pair = {primary.condition, primary.other}
    found = {}
    for piece in sorted({a.piece for a in answers}):
        own = [a for a in answers if a.piece == piece and {a.first, a.second} == pair]
        if own:
            found[piece] = _over_raters(own, primary.condition)
    return found


def _over_raters(answers: Sequence[Answer], condition: str) -> Share:
    won = outcomes(answers, condition)
    # each answer a piece of its own: the interval is over raters alone
    return clustered_share(won, [a.rater for a in answers], [str(i) for i in range(len(won))])


def _strengths(answers: Sequence[Answer]) -> dict[str, tuple[float, float, float]]:
    try:
        values, _ = bradley_terry(answers)
    except InputError:
        return {}  # the conditions are not connected by comparisons
    drawn = _resampled(answers, sorted(values))
    if not len(drawn):
        return {name: (value, np.nan, np.nan) for name, value in values.items()}
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {
        name: (values[name], float(low[i]), float(high[i])) for i, name in enumerate(sorted(values))
    }


def _resampled(answers: Sequence[Answer], names: Sequence[str]) -> np.ndarray[Any, Any]:
    """Return strengths of samples of raters and of pieces, both drawn with replacement."""
    draw = np.random.default_rng(0)
    raters, pieces = (sorted({getattr(a, of) for a in answers}) for of in ("rater", "piece"))
    if min(len(raters), len(pieces)) < 2:
        return np.empty((0, len(names)))
    cells: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        cells.setdefault((answer.rater, answer.piece), []).append(answer)
    found = []
    for _ in range(_BOOTSTRAPS):
        chosen = [
            answer
            for rater in draw.choice(raters, len(raters))
            for piece in draw.choice(pieces, len(pieces))
            for answer in cells.get((str(rater), str(piece)), ())
        ]
        try:
            values, _ = bradley_terry(chosen)
        except InputError:
            continue
        if len(values) == len(names):
            found.append([values[name] for name in names])
    return np.array(found).reshape(-1, len(names))


def _verdict(hypothesis: Hypothesis, questions: Sequence[QuestionResult]) -> Share | None:
    own = next(q for q in questions if q.question == hypothesis.question)
    pair = (hypothesis.condition, hypothesis.other)
    if pair in own.shares:
        return own.shares[pair]
    share = own.shares.get((pair[1], pair[0]))
    if share is None:
        return None
    return Share(value=1 - share.value, low=1 - share.high, high=1 - share.low, count=share.count)
