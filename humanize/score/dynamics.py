"""What a written dynamic or word means: levels, sforzandi, hairpins, words of expression.

Levels are those that MuseScore plays: ppp 16, pp 33, p 49, mp 64, mf 80, f 96, ff 112, fff 126.
"""

from __future__ import annotations

import re

LEVELS = {
    "n": 1.0, "pppppp": 1.0, "ppppp": 3.0, "pppp": 5.0, "ppp": 16.0, "pp": 33.0, "p": 49.0,
    "mp": 64.0, "mf": 80.0, "f": 96.0, "ff": 112.0, "fff": 126.0, "ffff": 127.0, "fffff": 127.0,
    "ffffff": 127.0, "pianissimo": 33.0, "piano": 49.0, "mezzopiano": 64.0, "mezzoforte": 80.0,
    "forte": 96.0, "fortissimo": 112.0,
}  # fmt: skip
WORDS = {
    "word_soft": r"dolc|sotto voce|legg|tranq|teneram|delicat|mezza voce|una corda|calm|dolent",
    "word_strong": r"agitat|marcat|fuoco|pesant|appassion|energic|risolut|con forza|feroc|brio"
    r"|strepit|martell|vigor|maest|tre corde",
    "word_singing": r"cantab|espress|cantando|con anima|lyric|ben tenuto|con espr",
    "word_fading": r"morend|caland|smorz|perdend|mancand|diluend|estint",
}
"""Marking columns, and what words of expression begin with."""
TEMPI = {
    "grave": 42.0, "largo": 50.0, "lento": 54.0, "larghetto": 60.0, "adagio": 66.0,
    "andante": 80.0, "andantino": 88.0, "moderato": 104.0, "allegretto": 112.0,
    "allegro": 132.0, "vivace": 150.0, "presto": 176.0, "prestissimo": 192.0,
}  # fmt: skip
"""Quarter notes a minute of words that name a tempo."""

_IMPULSE = re.compile(r"(s?f+z|sf+z?|rf+z?|m?f+|m?p)(p{1,6}|mp|mf|f{1,2})?")
_LEVEL_SIGN = re.compile(r"(?<![\w.])(p{1,6}|mp|mf|f{1,6})(?![\w.])")
_LEVEL_WORD = re.compile(r"(?<![\w.])((?:mezzo )?(?:piano|forte)|pianissimo|fortissimo)(?![\w])")
_SFORZANDO_WORD = re.compile(
    r"(?<![\w.])(sf+z?p*|fz|rfz?|rinf|rinforz|rinforzando|sforz|sforzando|sforzato)(?![\w])"
)
_MORE = re.compile(r"\b(pi[uù]|meno|poco|possibile)\b")
_AROUND = ".:()[] "
_FEW_WORDS = 4  # in which a dynamic is looked for
_CRESCENDO = re.compile(r"\b(crescendo|cresc)\b")
_DIMINUENDO = re.compile(
    r"\b(diminuendo|decrescendo|decresc|decr|dimin|dim|raddolcendo|smorzando|smorz|perdendosi"
    r"|calando)\b"
)
_MOST_WORDS = 6  # in which a crescendo is looked for


def level_of(dynamic: str) -> float | None:
    """Return the level from a dynamic on; None where it leaves the level as it is.

    After *fp*, *sfzpp* and the like it is that of their last letters.
    """
    text = dynamic.lower().strip(_AROUND)
    if text in LEVELS:
        return LEVELS[text]
    found = _IMPULSE.fullmatch(text)
    return LEVELS[found[2]] if found and found[2] else None


def is_sforzando(dynamic: str) -> bool:
    """Return whether a dynamic makes its note stand out: *sf*, *sffz*, *rf*, *fp* and their kin."""
    text = dynamic.lower().strip(_AROUND)
    found = _IMPULSE.fullmatch(text)
    return text not in LEVELS and found is not None and not found[1].endswith("p")


def level_in_words(words: str) -> float | None:
    """Return the level that a few words say, as *subito p*; None without one."""
    count = len(words.split())
    found = _LEVEL_SIGN.search(words) if count <= _FEW_WORDS else None
    if found is None and count <= _FEW_WORDS // 2 and not _MORE.search(words.lower()):
        found = _LEVEL_WORD.search(words.lower())
    return LEVELS[found[1].replace(" ", "")] if found else None


def sforzando_in_words(words: str) -> bool:
    """Return whether a few words ask for a sforzando."""
    return len(words.split()) <= _FEW_WORDS and bool(_SFORZANDO_WORD.search(words.lower()))


def direction_of(words: str) -> int:
    """Return 1 for words that ask for a crescendo, -1 for a diminuendo, else 0."""
    text = words.lower()
    if len(text.split()) > _MOST_WORDS:
        return 0
    return 1 if _CRESCENDO.search(text) else -1 if _DIMINUENDO.search(text) else 0


def tempo_of(words: str) -> float | None:
    """Return the quarter notes a minute of words that name a tempo; None for others."""
    for word in re.findall(r"[a-z]+", words.lower())[:_FEW_WORDS]:
        if word in TEMPI:
            return TEMPI[word]
    return None
