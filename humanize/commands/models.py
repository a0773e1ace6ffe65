"""``humanize models``: the models that ship."""

from __future__ import annotations

import click

from humanize.models import load_model, model_names


@click.command()
def command() -> None:
    """List the models that ship: name, conditions, licence of the weights."""
    for name in model_names():
        model = load_model(name)
        conditions = ", ".join(model.routes)
        manifest = model.manifest
        click.echo(f"{name:14s} {manifest.get('summary', '')}")
        click.echo(
            f"{'':14s} conditions: {conditions}; weights: {manifest.get('licence', 'unknown')}"
        )
