"""``humanize models``: the models that ship."""

from __future__ import annotations

import click

from humanize.models.catalogue import catalogue


@click.command()
def command() -> None:
    """List the models that ship: name, conditions, licence of the weights, other names."""
    for model in catalogue():
        conditions, licence = ", ".join(model.conditions), model.licence or "unknown"
        click.echo(f"{model.name:14s} {model.summary or ''}")
        click.echo(f"{'':14s} conditions: {conditions}; weights: {licence}")
        for alias in model.aliases:
            click.echo(f"{'':14s} {alias} = {model.name}")
