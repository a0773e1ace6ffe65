"""``humanize evaluate``: models beside pianists on a corpus."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.errors import MissingExtraError, OptionError
from humanize.files import make_folder
from humanize.models import load_model

if TYPE_CHECKING:
    from humanize.corpus.pieces import SplitName
    from humanize.models.base import Condition, Model

_LOG = Path("benchmarks/velocity_accuracy/test_log.csv")


@click.command()
@click.option(
    "--corpus",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the ASAP corpus, with metadata.csv.",
)
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    default="validation",
    show_default=True,
    help="Test is for reporting, not for choosing; each look is logged.",
)
@click.option(
    "--condition",
    type=click.Choice(["flat", "marked", "performed"]),
    default="flat",
    show_default=True,
    help="What of each piece is given to the models.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    default=("piano-1", "pitch-line", "constant"),
    show_default=True,
    help="Names or folders of bundles, the one reported on first.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the report.",
)
@click.option(
    "--unseen",
    "only_unseen",
    is_flag=True,
    help="Leave out compositions that one of the models was fitted to, by its manifest.",
)
@click.option("--workers", default=2, show_default=True, help="Processes that read scores.")
def command(
    corpus: Path,
    split: SplitName,
    condition: Condition,
    models: tuple[str, ...],
    output: Path,
    only_unseen: bool,
    workers: int,
) -> None:
    """Predict whole pieces and compare their notes with what pianists played."""
    if find_spec("sklearn") is None:
        raise MissingExtraError("scikit-learn", "train")
    from humanize.evaluation.figures import draw_figures
    from humanize.evaluation.report import append_log, summary_of, write_report
    from humanize.evaluation.run import evaluate_models, load_condition, unseen

    loaded = _loaded(models)
    make_folder(output)
    pieces = load_condition(corpus, split, condition, workers=workers)
    if only_unseen:
        pieces = unseen(pieces, loaded, condition)
    evaluation = evaluate_models(
        pieces,
        loaded,
        condition=condition,
        split=split,
        report=lambda text: click.echo(text, err=True),
    )
    if split == "test":
        log = _LOG if _LOG.parent.is_dir() else output / _LOG.name
        append_log(log, evaluation, loaded)
    first = next(iter(loaded))
    write_report(output, evaluation, draw_figures(evaluation, first, loaded[first]))
    click.echo(summary_of(evaluation))


def _loaded(models: tuple[str, ...]) -> dict[str, Model]:
    loaded: dict[str, Model] = {}
    for given in models:
        name = Path(given).resolve().name if Path(given).is_dir() else given
        if name in loaded:
            raise OptionError(f"--model: two named {name!r} found; expected different names")
        loaded[name] = load_model(given)
    return loaded
