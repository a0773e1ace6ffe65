"""The key of a packet: what every trial was, its seed and its nonce; kept outside the packet."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from humanize.errors import InputError
from humanize.files import read_input
from humanize.listening.design import Trial

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
    """

    seed: int
    nonce: bytes
    trials: tuple[Trial, ...]

    def to_bytes(self) -> bytes:
        """Return the key as JSON; the same key gives the same bytes."""
        content = {
            "version": _VERSION,
            "seed": self.seed,
            "nonce": self.nonce.hex(),
            "trials": [asdict(trial) for trial in self.trials],
        }
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def new_nonce() -> bytes:
    """Return 128 bits from the system's source of randomness."""
    return secrets.token_bytes(NONCE_BYTES)


def hash_of(key: bytes) -> str:
    """Return the SHA-256 of a key file, which the packet holds."""
    return hashlib.sha256(key).hexdigest()


def read_key(path: Path, *, expected_hash: str) -> Key:
    """Read a key and prove that it is the one the packet was built with.

    Parameters
    ----------
    path : Path
    expected_hash : str
        As it stands in the packet.

    Raises
    ------
    InputError
        If the file is no key, or another one, or was changed.
    """
    data = read_input(path)
    if not hmac.compare_digest(hash_of(data), expected_hash):
        raise InputError(
            f"{path}: SHA-256 {hash_of(data)[:12]}… found; expected {expected_hash[:12]}… as in "
            "the packet: the key is another packet's or was changed"
        )
    try:
        content = json.loads(data)
        trials = tuple(Trial(**trial) for trial in content["trials"])
        return Key(seed=int(content["seed"]), nonce=bytes.fromhex(content["nonce"]), trials=trials)
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a key; expected what 'listen build' wrote") from None
