"""A generated corpus in the layout of ASAP: a few compositions, each with score and performances.

The music and the pianists are drawn at random; velocity rises with pitch and with the written
dynamic, tempo swings over four measures, and the pedal changes with each measure, so that a model can
learn something.
"""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

from smf_builder import TEMPO, encode, header, music, note, track

SPLITS = ("train",) * 6 + ("validation",) * 2 + ("test",) * 3
_NAMES = ("C", "C", "D", "D", "E", "F", "F", "G", "G", "A", "A", "B")
_ALTERS = ("n", "#", "n", "#", "n", "n", "#", "n", "#", "n", "#", "n")
Notes = list[tuple[float, float, int, int]]


def write_corpus(folder: Path) -> Path:
    rows = []
    for number, split in enumerate(SPLITS):
        rows += _write_piece(folder, f"Composer{number % 3}", f"Piece_{number}", split, number)
    with (folder / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _write_piece(
    folder: Path, composer: str, title: str, split: str, seed: int
) -> list[dict[str, str]]:
    place = folder / composer / title
    place.mkdir(parents=True)
    notes = sorted(music(seed, 240))
    middle = notes[len(notes) // 2][0]
    level = [49 if onset < middle else 96 for onset, *_ in notes]
    (place / "midi_score.mid").write_bytes(encode(notes, velocities=level))
    (place / "xml_score.musicxml").write_text(musicxml(notes, middle))
    rows = []
    for pianist in range(2):
        name = f"Pianist{pianist:02d}"
        draw = random.Random(seed * 10 + pianist)
        velocity = [
            min(max(round(20 + pitch / 2 + (v - 70) / 4 + draw.gauss(0, 4)), 1), 127)
            for (_, _, pitch, _), v in zip(notes, level, strict=True)
        ]
        (place / f"{name}.mid").write_bytes(_performance(notes, velocity, draw))
        (place / f"{name}.match").write_text(_match(notes, velocity))
        where = f"{composer}/{title}"
        rows.append({
            "composer": composer, "title": title, "folder": where,
            "xml_score": f"{where}/xml_score.musicxml", "midi_score": f"{where}/midi_score.mid",
            "midi_performance": f"{where}/{name}.mid", "match_file": f"{where}/{name}.match",
            "robust_note_alignment": "1.0", "split": split,
        })  # fmt: skip
    return rows


def _performance(notes: Notes, velocity: list[int], draw: random.Random) -> bytes:
    events = []
    for (onset, length, pitch, _), v in zip(notes, velocity, strict=True):
        begin = round(onset * 480) + draw.randint(0, 47)
        events += note(begin, begin + max(round(length * 400), 30), pitch, velocity=v)
    return header(1, 2, 480) + track(TEMPO) + track(events)


def _tick(beat: float) -> int:
    """The performed time of a beat: a quarter note lasts longest where four measures begin."""
    return round(480 * (beat + 0.4 * math.sin(2 * math.pi * beat / 12)))


def _match(notes: Notes, velocity: list[int]) -> str:
    lines = ["info(matchFileVersion,1.0.0).", "scoreprop(timeSignature,3/4,1:1,0,0.0000)."]
    for measure in range(int(notes[-1][0] // 3) + 1):
        lines += [
            f"sustain({_tick(3 * measure) + 60},0).",
            f"sustain({_tick(3 * measure) + 150},100).",
        ]
    for i, ((onset, length, pitch, _), v) in enumerate(zip(notes, velocity, strict=True)):
        measure, beat = int(onset // 3) + 1, int(onset % 3) + 1
        within = f"{round((onset % 1) * 16)}/64"
        name = f"[{_NAMES[pitch % 12]},{_ALTERS[pitch % 12]}],{pitch // 12 - 1}"
        lines.append(
            f"snote(n{i}-1,{name},{measure}:{beat},{within},1/4,{onset:.4f},{onset + length:.4f},[v1])"
            f"-note(n{i},{pitch},{_tick(onset)},{_tick(onset + length)},{v},0,1)."
        )
    return "\n".join(lines) + "\n"


def musicxml(notes: Notes, middle: float) -> str:
    """One measure for each three quarters, divisions of 4; p at the start, f from the middle on."""
    count = int(max(onset + length for onset, length, *_ in notes) // 3) + 1
    measures = []
    for number in range(count):
        here = [(i, n) for i, n in enumerate(notes) if number * 3 <= n[0] < number * 3 + 3]
        parts, clock = [], number * 12
        if number == 0:
            parts.append(_ATTRIBUTES + _dynamic("p"))
        for i, (onset, length, pitch, hand) in here:
            move = round(onset * 4) - clock
            if move:
                kind = "forward" if move > 0 else "backup"
                parts.append(f"<{kind}><duration>{abs(move)}</duration></{kind}>")
            if onset == middle and (not i or notes[i - 1][0] < middle):
                parts.append(_dynamic("f"))
            room = (number + 1) * 12 - round(onset * 4)
            size = min(round(length * 4), room)
            alter = "<alter>1</alter>" if _ALTERS[pitch % 12] == "#" else ""
            parts.append(
                f'<note id="n{i}"><pitch><step>{_NAMES[pitch % 12]}</step>{alter}<octave>'
                f"{pitch // 12 - 1}</octave></pitch><duration>{size}</duration>"
                f"<voice>{hand + 1}</voice></note>"
            )
            clock = round(onset * 4) + size
        parts.append(_fill((number + 1) * 12 - clock))
        measures.append(f'<measure number="{number + 1}">{"".join(parts)}</measure>')
    return f"{_HEAD}{''.join(measures)}</part></score-partwise>"


def _fill(left: int) -> str:
    return f"<forward><duration>{left}</duration></forward>" if left > 0 else ""


def _dynamic(name: str) -> str:
    return f"<direction><direction-type><dynamics><{name}/></dynamics></direction-type></direction>"


_ATTRIBUTES = (
    "<attributes><divisions>4</divisions><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
    "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>104</per-minute>"
    '</metronome></direction-type><sound tempo="104"/></direction>'
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="3.1"><part-list>'
    '<score-part id="P1"><part-name>Piano</part-name></score-part></part-list><part id="P1">'
)
