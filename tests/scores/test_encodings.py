"""What an XML declaration may say, and text that must not be taken for what it looks like."""

from __future__ import annotations

import re

import pytest
from musicxml_builder import note, part, score, solo

import humanize
from humanize.errors import ScoreError

_DYNAMICS = re.compile(r' dynamics="[0-9.]+"')
PLAIN = solo(*[note("C4", 1) * 4] * 4)


def _titled(title: str, encoding: str) -> str:
    return score({title: part([note("C4", 1) * 4] * 4)}, encoding=encoding)


@pytest.mark.parametrize("encoding", ["Shift_JIS", "EUC-JP", "ISO-2022-JP", "GB18030"])
def test_encodings_of_several_bytes_a_letter_come_back_as_they_were(encoding: str) -> None:
    text = _titled("月光のピアノ", encoding)
    result = humanize.humanize_bytes(text.encode(encoding), name="x.musicxml")
    back = result.bytes.decode(encoding)
    assert len(_DYNAMICS.findall(back)) == 16
    assert _DYNAMICS.sub("", back).encode(encoding) == text.encode(encoding)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_of_bytes_that_calls_itself_utf16_is_utf8(mark: str) -> None:
    text = mark + _titled("Flügel", "utf-16")
    result = humanize.humanize_bytes(text.encode(), name="x.musicxml")
    assert len(_DYNAMICS.findall(result.bytes.decode())) == 16
    assert _DYNAMICS.sub("", result.bytes.decode()) == text


def test_bytes_that_could_not_come_back_are_not_written() -> None:
    content = _titled("X", "cp932").encode().replace(b"X", b"\x87\x90")  # has another code too
    result = humanize.humanize_bytes(content, name="x.musicxml", as_midi=True)
    assert result.bytes.startswith(b"MThd")
    with pytest.raises(ScoreError, match=r"^x\.musicxml: letters that cp932 writes in two ways; "):
        humanize.humanize_bytes(content, name="x.musicxml")


@pytest.mark.parametrize("encoding", ["klingon", "hex", "utf-7", "punycode", "unicode_escape"])
def test_an_unknown_encoding_is_named(encoding: str) -> None:
    content = _titled("Piano", encoding).encode()
    with pytest.raises(ScoreError, match=f"^x.musicxml: encoding '{encoding}' found; expected a"):
        humanize.humanize_bytes(content, name="x.musicxml")


def test_bytes_that_are_not_in_the_encoding_named_are_told() -> None:
    content = _titled("X", "Shift_JIS").encode().replace(b"X", b"\x81\xff")
    with pytest.raises(
        ScoreError, match=r"^x\.musicxml: broken SHIFT_JIS \(.+\); expected a score"
    ):
        humanize.humanize_bytes(content, name="x.musicxml")


def test_an_entity_that_nothing_declares_is_named() -> None:
    doctype = b'<!DOCTYPE score-partwise PUBLIC "-//Recordare" "partwise.dtd"><score-partwise'
    content = PLAIN.replace(b"<score-partwise", doctype).replace(b">C<", b">&eacute;<", 1)
    expected = "x.musicxml: &eacute; found, which XML lacks; expected the letter"
    with pytest.raises(ScoreError) as caught:
        humanize.humanize_bytes(content, name="x.musicxml")
    assert str(caught.value) == expected


def test_values_that_look_like_attributes_stay() -> None:
    tag = """<note id='a dynamics="3" id="b"'\n\tdynamics = '55.5' color="#000"><pitch>"""
    content = PLAIN.replace(b"<note><pitch>", tag.encode(), 1)
    after = humanize.humanize_bytes(content, name="x.musicxml").bytes
    found = re.search(rb"<note id=[^#]*#000", after)
    assert found is not None
    pattern = rb"""<note id='a dynamics="3" id="b"'\n\tdynamics = "([0-9.]+)" color="#000"""
    written = re.fullmatch(pattern, found[0])
    assert written is not None
    assert written[1] != b"55.5"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_spine_of_a_humdrum_score_is_read_behind_a_byte_order_mark(
    mark: bytes, end: bytes
) -> None:
    lines = (
        b"**kern\t**kern",
        b"*M4/4\t*M4/4",
        b"=1\t=1",
        b"4C\t4c",
        b"4D\t4d",
        b"4E\t4e",
        b"4F\t4f",
        b"*-\t*-",
    )
    result = humanize.humanize_bytes(mark + end.join(lines) + end, name="x.krn")
    pitches = sorted(result.notes[0].pitch.tolist())
    assert pitches == [48, 50, 52, 53, 60, 62, 64, 65]
