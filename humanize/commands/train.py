"""``humanize train``: a corpus in, a bundle out."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.errors import MissingExtraError, OutputError
from humanize.files import make_folder
from humanize.models import load_model

if TYPE_CHECKING:
    from humanize.corpus.pieces import Piece
    from humanize.models.base import Condition

_NEEDED = ("lightgbm", "torch", "fastai", "onnx")
_ABOUT = {
    "licence": "CC BY-NC-SA 4.0",
    "trained_on": "(n)ASAP v2.1, training and validation splits (Foscarin et al. 2020; "
    "Peter et al. 2023)",
}


@click.command()
@click.option(
    "--corpus",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the ASAP corpus, with metadata.csv.",
)
@click.option(
    "--model",
    "name",
    default="ensemble",
    show_default=True,
    help="constant, pitch-line, lgbm, tabular, bilstm, convolution, pianoroll-bilstm, "
    "ensemble or fast.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the bundle; its last part is the model's name.",
)
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    type=click.Choice(["flat", "marked", "performed"]),
    help="Inputs to train for; all by default. Repeat for several.",
)
@click.option(
    "--extra",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the hannds corpus: more music for performed timing.",
)
@click.option(
    "--teacher",
    metavar="NAME|FOLDER",
    help="Learn from this model's predictions instead of pianists ('fast' does).",
)
@click.option("--seed", default=0, show_default=True, help="Of everything that is drawn.")
@click.option("--threads", default=2, show_default=True, help="Cores that training may use.")
@click.option("--quick", is_flag=True, help="A tiny run to try the pipeline; not to be used.")
def command(
    corpus: Path,
    name: str,
    output: Path,
    conditions: tuple[Condition, ...],
    extra: Path | None,
    teacher: str | None,
    seed: int,
    threads: int,
    quick: bool,
) -> None:
    """Train a model on real pianists and save it as a bundle."""
    for package in _NEEDED:
        if find_spec(package) is None:
            raise MissingExtraError(package, "train")
    from humanize.training.fit import train
    from humanize.training.loaders import load_training_pieces
    from humanize.training.members import TrainingOptions
    from humanize.training.progress import ConsoleProgress, count_units
    from humanize.training.recipes import recipe

    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: a file found; expected a folder for the bundle")
    chosen = conditions or ("flat", "marked", "performed")
    made = recipe(name)
    make_folder(output)

    def load(condition: Condition) -> Sequence[Piece]:
        return load_training_pieces(corpus, condition, extra=extra, workers=threads)

    with ConsoleProgress(count_units(made, chosen)) as progress, _room(output):
        train(
            made,
            load,
            output,
            conditions=chosen,
            options=TrainingOptions(
                seed=seed,
                threads=threads,
                teacher=load_model(teacher) if teacher else None,
                quick=quick,
            ),
            progress=progress,
            about=_about(extra),
        )
    click.echo(f"{output}: saved; try it with: humanize input.mid --model {output}", err=True)


@contextmanager
def _room(output: Path) -> Iterator[None]:
    """Say in one line that a disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise OutputError(f"{output}: {error.strerror}; expected room for the bundle") from None


def _about(extra: Path | None) -> dict[str, str]:
    more = "; performed timing also on hannds (cemfi/hannds, MIT), held-out works excluded"
    return {**_ABOUT, "trained_on": _ABOUT["trained_on"] + (more if extra else "")}
