"""Compositions that nothing is trained on, by name: held out for figures, here or elsewhere.

Content finds a composition under any name, but only where its notes are at hand; the name finds it
where they are not. Corpora are cleared of both. Names err on the safe side: a title that names a
whole work of which one movement is held out is held out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from humanize.corpus.content import cleared_of
from humanize.corpus.pieces import Corpus, Piece

WORKS: tuple[tuple[str, str], ...] = (
    # left to evaluations by others: Vienna 4x22, Batik plays Mozart, performances of public ASAP
    ("chopin", r"etudes?.*\bop(us)? ?10 (no ?)?(2|3|10|12)\b"),
    ("chopin", r"\bop(us)? ?38\b|ballade?s? (no ?)?2\b"),
    ("chopin", r"scherzo.*(\bop(us)? ?39\b|\bno ?3\b)"),
    ("mozart", r"\bkv? ?(279|28[0-4]|33[0-3]|457|533|494)\b|sonata no ?([1-6]|1[0-5])\b"),
    ("schubert", r"\bd ?783\b"),
    ("schumann", r"arabes[kq]"),
    ("liszt", r"campanella|paganini.*\b(no ?)?3\b"),
    ("bach", r"bwv ?(858|874|892)\b"),
    # the validation and test splits of ASAP
    ("bach", r"bwv ?(854|862|865|867|87[0346]|88[4789]|892)\b"),
    ("chopin", r"etudes?.*\bop(us)? ?10 (no ?)?[58]\b"),
    ("chopin", r"barcarolle|\bop(us)? ?60\b|scherzo.*(\bop(us)? ?20\b|\bno ?1\b)"),
    ("liszt", r"feux follets|transcendant\w* (no ?)?5\b|transcendental etudes? (no ?)?5\b"),
    ("schubert", r"impromptus?( op(us)? ?142| d ?935)+( (no ?)?1( |$)|$)"),
    ("schubert", r"impromptus d ?935 opus posth 142 1$|impromptu no ?1 in f minor"),
    ("schubert", r"moments? musica\w*( d ?780)?( op(us)? ?94)?( (no ?)?1)?$"),
    ("schumann", r"kreisleriana( op(us)? ?16)?( (no ?)?2)?$|\btoccata\b"),
)
"""A composer and a pattern over the title, both as ``plain`` writes them."""

SONATAS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("beethoven", r"no ?3\b|op(us)? ?2 (no ?)?3\b", (2,)),
    ("beethoven", r"no ?8\b|op(us)? ?13\b", (3,)),
    ("beethoven", r"no ?11\b|op(us)? ?22\b", (1,)),
    ("beethoven", r"no ?15\b|op(us)? ?28\b", (1, 4)),
    ("beethoven", r"no ?16\b|op(us)? ?31 (no ?)?1\b", (1,)),
    ("beethoven", r"no ?18\b|op(us)? ?31 (no ?)?3\b", (1,)),
    ("beethoven", r"no ?21\b|op(us)? ?53\b", (1, 3)),
    ("beethoven", r"no ?26\b|op(us)? ?81a?\b", (3,)),
    ("beethoven", r"no ?27\b|op(us)? ?90\b", (1,)),
    ("beethoven", r"no ?28\b|op(us)? ?101\b", (1,)),
    ("beethoven", r"no ?29\b|op(us)? ?106\b", (4,)),
    ("beethoven", r"no ?31\b|op(us)? ?110\b", (1, 2)),
    ("beethoven", r"no ?32\b|op(us)? ?111\b", (1,)),
    ("chopin", r"no ?3\b|op(us)? ?58\b", (2, 3)),
    ("haydn", r"xvi ?3[12]\b|sonata (no ?)?3[12]\b", (1,)),
    ("schubert", r"\bd ?664\b", (2,)),
)
"""A composer, a pattern that names a sonata, and its movements that are held out."""

_WORK_NUMBER = r"(?<!op \d )(?<!op \d\d )(?<!opus \d )(?<!opus \d\d )(?:{})"
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def plain(text: str) -> str:
    """Return lower case words and numbers, one blank between them; camel case counts as words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[A-Z])", " ", text)
    return re.sub(r"[\W_]+", " ", apart).lower().strip()


def held_out_by_name(composer: str, title: str) -> bool:
    """Return whether a composer and a title name a composition that is held out."""
    author, name = plain(composer), plain(title)
    if any(who in author and re.search(what, name) for who, what in WORKS):
        return True
    movement = _movement(name)
    return any(
        who in author
        and "sonat" in name
        and re.search(_WORK_NUMBER.format(what), name) is not None
        and (movement is None or movement in movements)
        for who, what, movements in SONATAS
    )


def _movement(name: str) -> int | None:
    """Return the movement that a title names: an ordinal, a Roman number, or a last digit."""
    found = re.search(r"\b(\w+) mov(ement|t)?\b", name)
    if found and found[1] in _ORDINALS:
        return _ORDINALS[found[1]]
    roman = [_ROMAN[word] for word in name.split() if word in _ROMAN]
    if roman:
        return roman[-1]
    last = re.search(r"(?<!no)(?<!op)(?<!opus) ([1-4])$", name)
    return int(last[1]) if last else None


def cleared(corpus: Corpus, held_out: Sequence[Piece] = ()) -> Corpus:
    """Return a corpus without what is held out, by name and by music.

    Parameters
    ----------
    corpus : Corpus
    held_out : sequence of Piece
        Whose music is compared: scores of the validation and test splits. Without them names
        alone are.
    """
    named = {p.id for p in corpus.pieces if held_out_by_name(p.composer, p.title)}
    kept = tuple(piece for piece in corpus.pieces if piece.id not in named)
    why = tuple((p.id, "held out, by its title") for p in corpus.pieces if p.id in named)
    return cleared_of(replace(corpus, pieces=kept, excluded=(*corpus.excluded, *why)), held_out)
