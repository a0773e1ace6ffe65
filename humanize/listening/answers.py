"""What raters answered: lines of JSON, chained by SHA-256, checked against the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from humanize.errors import InputError
from humanize.files import read_input
from humanize.listening.analysis import Answer
from humanize.listening.checks import Grades
from humanize.listening.design import Trial
from humanize.listening.key import Key

_STEPS = (3, 15, 35)  # points of 100 between two ratings: none, slight, plain, clear
_LONGEST_SEC = 1e7
_FIELDS = ("version", "packet", "rater", "place", "trial", "question", "order", "grade", "heard")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The answers of one rater.

    Attributes
    ----------
    rater : str
    trials : tuple of Trial
        All that the rater was to hear.
    grades : dict of trial id to comparisons
        For two places of a trial how far the second was preferred, -3 to 3.
    seconds : list of float
        From the start of each answered trial to its answer.
    remarks : tuple of str
        What is odd and yet no reason to refuse the sheet.
    """

    rater: str
    trials: tuple[Trial, ...]
    grades: Grades
    seconds: list[float] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def answers(self, question: str) -> list[Answer]:
        """Return the comparisons of the main trials of a question."""
        return [
            Answer(
                rater=self.rater,
                piece=trial.piece,
                first=trial.order[i],
                second=trial.order[j],
                grade=int(grade),
            )
            for trial in self.trials
            if trial.kind == "main" and trial.question == question
            for (i, j), grade in self.grades.get(trial.id, {}).items()
        ]


def answers_of(sheets: Iterable[Sheet], question: str) -> list[Answer]:
    """Return the comparisons of all raters' main trials of a question."""
    return [answer for sheet in sheets for answer in sheet.answers(question)]


def answer_files(folder: Path) -> list[Path]:
    """Return the files of answers in a folder, one for each rater.

    Raises
    ------
    InputError
        If there are none.
    """
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    if not paths:
        raise InputError(
            f"{folder}: no answers found; expected files that end in .jsonl, from 'listen serve' "
            "or from the page's download"
        )
    return paths


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of answers; a last line cut off half-way is left out.

    Raises
    ------
    InputError
        If a line is no answer.
    """
    lines = read_input(path).decode("utf-8", errors="replace").split("\n")
    found = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            found.append(parse_line(text))
        except InputError as error:
            if number == len(lines):
                break  # the server was killed while it wrote
            raise InputError(f"{path}: line {number} is {error}") from None
    return found


def parse_line(text: str | bytes) -> dict[str, Any]:
    """Return one line of answers.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        line: dict[str, Any] = json.loads(text)
        _ = [line[name] for name in _FIELDS]
        json.dumps(line, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("no answer; expected one line of JSON as the page writes it") from None
    return line


def read_sheet(path: Path, key: Key) -> Sheet:
    """Read the answers of one rater and prove that they fit the key and were not changed.

    Raises
    ------
    InputError
        For another packet, an unknown rater, a trial that he was not to hear, sounds in another
        order, a broken chain, an answer outside its scale, or a sound that was not heard.
    """
    lines = read_lines(path)
    if not lines:
        raise InputError(f"{path}: no answer found; expected one line for each trial")
    if lines[0]["packet"] != key.sha256:
        raise InputError(
            f"{path}: answers to packet {str(lines[0]['packet'])[:12]!r} found; expected "
            f"{key.sha256[:12]!r} of the key: the key is another packet's or was changed"
        )
    rater = str(lines[0]["rater"])
    trials = key.raters().get(rater)
    if trials is None:
        raise InputError(f"{path}: rater {rater!r} found; expected one of the key's raters")
    _check_chain(path, lines, key.sha256)
    grades, remarks = _grades(path, rater, lines, trials)
    return Sheet(
        rater=rater,
        trials=tuple(trials),
        grades=grades,
        seconds=list(_times(lines)),
        remarks=tuple(remarks),
    )


def chain_of(previous: str, line: Mapping[str, Any]) -> str:
    """Return the SHA-256 that closes a line: of the one before, and of what it says."""
    said = {name: value for name, value in line.items() if name != "chain"}
    text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _times(lines: Sequence[Mapping[str, Any]]) -> Iterator[float]:
    for line in lines:
        seconds = line.get("seconds")
        if isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST_SEC:
            yield float(seconds)


def _check_chain(path: Path, lines: Sequence[Mapping[str, Any]], key_sha256: str) -> None:
    previous = key_sha256
    for number, line in enumerate(lines, start=1):
        if line.get("chain") != chain_of(previous, line):
            raise InputError(
                f"{path}: line {number} does not follow from the one before; expected the file as "
                "the page wrote it: an answer was changed, taken out or put in"
            )
        previous = str(line["chain"])


def _grades(
    path: Path, rater: str, lines: Sequence[Mapping[str, Any]], trials: Sequence[Trial]
) -> tuple[Grades, list[str]]:
    by_id = {t.id: t for t in trials}
    grades: Grades = {}
    remarks: list[str] = []
    for number, line in enumerate(lines, start=1):
        where = f"{path}: line {number}"
        trial = by_id.get(str(line["trial"]))
        if trial is None or line["rater"] != rater:
            raise InputError(
                f"{where}: trial {line['trial']!r} found; expected one of this rater's"
            )
        if trial.id in grades:
            raise InputError(f"{where}: trial {trial.id} answered again; expected one answer")
        _check_shown(where, line, trial)
        grades[trial.id] = dict(_comparisons(where, line, trial))
    if len(grades) < len(trials):
        remarks.append(f"rater {rater}: {len(grades)} of {len(trials)} trials answered")
    return grades, remarks


def _check_shown(where: str, line: Mapping[str, Any], trial: Trial) -> None:
    shown = trial.sounds()
    if line["order"] != shown or line["question"] != trial.question:
        raise InputError(f"{where}: shown in another order or question than the key says")
    heard = line["heard"]
    if not isinstance(heard, list) or len(heard) != len(shown) or not all(_once(h) for h in heard):
        raise InputError(f"{where}: heard {heard!r} found; expected every sound heard to its end")


def _once(heard: object) -> bool:
    return isinstance(heard, int) and heard >= 1


def _comparisons(
    where: str, line: Mapping[str, Any], trial: Trial
) -> Iterator[tuple[tuple[int, int], float]]:
    if line["grade"] is not None:
        if line["grade"] not in range(-3, 4) or len(trial.order) != 2:
            raise InputError(f"{where}: grade {line['grade']!r} found; expected -3 to 3 for a pair")
        yield (0, 1), float(line["grade"])
        return
    ratings = line.get("ratings")
    if (
        not isinstance(ratings, list)
        or len(ratings) != len(trial.order)
        or not all(isinstance(r, int | float) and 0 <= r <= 100 for r in ratings)
    ):
        raise InputError(f"{where}: ratings {ratings!r} found; expected 0 to 100 for each sound")
    for i, j in combinations(range(len(ratings)), 2):
        yield (i, j), grade_of(float(ratings[j]) - float(ratings[i]))


def grade_of(difference: float) -> float:
    """Return the grade, -3 to 3, of a difference between two ratings of 0 to 100."""
    size = sum(abs(difference) > step for step in _STEPS)
    return float(size if difference > 0 else -size)
