"""The models that ship, each once, for those who list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .bundle import PRETRAINED, load_model, model_names
from .manifest import NAME, read_manifest


@dataclass(frozen=True)
class Listed:
    """One model that ships.

    Attributes
    ----------
    name : str
    aliases : tuple of str
        Other names that are accepted for it.
    conditions : tuple of str
        What it has a route for.
    summary, licence : str or None
    attribution : str or None
        Whom whoever passes the weights on must name, and how.
    """

    name: str
    aliases: tuple[str, ...]
    conditions: tuple[str, ...]
    summary: str | None
    licence: str | None
    attribution: str | None = None

    def entry(self) -> dict[str, Any]:
        """Return what the service lists."""
        return {
            "name": self.name,
            "aliases": list(self.aliases),
            "licence": self.licence,
            "description": self.summary,
        }


def drum_catalogue() -> list[Listed]:
    """Return the models of drums that ship, in the order of their names."""
    return _listed_in("drums")


def take_catalogue() -> list[Listed]:
    """Return the banks of residuals that ship, in the order of their names."""
    return _listed_in("takes")


def _listed_in(folder: str) -> list[Listed]:
    found = sorted((PRETRAINED / folder).glob(f"*/{NAME}"))
    return [_listed_as(folder, read_manifest(path.parent)[0]) for path in found]


def _listed_as(use: str, manifest: Mapping[str, Any]) -> Listed:
    return Listed(
        name=manifest["name"],
        aliases=(),
        conditions=(use,),
        summary=manifest.get("summary"),
        licence=manifest.get("licence"),
        attribution=manifest.get("attribution"),
    )


def catalogue() -> list[Listed]:
    """Return the models that ship, in the order of their names; an alias is no model of its own."""
    names = model_names()
    meant = {name: load_model(name).name for name in names}
    return [_listed(name, meant) for name in names if meant[name] == name]


def _listed(name: str, meant: dict[str, str]) -> Listed:
    model = load_model(name)
    return Listed(
        name=name,
        aliases=tuple(other for other, own in meant.items() if own == name != other),
        conditions=tuple(model.routes),
        summary=model.manifest.get("summary"),
        licence=model.manifest.get("licence"),
        attribution=model.manifest.get("attribution"),
    )
