"""The key of a packet: what every trial was, its seed and its nonce; kept outside the packet."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from humanize.errors import InputError
from humanize.files import read_input
from humanize.listening.design import Trial, rater_code

NONCE_BYTES = 16
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Key:
    """What was hidden from the raters.

    Attributes
    ----------
    seed : int
    nonce : bytes
        128 random bits, so that the key cannot be guessed from its hash.
    trials : tuple of Trial
    plan_sha256 : str
        Of the plan that was written before the first answer.
    sounds : list of dict
        One per piece and condition: mean velocity, loudness in LUFS before and after matching.
    sha256 : str
        Of the file that it was read from, as the packet and every answer name it; else empty.
    """

    seed: int
    nonce: bytes
    trials: tuple[Trial, ...]
    plan_sha256: str = ""
    sounds: list[dict[str, Any]] = field(default_factory=list)
    sha256: str = field(default="", compare=False)

    def to_bytes(self) -> bytes:
        """Return the key as JSON; the same key gives the same bytes."""
        content = {
            "version": _VERSION,
            "seed": self.seed,
            "nonce": self.nonce.hex(),
            "plan_sha256": self.plan_sha256,
            "sounds": self.sounds,
            "trials": [asdict(trial) for trial in self.trials],
        }
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()

    def raters(self) -> dict[str, list[Trial]]:
        """Return each rater's code with his trials in order."""
        found: dict[str, list[Trial]] = {}
        for trial in self.trials:
            found.setdefault(rater_code(self.nonce, trial.rater), []).append(trial)
        return found


def new_nonce() -> bytes:
    """Return 128 bits from the system's source of randomness."""
    return secrets.token_bytes(NONCE_BYTES)


def hash_of(key: bytes) -> str:
    """Return the SHA-256 of a key file, which the packet holds."""
    return hashlib.sha256(key).hexdigest()


def read_key(path: Path) -> Key:
    """Read a key.

    Raises
    ------
    InputError
        If the file is no key.
    """
    data = read_input(path)
    try:
        content = json.loads(data)
        trials = tuple(Trial(**{**t, "order": tuple(t["order"])}) for t in content["trials"])
        return Key(
            seed=int(content["seed"]),
            nonce=bytes.fromhex(content["nonce"]),
            trials=trials,
            plan_sha256=str(content["plan_sha256"]),
            sounds=list(content["sounds"]),
            sha256=hash_of(data),
        )
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a key; expected what 'listen build' wrote") from None
