"""Raters that take a packet as the page does, and files of their answers."""

from __future__ import annotations

import json

from humanize.listening.answers import chain_of
from humanize.listening.design import rater_digest


def by_code(manifest, codes):
    """A manifest as the raters with these codes see it."""
    own = {code: manifest["raters"][rater_digest(manifest["key_sha256"], code)] for code in codes}
    return {**manifest, "raters": own}


def without_codes(manifest):
    """A manifest as a packet holds it, of one that names raters by their codes."""
    key = manifest["key_sha256"]
    closed = {rater_digest(key, code): own for code, own in manifest["raters"].items()}
    return {**manifest, "raters": closed}


def line(manifest, rater, place, previous, *, grade=0, ratings=None, **changes):
    trial = manifest["raters"][rater][place]
    sounds = [f"{trial['id']}{letter}" for letter in "abcdefgh"[: trial["sounds"]]]
    said = {
        "version": 1,
        "packet": manifest["key_sha256"],
        "rater": rater,
        "place": place,
        "trial": trial["id"],
        "question": trial["question"],
        "order": sounds,
        "grade": grade if ratings is None else None,
        **({} if ratings is None else {"ratings": ratings}),
        "heard": [1] * len(sounds),
        "seconds": 30.5,
        "at": "2026-01-01T00:00:00Z",
        **changes,
    }
    return {**said, "chain": chain_of(previous, said)}


def sheet(manifest, rater, answer, count=None):
    """All lines of a rater; ``answer`` gives from a trial's id what ``line`` takes."""
    lines, previous = [], manifest["key_sha256"]
    for place, trial in enumerate(manifest["raters"][rater][:count]):
        lines.append(line(manifest, rater, place, previous, **answer(trial["id"])))
        previous = lines[-1]["chain"]
    return lines


def text(lines):
    return "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in lines)
