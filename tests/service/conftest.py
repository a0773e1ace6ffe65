from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

for package in ("fastapi", "uvicorn", "prometheus_client", "multipart"):
    pytest.importorskip(package, reason=f"{package} is not installed; it comes with [serve]")

_SCRIPT = "from humanize.cli import main\nif __name__ == '__main__':\n    main()\n"


@dataclass
class Server:
    address: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])


Start = Callable[..., Server]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start servers on free ports; each is stopped at the end."""
    running: list[subprocess.Popen[str]] = []
    script = tmp_path_factory.mktemp("serve") / "start.py"
    script.write_text(_SCRIPT)

    def start(*arguments: str, env: dict[str, str] | None = None) -> Server:
        process = subprocess.Popen(
            [sys.executable, str(script), "serve", "--port", "0", "--workers", "2", *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        running.append(process)
        return Server(_address(process), process)

    yield start
    for process in running:
        process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()


def _address(process: subprocess.Popen[str]) -> str:
    if process.stderr is None:
        raise RuntimeError("the server has no standard error to read")
    for line in process.stderr:
        found = re.search(r"running on (http://\S+)", line)
        if found:
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found.group(1)
    raise RuntimeError("the server did not start")


@pytest.fixture(scope="session")
def server(start: Start) -> Server:
    return start()
