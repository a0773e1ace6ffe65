"""What raters answered: lines of JSON, chained by SHA-256, checked against the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from string import ascii_lowercase
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
class Shown:
    """What a rater was shown in a trial.

    Attributes
    ----------
    id, question : str
    sounds : list of str
        Names, in the order shown.
    """

    id: str
    question: str
    sounds: list[str]

    @classmethod
    def listed(cls, entry: Mapping[str, Any]) -> Shown:
        """Return a trial as a packet's manifest lists it."""
        name, letters = str(entry["id"]), ascii_lowercase[: int(entry["sounds"])]
        return cls(id=name, question=entry["question"], sounds=[name + each for each in letters])

    @classmethod
    def of(cls, trial: Trial) -> Shown:
        """Return a trial as the key has it."""
        return cls(id=trial.id, question=trial.question, sounds=trial.sounds())


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


def parse_line(text: str | bytes, *, strict: bool = False) -> dict[str, Any]:
    """Return one line of answers.

    Parameters
    ----------
    text : str or bytes
    strict : bool
        Refuse what is no JSON though Python reads it (NaN), and a name given twice.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        hooks: dict[str, Any] = {"parse_constant": _refuse, "object_pairs_hook": _without_doubles}
        line: dict[str, Any] = json.loads(text, **(hooks if strict else {}))
        _ = [line[name] for name in _FIELDS]
        json.dumps(line, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("no answer; expected one line of JSON as the page writes it") from None
    return line


def _refuse(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are no JSON


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name given twice")
    return found


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
            remarks.append(f"{where}: trial {trial.id} answered again; the first answer counts")
            continue
        grades[trial.id] = comparisons_of(where, line, Shown.of(trial))
    if len(grades) < len(trials):
        remarks.append(f"rater {rater}: {len(grades)} of {len(trials)} trials answered")
    return grades, remarks


def comparisons_of(
    where: str, line: Mapping[str, Any], shown: Shown
) -> dict[tuple[int, int], float]:
    """Return how far, for two places of a trial, the second was preferred, -3 to 3.

    Parameters
    ----------
    where : str
        What messages call the line.
    line : mapping
        Of ``parse_line``.
    shown : Shown

    Raises
    ------
    InputError
        For another trial, sounds in another order, a sound that was not heard, or an answer
        outside its scale.
    """
    if line["trial"] != shown.id:
        raise InputError(f"{where}: trial {line['trial']!r} found; expected {shown.id!r}")
    if line["order"] != shown.sounds or line["question"] != shown.question:
        raise InputError(f"{where}: shown in another order or question than the key says")
    heard = line["heard"]
    fits = isinstance(heard, list) and len(heard) == len(shown.sounds)
    if not fits or not all(_is_whole(times) and times >= 1 for times in heard):
        raise InputError(f"{where}: heard {heard!r} found; expected every sound heard to its end")
    return dict(_compared(where, line, len(shown.sounds)))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _compared(
    where: str, line: Mapping[str, Any], sounds: int
) -> Iterator[tuple[tuple[int, int], float]]:
    grade, ratings = line["grade"], line.get("ratings")
    if grade is not None:
        if not _is_whole(grade) or grade not in range(-3, 4) or sounds != 2:
            raise InputError(f"{where}: grade {grade!r} found; expected -3 to 3 for a pair")
        yield (0, 1), float(grade)
        return
    if not isinstance(ratings, list) or len(ratings) != sounds or not all(map(_is_rating, ratings)):
        raise InputError(f"{where}: ratings {ratings!r} found; expected 0 to 100 for each sound")
    for i, j in combinations(range(len(ratings)), 2):
        yield (i, j), grade_of(float(ratings[j]) - float(ratings[i]))


def _is_rating(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def grade_of(difference: float) -> float:
    """Return the grade, -3 to 3, of a difference between two ratings of 0 to 100."""
    size = sum(abs(difference) > step for step in _STEPS)
    return float(size if difference > 0 else -size)
