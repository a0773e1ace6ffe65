"""``humanize evaluate``: models beside pianists on a corpus."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.commands.options import FILE
from humanize.errors import MissingExtraError, OptionError
from humanize.expression import ASPECTS, VELOCITY, targets_of
from humanize.files import make_folder
from humanize.models import load_model
from humanize.reporting.waiting import said_while_it_lasts

if TYPE_CHECKING:
    from humanize.corpus.pieces import SplitName
    from humanize.models.base import Condition, Model

_LOG = Path("benchmarks/velocity_accuracy/test_log.csv")
_EXPRESSION_LOG = Path("benchmarks/performance/test_log.csv")


@click.command()
@click.option(
    "--corpus",
    required=True,
    type=FILE,
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
    "--target",
    "aspect",
    type=click.Choice(ASPECTS),
    default=VELOCITY.aspect,
    show_default=True,
    help="What is compared; tempo, timing and articulation for scores alone.",
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
    type=FILE,
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
    aspect: str,
    models: tuple[str, ...],
    output: Path,
    only_unseen: bool,
    workers: int,
) -> None:
    """Predict whole pieces and compare their notes with what pianists played."""
    if aspect != VELOCITY.aspect:
        _evaluate_expression(corpus, split, condition, aspect, models, output, only_unseen, workers)
        return
    if find_spec("sklearn") is None:
        raise MissingExtraError("scikit-learn", "train")
    from humanize.evaluation.figures import draw_figures
    from humanize.evaluation.report import append_log, summary_of, write_report
    from humanize.evaluation.run import evaluate_models, load_condition, unseen

    loaded = _loaded(models)
    make_folder(output)
    with said_while_it_lasts(f"{corpus}: reading"):
        pieces = load_condition(corpus, split, condition, workers=workers)
    if only_unseen:
        pieces = unseen(pieces, loaded, condition)
    with said_while_it_lasts(f"{output}: predicting and comparing") as say:
        evaluation = evaluate_models(pieces, loaded, condition=condition, split=split, report=say)
    if split == "test":
        log = _LOG if _LOG.parent.is_dir() else output / _LOG.name
        append_log(log, evaluation, loaded)
    first = next(iter(loaded))
    write_report(output, evaluation, draw_figures(evaluation, first, loaded[first]))
    click.echo(summary_of(evaluation))


def _evaluate_expression(
    corpus: Path,
    split: SplitName,
    condition: Condition,
    aspect: str,
    models: tuple[str, ...],
    output: Path,
    only_unseen: bool,
    workers: int,
) -> None:
    from humanize.evaluation.expression_report import (
        append_expression_log,
        expression_summary,
        write_expression_report,
    )
    from humanize.evaluation.expression_run import evaluate_expression
    from humanize.evaluation.run import load_condition, unseen

    if condition == "performed":
        raise OptionError(
            f"--target {aspect} --condition performed: timing that is played already; expected "
            "flat or marked"
        )
    loaded = _with_heads(_loaded(models), condition, aspect)
    make_folder(output)
    with said_while_it_lasts(f"{corpus}: reading"):
        pieces = load_condition(corpus, split, condition, workers=workers)
    if only_unseen:
        pieces = unseen(pieces, loaded, condition)
    with said_while_it_lasts(f"{output}: predicting and comparing") as say:
        evaluation = evaluate_expression(
            pieces, loaded, aspect=aspect, condition=condition, split=split, tell=say
        )
    if split == "test":
        log = _EXPRESSION_LOG if _EXPRESSION_LOG.parent.is_dir() else output / _EXPRESSION_LOG.name
        append_expression_log(log, evaluation, loaded)
    write_expression_report(output, evaluation)
    click.echo(expression_summary(evaluation))


def _with_heads(loaded: dict[str, Model], condition: Condition, aspect: str) -> dict[str, Model]:
    """Return the models that predict the target; the floors of velocity, unasked, do not."""
    wanted = [target.name for target in targets_of([aspect])]
    kept = {
        name: model
        for name, model in loaded.items()
        if all(target in model.route(condition).heads for target in wanted)
    }
    if not kept:
        raise OptionError(
            f"--target {aspect}: none of {', '.join(loaded)} predicts it for {condition} input; "
            "expected a model that does"
        )
    return kept


def _loaded(models: tuple[str, ...]) -> dict[str, Model]:
    loaded: dict[str, Model] = {}
    for given in models:
        name = Path(given).resolve().name if Path(given).is_dir() else given
        if name in loaded:
            raise OptionError(f"--model: two named {name!r} found; expected different names")
        loaded[name] = load_model(given)
    return loaded
