"""Inputs for the fuzz that are well built: events, tokens, trees and values, put together at random.

Most edits of bytes break a file in its first line of checks. What is made here gets through them.
"""

from __future__ import annotations

import copy
import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NUMBERS = ("0", "1", "-1", "2", "3", "7", "0.5", "1e9", "1e-9", "99999999999", "nan", "inf", "-0",
           "1/3", "0x10", "\u0663", " 4 ", "", "x", "+1", "1,5", "256", "127", "128")  # fmt: skip


def midi_file(draw: random.Random) -> bytes:
    """Return a Standard MIDI File without an error of form, of any music and any events."""
    kind = draw.choice((0, 1, 1, 1, 2))
    tracks = 1 if kind == 0 else draw.randint(1, 4)
    division = draw.choice((96, 480, 480, 1, 24, 120, 960, 32767, 0xE728, 0xE250, 0xE301))
    quarter = division if division < 0x8000 else 480
    body = b"".join(_track(draw, quarter, draw.random() < 0.2) for _ in range(tracks))
    head = b"".join(n.to_bytes(2, "big") for n in (kind, tracks, division))
    data = b"MThd\0\0\0\6" + head + body
    if draw.random() < 0.15:
        own = b"RMIDdata" + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        data = b"RIFF" + len(own).to_bytes(4, "little") + own
    return data + draw.choice((b"", b"", b"", b"\0", b"rest", b"XFIH\0\0\0\2ab"))


def _track(draw: random.Random, quarter: int, drums: bool) -> bytes:
    events: list[tuple[int, int, bytes]] = []
    channel, tick = 9 if drums else draw.choice((0, 0, 0, 1, 9, 15)), 0
    loose = draw.random() < 0.2
    for number in range(draw.choice((0, 1, 3, 12, 40))):
        tick += draw.choice((0, quarter // 4, quarter // 2, quarter, quarter // 3, 1))
        tick += draw.randint(0, max(quarter // 50, 1)) if loose else 0
        if draw.random() < 0.75:
            events += _note(draw, tick, channel, quarter, number)
        else:
            events.append((tick, number, draw.choice(_EVENTS)(draw, channel)))
    return _chunk(draw, sorted(events))


def _note(
    draw: random.Random, tick: int, channel: int, quarter: int, number: int
) -> list[tuple[int, int, bytes]]:
    pitch = draw.choice((0, 24, 36, 38, 42, 60, 60, 62, 64, 67, 72, 96, 127))
    length = draw.choice((0, 1, quarter // 8, quarter // 2, quarter, quarter * 5))
    on = bytes([0x90 + channel, pitch, draw.choice((1, 40, 64, 64, 64, 80, 127))])
    off = draw.choice((bytes([0x80 + channel, pitch, 64]), bytes([0x90 + channel, pitch, 0])))
    ends = [] if draw.random() < 0.05 else [(tick + length, number, off)]
    return [(tick, number, on), *ends]


def _meta(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + _length(len(data)) + data


_EVENTS = (
    lambda draw, channel: bytes([0xB0 + channel, draw.choice((0, 1, 7, 11, 32, 64, 64, 64, 66, 67, 121, 123)),
                                 draw.choice((0, 63, 64, 127))]),
    lambda draw, channel: bytes([0xC0 + channel, draw.choice((0, 0, 5, 40, 48, 119, 127))]),
    lambda draw, channel: bytes([0xE0 + channel, draw.randrange(128), draw.randrange(128)]),
    lambda draw, channel: bytes([draw.choice((0xA0, 0xD0)) + channel, 60, 10])[: 3],
    lambda draw, channel: _meta(0x51, draw.choice((b"\x07\xa1\x20", b"\0\0\1", b"\xff\xff\xff", b"\4\0\0"))),
    lambda draw, channel: _meta(0x58, draw.choice((b"\4\2\x18\x08", b"\3\2\x18\x08", b"\6\3\x18\x08",
                                                   b"\x0d\5\x18\x08", b"\1\0\x18\x08"))),
    lambda draw, channel: _meta(0x59, bytes([draw.randrange(256), draw.randrange(2)])),
    lambda draw, channel: _meta(draw.choice((1, 3, 4, 5, 6, 7)), draw.choice(
        (b"Drums", b"click", b"Piano", b"", b"\xff\xfe", b"p", b"rit.", b"\x1b[2J", b"VIOLIN I"))),
    lambda draw, channel: _meta(0x7F, draw.choice((b"\x7dhumanize\1" + bytes(16), b"\0", b"\x43x"))),
    lambda draw, channel: _meta(0x20, bytes([channel])),
    lambda draw, channel: b"\xf0\5\x7e\x7f\x09\1\xf7",
    lambda draw, channel: b"\xf0\x08\x43\x10\x4c\0\0\x7e\0\xf7",
)  # fmt: skip


def _chunk(draw: random.Random, events: list[tuple[int, int, bytes]]) -> bytes:
    body, now, status, running = b"", 0, 0, draw.random() < 0.5
    for tick, _, message in events:
        if message[0] & 0xF0 == 0xD0:
            message = message[:2]
        body += _length(tick - now)
        now = tick
        body += message[1:] if running and message[0] == status < 0xF0 else message
        status = message[0]
    if draw.random() < 0.95:
        body += _length(draw.choice((0, 0, 0, 100, 5000))) + b"\xff\x2f\0"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


ABC = (
    *"CDEFGABcdefgabzxXyZ", "C,", "c'", "^F", "_B", "=c", "^^g", "__a", "[CEG]", "[C2E/G3]", "[c", "]",
    *("2", "/", "//", "/4", "3/2", "16", "1/0", "99999", ">", "<", ">>", "-", "(", ")", "(3", "(3:2:4",
      "(9:0:9", "{g}", "{/ga}", "|", "||", "|:", ":|", "::", "|]", "[1", "[2", "|1", ":|2", "[1-3,5"),
    *(" ", "\n", "\\\n", "%c\n", '"Am"', '"^dolce"', "!p!", "!ff!", "!crescendo(!", "!crescendo)!",
      "!fermata!", "!trill!", "!D.C.!", "!fine!", "!segno!", "!D.S.!", "+accent+", ".", "~", "H", "T", "u"),
    *("[K:Dm]", "[M:3/4]", "[L:1/16]", "[Q:1/4=60]", "[V:2]", "[V:1]", "[r:x]", "\nK:G\n", "\nM:C|\n",
      "\nL:1/8\n", "\nV:2 clef=bass\n", "\nV:1\n", "\nQ:200\n", "\nP:A\n", "\nw:la la\n", "\nX:2\nT:b\nK:C\n",
      "\nM:none\n", "\nM:0/4\n", "\nL:0\n", "\nK:^f _b\n", "\nK:HP\n", "\nQ:0\n", "\nP:A2(BC)3\n", "&"),
)  # fmt: skip


def abc_file(draw: random.Random) -> bytes:
    """Return a tune of tokens."""
    head = draw.choice(("X:1\nT:a\nM:4/4\nL:1/8\nK:C\n", "X:1\nK:G\n", "X:1\nM:6/8\nQ:3/8=60\nK:Am\n",
                        "%abc-2.1\nX:1\nT:a\nV:1\nV:2\nM:C\nK:D\n", ""))  # fmt: skip
    tokens = [draw.choice(ABC) for _ in range(draw.choice((2, 10, 40, 120)))]
    return (head + "".join(tokens)).encode()


_KERN = (
    *("4c", "8d", "2.e", "16ff#", "4C-", "8r", "4c 4e 4g", "[4c", "4c]", "4c_", "qc", "8cq", "4cT", "4c'",
      "4c^", "4c;", "(4c", "4c)", "0c", "00c", "3%2c", "4..c", "4cn", "4", "c", ".", "4cL", "4cJ", "4r;"),
)  # fmt: skip
_RECORDS = ("=", "=1", "=2:|!", "=3!|:", "==", "=:|!|:", "*M3/4", "*M0/4", "*M4/4", "*k[f#]", "*MM120",
            "*MM0", "*clefF4", "*>A", "*>B", "*>[A,A,B]", "!LO:TX:t=rit.", "*ped", "*Xped", "*tuplet",
            "*ITrd-1c-2", "*staff2", "*Ipiano", "*rep", "*8va")  # fmt: skip


def kern_file(draw: random.Random) -> bytes:
    """Return Humdrum whose lines have as many columns as they must."""
    columns = draw.randint(1, 3)
    dynam = draw.random() < 0.3
    kinds = ["**kern"] * columns + ["**dynam"] * dynam
    rows = [kinds, *([word] * len(kinds) for word in ("*M4/4",))]
    width = len(kinds)
    for _ in range(draw.choice((2, 8, 30))):
        if draw.random() < 0.7:
            notes = [draw.choice(_KERN) for _ in range(width - dynam)]
            rows.append(notes + [draw.choice((".", "p", "ff", "<", ">", "sfz", "[", "("))] * dynam)
        elif draw.random() < 0.1 and width < 6:
            rows.append(["*^"] + ["*"] * (width - 1))
            width += 1
        else:
            rows.append([draw.choice(_RECORDS)] * width)
    rows.append(["*-"] * width)
    return ("\n".join("\t".join(row) for row in rows) + "\n").encode()


def changed_tree(draw: random.Random, text: bytes, words: tuple[str, ...] = ()) -> bytes:
    """Return well-formed XML with up to six edits of elements, attributes and texts."""
    from lxml import etree

    root = etree.fromstring(text)
    for _ in range(draw.randint(1, 6)):
        _edit(draw, root, words)
    return etree.tostring(root)


def _edit(draw: random.Random, root: Any, words: tuple[str, ...]) -> None:
    elements = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
    if not elements:
        return
    one, other = draw.choice(elements), draw.choice(elements)
    parent = one.getparent()
    kind = draw.choice(
        ("drop", "twice", "move", "text", "attribute", "attribute", "strange", "name")
    )
    if kind == "drop":
        parent.remove(one)
    elif kind == "twice":
        parent.insert(parent.index(one), copy.deepcopy(one))
    elif kind == "move" and one not in other.iterancestors() and one is not other:
        other.append(one)
    elif kind == "text":
        one.text = draw.choice((*NUMBERS, *words))
    elif kind == "name":
        one.tag = other.tag
    elif kind == "strange":
        one.set(draw.choice(("id", "number", "n", "dur", "type", "place")), draw.choice(NUMBERS))
    elif one.attrib:
        one.set(draw.choice(list(one.attrib)), draw.choice((*NUMBERS, *words)))


@lru_cache
def rich_scores() -> list[bytes]:
    """Return MusicXML with what scores hold: the examples, and cases of the tests."""
    folder = ROOT / "tests/scores/cases"
    small = sorted(p for p in folder.rglob("*.musicxml") if p.stat().st_size < 30_000)
    return [path.read_bytes().strip() for path in small]


@lru_cache
def rich_mei() -> list[bytes]:
    """Return the MEI that Verovio makes of those scores' like; what is stored needs no Verovio."""
    folder = ROOT / "tests/stored/mei"
    return [path.read_bytes() for path in sorted(folder.glob("*.mei"))]


def changed_json(draw: random.Random, value: Any) -> Any:
    """Return a JSON value with up to four edits of values, names and lists."""
    made = copy.deepcopy(value)
    for _ in range(draw.randint(1, 4)):
        places = list(_places(made))
        if not places:
            break
        at, name = draw.choice(places)
        kind = draw.choice(("odd", "odd", "drop", "other", "name"))
        if kind == "odd":
            at[name] = copy.deepcopy(draw.choice(_ODD))
        elif kind == "drop":
            del at[name]
        elif kind == "other":
            source, key = draw.choice(places)
            at[name] = (
                copy.deepcopy(source.get(key) if isinstance(source, dict) else source[key])
                if _has(source, key)
                else 0
            )
        elif isinstance(at, dict):
            at[draw.choice(("x", "", "velocity", "file", "../x", "flat"))] = at.pop(name)
    return made


_ODD = (None, True, False, -1, 0, 1, 0.5, 1e308, 10**40, 10**400, float("nan"), float("inf"), "", "x", "a\nb", "../x",
        "/dev/zero", [], [[]], {}, {"x": {}}, [1, "x"], "\ud800", "flat", "velocity")  # fmt: skip


def _has(source: Any, key: Any) -> bool:
    return key in source if isinstance(source, dict) else key < len(source)


def _places(value: Any) -> Any:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, own in list(inside):
        yield value, name
        if isinstance(own, dict | list):
            yield from _places(own)


def json_text(value: Any) -> bytes:
    """Return JSON, with whatever letters and numbers."""
    return json.dumps(value).encode()
