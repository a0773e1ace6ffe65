"""Write docs/features.md from the registry. Run: python scripts/make_feature_docs.py"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from humanize.features import Feature, all_features

TARGET = Path(__file__).parent.parent / "docs" / "features.md"


def text() -> str:
    """Return the page."""
    features = all_features()
    lines = [
        "# Features",
        "",
        f"{len(features)} columns, one row per note. This page is written by "
        "`scripts/make_feature_docs.py` from the registry (`humanize.features`).",
        "",
        "A beat is a quarter note; a second follows the tempo map. Windows look at notes *past* "
        "(before), *next* (after) or *around*, over seconds (`2s`) or over onsets (a plain number). "
        "No column reads a velocity of the input, but for the family `markings`, whose level may "
        "come from written dynamics. The families `markings`, `cues` and `pedals` may be missing as a whole; "
        "the first two are heard for marked scores alone, the last for performed timing alone. The "
        "families `tempo`, `neighbours`, `grouping` and `cues` are read by tempo, timing, articulation "
        "and pedal, not by velocity.",
        "",
    ]
    for family, members in groupby(features, key=lambda feature: feature.family):
        lines += [
            f"## {family}",
            "",
            "| name | unit | formula | missing | source |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(feature) for feature in members] + [""]
    return "\n".join(lines)


def _row(feature: Feature) -> str:
    cells = (f"`{feature.name}`", feature.unit, feature.formula, feature.missing, feature.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(), encoding="utf-8")
