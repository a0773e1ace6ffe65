from __future__ import annotations

import pytest
from smf_builder import encode, music

from humanize.corpus.held_out import cleared, held_out_by_name, plain
from humanize.corpus.pieces import Corpus, Origin, Piece
from humanize.midi.reading import read_midi

ORIGIN = Origin("none", "none", "nobody")


def test_titles_become_words() -> None:
    assert plain("Etudes_Opus_10_5_Black_Key") == "etudes opus 10 5 black key"
    assert plain("EtudeOp10No3") == "etude op 10 no 3"
    assert plain("Sonata in D Major, K. 311") == "sonata in d major k 311"


@pytest.mark.parametrize(
    ("composer", "title"),
    [
        ("Frédéric Chopin", "Etude Op. 10, No. 3"),
        ("Chopin", "Etudes_Opus_10_5_Black_Key"),
        ("Chopin", "BalladeOp38"),
        ("Frédéric Chopin", "Ballade No. 2 in F Major, Op. 38"),
        ("Frédéric Chopin", "Sonata No. 3 in B Minor, Op. 58, 2nd mov."),
        ("Wolfgang Amadeus Mozart", "Sonata in B-flat Major, K.281"),
        ("Mozart", "Sonata_No.10_C_major_KV_330_2"),
        ("Mozart", "Sonata No. 12 in F Major"),
        ("Franz Schubert", "16 German Dances, D. 783"),
        ("Schubert", "4_Impromptus_D_935_Opus_posth_142_1"),
        ("Schubert", "6_Moments_musicaux_D_780_Opus_94_1"),
        ("Ludwig van Beethoven", "Sonata No. 21 in C Major, Op. 53"),
        ("Ludwig van Beethoven", "Sonata No. 8 in C Minor, Op. 13, III. Rondo"),
        ("Beethoven", "Sonata_No.8_C_minor_Opus_13_3"),
        ("Beethoven", "Sonata_No.27_E_minor_Opus_90_1"),
        ("Johann Sebastian Bach", "Prelude and Fugue in A-flat Major, WTC II, BWV 876"),
        ("Schumann", "Kreisleriana_Opus_16_2"),
        ("Robert Schumann", "Toccata in C Major, Op. 7"),
        ("Liszt", "Grandes_Etudes_de_Paganini_3_La_campanella"),
    ],
)
def test_held_out_compositions_are_known_by_name(composer: str, title: str) -> None:
    assert held_out_by_name(composer, title)


@pytest.mark.parametrize(
    ("composer", "title"),
    [
        ("Chopin", "Etudes_Opus_10_1"),
        ("Chopin", "Etudes_op_10_4"),
        ("Frédéric Chopin", "Sonata No. 3 in B Minor, Op. 58, 1st mov."),
        ("Mozart", "Sonata_No.16_C_major_Sonata_facile_KV_545_1"),
        ("Schubert", "4_Impromptus_D_935_Opus_posth_142_3"),
        ("Franz Schubert", "Impromptu Op. 142 No. 3 in B-flat Major, D. 935"),
        ("Beethoven", "Sonata_No.8_C_minor_Opus_13_2"),
        ("Ludwig van Beethoven", "Sonata No. 7 in D Major, Op. 10 No. 3, First Movement"),
        ("Ludwig van Beethoven", "Sonata No. 21 in C Major, Op. 53, II. Introduzione"),
        ("Johann Sebastian Bach", "Prelude and Fugue in C Major, WTC I, BWV 846"),
        ("Prokofiev", "Toccata"),
        ("Schumann", "Kreisleriana_Opus_16_1"),
    ],
)
def test_other_compositions_and_movements_are_not(composer: str, title: str) -> None:
    assert not held_out_by_name(composer, title)


def test_a_corpus_is_cleared_by_name_and_by_music() -> None:
    notes = [read_midi(encode(music(seed, 200))).pieces[0] for seed in range(3)]
    named = [("Mozart", "KV 331"), ("Mozart", "KV 545"), ("Nobody", "Copy")]
    pieces = tuple(
        Piece(origin=ORIGIN, id=t, composer=c, title=t, split="train", notes=n, performances=())
        for (c, t), n in zip(named, notes, strict=True)
    )
    kept = cleared(Corpus("c", pieces), [pieces[2]])
    assert [p.id for p in kept.pieces] == ["KV 545", "Copy"]  # a piece is no copy of itself
    other = Piece(
        origin=ORIGIN,
        id="x",
        composer="A",
        title="x",
        split="test",
        notes=notes[2],
        performances=(),
    )
    kept = cleared(Corpus("c", pieces), [other])
    assert [p.id for p in kept.pieces] == ["KV 545"]
    assert [reason for _, reason in kept.excluded] == [
        "held out, by its title",
        "shares 1.00 of its top line with A/x",
    ]
