"""Banks of residuals: what is damaged is a ModelError in one line, and nothing is unpickled."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_models import model_of
from small_bank import STEP, arrays

from humanize.errors import ModelError
from humanize.models.base import Model
from humanize.models.residuals import (
    ARRAYS,
    DEFAULT,
    FOLDER,
    FREE,
    bank_for,
    bank_names,
    load_bank,
    save_bank,
)


def written(folder: Path, **changed: Any) -> Path:
    own = {**arrays(), **changed}
    save_bank(
        folder, {"name": "small", "step": STEP}, {n: a for n, a in own.items() if a is not None}
    )
    return folder


def refused(folder: Path, match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        load_bank(folder)
    text = str(caught.value)
    assert "\n" not in text and "expected" in text and len(text) < 300


def test_what_is_written_is_read(tmp_path: Path) -> None:
    bank = load_bank(written(tmp_path / "bank"))
    assert len(bank) == 140 and bank.performance.tolist() == [0, 70, 140]
    assert bank.first[:3].tolist() == [0, 2, 4]
    assert bank.values["velocity"][:4].tolist() == [1, 2, 1, 2]


def test_a_bank_is_the_same_bytes_whenever_it_is_written(tmp_path: Path) -> None:
    first, second = (written(tmp_path / n) / ARRAYS for n in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"velocity": None}, "no whole numbers 'velocity'"),
        ({"velocity": np.zeros(280)}, "no whole numbers 'velocity'"),
        ({"velocity": np.zeros(279, dtype=np.int8)}, "different lengths"),
        ({"log_beat_period": np.zeros(139, dtype=np.int8)}, "different lengths"),
        ({"texture": np.zeros((140, 4), dtype=np.int8)}, "different lengths"),
        ({"texture": np.zeros(140, dtype=np.int8)}, "no whole numbers 'texture'"),
        ({"size": np.zeros(140, dtype=np.int8)}, "count below 1"),
        ({"chords": np.zeros(0, dtype=np.int8)}, "count below 1"),
        ({"chords": np.array([10, 130])}, "fewer than 64 chords"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, changed: dict[str, Any], match: str) -> None:
    refused(written(tmp_path / "bank", **changed), match)


def test_bytes_that_are_no_bank(tmp_path: Path) -> None:
    def replaced(change: Callable[[bytes], bytes]) -> Path:
        folder = written(tmp_path / "bank")
        content = change((folder / ARRAYS).read_bytes())
        (folder / ARRAYS).write_bytes(content)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["sha256"][ARRAYS] = hashlib.sha256(content).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
        load_bank.cache_clear()
        return folder

    pickled = io.BytesIO()
    np.savez(pickled, velocity=np.array([{"a": 1}], dtype=object))
    refused(replaced(lambda _: pickled.getvalue()), "ValueError found")
    refused(replaced(lambda _: b""), "BadZipFile found")
    refused(replaced(lambda content: content[:-30]), "BadZipFile found")


def test_another_hash_or_no_bank(tmp_path: Path) -> None:
    folder = written(tmp_path / "bank")
    (folder / ARRAYS).write_bytes((folder / ARRAYS).read_bytes() + b" ")
    refused(folder, "does not fit its hash")
    refused(tmp_path / "nothing", "are unknown; expected one of takes-1, takes-free")


def test_a_model_for_commercial_use_has_takes_for_it() -> None:
    def with_licence(licence: str | None) -> Model:
        model = model_of({"pitch": 1.0})
        return Model(name="m", manifest={"licence": licence}, routes=model.routes)

    assert bank_names() == [DEFAULT, FREE]
    assert bank_for(with_licence("CC BY-NC-SA 4.0")).name == DEFAULT
    assert bank_for(with_licence(None)).name == DEFAULT
    free = bank_for(with_licence("CC BY-SA 3.0 DE"))
    assert free.name == FREE and "NC" not in free.manifest["licence"]


@pytest.mark.parametrize("name", [DEFAULT, FREE])
def test_shipped_banks_say_what_they_are_made_of(name: str) -> None:
    manifest = load_bank(name).manifest
    assert manifest["licence"] and manifest["attribution"] and manifest["music"]
    assert sum(path.stat().st_size for path in (FOLDER / name).iterdir()) < 4_000_000
