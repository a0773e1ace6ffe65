"""Scores that would take memory or time without end, or raise what is no error of ours."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest

from humanize.api import humanize_bytes
from humanize.errors import HumanizeError, ScoreError
from humanize.score.musicxml_dynamics import _attributes, patch_musicxml
from humanize.score.text import decoded, member_of_mxl

NOTE = b"<note%s><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>"
SCORE = (
    b'<score-partwise><part-list><score-part id="P1"><part-name>P</part-name></score-part>'
    b'</part-list><part id="P1"><measure number="1"><attributes><divisions>1</divisions>'
    b"</attributes>%s</measure></part></score-partwise>"
)
PLAIN = SCORE % (NOTE % b"" * 4)
CONTAINER = b'<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'


def mxl(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names said twice
        for name, text in members:
            archive.writestr(name, text)
    return out.getvalue()


def lying(archive: bytes, size: int) -> bytes:
    """Return an archive whose only member says that it has another size."""
    data = bytearray(archive)
    for mark, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        start = data.index(mark) + place
        data[start : start + 4] = size.to_bytes(4, "little")
    return bytes(data)


def test_what_a_member_says_of_its_size_bounds_what_is_unpacked() -> None:
    import tracemalloc

    bomb = lying(mxl(("score.xml", PLAIN + b" " * 60_000_000)), 1000)
    tracemalloc.start()
    with pytest.raises(ScoreError, match="damaged archive"):
        member_of_mxl(bomb, "x.mxl")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_is_packed_as_a_mxl_is(method: int) -> None:
    with pytest.raises(ScoreError, match="packed in another way"):
        member_of_mxl(mxl(("score.xml", PLAIN), method=method), "x.mxl")


def test_two_members_of_one_name_are_refused() -> None:
    twice = mxl(("score.xml", PLAIN), ("score.xml", PLAIN + b"<!-- another -->"))
    with pytest.raises(ScoreError, match=r"two members are called 'score\.xml'"):
        member_of_mxl(twice, "x.mxl")


def test_an_archive_cut_anywhere_is_one_error() -> None:
    whole = mxl(
        ("META-INF/container.xml", CONTAINER), ("score.xml", PLAIN), ("more.txt", b"m" * 50)
    )
    assert member_of_mxl(whole, "x.mxl")[1] == PLAIN
    for place in range(2, len(whole)):
        with pytest.raises(ScoreError):
            humanize_bytes(whole[:place], name="x.mxl")
        try:
            member_of_mxl(whole[:place] + whole[place + 1 :], "x.mxl")
        except ScoreError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("how", ["corrupt", "encrypted"])
def test_another_member_that_cannot_be_read_is_one_error(how: str) -> None:
    data = bytearray(mxl(("score.xml", PLAIN), ("cover.png", bytes(range(256)) * 4)))
    if how == "corrupt":
        data[data.index(b"cover.png") + len(b"cover.png") + 20] ^= 0xFF
    else:
        data[data.rindex(b"PK\1\2") + 8] |= 1
        data[data.rindex(b"PK\3\4") + 6] |= 1
    with pytest.raises(ScoreError, match="damaged archive"):
        humanize_bytes(bytes(data), name="x.mxl")


def test_spaces_in_a_tag_are_walked_once() -> None:
    steps = len(list(_attributes(b"<note" + b" " * 1_000_000 + b">", 5)))
    assert steps == 0
    wide = PLAIN.replace(b"<note>", b"<note" + b" " * 200_000 + b">", 1)
    assert b'<note dynamics="71.11"' in patch_musicxml(wide, {0: 64}, name="x.musicxml")


def test_a_declaration_is_looked_for_where_it_may_stand() -> None:
    many = b"<?xml" + b' encoding="latin-1"' * 100_000
    assert decoded(many, "x.musicxml").text == many  # no declaration ends within its length
    with pytest.raises(HumanizeError):
        humanize_bytes(many, name="x.musicxml")


def test_more_columns_than_any_score_has_are_refused() -> None:
    row = "\t".join(["{}"] * 300) + "\n"
    text = "".join(row.replace("{}", token) for token in ("**kern", "4c", "*-"))
    with pytest.raises(ScoreError, match="300 columns; expected at most 200"):
        humanize_bytes(text.encode(), name="x.krn")


def test_jumps_in_each_measure_stay_within_the_notes_that_a_score_may_have() -> None:
    jump = b'<direction><sound dacapo="yes"/></direction>'
    measures = b"".join(
        b'<measure number="%d">%s%s</measure>' % (number, NOTE % b"" * 4, jump)
        for number in range(2, 500)
    )
    text = PLAIN.replace(b"</measure>", b"</measure>" + measures)
    with pytest.raises(ScoreError, match="notes with all repeats; expected fewer"):
        humanize_bytes(text, name="x.musicxml")
