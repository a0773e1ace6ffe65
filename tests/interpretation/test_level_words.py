from __future__ import annotations

import pytest

from humanize.interpretation.dynamics import level_word


@pytest.mark.parametrize(
    ("velocity", "word"),
    [(1, "ppp"), (24, "ppp"), (25, "pp"), (49, "p"), (57, "mp"), (72, "mp"), (73, "mf"), (100, "f"),
     (112, "ff"), (127, "fff")],
)  # fmt: skip
def test_the_nearest_dynamic_of_a_notation_program(velocity: int, word: str) -> None:
    assert level_word(velocity) == word
