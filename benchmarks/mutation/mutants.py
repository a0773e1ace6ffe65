"""Wrong formulas made of right ones: one place of one line changed at a time.

What is changed: comparisons, arithmetic, signs, constants, neighbours (before and after, past and
next, top and bottom), bounds that are taken away, conditions that are reversed, slices that move.
What is not: imports, types, docstrings, messages, what describes a feature in words; numbers below a
thousandth, which keep a division from zero and a comparison from the last digit; and the rounding
of last digits.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_COMPARISONS = {
    ast.Lt: (r"<", ("<=", ">")),
    ast.LtE: (r"<=", ("<", ">=")),
    ast.Gt: (r">", (">=", "<")),
    ast.GtE: (r">=", (">", "<=")),
    ast.Eq: (r"==", ("!=",)),
    ast.NotEq: (r"!=", ("==",)),
    ast.Is: (r"is", ("is not",)),
    ast.IsNot: (r"is not", ("is",)),
    ast.In: (r"in", ("not in",)),
    ast.NotIn: (r"not in", ("in",)),
}
_ARITHMETIC = {
    ast.Add: (r"\+", ("-",)),
    ast.Sub: (r"-", ("+",)),
    ast.Mult: (r"\*", ("/",)),
    ast.Div: (r"/", ("*",)),
    ast.FloorDiv: (r"//", ("*",)),
    ast.Mod: (r"%", ("//",)),
    ast.BitAnd: (r"&", ("|",)),
    ast.BitOr: (r"\|", ("&",)),
    ast.LShift: (r"<<", (">>",)),
    ast.RShift: (r">>", ("<<",)),
    ast.Pow: (r"\*\*", ("*",)),
}
_PAIRS = (
    ("minimum", "maximum"), ("min", "max"), ("fmin", "fmax"), ("argmin", "argmax"),
    ("any", "all"), ("floor", "ceil"), ("top", "bottom"), ("highest", "lowest"),
    ("above", "below"), ("gap_above", "gap_below"), ("before", "after"), ("over", "under"),
    ("skyline", "bass"), ("skyline_groups", "bass_groups"), ("is_skyline", "is_bass"),
    ("ioi_beat_before", "ioi_beat_after"), ("ioi_sec_before", "ioi_sec_after"),
    ("of_previous_group", "of_next_group"), ("onset_sec", "onset_beat"),
    ("duration_sec", "duration_beat"), ("group_sec", "group_beat"), ("low", "high"),
    ("back", "ahead"), ("past", "next"), ("left", "right"), ("mean", "std"), ("sum", "count"),
    ("first", "last_group"), ("numerator", "denominator"), ("log2", "sqrt"),
)  # fmt: skip
_SWAPS = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_BOUNDS = {"clip", "minimum", "maximum", "abs", "round", "min", "max", "nan_to_num"}
_TINY, _TOLERANCE = 1e-3, 0.05
_WORDS = {"strict", "unit", "formula", "source", "missing", "family", "where", "name"}


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Attributes
    ----------
    path : str
        File, from the root of the project.
    line : int
        1-based.
    start, end : int
        Bytes of the file that are replaced.
    old, new : str
        What stands there and what is put there.
    code : str
        The line as it is.
    time : int
        Counts places of one line that change alike, from 1.
    """

    path: str
    line: int
    start: int
    end: int
    old: str
    new: str
    code: str
    time: int = 1

    @property
    def key(self) -> str:
        """What names the mutant as long as its line stays."""
        again = f" ({self.time})" if self.time > 1 else ""
        return f"{self.path}: {self.code} [{self.old} -> {self.new}]{again}"

    def rank(self, seed: int) -> str:
        """Return its place in a draw, which stays as it is when other lines change."""
        return hashlib.sha256(f"{seed} {self.key}".encode()).hexdigest()

    def applied(self, source: bytes) -> bytes:
        """Return the source with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def mutants_of(root: Path, path: Path) -> list[Mutant]:
    """Return the mutants of a file in order, each of one line and able to run."""
    source = path.read_bytes()
    found: dict[str, Mutant] = {}
    for mutant in _Places(str(path.relative_to(root)), source).all():
        while mutant.key in found:
            mutant = replace(mutant, time=mutant.time + 1)
        found[mutant.key] = mutant
    return [m for m in found.values() if "\n" not in m.old and _compiles(m.applied(source))]


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


class _Places:
    def __init__(self, path: str, source: bytes) -> None:
        self._path, self._source = path, source
        self._starts = [0]
        for line in source.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def all(self) -> Iterator[Mutant]:
        yield from self._visit(ast.parse(self._source))

    def _visit(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.JoinedStr):
            return
        yield from self._at(node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _describes(child):
                    yield from self._visit(child)

    def _at(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield from self._operator(node.left, node.ops[0], node.comparators[0], _COMPARISONS)
        elif isinstance(node, ast.BinOp):
            yield from self._operator(node.left, node.op, node.right, _ARITHMETIC)
        elif isinstance(node, ast.BoolOp):
            word, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            yield from self._between(node.values[0], node.values[1], rf"\b{word}\b", (new,))
        elif isinstance(node, ast.UnaryOp):
            yield self._replace(node, self._text(node.operand))
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield from self._swap(node)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield self._replace(node.test, f"(not ({self._text(node.test)}))")
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.BinOp | ast.Subscript):
            yield self._replace(node.value, f"-({self._text(node.value)})")
        elif isinstance(node, ast.Slice):
            yield from self._slice(node)

    def _operator(
        self, left: ast.expr, operator: ast.AST, right: ast.expr, known: dict
    ) -> Iterator[Mutant]:
        if type(operator) in known and not isinstance(left, ast.JoinedStr):
            pattern, news = known[type(operator)]
            if known is _COMPARISONS and _below(right, _TOLERANCE):
                news = news[-1:]  # reversed: nothing is just as large as a tolerance
            yield from self._between(left, right, pattern, news)

    def _between(
        self, left: ast.expr, right: ast.expr, pattern: str, news: tuple[str, ...]
    ) -> Iterator[Mutant]:
        start, end = self._end(left), self._start(right)
        match = re.search(pattern.encode(), self._source[start:end])
        if match:
            for new in news:
                yield self._change(start + match.start(), start + match.end(), new)

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        value = node.value
        if isinstance(value, bool):
            yield self._replace(node, str(not value))
        elif isinstance(value, int):
            yield self._replace(node, str(value + 1))
        elif isinstance(value, float) and not 0 < value < _TINY:
            yield self._replace(node, repr(value * 1.5 if value else 1.0))
        elif isinstance(value, str) and value in _SWAPS:
            yield self._replace(node, repr(_SWAPS[value]))

    def _swap(self, node: ast.Name | ast.Attribute) -> Iterator[Mutant]:
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in _SWAPS and isinstance(node.ctx, ast.Load):
            end = self._end(node)
            yield self._change(end - len(name), end, _SWAPS[name])

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        guard = name == "round" or any(_below(bound, _TINY) for bound in node.args[1:])
        if (
            name in _BOUNDS
            and not guard
            and node.args
            and not isinstance(node.args[0], ast.Starred)
        ):
            yield self._replace(node, f"({self._text(node.args[0])})")

    def _slice(self, node: ast.Slice) -> Iterator[Mutant]:
        text = self._text(node)
        moved = {":-1": "1:", "1:": ":-1"}.get(text)
        if moved:
            yield self._replace(node, moved)

    def _start(self, node: ast.AST) -> int:
        return self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _text(self, node: ast.AST) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _replace(self, node: ast.AST, new: str) -> Mutant:
        return self._change(self._start(node), self._end(node), new)

    def _change(self, start: int, end: int, new: str) -> Mutant:
        line = self._source.count(b"\n", 0, start) + 1
        code = self._source[self._starts[line - 1] : self._starts[line] - 1].decode().strip()
        old = self._source[start:end].decode()
        return Mutant(self._path, line, start, end, old, new, code)


def _below(node: ast.expr, bound: float) -> bool:
    """Whether a node is a fraction below a bound, and no 0."""
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < bound
    )


def _describes(node: ast.AST) -> bool:
    """Whether a node says something to a reader, or asserts, and changes nothing else."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return True
    if isinstance(node, ast.Assign):
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return isinstance(node.value, ast.Subscript) and bool(names) and names[0][:1].isupper()
    return isinstance(node, ast.keyword) and node.arg in _WORDS
