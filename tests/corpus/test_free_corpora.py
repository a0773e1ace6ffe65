"""Loaders of the other corpora, on folders laid out as theirs."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from smf_builder import encode, header, music, note, track

from humanize.corpus import maestro, maestro_aligned, percepiano, piano_midi_de
from humanize.corpus.pieces import Piece
from humanize.errors import CorpusError

NOTES = sorted(music(5, 160))
VELOCITIES = [40 + i % 50 for i in range(len(NOTES))]


def write_index(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def played(stretch: float = 1.1, *, seed: int = 0) -> bytes:
    """NOTES in a player's time: seconds at 120 beats a minute, a few milliseconds apart."""
    draw = np.random.default_rng(seed)
    events = []
    for (onset, length, pitch, _), velocity in zip(NOTES, VELOCITIES, strict=True):
        at = round(onset * stretch * 480) + int(draw.integers(1, 9))
        events += note(at, at + max(round(length * 300), 20), pitch, velocity=velocity)
    return header(0, 1, 480) + track(events)


def test_a_score_of_piano_midi_de_has_one_tempo_and_nothing_of_the_performance(
    tmp_path: Path,
) -> None:
    # beats 0-2 at 120 a minute, then at 60: four beats last 1 + 2 seconds
    slower = [(0, b"\xff\x51\x03\x07\xa1\x20"), (960, b"\xff\x51\x03\x0f\x42\x40")]
    pedal = [(0, b"\xb0\x40\x7f")]
    events = [e for beat in range(5) for e in note(beat * 480, beat * 480 + 240, 60 + beat, velocity=50 + beat)]  # fmt: skip
    (tmp_path / "a.mid").write_bytes(header(1, 2, 480) + track(slower) + track(pedal + events))
    write_index(tmp_path, [
        {"path": "a.mid", "composer": "Grieg", "title": "A", "exclude": "0", "why": ""},
        {"path": "gone.mid", "composer": "Grieg", "title": "B", "exclude": "1", "why": "a medley"},
    ])  # fmt: skip
    loaded = piano_midi_de.load_scores(tmp_path)
    (piece,) = loaded.pieces
    assert loaded.excluded == (("gone.mid", "a medley"),)
    np.testing.assert_allclose(piece.notes.onset_sec, np.arange(5) * 0.75)
    np.testing.assert_allclose(piece.notes.duration_sec, 0.375)
    assert (piece.notes.timing, set(piece.notes.velocity.tolist())) == ("score", {64})
    assert not piece.notes.pedals
    assert piece.performances[0].velocity.tolist() == [50, 51, 52, 53, 54]
    (performed,) = piano_midi_de.load_performed(tmp_path).pieces
    np.testing.assert_allclose(performed.notes.onset_sec, [0, 0.5, 1, 2, 3])
    assert performed.notes.timing == "performed"
    assert set(performed.notes.pedal("sustain_pedal").tolist()) == {127.0}


@pytest.fixture
def excerpts(tmp_path: Path) -> Path:
    for name in ("performances", "score_midi", "score_xml"):
        (tmp_path / name).mkdir()
    score = "score_midi/Schubert_D960_mv2_8bars_Score_01.mid"
    (tmp_path / score).write_bytes(encode(NOTES))
    rows = []
    for player in range(3):
        path = f"performances/Schubert_D960_mv2_8bars_{player}_01.mid"
        (tmp_path / path).write_bytes(played(1 + player / 10, seed=player))
        rows.append({"path": path, "score": score})
    wrong = "performances/Schubert_D960_mv2_8bars_9_01.mid"
    (tmp_path / wrong).write_bytes(encode(sorted(music(77, 160))))
    rows += [{"path": wrong, "score": score}, {"path": "performances/no.mid", "score": ""}]
    about = {"composer": "Schubert", "title": "Schubert_D960_mv2", "bars": "8", "exclude": "0", "why": ""}  # fmt: skip
    write_index(tmp_path, [about | row for row in rows])
    return tmp_path


def test_excerpts_meet_their_performances(excerpts: Path) -> None:
    loaded = percepiano.load_scores(excerpts)
    (piece,) = loaded.pieces
    assert piece.composition == "Schubert/Sonata_D960_2"
    assert len(piece.performances) == 3
    assert {reason for _, reason in loaded.excluded} == {
        "no score",
        "too few notes found in the score",
    }
    for performance in piece.performances:
        assert performance.share > 0.97
        row_of = {(round(o, 3), p): v for (o, _, p, _), v in zip(NOTES, VELOCITIES, strict=True)}
        own = zip(
            piece.notes.onset_beat[performance.rows].round(3).tolist(),
            piece.notes.pitch[performance.rows].tolist(),
            strict=True,
        )
        right = [row_of[key] for key in own] == performance.velocity
        assert right.mean() > 0.97


def test_excerpts_in_the_players_time(excerpts: Path) -> None:
    (excerpts / "performances" / "no.mid").write_bytes(played())
    loaded = percepiano.load_performed(excerpts)
    assert len(loaded.pieces) == 5
    assert {p.notes.timing for p in loaded.pieces} == {"performed"}
    assert len(percepiano.load_performed(excerpts, shortest=16).pieces) == 0


def test_aligned_scores_take_velocities_by_their_own_rows(tmp_path: Path) -> None:
    folder = tmp_path / "dcml_rachmaninoff_piano_op42_03"
    folder.mkdir()
    (folder / "score.mid").write_bytes(encode(NOTES))
    lines = ["note,onset_beat,duration_beat,pitch,measure,measure_position_beat,metre"]
    lines += [f"{i},{o:.5f},{d:.5f},{p},1,0.0,3/4" for i, (o, d, p, _) in enumerate(NOTES)]
    (folder / "score.csv").write_text("\n".join(lines))
    heard = range(0, len(NOTES), 2)
    lines = ["note,velocity,onset_sec,duration_sec"]
    (folder / "perf_01.csv").write_text(
        "\n".join([*lines, *(f"{i},{VELOCITIES[i]},{i / 4:.4f},0.1" for i in heard)])
    )
    row = {"path": f"{folder.name}/perf_01.csv", "score": f"{folder.name}/score.mid", "exclude": "0",
           "composer": "Sergei Rachmaninoff", "title": "Corelli Var.Op42", "in_asap": ""}  # fmt: skip
    write_index(tmp_path, [row, row | {"path": "x", "score": "missing", "in_asap": "A/B"}])
    (piece,) = maestro_aligned.load_scores(tmp_path, beyond_asap=True).pieces
    assert piece.title == "dcml_rachmaninoff_piano_op42"  # its variations are one composition
    (performance,) = piece.performances
    assert performance.share == 1.0
    keys = zip(piece.notes.onset_beat.round(3), piece.notes.pitch, strict=True)
    of_key = {(round(o, 3), p): v for (o, _, p, _), v in zip(NOTES, VELOCITIES, strict=True)}
    expected = np.array([of_key[float(o), int(p)] for o, p in keys])[performance.rows]
    assert performance.velocity.tolist() == expected.tolist()
    assert len(performance.rows) == len(heard)


def test_one_performance_of_each_title_that_asap_has_not(tmp_path: Path) -> None:
    titles = [("Sonata", ""), ("Sonata", ""), ("Waltz", ""), ("Etude", "Chopin/Etude")]
    rows = []
    for number, (title, in_asap) in enumerate(titles):
        (tmp_path / f"{number}.midi").write_bytes(played(seed=number))
        rows.append({"path": f"{number}.midi", "composer": "Liszt", "title": title,
                     "in_asap": in_asap, "exclude": "0"})  # fmt: skip
    write_index(tmp_path, rows)
    assert [p.id for p in maestro.load_maestro(tmp_path).pieces] == ["0.midi", "2.midi"]
    assert len(maestro.load_maestro(tmp_path, most=1).pieces) == 1
    assert len(maestro.load_smd(tmp_path).pieces) == 4
    held = replace(maestro.load_smd(tmp_path).pieces[0], id="held", split="test")
    assert _all_left_out(tmp_path, held)


def _all_left_out(folder: Path, held: Piece) -> bool:
    return not maestro.load_smd(folder, [held]).pieces


def test_another_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no index\.csv; expected the folder of the PercePiano"):
        percepiano.load_scores(tmp_path)
    (tmp_path / "index.csv").write_text("path,exclude\na,0\n")
    with pytest.raises(CorpusError, match=r"columns missing; expected composer, exclude"):
        piano_midi_de.load_scores(tmp_path)
