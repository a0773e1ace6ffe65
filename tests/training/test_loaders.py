"""Which corpora a condition is trained on, and what is kept from them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from miniature import write_corpus
from smf_builder import encode, music

from humanize.corpus.asap import load_scores
from humanize.training.loaders import MoreMusic, load_training_pieces

BASE = {"exclude": "0", "in_asap": "", "composer": "Liszt"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def write_index(folder: Path, rows: list[dict[str, str]]) -> Path:
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(BASE | row for row in rows)
    return folder


@pytest.fixture
def maestro(tmp_path: Path) -> Path:
    folder = tmp_path / "maestro"
    folder.mkdir()
    (folder / "own.midi").write_bytes(encode(music(50, 120)))
    return write_index(folder, [BASE | {"path": "own.midi", "title": "A waltz"}])


def write_aligned(folder: Path, notes: list[tuple[float, float, int, int]], title: str) -> Path:
    (folder / title).mkdir(parents=True)
    (folder / title / "score.mid").write_bytes(encode(notes))
    lines = ["note,onset_beat,duration_beat,pitch,measure,measure_position_beat,metre"]
    lines += [f"{i},{o:.5f},{d:.5f},{p},1,0.0,3/4" for i, (o, d, p, _) in enumerate(notes)]
    (folder / title / "score.csv").write_text("\n".join(lines))
    lines = ["note,velocity,onset_sec,duration_sec"]
    lines += [f"{i},{40 + i % 50},{i / 4:.4f},0.1" for i in range(len(notes))]
    (folder / title / "perf_01.csv").write_text("\n".join(lines))
    row = {"path": f"{title}/perf_01.csv", "score": f"{title}/score.mid", "title": title}
    return write_index(folder, [BASE | row])


def test_performances_without_scores_join_performed_timing_alone(
    corpus: Path, maestro: Path
) -> None:
    more = MoreMusic(maestro=maestro)
    for condition, joins in (("performed", True), ("flat", False)):
        origins = [p.origin.name for p in load_training_pieces(corpus, condition, more=more)]
        assert origins.count("maestro") == joins
        assert origins.count("asap") == len(load_training_pieces(corpus, condition))


def test_aligned_scores_join_flat_input_unless_their_music_is_held_out(
    corpus: Path, tmp_path: Path
) -> None:
    folder = write_aligned(tmp_path / "new", sorted(music(51, 120)), "waltz")
    pieces = load_training_pieces(corpus, "flat", more=MoreMusic(maestro_aligned=folder))
    assert [p.origin.name for p in pieces].count("maestro-aligned") == 1
    held = load_scores(corpus, "test").pieces[0].notes
    known = zip(held.onset_beat, held.duration_beat, held.pitch, strict=True)
    same = sorted((float(o), float(d), int(p), 0) for o, d, p in known)
    folder = write_aligned(tmp_path / "held", same, "another")
    pieces = load_training_pieces(corpus, "flat", more=MoreMusic(maestro_aligned=folder))
    assert "maestro-aligned" not in [p.origin.name for p in pieces]
