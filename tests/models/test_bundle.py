from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from humanize.errors import FeatureError, ModelError
from humanize.features import FeatureTable, feature_names
from humanize.models import load_model, model_names
from humanize.models.base import Calibration
from humanize.models.bundle import save_bundle
from humanize.models.fitting.tree_graph import float32_below


def test_trees_split_as_lightgbm_does() -> None:
    lightgbm = pytest.importorskip(
        "lightgbm", reason="the extra [train] is not installed: lightgbm"
    )
    import onnxruntime

    from humanize.models.fitting.tree_graph import trees_to_onnx

    draw = np.random.default_rng(0)
    values = np.round(draw.normal(size=(3000, 6)), 2).astype(np.float32)
    values[draw.random(values.shape) < 0.1] = np.nan
    target = np.nan_to_num(values[:, 0]) * 2 + np.isnan(values[:, 1]) + draw.normal(size=3000) / 5
    data = lightgbm.Dataset(values, target)
    boosters = [
        lightgbm.train(
            {"verbosity": -1, "num_threads": 1, "seed": s, "feature_fraction": 0.7}, data, 40
        )
        for s in (1, 2)
    ]
    session = onnxruntime.InferenceSession(
        trees_to_onnx(boosters), providers=["CPUExecutionProvider"]
    )
    found = session.run(None, {"features": values})[0].reshape(-1)
    expected = np.mean([b.predict(values, num_threads=1) for b in boosters], axis=0)
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("value", [0.1, -0.1, 1e-40, 3.0, 1e300, -7.300000190734863])
def test_thresholds_round_down(value: float) -> None:
    below = float32_below(value)
    assert below <= value
    assert np.float32(below) == below


def test_shipped_models_are_listed_load_and_have_all_routes() -> None:
    assert {"piano-1", "piano-1-fast", "fast", "piano-free"} <= set(model_names())
    for name in model_names():
        model = load_model(name)
        assert set(model.routes) == {"flat", "marked", "performed"}
        assert ("NC" in model.manifest["licence"]) == (name != "piano-free")
        assert set(model.feature_names("flat")) <= set(feature_names())


def test_nothing_non_commercial_is_in_piano_free() -> None:
    model = load_model("piano-free")
    licences = {music.corpus: music.licence for music in model.trained_on}
    assert licences == {"piano-midi-de": "CC BY-SA 3.0 DE", "percepiano": "MIT", "hannds": "MIT"}
    assert model.manifest["licence"] == "CC BY-SA 3.0 DE"
    for word in ("Bernd Krueger", "http://www.piano-midi.de", "licenses/by-sa/3.0/de"):
        assert word in model.manifest["attribution"]


def test_columns_are_taken_by_name_not_by_place() -> None:
    model = load_model("piano-1")
    names = model.feature_names("flat")
    values = np.random.default_rng(0).normal(size=(50, len(names))).astype(np.float32)
    backwards = FeatureTable(names[::-1], values[:, ::-1].copy())
    expected = model.predict(FeatureTable(names, values))["velocity"]
    np.testing.assert_array_equal(model.predict(backwards)["velocity"], expected)
    with pytest.raises(FeatureError, match="absent"):
        model.predict(FeatureTable(names[1:], values[:, 1:]))


def test_long_pieces_are_predicted_in_chunks_without_a_seam() -> None:
    model = load_model("piano-1")
    names = model.feature_names("flat")
    values = np.random.default_rng(0).normal(size=(20_000, len(names))).astype(np.float32)
    whole = model.predict(FeatureTable(names, values))["velocity"]
    around = slice(8192 - 600, 8192 + 600)
    part = model.predict(FeatureTable(names, values[around]))["velocity"]
    np.testing.assert_allclose(part[550:650], whole[around][550:650], atol=0.5)


def test_calibration_follows_the_level_of_the_markings() -> None:
    calibration = Calibration(level=60, spread=10, marking_slope=0.5, marking_centre=64)
    standard = np.array([-1.0, 0.0, 9.0])
    assert calibration.apply(standard, None).tolist() == [50, 60, 95]
    assert calibration.apply(standard, np.array([84.0, np.nan, 84.0])).tolist() == [60, 70, 105]
    assert calibration.apply(standard, np.full(3, np.nan)).tolist() == [50, 60, 95]


def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("no json")
    with pytest.raises(ModelError, match="not a manifest"):
        load_model(tmp_path)
    with pytest.raises(ModelError, match="expected one of fast, piano-1"):
        load_model("upright")


def line_bundle(folder: Path, **changes: object) -> Path:
    member = {
        "kind": "line",
        "intercept": 0.0,
        "slopes": {"pitch": 0.1},
        "columns": ["pitch"],
        "weight": 1.0,
    }
    route = {
        "features": ["pitch"],
        "members": [member],
        "calibration": {"level": 60.0, "spread": 1.0},
        **changes,
    }
    save_bundle(folder, {"name": "line", "routes": {"flat": {"heads": {"velocity": route}}}}, {})
    return folder


def test_what_is_saved_loads(tmp_path: Path) -> None:
    model = load_model(line_bundle(tmp_path / "line"))
    found = model.predict(FeatureTable(("pitch",), np.array([[10.0], [20.0]], dtype=np.float32)))
    np.testing.assert_allclose(found["velocity"], [61, 62])
    assert json.loads((tmp_path / "line" / "manifest.json").read_text())["format"] == 2
    with pytest.raises(ModelError, match="no route for performed input; expected one of flat"):
        model.route("performed")


def test_an_unknown_feature_in_a_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="feature 'loudness' is unknown to this version"):
        load_model(line_bundle(tmp_path / "odd", features=["loudness"]))
