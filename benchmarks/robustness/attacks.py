"""What single files and single clients cost: seconds of a core and memory, each in a process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import click

HERE = Path(__file__).parent
LIMIT_SEC = 60
HEAD = (b'<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>P</part-name>'
        b'</score-part></part-list><part id="P1">')  # fmt: skip
TIMES = b"<attributes><divisions>4</divisions></attributes>"
NOTE = b"<note%s>%s<pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note>"
GRACE = b"<note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>"
DA_CAPO = b'<direction><direction-type><words>D.C.</words></direction-type><sound dacapo="yes"/></direction>'
ENDS = b"\0\xff\x2f\0"


def score(bodies: list[bytes]) -> bytes:
    """Return MusicXML of one part, a body for each measure."""
    bars = b"".join(
        b'<measure number="%d">%s</measure>' % (n, (TIMES if n == 1 else b"") + body)
        for n, body in enumerate(bodies, 1)
    )
    return HEAD + bars + b"</part></score-partwise>"


def midi(kind: int, tracks: list[bytes]) -> bytes:
    """Return a Standard MIDI File."""
    head = b"MThd\0\0\0\6" + b"".join(n.to_bytes(2, "big") for n in (kind, len(tracks), 96))
    return head + b"".join(b"MTrk" + len(t).to_bytes(4, "big") + t for t in tracks)


def bomb() -> bytes:
    """Return a .mxl whose score says 1,000 bytes and is 1.9 GB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("s.xml", "w") as file,
    ):
        for _ in range(1900):
            file.write(b" " * 1_000_000)
    data = bytearray(out.getvalue())
    for mark, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        start = data.rindex(mark) + place
        data[start : start + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


def spines(count: int) -> bytes:
    """Return Humdrum of so many columns."""
    rows = ["**kern", "*M4/4", "=1", "4c", "4c", "4c", "4c", "=2", "1d", "*-"]
    return "".join("\t".join([row] * count) + "\n" for row in rows).encode()


def chord() -> bytes:
    """Return a MIDI file of 300,000 notes at once."""
    on = b"".join(bytes([0, 0x90, 20 + n % 88, 64]) for n in range(300_000))
    off = b"".join(bytes([96 if n == 0 else 0, 0x80, 20 + n % 88, 0]) for n in range(300_000))
    return midi(0, [on + off + ENDS])


def years() -> bytes:
    """Return a MIDI file of 2,500 notes that lasts for 700,000 years."""
    event = b"\xff\xff\xff\x7f\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\0"
    return midi(0, [b"\0\xff\x51\3\xff\xff\xff" + event * 2500 + ENDS])


def long_line() -> bytes:
    """Return a MIDI file of 200,000 notes, one after another, as many as the service takes."""
    event = b"".join(bytes([0, 0x90, 40 + n % 48, 64, 24, 0x80, 40 + n % 48, 0]) for n in range(48))
    return midi(0, [event * (200_000 // 48) + ENDS])


FOUR = NOTE % (b"", b"") * 4
FILES = {
    "D.C. in each of 500 measures": ("x.musicxml", lambda: score([FOUR + DA_CAPO] * 500)),
    "10,000 grace notes in a measure": ("x.musicxml", lambda: score([GRACE * 10_000 + FOUR])),
    "5,000 columns of Humdrum": ("x.krn", lambda: spines(5000)),
    "8,000 tracks of MIDI type 2": (
        "x.mid", lambda: midi(2, [b"\0\x90\x3c\x40\x60\x80\x3c\0" + ENDS] * 8000)),
    "300,000 notes in a chord": ("x.mid", chord),
    "240,000 notes of MusicXML": ("x.musicxml", lambda: score([FOUR * 4] * 15_000)),
    "a note tag of 60,000 spaces": (
        "x.musicxml", lambda: score([NOTE % (b" " * 60_000, b"") + FOUR])),
    "30,000 encodings in a declaration": (
        "x.musicxml", lambda: b"<?xml" + b' encoding="a"' * 30_000 + score([FOUR])),
    ".mxl: says 1,000 bytes, is 1.9 GB": ("x.mxl", bomb),
    "a MIDI file that lasts for years": ("x.mid", years),
    "performed: 200,000 notes of MIDI": ("x.mid", long_line),
}  # fmt: skip


@click.group()
def main() -> None:
    """Measure one attack, or all; figures go to attacks.json."""


@main.command()
@click.argument("name")
def one(name: str) -> None:
    """Run one file and print its figures as JSON."""
    from humanize.api import humanize_bytes
    from humanize.errors import HumanizeError
    from humanize.performance import perform_bytes

    act = perform_bytes if name.startswith("performed") else humanize_bytes
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SEC, LIMIT_SEC + 5))
    file, make = FILES[name]
    data = make()
    humanize_bytes(midi(0, [b"\0\x90\x3c\x40\x60\x80\x3c\0" + ENDS]))  # imports are not the file's
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    try:
        made = f"{sum(map(len, act(data, name=file).notes)):,} notes"
    except HumanizeError as error:
        made = str(error)[:100]
    except Exception as error:
        made = f"traceback: {type(error).__name__}"
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    spent = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))  # fmt: skip
    most = max(usage.ru_maxrss for usage in after) / 1024
    print(json.dumps({"MB in": round(len(data) / 1e6, 2), "s of a core": round(spent, 1),
                      "MB of memory": round(most), "outcome": made}))  # fmt: skip


@main.command()
@click.option("--label", required=True, help="Such as before or after.")
@click.option("--only", multiple=True)
def files(label: str, only: tuple[str, ...]) -> None:
    """Run all files and keep the figures."""
    for name in only or FILES:
        done = subprocess.run(
            [sys.executable, __file__, "one", name], capture_output=True, text=True
        )
        last = done.stdout.splitlines()[-1:] or [""]
        ended = {
            "outcome": f"ended by the limit of {LIMIT_SEC} s or its memory ({done.returncode})"
        }
        keep(label, name, json.loads(last[0]) if last[0].startswith("{") else ended)


@main.command()
@click.option("--label", required=True)
@click.option("--seconds", default=4.0, show_default=True)
def server(label: str, seconds: float) -> None:
    """Start the service, weigh its answers, and send it headers without end."""
    program = "from humanize.cli import main\nimport sys\nsys.argv = ['humanize', 'serve', '--port', '0', '--workers', '1']\nmain()"
    script = HERE / ".serve.py"
    script.write_text(
        f"if __name__ == '__main__':\n    {program.replace(chr(10), chr(10) + '    ')}\n"
    )
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        port = next(
            int(m[1])
            for line in process.stderr
            if (m := re.search(r"running on http://\S+:(\d+)", line))
        )
        costs = [round(1e6 * _cost(process.pid, port, seconds)) for _ in range(5)]
        keep(label, "an answer of /healthz", {"us of a core": sorted(costs)})
        whole = [round(1e6 * _cost_of_uploads(process.pid, port, 20)) for _ in range(3)]
        keep(
            label, "an upload of 1,000 notes, its worker included", {"us of a core": sorted(whole)}
        )
        for name, start, byte in SLOW:
            keep(label, name, {"outcome": _given_up_after(port, start, byte)})
        taken = _flood(port)
        most = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])  # type: ignore[index]
        keep(
            label,
            "60 MB of short headers",
            {"MB of memory": round(most / 1024), "outcome": f"{taken / 1e6:.1f} MB taken"},
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        script.unlink()


def _cost(pid: int, port: int, seconds: float) -> float:
    """Return the server's seconds of a core an answer, on four connections that are kept.

    Answers a second would tell how busy the machine is.
    """
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    before, begun, count = _spent(pid), time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        for client in clients:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for client in clients:
            while b"ok" not in client.recv(4096):
                pass
            count += 1
    return (_spent(pid) - before) / count


def _cost_of_uploads(pid: int, port: int, count: int) -> float:
    """Return seconds of a core an upload, of the server and its workers."""
    import httpx

    example = HERE.parents[1] / "humanize/service/static/examples/fugue.mid"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        own = _with_children(pid)
        before = sum(map(_spent, own))
        for _ in range(count):
            client.post("/v1/humanize", files={"file": example.read_bytes()}).raise_for_status()
        return (sum(map(_spent, own)) - before) / count


def _with_children(pid: int) -> list[int]:
    stats = [(int(p.name), p / "stat") for p in Path("/proc").iterdir() if p.name.isdecimal()]
    parents = {}
    for own, stat in stats:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            parents[own] = int(stat.read_text().rpartition(")")[2].split()[1])
    return [pid, *(own for own, parent in parents.items() if parent == pid)]


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SLOW = (
    ("a client that says nothing", b"", b""),
    ("a byte of headers now and then", b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"a"),
)


def _given_up_after(port: int, start: bytes, byte: bytes) -> str:
    """Return after how long the server hangs up on a slow client."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as client:
        client.sendall(start)
        while time.monotonic() < begun + LIMIT_SEC:
            try:
                client.sendall(byte)
                if not client.recv(4096):
                    return f"closed after {time.monotonic() - begun:.0f} s"
            except TimeoutError:
                continue
            except OSError:
                return f"closed after {time.monotonic() - begun:.0f} s"
    return f"open after {LIMIT_SEC} s"


def _flood(port: int) -> int:
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        try:
            client.sendall(b"POST /v1/humanize HTTP/1.1\r\nHost: x\r\n")
            while sent < 60_000_000:
                client.sendall(b"a: b\r\n" * 10_000)
                sent += 60_000
        except OSError:
            pass
        time.sleep(1)
    return sent


def keep(label: str, name: str, figures: dict[str, object]) -> None:
    """Add figures to attacks.json and print them."""
    path = HERE / "attacks.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known.setdefault(name, {})[label] = figures
    path.write_text(json.dumps(known, indent=1) + "\n")
    click.echo(f"{label}: {name}: {figures}")


if __name__ == "__main__":
    main()
