"""Progress of training for people: what is done, how it goes, how long it takes still."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING

from humanize.expression import VELOCITY, Target
from humanize.training.recipes import Recipe

if TYPE_CHECKING:
    from humanize.models.base import Condition


def count_units(
    recipe: Recipe, conditions: Sequence[Condition], targets: Sequence[Target] = (VELOCITY,)
) -> int:
    """Return how often training will report: twice per fit, as every head is fitted twice."""
    return sum(
        1 + 2 * sum(member.options.reports for member in head.members)
        for head in recipe.heads(conditions, targets)
    )


class ConsoleProgress:
    """A rich bar on a terminal, plain lines elsewhere."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._start = total, 0, time.monotonic()
        self._bar = None
        if sys.stderr.isatty() and find_spec("rich"):
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task("training", total=total)

    def __enter__(self) -> ConsoleProgress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, what: str, loss: float) -> None:
        """Report one unit of work done."""
        self._done += 1
        text = what if math.isnan(loss) else f"{what}, loss {loss:.4f}"
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=text)
            return
        elapsed = time.monotonic() - self._start
        left = elapsed / self._done * max(self._total - self._done, 0)
        print(f"{text}  ({elapsed / 60:.1f} min, about {left / 60:.1f} left)", file=sys.stderr)


class SilentProgress:
    """Says nothing."""

    def advance(self, what: str, loss: float) -> None:
        """Do nothing."""
