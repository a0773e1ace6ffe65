from __future__ import annotations

from humanize.models.provenance import TrainingMusic, seen_compositions


def music(corpus: str, names: list[str], *conditions: str) -> TrainingMusic:
    return TrainingMusic(
        corpus=corpus,
        splits={"train": tuple(names)},
        fingerprints=dict.fromkeys(conditions, "0"),
        licence="MIT",
        attribution="",
    )


def test_what_one_route_has_seen_another_has_not() -> None:
    trained_on = [music("a", ["x", "y"], "flat"), music("a", ["z"], "marked"), music("b", ["v"])]
    wanted = ["z", "y", "v"]
    assert seen_compositions(trained_on, "a", wanted, "flat") == ["y"]
    assert seen_compositions(trained_on, "a", wanted, "marked") == ["z"]
    assert seen_compositions(trained_on, "a", wanted, "performed") == []
    assert seen_compositions(trained_on, "b", wanted, "performed") == ["v"]  # it says no condition
