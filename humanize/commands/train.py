"""``humanize train``: a corpus in, a bundle out."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.commands.options import FILE
from humanize.errors import MissingExtraError, OptionError, OutputError
from humanize.expression import ASPECTS, VELOCITY, targets_of
from humanize.files import make_folder
from humanize.models import load_model
from humanize.reporting.waiting import said_while_it_lasts

if TYPE_CHECKING:
    from humanize.corpus.pieces import Piece
    from humanize.models.base import Condition
    from humanize.training.progress import ConsoleProgress, SilentProgress

_NEEDED = ("lightgbm", "torch", "fastai", "onnx")


@click.command()
@click.option(
    "--corpus",
    type=FILE,
    metavar="DIR",
    help="Folder of the ASAP corpus, with metadata.csv, or of the Groove MIDI Dataset, with "
    "info.csv: a model of drums. 'free' learns nothing from ASAP: it is cleared of the "
    "compositions that are held out there.",
)
@click.option(
    "--model",
    "name",
    default="ensemble",
    show_default=True,
    help="constant, pitch-line, straight-line, lgbm, tabular, bilstm, convolution, "
    "pianoroll-bilstm, ensemble, fast or free.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=FILE,
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
    "--target",
    "aspects",
    multiple=True,
    type=click.Choice(ASPECTS),
    default=(VELOCITY.aspect,),
    show_default=True,
    help="What to predict; repeat for several. Tempo, timing and articulation for scores alone.",
)
@click.option(
    "--extra",
    type=FILE,
    metavar="DIR",
    help="Folder of the hannds corpus: more music for performed timing.",
)
@click.option(
    "--maestro",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of MAESTRO: more music for performed timing.",
)
@click.option(
    "--maestro-aligned",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of scores aligned to MAESTRO: more music for flat input.",
)
@click.option(
    "--piano-midi-de",
    type=FILE,
    metavar="DIR",
    help="Folder of the piano-midi.de corpus ('free' learns from it).",
)
@click.option(
    "--percepiano",
    type=FILE,
    metavar="DIR",
    help="Folder of the PercePiano corpus ('free' learns from it).",
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
    corpus: Path | None,
    name: str,
    output: Path,
    conditions: tuple[Condition, ...],
    aspects: tuple[str, ...],
    extra: Path | None,
    maestro: Path | None,
    maestro_aligned: Path | None,
    piano_midi_de: Path | None,
    percepiano: Path | None,
    teacher: str | None,
    seed: int,
    threads: int,
    quick: bool,
) -> None:
    """Train a model on real pianists, or on real drummers, and save it as a bundle."""
    for package in _NEEDED:
        if find_spec(package) is None:
            raise MissingExtraError(package, "train")
    from humanize.training.fit import train
    from humanize.training.free import FreeMusic, held_out_of
    from humanize.training.free_fit import count_free_units, train_free
    from humanize.training.loaders import MoreMusic, load_training_pieces
    from humanize.training.members import TrainingOptions
    from humanize.training.progress import count_units
    from humanize.training.recipes import recipe

    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: a file found; expected a folder for the bundle")
    if corpus is not None and (corpus / "info.csv").is_file():
        _train_drums(corpus, output, seed=seed, threads=threads, quick=quick)
        return
    if name == "free":
        music = FreeMusic(
            piano_midi_de=_given(piano_midi_de, "--piano-midi-de", name),
            percepiano=_given(percepiano, "--percepiano", name),
            hannds=extra,
            held_out=held_out_of(corpus) if corpus else (),
        )
        make_folder(output)
        with _progress(count_free_units()) as progress, _room(output):
            options = TrainingOptions(seed=seed, threads=threads, quick=quick)
            train_free(music, output, options=options, progress=progress)
        _say_saved(output)
        return
    corpus = _given(corpus, "--corpus", name)
    chosen = conditions or ("flat", "marked", "performed")
    made, targets = recipe(name), targets_of(aspects)
    if not made.heads(chosen, targets):
        raise OptionError(
            f"--target {' '.join(aspects)} --condition {' '.join(chosen)}: the input itself has "
            "what would be predicted; expected another condition"
        )
    make_folder(output)
    more = MoreMusic(hannds=extra, maestro=maestro, maestro_aligned=maestro_aligned)

    def load(condition: Condition) -> Sequence[Piece]:
        return load_training_pieces(corpus, condition, more=more, workers=threads)

    with _progress(count_units(made, chosen, targets)) as progress, _room(output):
        train(
            made,
            load,
            output,
            conditions=chosen,
            targets=targets,
            options=TrainingOptions(
                seed=seed,
                threads=threads,
                teacher=load_model(teacher) if teacher else None,
                quick=quick,
            ),
            progress=progress,
        )
    _say_saved(output)


def _train_drums(corpus: Path, output: Path, *, seed: int, threads: int, quick: bool) -> None:
    from humanize.corpus.groove import load_groove
    from humanize.drums.fitting import DrumTreeOptions, train_drums

    make_folder(output)
    options = DrumTreeOptions(seed=seed, threads=threads)
    with _room(output), said_while_it_lasts(f"{output}: training on {corpus}"):
        takes = load_groove(corpus, ("train",))
        train_drums(takes, output, options.quick() if quick else options)
    click.echo(f"{output}: saved, a model of drums", err=True)


def _progress(total: int) -> AbstractContextManager[ConsoleProgress | SilentProgress]:
    """Return what is told of progress: a bar on a terminal, nothing where it is piped."""
    from humanize.training.progress import ConsoleProgress, SilentProgress

    return ConsoleProgress(total) if sys.stderr.isatty() else nullcontext(SilentProgress())


def _say_saved(output: Path) -> None:
    click.echo(f"{output}: saved; try it with: humanize input.mid --model {output}", err=True)


def _given(folder: Path | None, option: str, name: str) -> Path:
    """Return a folder that a model cannot be trained without."""
    if folder is None:
        raise OptionError(f"--model {name}: no {option} found; expected the folder of that corpus")
    return folder


@contextmanager
def _room(output: Path) -> Iterator[None]:
    """Say in one line that a disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise OutputError(f"{output}: {error.strerror}; expected room for the bundle") from None
