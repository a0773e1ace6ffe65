"""Which banks of a MusicXML part are drum kits."""

from __future__ import annotations

import pytest

from humanize.notes import DRUMS
from humanize.score import read_score

_SCORE = """<?xml version="1.0"?><score-partwise version="4.0"><part-list><score-part id="P1">
<part-name>Violin</part-name><score-instrument id="I"><instrument-name>Violin</instrument-name>
</score-instrument><midi-instrument id="I"><midi-channel>1</midi-channel><midi-bank>{bank}</midi-bank>
<midi-program>41</midi-program></midi-instrument></score-part></part-list><part id="P1">
<measure number="1"><attributes><divisions>1</divisions></attributes><note><pitch><step>A</step>
<octave>4</octave></pitch><duration>4</duration></note></measure></part></score-partwise>"""


@pytest.mark.parametrize(
    ("bank", "drums"),
    [
        (1, False),
        (15_360, False),  # most significant byte 119
        (15_361, True),  # 120: General MIDI 2's kits
        (15_489, False),  # 121: General MIDI 2's melodic bank, which Finale writes
        (16_129, True),  # 126: XG's effects
        (16_257, True),  # 127: XG's kits
    ],
)
def test_a_bank_is_a_kit_or_an_instrument(bank: int, drums: bool) -> None:
    notes = read_score(_SCORE.format(bank=bank).encode(), name="x.musicxml").notes
    assert (notes.instrument == DRUMS).all() == drums
