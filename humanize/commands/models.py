"""``humanize models``: the models that ship."""

from __future__ import annotations

import click

from humanize.models.catalogue import Listed, catalogue, drum_catalogue, take_catalogue

_HEADS = ("model", "licence of the weights", "inputs")


@click.command()
def command() -> None:
    """List the models that ship: name, licence of the weights, inputs, and what each is.

    A licence with NC forbids commercial use of what the weights make possible; the code is MIT.
    """
    models = [*catalogue(), *drum_catalogue(), *take_catalogue()]
    rows = [_HEADS, *(_row(model) for model in models)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    _say(_HEADS, widths)
    for model in models:
        _say(_row(model), widths)
        for line in _about(model):
            click.echo(f"  {line}")


def _row(model: Listed) -> tuple[str, ...]:
    return model.name, model.licence or "unknown", ", ".join(model.conditions)


def _say(row: tuple[str, ...], widths: list[int]) -> None:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    click.echo("  ".join(cells).rstrip())


def _about(model: Listed) -> list[str]:
    """Return what stands below a model: what it is, whom to name, its other names."""
    lines = [line for line in (model.summary, model.attribution) if line]
    return [*lines, *(f"{alias} = {model.name}" for alias in model.aliases)]
