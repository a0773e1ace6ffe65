from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from miniature import SPLITS, write_corpus

from humanize.corpus.asap import load_performed, load_scores
from humanize.corpus.hannds import EXCLUDED, is_excluded, load_hannds
from humanize.corpus.markings import mark_pieces
from humanize.errors import CorpusError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def test_scores_meet_their_performances(corpus: Path) -> None:
    loaded = load_scores(corpus)
    assert len(loaded.pieces) == len(SPLITS)
    for piece in loaded.pieces:
        assert len(piece.performances) == 2
        for performance in piece.performances:
            assert performance.share == 1.0
            assert len(np.unique(performance.rows)) == len(piece.notes)
            assert (
                np.corrcoef(piece.notes.pitch[performance.rows], performance.velocity)[0, 1] > 0.5
            )


def test_splits_are_by_composition_and_disjoint(corpus: Path) -> None:
    names = [
        {p.composition for p in load_scores(corpus, split).pieces}
        for split in ("train", "validation", "test")
    ]
    assert [len(n) for n in names] == [6, 2, 3]
    assert not names[0] & names[1] | names[0] & names[2] | names[1] & names[2]


def test_the_mean_pianist_is_standardised(corpus: Path) -> None:
    target, count = load_scores(corpus, "train").pieces[0].mean_velocity()
    assert set(count.tolist()) == {2.0}
    assert abs(target.mean()) < 1e-9
    assert 0.5 < target.std() <= 1.0


def test_markings_come_from_the_musicxml(corpus: Path) -> None:
    for piece in mark_pieces(load_scores(corpus, "train").pieces, corpus):
        level = piece.notes.marking("notated_level")
        assert set(level.tolist()) == {49.0, 96.0}
        assert (level == piece.notes.velocity).mean() > 0.98


def test_performed_files_keep_their_timing(corpus: Path) -> None:
    pieces = load_performed(corpus, "train").pieces
    assert len(pieces) == 12
    assert {p.notes.timing for p in pieces} == {"performed"}


def test_another_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"no metadata\.csv; expected the folder of the ASAP corpus"
    ):
        load_scores(tmp_path)


def test_every_robust_performance_of_asap_finds_its_score(asap_dir: Path) -> None:
    loaded = load_scores(asap_dir)
    played = [q for p in loaded.pieces for q in p.performances if q.robust]
    assert len(played) == 679
    assert min(q.share for q in played) >= 0.95
    assert all(len(np.unique(q.rows)) == len(q.rows) for q in played)


@pytest.mark.parametrize(
    "name",
    [
        "Chopin-EtudeOp10No3",
        "Chopin-BalladeOp38",
        "Mozart-SonateKV331",
        "Schumann-Kreisleriana_2",
        "Schubert-Impromptu_Op142No1",
        *EXCLUDED,
    ],
)
def test_held_out_compositions_are_excluded_by_name(name: str) -> None:
    assert is_excluded(Path(f"{name}.mid"))
    assert not is_excluded(Path("Joplin_MapleLeaveRag.mid"))


def test_hannds_is_for_training_and_shares_nothing_held_out(
    hannds_dir: Path, asap_dir: Path
) -> None:
    loaded = load_hannds(hannds_dir)
    files = {path.name for path in hannds_dir.rglob("*.mid")}
    assert len(loaded.pieces) + len(loaded.excluded) == len(files)
    assert {p.split for p in loaded.pieces} == {"train"}
    assert {p.notes.timing for p in loaded.pieces} == {"performed"}
    assert set(EXCLUDED) <= {Path(name).stem for name, _ in loaded.excluded}
    held = load_performed(asap_dir, "validation", "test").pieces
    for own in loaded.pieces:
        assert all(_opening(own) != _opening(other) for other in held), own.id


def _opening(piece) -> tuple[int, ...]:
    """The first forty pitches, transposed to begin at 0: the same work would share them."""
    pitch = piece.notes.pitch[:40]
    return tuple((pitch - pitch[0]).tolist())
