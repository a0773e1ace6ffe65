"""LightGBM trees as an ONNX graph that splits exactly as LightGBM does.

LightGBM compares doubles (``value <= threshold``); the graph compares float32. As features are
float32, the largest float32 that does not exceed the threshold splits them alike. Missing values
follow the default branch of each split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import lightgbm


def trees_to_onnx(boosters: Sequence[lightgbm.Booster]) -> bytes:
    """Return one graph, (n, n_features) to (n, 1), that averages regression boosters.

    Raises
    ------
    ModelError
        If a booster has categorical or zero-as-missing splits, which the graph does not know.
    """
    from onnx import TensorProto, helper

    nodes = _Nodes()
    columns = boosters[0].num_feature()
    for booster in boosters:
        for tree in booster.dump_model()["tree_info"]:
            nodes.add_tree(tree["tree_structure"], 1.0 / len(boosters))
    graph = helper.make_graph(
        [
            helper.make_node(
                "TreeEnsembleRegressor",
                ["features"],
                ["velocity"],
                domain="ai.onnx.ml",
                **nodes.attributes(),
            )
        ],
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, columns])],
        [helper.make_tensor_value_info("velocity", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


class _Nodes:
    """The parallel lists of a TreeEnsembleRegressor while trees are added."""

    def __init__(self) -> None:
        self.trees = 0
        self.rows: list[tuple[int, int, int, float, str, int, int, int]] = []
        self.leaves: list[tuple[int, int, float]] = []

    def add_tree(self, structure: Mapping[str, Any], scale: float) -> None:
        """Add one tree of ``dump_model`` with its leaf values scaled."""
        counter = iter(range(1 << 30))
        pending = [(structure, next(counter))]
        while pending:
            node, number = pending.pop()
            if "leaf_value" in node and "split_feature" not in node:
                self.rows.append((self.trees, number, 0, 0.0, "LEAF", 0, 0, 0))
                self.leaves.append((self.trees, number, float(node["leaf_value"]) * scale))
                continue
            left, right = next(counter), next(counter)
            self.rows.append(self._split(node, number, left, right))
            pending += [(node["left_child"], left), (node["right_child"], right)]
        self.trees += 1

    def _split(
        self, node: Mapping[str, Any], number: int, left: int, right: int
    ) -> tuple[int, int, int, float, str, int, int, int]:
        from ...errors import ModelError

        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise ModelError(
                f"tree {self.trees}: a split of type {node['decision_type']!r}, missing "
                f"{node['missing_type']!r}; expected numerical splits with NaN or no missing values"
            )
        missing_left = int(node["default_left"]) if node["missing_type"] == "NaN" else 0
        threshold = float32_below(float(node["threshold"]))
        feature = int(node["split_feature"])
        return self.trees, number, feature, threshold, "BRANCH_LEQ", left, right, missing_left

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the operator."""
        tree, node, feature, value, mode, left, right, missing = (
            list(c) for c in zip(*self.rows, strict=True)
        )
        leaf_tree, leaf_node, weight = (list(c) for c in zip(*self.leaves, strict=True))
        return {
            "nodes_treeids": tree,
            "nodes_nodeids": node,
            "nodes_featureids": feature,
            "nodes_values": value,
            "nodes_modes": mode,
            "nodes_truenodeids": left,
            "nodes_falsenodeids": right,
            "nodes_missing_value_tracks_true": missing,
            "target_treeids": leaf_tree,
            "target_nodeids": leaf_node,
            "target_ids": [0] * len(leaf_tree),
            "target_weights": weight,
            "n_targets": 1,
        }


def float32_below(value: float) -> float:
    """Return the largest float32 that is not above a double."""
    nearest = np.float32(np.clip(value, -3.4e38, 3.4e38))
    if float(nearest) > value:
        nearest = np.nextafter(nearest, np.float32(-np.inf))
    return float(nearest)
