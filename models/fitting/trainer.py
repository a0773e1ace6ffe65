"""What can be fitted: options of a member that fit themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from .stopping import Stopping
from .training_set import TrainingSet


class Progress(Protocol):
    """Is called as training goes on; may raise to stop it."""

    def advance(self, what: str, loss: float) -> None:
        """Report one unit of work done."""
        ...


@dataclass(frozen=True, kw_only=True)
class FittedMember:
    """A trained member.

    Attributes
    ----------
    spec : dict
        Its entry in the manifest, less weight and file: ``kind`` and what the kind needs.
    graph : bytes or None
        ONNX; None for a line.
    curve : list of float
        Mean r on held-out pieces after each epoch, where it was followed.
    """

    spec: dict[str, Any]
    graph: bytes | None = None
    curve: list[float] = field(default_factory=list)


class Trainer(Protocol):
    """Options of one member, a frozen dataclass: all that its fit depends on but the music."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def fit(
        self,
        training: TrainingSet,
        progress: Progress,
        stopping: Stopping,
        *,
        checkpoint: Path | None = None,
    ) -> FittedMember:
        """Fit a member.

        Parameters
        ----------
        training : TrainingSet
        progress : Progress
            Advanced ``reports`` times.
        stopping : Stopping
            Keeps the best epoch, or says when to end.
        checkpoint : Path, optional
            Where a fit that can be interrupted keeps its state; where the file exists, it goes on
            from it.
        """
        ...

    def quick(self) -> Self:
        """Return the options of a tiny fit, to try the pipeline."""
        ...

    def columns_read(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return which of these features it reads, in order."""
        ...

    def variants_read(self, most: int) -> int:
        """Return how many variants of each piece it reads, of at most ``most``."""
        ...

    @property
    def reports(self) -> int:
        """How often one fit advances its progress."""
        ...
