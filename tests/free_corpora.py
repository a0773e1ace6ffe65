"""Generated corpora in the layouts of piano-midi.de and PercePiano, for training in small.

Velocity rises with pitch and, in excerpts, with the written dynamic, so that there is something to
learn.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from miniature import Notes, musicxml
from smf_builder import TEMPO, encode, header, music, note, track

PIECES = 10
WORKS = ("Beethoven_WoO80_var1", "Schubert_D935_no.3", "Schubert_D960_mv2", "Schubert_D960_mv3")
PLAYERS = 3


def write_piano_midi_de(folder: Path) -> Path:
    (folder / "midis").mkdir(parents=True)
    rows = []
    for number in range(PIECES):
        notes = sorted(music(100 + number, 200))
        velocities = [velocity_of(pitch, 70, random.Random(number)) for _, _, pitch, _ in notes]
        path = f"midis/{number}.mid"
        (folder / path).write_bytes(encode(notes, velocities=velocities))
        rows.append({"path": path, "composer": "Grieg", "title": f"Piece_{number}", "exclude": "0", "why": ""})  # fmt: skip
    return _indexed(folder, rows)


def write_percepiano(folder: Path) -> Path:
    for name in ("performances", "score_midi", "score_xml"):
        (folder / name).mkdir(parents=True)
    rows = []
    for number, title in enumerate(WORKS):
        for segment in range(3):
            notes = sorted(music(200 + 10 * number + segment, 120))
            middle = notes[len(notes) // 2][0]
            stem = f"{title}_8bars_Score_{segment}"
            (folder / "score_midi" / f"{stem}.mid").write_bytes(encode(notes))
            (folder / "score_xml" / f"{stem}.musicxml").write_text(musicxml(notes, middle))
            for player in range(PLAYERS):
                path = f"performances/{title}_8bars_{player}_{segment}.mid"
                (folder / path).write_bytes(_performance(notes, middle, player))
                rows.append({"path": path, "composer": "Schubert", "title": title, "bars": "8",
                             "score": f"score_midi/{stem}.mid", "exclude": "0", "why": ""})  # fmt: skip
    return _indexed(folder, rows)


def velocity_of(pitch: int, level: int, draw: random.Random) -> int:
    return min(max(round(10 + pitch / 2 + (level - 70) / 3 + draw.gauss(0, 3)), 1), 127)


def _performance(notes: Notes, middle: float, player: int) -> bytes:
    draw, events = random.Random(player), []
    for onset, length, pitch, _ in notes:
        at = round(onset * 480 * (1 + player / 10)) + draw.randint(1, 8)
        velocity = velocity_of(pitch, 49 if onset < middle else 96, draw)
        events += note(at, at + max(round(length * 300), 20), pitch, velocity=velocity)
    for beat in range(0, int(max(onset for onset, *_ in notes)), 3):
        down = round(beat * 480 * (1 + player / 10)) + 90
        events += [(down, b"\xb0\x40\x7f"), (down + 900, b"\xb0\x40\x00")]
    return header(1, 2, 480) + track(TEMPO) + track(events)


def _indexed(folder: Path, rows: list[dict[str, str]]) -> Path:
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder
