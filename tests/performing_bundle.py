"""A bundle whose heads are straight lines over a column or two, so that tests know what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from humanize.models.bundle import save_bundle


def line(
    intercept: float, spread: float = 1.0, level: float = 0.0, **slopes: float
) -> dict[str, Any]:
    """Return a head: level + spread * (intercept + slopes * columns)."""
    columns = list(slopes) or ["pitch"]
    member = {
        "kind": "line",
        "intercept": intercept,
        "slopes": slopes,
        "columns": columns,
        "weight": 1.0,
    }
    calibration = {"level": level, "spread": spread, "marking_slope": 0.0, "marking_centre": 64.0}
    return {"features": columns, "members": [member], "calibration": calibration}


HEADS: dict[str, dict[str, Any]] = {
    "velocity": line(-3.0, spread=10.0, level=64.0, pitch=0.05),
    "log_beat_period": line(0.0, spread=1.0, measure_position_beat=0.1),  # slower through the bar
    "asynchrony_ms": line(
        0.6, spread=100.0, pitch=-0.01
    ),  # a semitone higher, a millisecond earlier
    "log_articulation": line(-0.5),
    "pedal_lift": line(0.0, spread=1.0, level=0.0, measure_position_beat=-2.0),
    "pedal_press": line(0.0, spread=1.0, level=0.0, measure_position_beat=-2.0),
}


def write_bundle(folder: Path, *targets: str, conditions: tuple[str, ...] = ("flat",)) -> Path:
    """Write a bundle with the heads of these targets (all by default)."""
    heads = {name: HEADS[name] for name in (targets or HEADS)}
    manifest = {
        "name": folder.name,
        "licence": "none",
        "routes": {condition: {"heads": heads} for condition in conditions},
    }
    save_bundle(folder, manifest, {})
    return folder
