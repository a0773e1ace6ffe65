"""Store the note tables, features and predictions anew: only where a change of numbers is meant.

WARNING: this replaces what guards every number of the models that ship. A model was trained on the
features as they were; a feature that is computed otherwise makes it wrong, and no test will say so
afterwards. Run it where new music, a new column or a new model comes in; look at the difference
line by line, and say in the commit why each line may change.

Run: PYTHONPATH=. python tests/stored/regenerate.py {notes|features|predictions} ...
"""

from __future__ import annotations

import sys

from kept import (
    FOLDER,
    MODELS,
    SMALL,
    read_notes,
    rows_of_features,
    rows_of_notes,
    rows_of_predictions,
    stored_notes,
    write,
)


def store_notes() -> None:
    for piece in SMALL:
        write(FOLDER / "notes" / f"{piece}.csv", rows_of_notes(read_notes(piece)))


def store_features() -> None:
    for piece in SMALL:
        write(FOLDER / "features" / f"{piece}.csv", rows_of_features(stored_notes(piece)))


def store_predictions() -> None:
    for model in MODELS:
        write(FOLDER / "predictions" / f"{model}.csv", rows_of_predictions(model))


STEPS = {"notes": store_notes, "features": store_features, "predictions": store_predictions}


def main(wanted: list[str]) -> None:
    if not wanted or set(wanted) - STEPS.keys():
        sys.exit(__doc__)
    print("WARNING: what guards the numbers is replaced. See 'git diff tests/stored'.")
    for name in STEPS:
        if name in wanted:
            STEPS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
