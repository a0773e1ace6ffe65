"""The Groove loader on a small folder of its layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from smf_builder import header, note, track

from humanize.corpus.groove import ORIGIN, load_groove
from humanize.errors import CorpusError

HEAD = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n"


def groove(folder: Path, *, head: str = HEAD) -> Path:
    (folder / "drummer1").mkdir(parents=True)
    data = header(0, 1, 480) + track(note(0, 100, 36, channel=9) + note(480, 500, 38, channel=9))
    rows = ""
    for number, (style, split) in enumerate([("funk/groove1", "test"), ("jazz", "train")], start=1):
        (folder / "drummer1" / f"{number}.mid").write_bytes(data)
        rows += f"drummer1,s,d/{number},{style},120,beat,4-4,drummer1/{number}.mid,,1.0,{split}\n"
    (folder / "info.csv").write_text(head + rows)
    return folder


def test_takes_of_the_corpus_own_split(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g")
    takes = load_groove(folder)
    assert [(t.id, t.style, t.split, t.metre, t.drummer) for t in takes] == [
        ("d/1", "funk", "test", "4-4", "drummer1"),
        ("d/2", "jazz", "train", "4-4", "drummer1"),
    ]
    assert takes[0].notes.pitch.tolist() == [36, 38]
    assert [t.id for t in load_groove(folder, ("train",))] == ["d/2"]
    assert ORIGIN.licence == "CC BY 4.0"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no info\.csv found; expected the folder of the Groove"):
        load_groove(tmp_path)
    lacking = groove(tmp_path / "a", head=HEAD.replace("style", "genre"))
    with pytest.raises(CorpusError, match="no column 'style' found"):
        load_groove(lacking)
    folder = groove(tmp_path / "b")
    (folder / "drummer1" / "1.mid").unlink()
    with pytest.raises(CorpusError, match=r"1\.mid: missing; expected every file that info\.csv"):
        load_groove(folder)
