"""How loud each part of an ensemble comes out: python benchmarks/ensembles/run.py

Writes results.json and results.md. ``alone`` is --balance 0, each part predicted as if no other
were there.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scores import quartet, song

import humanize

HERE = Path(__file__).parent
PHRASE = 8.0  # quarter notes


def means(content: bytes, **options: object) -> dict[str, float]:
    result = humanize.humanize_bytes(content, name="x.musicxml", **options)  # type: ignore[arg-type]
    notes, velocity = result.notes[0], result.velocities[0]
    names = result.music.track_names
    return {
        names[t - 1]: round(float(velocity[notes.track == t].mean()), 1)
        for t in np.unique(notes.track).tolist()
    }


def moves_together(content: bytes, **options: object) -> float:
    """Return r of the mean velocities of voice and piano, half note by half note."""
    result = humanize.humanize_bytes(content, name="x.musicxml", **options)  # type: ignore[arg-type]
    notes, velocity = result.notes[0], result.velocities[0]
    levels = []
    for track in (1, 2):
        rows = notes.track == track
        where = (notes.onset_beat[rows] // 2).astype(int)
        total = np.bincount(where, velocity[rows])
        levels.append(total / np.maximum(np.bincount(where), 1))
    count = min(map(len, levels))
    known = (levels[0][:count] > 0) & (levels[1][:count] > 0)
    return round(float(np.corrcoef(levels[0][:count][known], levels[1][:count][known])[0, 1]), 3)


def table() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, options in (
        ("alone", {"balance": 0.0}),
        ("balanced", {}),
        ("--balance 1", {"balance": 1.0}),
    ):
        for level in ("ppp", "p", "mf", "ff"):
            rows.append(
                {"score": f"song, piano {level}", "how": name, **means(song(level), **options)}
            )
            rows.append(
                {"score": f"quartet, all {level}", "how": name, **means(quartet(level), **options)}
            )
        levels = ("p", "ff", "pp", "f")
        together = moves_together(song(*levels), **options)
        rows.append(
            {
                "score": "song, p ff pp f",
                "how": name,
                **means(song(*levels), **options),
                "r": together,
            }
        )
    for level in ("f", "ppp"):
        for name, options in (("follow", {}), ("follow, alone", {"balance": 0.0})):
            found = means(song(level), dynamics="follow", **options)
            rows.append({"score": f"song, piano {level}", "how": name, **found})
    return rows


def main() -> None:
    rows = table()
    (HERE / "results.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(row.get(c, "")) for c in columns) + " |" for row in rows]
    (HERE / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
