"""Whatever is wrong with a bundle is a ModelError in one line, and nothing outside it is read."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from humanize.errors import ModelError
from humanize.features import FeatureTable
from humanize.models import load_model
from humanize.models.bundle import load_model as load_cached
from humanize.models.graphs import check_graph
from humanize.models.manifest import upgraded

FORMAT_1 = Path(__file__).parent.parent / "stored" / "bundle_format_1"
OLD = json.loads((FORMAT_1 / "manifest.json").read_text())
MANIFESTS = {1: OLD, 2: {**upgraded(OLD), "training_music": [
    {"corpus": "c", "splits": {"train": ["a/b"]}, "fingerprints": {"flat": "0" * 16},
     "licence": "MIT", "attribution": "nobody"}]}}  # fmt: skip
FEATURES = ("pitch", "onset_notes", "duration_beat", "marking_notated_level")
TABLE = FeatureTable(FEATURES, np.ones((3, 4), dtype=np.float32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bundle"
    made.mkdir()
    for graph in FORMAT_1.glob("*.onnx"):
        (made / graph.name).write_bytes(graph.read_bytes())
    return made


def write(folder: Path, manifest: Any) -> Path:
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def run(folder: Path) -> None:
    load_cached.cache_clear()
    model = load_model(folder)
    for condition in model.routes:
        for values in model.predict(TABLE, condition).values():  # type: ignore[arg-type]
            assert values.shape == (3,) and np.isfinite(values).all()


def refused(folder: Path, match: str = "expected") -> None:
    with pytest.raises(ModelError, match=match) as caught:
        run(folder)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 400 and "expected" in text
    assert text.isprintable()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for name, own in inside:
        yield from places(own, (*path, name))


def changed(manifest: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    made = copy.deepcopy(manifest)
    at = made
    for name in path[:-1]:
        at = at[name]
    change(at, path[-1])
    return made


ODD = [None, True, -1, 0, 1.5, 10**400, float("nan"), float("inf"), "", "x\n\x1b", "../x", [], [[]],
       {}, {"x": {}}, [1, 1], "\ud800"]  # fmt: skip


@pytest.mark.parametrize("path", places(MANIFESTS[2]), ids=lambda p: ".".join(map(str, p)))
def test_any_value_of_another_kind_is_an_error_or_no_matter(
    folder: Path, path: tuple[Any, ...]
) -> None:
    whole = MANIFESTS[2]
    found = [
        changed(whole, path, lambda at, name, odd=odd: at.__setitem__(name, odd)) for odd in ODD
    ]
    found.append(changed(whole, path, lambda at, name: at.__delitem__(name)))
    for manifest in found:
        try:
            run(write(folder, manifest))
        except ModelError as error:
            assert "\n" not in str(error) and str(error).isprintable()


def test_both_formats_predict_alike(folder: Path) -> None:
    run(write(folder, MANIFESTS[1]))
    old = load_model(folder).predict(TABLE)["velocity"]
    run(write(folder, MANIFESTS[2]))
    np.testing.assert_array_equal(load_model(folder).predict(TABLE)["velocity"], old)


FLAT = ("routes", "flat", "heads", "velocity")
WRONG: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "no format": (("format",), "two", "bundle format 'two'; expected 1 or 2"),
    "a true format": (("format",), True, "bundle format True"),
    "a name of lines": (("name",), "a\nb", "name: 'a\\\\nb' found; expected a name that can be pri"),
    "no routes": (("routes",), {}, "expected routes for some of flat, marked, performed"),
    "an unknown route": (("routes",), {"loud": OLD["routes"]["flat"]}, "no 'heads' found"),
    "no heads": (FLAT[:3], {}, "expected heads for some of velocity, log_beat_period"),
    "an unknown head": (FLAT[:3], {"colour": {}}, "expected heads for some of"),
    "no features": ((*FLAT, "features"), "pitch", "features: 'pitch' found; expected a list"),
    "a feature twice": ((*FLAT, "features"), ["pitch", "pitch"], "expected each name once"),
    "an unknown feature": ((*FLAT, "features"), ["loudness"], "feature 'loudness' is unknown to"),
    "no members": ((*FLAT, "members"), [], "expected members whose weights sum to 1"),
    "half a weight": ((*FLAT, "members", 0, "weight"), 0.1, "expected members whose weights sum"),
    "a true weight": ((*FLAT, "members", 0, "weight"), True, "weight: True found; expected a numb"),
    "a weight that is none": ((*FLAT, "members", 0, "weight"), float("nan"), "weight: nan found"),
    "a kind": ((*FLAT, "members", 0, "kind"), "pickle", "kind: 'pickle' found; expected line, row"),
    "a file": ((*FLAT, "members", 1, "file"), "no.onnx", "expected the name of a file with a hash"),
    "no file": ((*FLAT, "members", 1, "file"), None, "file: None found; expected a text"),
    "a column": ((*FLAT, "members", 1, "columns"), ["octave"], "expected columns among the feature"),
    "a slope": ((*FLAT, "members", 0, "slopes"), {"octave": 1.0}, "expected a slope for one of its"),
    "a context": ((*FLAT, "members", 2, "context"), -1, "context: -1 found; expected a number from"),
    "half a context": ((*FLAT, "members", 2, "context"), 1.5, "expected a whole number"),
    "a calibration": ((*FLAT, "calibration"), {"level": 1.0}, "expected numbers called level, spre"),
    "more calibration": ((*FLAT, "calibration", "run"), 1.0, "expected numbers called level, sprea"),
    "a hash": (("sha256", "rows.onnx"), "0" * 64, "rows.onnx: the file is missing, leads out of"),
    "no hashes": (("sha256",), ["rows.onnx"], "sha256: a list of 1 found; expected named entries"),
    "a licence": (("licence",), 5, "licence: 5 found; expected a text"),
    "some music": (("training_music",), {}, "training_music: named entries found; expected a list"),
    "a split": (("training_music", 0, "splits", "train"), "a/b", "train: 'a/b' found; expected a l"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(folder: Path, what: str) -> None:
    path, value, match = WRONG[what]
    manifest = changed(MANIFESTS[2], path, lambda at, name: at.__setitem__(name, value))
    refused(write(folder, manifest), match)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"null", b"[]", b"3", b'"x"', b"\xff\xfe\x00", b"[" * 200_000, b'{"format": []}',
     b'{"a":' * 100_000, b'{"format": 1}', b'{"format": 1, "routes": 3}', b"1" * 10_000,
     b'{"format": 2, "sha256": {}, "routes": {"flat": {"heads": {"velocity": null}}}}'],
    ids=lambda t: repr(t[:12]),
)  # fmt: skip
def test_any_bytes_for_a_manifest(folder: Path, text: bytes) -> None:
    (folder / "manifest.json").write_bytes(text)
    refused(folder)


def with_file(name: str, graph: bytes) -> dict[str, Any]:
    """A manifest whose second member is read from this file, which has the right hash."""
    manifest = copy.deepcopy(MANIFESTS[2])
    for head in (route["heads"]["velocity"] for route in manifest["routes"].values()):
        for member in head["members"]:
            if member.get("file") == "rows.onnx":
                member["file"] = name
    del manifest["sha256"]["rows.onnx"]
    manifest["sha256"][name] = hashlib.sha256(graph).hexdigest()
    return manifest


ROWS = (FORMAT_1 / "rows.onnx").read_bytes()


@pytest.mark.parametrize(
    "how", ["beside", "absolute", "inside", "backslash", "link", "nul", "dots"]
)
def test_files_stay_inside_the_bundle(folder: Path, how: str) -> None:
    outside = folder.parent / "outside.onnx"
    outside.write_bytes(ROWS)
    (folder / "sub").mkdir()
    (folder / "sub" / "rows.onnx").write_bytes(ROWS)
    name = {
        "beside": "../outside.onnx",
        "absolute": str(outside),
        "inside": "sub/rows.onnx",
        "backslash": "..\\outside.onnx",
        "link": "linked.onnx",
        "nul": "rows.onnx\x00",
        "dots": "..",
    }[how]
    (folder / "linked.onnx").symlink_to(outside)
    refused(write(folder, with_file(name, ROWS)))


def test_what_is_no_file_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe.onnx")
    (folder / "circle.onnx").symlink_to("circle.onnx")
    (folder / "device.onnx").symlink_to("/dev/zero")
    for name in ("pipe.onnx", "circle.onnx", "device.onnx", "sub.onnx", "x" * 5000):
        refused(
            write(folder, with_file(name, ROWS)), "the file is missing, leads out of the folder"
        )


@pytest.mark.parametrize("name", ["x" * 5000, "a\x00b", "/dev/null", "", ".."])
def test_a_name_that_no_model_can_have(name: str) -> None:
    with pytest.raises(ModelError, match="is unknown; expected one of"):
        load_model(name)


@pytest.mark.parametrize("cut", range(0, len(ROWS), 3))
def test_a_graph_that_is_cut_off(folder: Path, cut: int) -> None:
    graph = ROWS[:cut]
    (folder / "rows.onnx").write_bytes(graph)
    refused(write(folder, with_file("rows.onnx", graph)))


def test_a_graph_with_a_byte_changed_predicts_or_is_refused(folder: Path, capfd) -> None:
    draw = np.random.default_rng(0)
    for _ in range(150):
        graph = bytearray(ROWS)
        graph[draw.integers(len(graph))] = int(draw.integers(256))
        (folder / "rows.onnx").write_bytes(graph)
        try:
            run(write(folder, with_file("rows.onnx", bytes(graph))))
        except ModelError as error:
            assert "\n" not in str(error)
    assert capfd.readouterr() == ("", "")  # standard output is the file that is written


def graph_of(
    nodes: list[Any],
    *,
    columns: int | str = 2,
    inputs: int = 1,
    kind: int | None = None,
    **more: Any,
) -> bytes:
    """A graph from (n, 2) features to values, of these nodes."""
    onnx = pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx")
    from onnx import TensorProto, helper

    float_ = TensorProto.FLOAT if kind is None else kind
    given = [
        helper.make_tensor_value_info("features" if i == 0 else f"more{i}", float_, [None, columns])
        for i in range(inputs)
    ]
    out = helper.make_tensor_value_info("velocity", float_, None)
    graph = helper.make_graph(nodes, "g", given, [out], **more)
    opsets = [helper.make_opsetid("", 17)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    assert onnx.__version__
    return bytes(made.SerializeToString())


def node(*arguments: Any, **options: Any) -> Any:
    helper = pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx").helper
    return helper.make_node(*arguments, **options)


def constant(name: str, values: Any) -> Any:
    from onnx import numpy_helper

    value = numpy_helper.from_array(np.asarray(values, dtype=np.float32))
    return node("Constant", [], [name], value=value)


def replaced(folder: Path, graph: bytes) -> Path:
    (folder / "rows.onnx").write_bytes(graph)
    return write(folder, with_file("rows.onnx", graph))


def test_a_graph_that_answers_right_is_taken(folder: Path) -> None:
    pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx")
    run(
        replaced(
            folder,
            graph_of(
                [constant("w", [[1.0], [1.0]]), node("MatMul", ["features", "w"], ["velocity"])]
            ),
        )
    )


def test_answers_are_finite_and_one_for_each_note(folder: Path) -> None:
    pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx")
    divided = [constant("z", [0.0]), node("Div", ["features", "z"], ["q"]),
               constant("w", [[1.0], [1.0]]), node("MatMul", ["q", "w"], ["velocity"])]  # fmt: skip
    refused(replaced(folder, graph_of(divided)), "answers with something that is no number")
    two = [node("Add", ["features", "features"], ["velocity"])]
    refused(replaced(folder, graph_of(two)), "answers with 6 values for 3 rows; expected 3")
    one = [constant("velocity", [1.0])]
    refused(replaced(folder, graph_of(one)), "answers with 1 values for 3 rows; expected 3")


def test_inputs_and_outputs_are_checked(folder: Path) -> None:
    pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx")
    from onnx import TensorProto

    right = [constant("w", [[1.0], [1.0]]), node("MatMul", ["features", "w"], ["velocity"])]
    added = [node("Add", ["features", "more1"], ["velocity"])]
    refused(replaced(folder, graph_of(added, inputs=2)), "a graph with 2 inputs and 1 outputs")
    three = [constant("w", [[1.0]] * 3), node("MatMul", ["features", "w"], ["velocity"])]
    refused(replaced(folder, graph_of(three, columns=3)), "over 3 features; expected 2")
    whole = [node("Add", ["features", "features"], ["velocity"])]
    refused(
        replaced(folder, graph_of(whole, kind=TensorProto.INT64)), "as single-precision numbers"
    )
    unknown = graph_of([constant("w", [[1.0]] * 3), right[1]], columns="any")
    refused(replaced(folder, unknown), "fails on 3 rows of 2 features")


def test_a_graph_neither_loops_nor_reads_files(folder: Path) -> None:
    pytest.importorskip("onnx", reason="the extra [train] is not installed: onnx")
    from onnx import TensorProto, helper

    numbers = [("i", TensorProto.INT64), ("c", TensorProto.BOOL)]
    body = helper.make_graph(
        [node("Identity", ["c"], ["on"]), node("Add", ["v", "v"], ["next"])], "body",
        [*(helper.make_tensor_value_info(n, t, []) for n, t in numbers),
         helper.make_tensor_value_info("v", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("next", TensorProto.FLOAT, None)],
    )  # fmt: skip
    endless = [node("Loop", ["", "", "features"], ["velocity"], body=body)]
    refused(replaced(folder, graph_of(endless)), "'Loop' found in the graph; expected only the op")

    weight = TensorProto(
        name="w", data_type=TensorProto.FLOAT, dims=[2, 1], data_location=TensorProto.EXTERNAL
    )
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", "8")):
        weight.external_data.add(key=key, value=value)
    product = [node("MatMul", ["features", "w"], ["velocity"])]
    elsewhere = graph_of(product, initializer=[weight])
    refused(replaced(folder, elsewhere), "'weights in another file' found in the graph")

    foreign = [node("MatMul", ["features", "features"], ["velocity"], domain="com.microsoft")]
    refused(replaced(folder, graph_of(foreign)), "'com.microsoft' found in the graph")
    function = helper.make_function("d", "Add", ["a"], ["b"], [], [])
    model = helper.make_model(
        helper.make_graph([], "g", [], []), functions=[function], ir_version=8
    )
    with pytest.raises(ModelError, match="'a function' found in the graph"):
        check_graph(model.SerializeToString(), where="x")


def test_graphs_that_ship_pass() -> None:
    for graph in (Path(__file__).parents[2] / "models" / "pretrained").rglob("*.onnx"):
        check_graph(graph.read_bytes(), where=graph.name)
