"""What training has finished so far, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from humanize.models.fitting.trainer import FittedMember, Trainer


class Checkpoints:
    """Finished members, and nets half-way, in a folder beside the bundle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def within(self, name: str) -> Checkpoints:
        """Return the folder of this name inside."""
        return Checkpoints(self.folder / name)

    def path(self, options: Trainer) -> Path:
        """Return where a net with these options is kept half-way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps([type(options).__name__, asdict(options)], sort_keys=True)
        return self.folder / (hashlib.sha256(text.encode()).hexdigest()[:16] + ".pt")

    def read(self, options: Trainer) -> FittedMember | None:
        """Return a finished member, or None."""
        about = self.path(options).with_suffix(".json")
        if not about.is_file():
            return None
        entry = json.loads(about.read_text(encoding="utf-8"))
        stored = about.with_suffix(".onnx")
        graph = stored.read_bytes() if stored.is_file() else None
        return FittedMember(spec=entry["spec"], graph=graph, curve=entry["curve"])

    def write(self, options: Trainer, member: FittedMember) -> None:
        """Keep a finished member."""
        about = self.path(options).with_suffix(".json")
        if member.graph is not None:
            about.with_suffix(".onnx").write_bytes(member.graph)
        about.write_text(json.dumps({"spec": member.spec, "curve": member.curve}))
        self.path(options).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all."""
        shutil.rmtree(self.folder, ignore_errors=True)
