"""What the name of a track says: a drum kit, a click, key switches, or an instrument.

Words of the languages in which sequencers and scores are named (English, German, French, Italian,
Spanish, Portuguese, Dutch, Polish, Russian, Japanese, Chinese, Korean).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KIT_WORDS = """
drum drums drumkit drumset drumloop kit percussion percussions perc batterie batteria bateria
percusion percussioni percussao percussie schlagzeug schlagwerk slagwerk trommel trommeln
perkussion perkusja trummor slagtoj ударные ударная барабаны барабан перкуссия
kick kickdrum snare snares snaredrum hihat hihats hats tom toms tomtom cymbal cymbals becken crash
ride clap claps handclap handclaps shaker shakers tambourine cowbell bongo bongos conga congas
maracas guiro cabasa claves timbales rimshot
"""
_KIT_PARTS = ("ドラム", "パーカッション", "鼓组", "架子鼓", "爵士鼓", "打击乐", "打擊樂", "드럼")
_TUNED_WORDS = "steel pan pans hang handpan tongue"
_CLICK_WORDS = """
click clicks clicktrack clic klick metronome metronom metronomo metronoom metronomio метроном
countin
"""
_CLICK_PARTS = ("メトロノーム", "クリック", "节拍器", "節拍器", "메트로놈")
_KEY_SWITCH_WORDS = "keyswitch keyswitches keyswitching ks articulation articulations"

_KIT, _TUNED = frozenset(_KIT_WORDS.split()), frozenset(_TUNED_WORDS.split())
_CLICK, _KEY_SWITCHES = frozenset(_CLICK_WORDS.split()), frozenset(_KEY_SWITCH_WORDS.split())

_INSTRUMENTS = {
    0: "piano klavier pianoforte pianos flugel фортепиано ピアノ 钢琴",
    6: "harpsichord cembalo clavecin clavicembalo",
    19: "organ orgel orgue organo",
    24: "guitar guitare gitarre chitarra guitarra gitaar",
    32: "bass bassgitarre ebass",
    40: "violin violins violine violinen violino violini violon violons geige geigen vln vn vl",
    41: "viola violas viole bratsche bratschen alto vla va",
    42: "cello cellos celli violoncello violoncelli violoncelle violoncelles vc vlc",
    43: "contrabass contrabasso kontrabass contrebasse contrabajo doublebass cb db",
    46: "harp harfe harpe arpa",
    48: "strings streicher cordes archi cuerdas",
    52: "voice voices choir chor choeur coro voix stimme gesang singstimme soprano sopran alt "
    "tenor baritone bariton canto vocal vocals",
    56: "trumpet trumpets trompete trompeten trompette tromba trombe trompeta tpt",
    57: "trombone trombones posaune posaunen tromboni trb tbn",
    58: "tuba tubas",
    60: "horn horns horner cor cors corno corni trompa hn",
    61: "brass blech cuivres ottoni",
    65: "saxophone saxophon sax saxofono saxofon",
    68: "oboe oboes oboen hautbois oboi ob",
    69: "englischhorn",
    70: "bassoon bassoons fagott fagotte basson fagotto fagotti fagot bsn fg",
    71: "clarinet clarinets klarinette klarinetten clarinette clarinetto clarinetti clarinete cl",
    72: "piccolo ottavino",
    73: "flute flutes flote floten querflote flauto flauti flauta fl",
    74: "recorder blockflote",
}
_PROGRAM_OF_WORD = {
    word: program for program, words in _INSTRUMENTS.items() for word in words.split()
}
_SPACED = (("key switch", "keyswitch"), ("hi hat", "hihat"), ("count in", "countin"),
           ("double bass", "doublebass"), ("english horn", "englischhorn"),
           ("bass drum", "drum"), ("snare drum", "snaredrum"))  # fmt: skip


def names_kit(name: str) -> bool:
    """Return whether a track's name says that it is a drum kit or a part of one.

    Steel drums and their like play tunes.
    """
    words = _words(name)
    tuned = bool(_TUNED & set(words))
    return (bool(_KIT & set(words)) or _has(name, _KIT_PARTS)) and not tuned


def names_click(name: str) -> bool:
    """Return whether a track's name says that it is a metronome."""
    return bool(_CLICK & set(_words(name))) or _has(name, _CLICK_PARTS)


def names_key_switches(name: str) -> bool:
    """Return whether a track's name says that its notes choose articulations and do not sound."""
    return bool(_KEY_SWITCHES & set(_words(name)))


def program_of_name(name: str) -> int:
    """Return the General MIDI program (0-127) of the instrument that a name says, or -1."""
    found = [_PROGRAM_OF_WORD[word] for word in _words(name) if word in _PROGRAM_OF_WORD]
    return found[0] if found else -1


@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[str, ...]:
    """Return the words of a name without accents, cases and numbers."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name.replace("ß", "ss")).casefold()
        if not unicodedata.combining(letter)
    )
    spaced = " ".join(re.findall(r"[^\W\d_]+", plain))
    for apart, together in _SPACED:
        spaced = re.sub(rf"\b{apart}", together, spaced)
    return tuple(spaced.split())


def _has(name: str, parts: tuple[str, ...]) -> bool:
    return any(part in name for part in parts)
