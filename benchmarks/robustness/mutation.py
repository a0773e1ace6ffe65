"""Inputs for the fuzz: good files with edits, as Hypothesis draws and shrinks them."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
INTERESTING = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff\xff\xff\xff",
               b"\xff\x2f\0", b"\xff\x51\x03\0\0\0", b"\xf0\x05", b"MTrk", b"<", b">", b"&", b"\"",
               b"-1", b"1e9", b"\t", b"\n", b"\xc3", b"PK\1\2", b"*^", b"<chord/>", b"<grace/>")  # fmt: skip
EXTRA_SCORE = (b"<backup><duration>9</duration></backup>", b'<repeat direction="backward"/>',
               b'<sound dacapo="yes"/>', b"<tie type=\"start\"/>", b"</measure><measure>")  # fmt: skip


KINDS = ("set", "insert", "delete", "repeat", "cut", "move")


def edited_at_random(
    draw: random.Random, seeds: list[bytes], words: tuple[bytes, ...] = ()
) -> bytes:
    """Return one such file without Hypothesis, which takes a hundredth of the time."""
    edits = [
        (
            draw.choice(KINDS),
            draw.randrange(2**20),
            draw.choice((*INTERESTING, *words))
            if draw.random() < 0.5
            else draw.randbytes(draw.randint(1, 4)),
            draw.randint(1, 64),
        )
        for _ in range(draw.randint(1, 8))
    ]
    return _apply(draw.choice(seeds), edits)


def edited(seeds: list[bytes], words: tuple[bytes, ...] = ()) -> st.SearchStrategy[bytes]:
    """Return files that are one of the seeds with up to eight edits."""
    edit = st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 2**20),
        st.one_of(st.sampled_from((*INTERESTING, *words)), st.binary(min_size=1, max_size=4)),
        st.integers(1, 64),
    )
    return st.builds(_apply, st.sampled_from(seeds), st.lists(edit, max_size=8))


def _apply(seed: bytes, edits: list[tuple[str, int, bytes, int]]) -> bytes:
    data = seed
    for kind, where, word, count in edits:
        at = where % (len(data) + 1)
        before, after = data[:at], data[at:]
        data = {
            "set": before + word + after[len(word) :],
            "insert": before + word + after,
            "delete": before + after[count:],
            "repeat": before + after[:count] * 3 + after[count:],
            "cut": before if count == 1 else data,
            "move": before + after[count:] + after[:count],
        }[kind]
    return data


@lru_cache
def midi_seeds() -> list[bytes]:
    """Return small MIDI files: one track, several, type 2, running status, a RIFF, real music."""
    head = b"MThd\0\0\0\6"
    notes = b"\0\x90\x3c\x40\x30\x3e\x50\0\xc1\x10\x30\x80\x3c\0\x10\x80\x3e\0\0\xff\x2f\0"
    metre = b"\0\xff\x58\4\3\2\x18\x08\0\xff\x51\3\7\xa1\x20\0\xb0\x40\x7f" + notes
    track, first = (b"MTrk" + len(t).to_bytes(4, "big") + t for t in (notes, metre))
    one = head + b"\0\0\0\1\0\x60" + first
    files = [one, head + b"\0\1\0\2\0\x60" + first + track, head + b"\0\2\0\2\xe7\x28" + track * 2]
    body = b"RMIDdata" + len(one).to_bytes(4, "little") + one
    files.append(b"RIFF" + len(body).to_bytes(4, "little") + body)
    return [*files, (ROOT / "tests/stored/pieces/exposition.mid").read_bytes()[:3000]]


@lru_cache
def performed_seeds() -> list[bytes]:
    """Return MIDI files that hold a performance, which can be taken out again."""
    from humanize.performance import perform_bytes

    return [perform_bytes(seed).bytes for seed in midi_seeds()[:2]]


@lru_cache
def score_seeds() -> list[bytes]:
    """Return small MusicXML."""
    note = ("<note><pitch><step>%s</step><octave>4</octave></pitch><duration>1</duration>"
            "<voice>1</voice></note>")  # fmt: skip
    bars = "".join(
        f'<measure number="{n}"><attributes><divisions>1</divisions><time><beats>3</beats>'
        f"<beat-type>4</beat-type></time></attributes><direction><direction-type><dynamics><p/>"
        f"</dynamics></direction-type></direction>{note % 'C'}{note % 'E'}"
        f"{note.replace('<note>', '<note><chord/>') % 'G'}{note % 'D'}</measure>"
        for n in (1, 2)
    )
    parts = '<part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>'
    text = f'<score-partwise version="4.0">{parts}<part id="P1">{bars}</part></score-partwise>'
    return [text.encode(), b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()]


@lru_cache
def mxl_seeds() -> list[bytes]:
    """Return compressed MusicXML, with and without a container."""
    container = '<container><rootfiles><rootfile full-path="s.xml"/></rootfiles></container>'
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            if method:
                archive.writestr("META-INF/container.xml", container)
            archive.writestr("s.xml", score_seeds()[0])
            archive.writestr("cover.txt", "a cover " * 4)
        found.append(out.getvalue())
    return found


@lru_cache
def archive_seeds() -> list[tuple[str, bytes]]:
    """Return archives and lists with the ending of their names."""
    members = [("a.mid", midi_seeds()[0]), ("b/c.krn", b"**kern\n4c\n*-\n"), ("../d.mid", b"x")]
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive, tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, data in members:
            archive.writestr(name, data)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    listed = b"a.mid\n\n/etc/b.mid\r\nc\xff.mid\n"
    return [(".zip", zipped.getvalue()), (".tar", tarred.getvalue()), (".txt", listed)]
