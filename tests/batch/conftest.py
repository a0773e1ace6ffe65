from __future__ import annotations

from pathlib import Path

import pytest
from batch_music import midi


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seventeen good files in three folders, three bad ones, and a file that is no input."""
    root = tmp_path / "in"
    for seed in range(17):
        path = root / ("", "a", "a/deep")[seed % 3] / f"song {seed}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(midi(seed))
    (root / "a/empty.mid").write_bytes(b"")
    (root / "broken.mid").write_bytes(midi(1)[:60])
    (root / "words.mid").write_bytes(b"no music")
    (root / "notes.txt").write_text("not an input")
    return root
