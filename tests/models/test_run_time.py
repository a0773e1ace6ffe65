"""What a model does with features, on members whose every value is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from humanize.errors import FeatureError, ModelError
from humanize.expression import PEDAL_LIFT, VELOCITY, Target
from humanize.features import FeatureTable
from humanize.models import load_model, members
from humanize.models.base import Calibration, Head, Member, Model, Route
from humanize.models.bundle import bundle_hash
from humanize.models.graphs import LazySession
from humanize.models.manifest import Entry
from humanize.models.members import Line, OnnxRows, OnnxSequence, make_member

FORMAT_1 = Path(__file__).parent.parent / "stored" / "bundle_format_1"
ROWS, SEQUENCE = (
    LazySession((FORMAT_1 / name).read_bytes(), where=name, shape=shape)
    for name, shape in (("rows.onnx", (None, 2)), ("sequence.onnx", (1, None, 1)))
)


def values_of(*columns: list[float]) -> np.ndarray:
    return np.asfortranarray(np.array(columns, dtype=np.float32).T)


def test_a_line_is_an_intercept_and_slopes_of_columns() -> None:
    line = Line(2.0, {0: 0.5, 2: -1.0})
    found = line.predict(values_of([2, 4], [100, 100], [1, 3]))
    assert found.tolist() == [2 + 1 - 1, 2 + 2 - 3]
    assert Line(1.5, {}).predict(values_of([2, 4])).tolist() == [1.5, 1.5]


def test_calibration_ends_at_three_and_a_half_deviations() -> None:
    calibration = Calibration(level=60, spread=10)
    standard = np.array([-4.0, -3.5, -3.4, 0.0, 3.4, 3.5, 4.0])
    assert calibration.apply(standard, None).tolist() == [25, 25, 26, 60, 94, 95, 95]


def test_a_level_moves_by_slope_from_the_centre_of_known_levels() -> None:
    calibration = Calibration(level=60, spread=10, marking_slope=0.25, marking_centre=80)
    zero = np.zeros(3)
    assert calibration.apply(zero, np.array([60.0, np.nan, 64.0])).tolist() == [55.5] * 3
    assert calibration.apply(zero, np.full(3, np.nan)).tolist() == [60] * 3
    plain = Calibration(level=60, spread=10)
    assert plain.apply(zero, np.array([10.0, 10.0, 10.0])).tolist() == [60] * 3
    usual = Calibration(level=60, spread=10, marking_slope=1.0)
    assert usual.apply(zero, np.array([64.0, 64.0, 64.0])).tolist() == [60] * 3


def head(**changes: object) -> Head:
    known = {
        "feature_names": ("pitch", "octave"),
        "members": [(Line(0.0, {0: 1.0}), 0.75), (Line(0.0, {1: 1.0}), 0.25)],
        "calibration": Calibration(level=50, spread=2, marking_slope=1.0),
    }
    return Head(**{**known, **changes})  # type: ignore[arg-type]


def test_members_are_mixed_by_weight() -> None:
    table = FeatureTable(("octave", "pitch"), values_of([4, 8], [1, 2]))
    assert head().standardised(table).tolist() == [0.75 + 1, 1.5 + 2]


def test_a_model_reads_the_level_where_the_table_has_it() -> None:
    model = Model(name="m", manifest={}, routes={"marked": Route(heads={"velocity": head()})})
    table = FeatureTable(("pitch", "octave"), values_of([1, 1], [0, 0]))
    assert model.predict(table, "marked")["velocity"].tolist() == [51.5, 51.5]
    names = ("pitch", "octave", "marking_notated_level")
    table = FeatureTable(names, values_of([1, 1], [0, 0], [70, 74]))
    assert model.predict(table, "marked")["velocity"].tolist() == [59.5, 59.5]
    assert model.feature_names("marked") == ("pitch", "octave")
    with pytest.raises(ModelError, match="model m: no route for flat input; expected one of mark"):
        model.predict(table)
    with pytest.raises(FeatureError, match="no column 'octave' \\(1 absent\\)"):
        model.predict(FeatureTable(("pitch",), values_of([1])), "marked")


def test_rows_are_predicted_in_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 8.0, 12.0, 16.0, 20.0]
    expected = [0.5 * a - 0.25 * b + 0.125 for a, b in zip(first, second, strict=True)]
    for size in (1, 2, 3, 5, 100):
        monkeypatch.setattr(members, "_ROWS_AT_ONCE", size)
        both = OnnxRows(ROWS, np.array([0, 1])).predict(values_of(first, second))
        np.testing.assert_allclose(both, expected)
        chosen = OnnxRows(ROWS, np.array([2, 0])).predict(values_of(second, [9.0] * 5, first))
        np.testing.assert_allclose(chosen, expected)
        crossed = OnnxRows(ROWS, np.array([1, 0])).predict(values_of(second, first))
        np.testing.assert_allclose(crossed, expected)
    assert both.dtype == np.float64


def test_a_sequence_is_predicted_in_chunks_that_hear_their_context(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = [1.0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4]
    weights = {-2: 1 / 16, -1: 1 / 8, 0: 1 / 4, 1: 1 / 8, 2: 1 / 32}
    expected = [
        sum(w * heard[i + d] for d, w in weights.items() if 0 <= i + d < len(heard))
        for i in range(len(heard))
    ]
    member = OnnxSequence(SEQUENCE, np.array([0]), 2)
    for size in (2, 3, 4, 5, 11, 12, 100):
        monkeypatch.setattr(members, "_SEQUENCE_AT_ONCE", size)
        np.testing.assert_allclose(member.predict(values_of(heard)), expected, atol=1e-7)
        other = OnnxSequence(SEQUENCE, np.array([1]), 2)
        found = other.predict(values_of([7.0] * 12, heard))
        np.testing.assert_allclose(found, expected, atol=1e-7)
    # with too little context a seam shows, so that the context is what closes it
    monkeypatch.setattr(members, "_SEQUENCE_AT_ONCE", 4)
    short = OnnxSequence(SEQUENCE, np.array([0]), 0).predict(values_of(heard))
    assert short[4] == pytest.approx(expected[4])
    assert short[3] != pytest.approx(expected[3])


def test_chunks_bound_memory_and_are_not_tiny() -> None:
    assert members._ROWS_AT_ONCE == 16_384
    assert members._SEQUENCE_AT_ONCE == 8_192


def test_members_are_made_as_the_manifest_says() -> None:
    columns = {"b": 3, "a": 1}

    def made(graph: bytes | None, **spec: object) -> Member:
        return make_member(Entry(spec, "x"), graph, columns, where="x")

    # a manifest sorts the slopes by name: the columns tell which is which
    line = made(None, kind="line", intercept=2.0, slopes={"a": 7.0, "b": 5.0}, columns=["b", "a"])
    assert line == Line(2.0, {3: 5.0, 1: 7.0})
    rows = made(b"graph", kind="rows")
    assert isinstance(rows, OnnxRows) and rows.columns.tolist() == [3, 1]
    sequence = made(b"graph", kind="sequence", context=9)
    assert isinstance(sequence, OnnxSequence) and sequence.context == 9
    with pytest.raises(ModelError, match="x: kind: 'forest' found; expected line, rows, sequence"):
        made(b"graph", kind="forest")
    for kind in ("rows", "sequence", "pianoroll"):
        with pytest.raises(ModelError, match="x: named entries found; expected the name of its f"):
            made(None, kind=kind, context=1)


def test_a_graph_is_opened_once_and_on_one_thread() -> None:
    session = LazySession((FORMAT_1 / "rows.onnx").read_bytes(), where="x", shape=(None, 2))
    session.run(np.zeros((1, 2), dtype=np.float32), size=1)
    first = session._session
    session.run(np.zeros((1, 2), dtype=np.float32), size=1)
    assert first is not None and session._session is first
    options = first.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_hash_tells_models_apart() -> None:
    known = load_model(FORMAT_1)
    assert len(bundle_hash(known)) == 12
    assert bundle_hash(known) == bundle_hash(load_model(FORMAT_1))
    assert bundle_hash(known) != bundle_hash(load_model("piano-1-fast"))


def test_an_event_has_the_probability_of_its_log_odds() -> None:
    calibration = Calibration(level=1.0, spread=2.0)
    odds = np.log([1.0, 3.0, 1 / 3]) / 2 - 0.5  # level and spread taken out
    np.testing.assert_allclose(calibration.probability(odds), [1 / 2, 3 / 4, 1 / 4])
    head = Head(
        target=PEDAL_LIFT,
        feature_names=("pitch",),
        members=[(Line(0.0, {0: 1.0}), 1.0)],
        calibration=calibration,
    )
    table = FeatureTable(("pitch",), values_of(odds.tolist()))
    np.testing.assert_allclose(head.predict(table), [1 / 2, 3 / 4, 1 / 4], rtol=1e-6)


def test_a_route_has_a_head_for_each_target() -> None:
    def head(target: Target, level: float, *names: str) -> Head:
        calibration = Calibration(level=level, spread=1.0)
        return Head(target=target, feature_names=names, members=[], calibration=calibration)

    velocity, lift = head(VELOCITY, 60, "pitch", "octave"), head(PEDAL_LIFT, 0, "octave", "beat")
    both = Route(heads={"velocity": velocity, "pedal_lift": lift})
    one = Route(heads={"velocity": velocity})
    assert both.feature_names() == ("pitch", "octave", "beat")
    assert both.feature_names(["pedal_lift"]) == ("octave", "beat")
    model = Model(name="m", manifest={}, routes={"flat": both, "marked": one})
    assert model.targets == ("velocity",)
    assert Model(name="m", manifest={}, routes={"flat": both}).targets == ("velocity", "pedal_lift")
    table = FeatureTable(("pitch", "octave", "beat"), values_of([1], [2], [3]))
    found = model.predict(table)
    assert {name: column.tolist() for name, column in found.items()} == {
        "velocity": [60.0],
        "pedal_lift": [0.5],
    }
    assert list(model.predict(table, targets=["pedal_lift"])) == ["pedal_lift"]
    with pytest.raises(
        ModelError, match="no head for pedal_lift of marked input; expected one of v"
    ):
        model.head("marked", "pedal_lift")


@pytest.mark.parametrize("columns", [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [0, 1], [1, 2]])
def test_a_chunk_has_the_columns_asked_for(columns: list[int]) -> None:
    values = values_of([1, 2, 3], [4, 5, 6], [7, 8, 9])
    found = members._chunk(values, 1, 5, np.array(columns))
    assert found.tolist() == values[1:][:, columns].tolist()
    assert found.flags.c_contiguous


def test_what_is_not_limited_goes_on() -> None:
    calibration = Calibration(level=1.0, spread=2.0)
    far = np.array([-5.0, 0.5, 5.0])
    np.testing.assert_allclose(calibration.apply(far, None), [-6.0, 2.0, 8.0])
    np.testing.assert_allclose(calibration.apply(far, None, limited=False), [-9.0, 2.0, 11.0])
