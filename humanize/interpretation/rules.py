"""Tempo by rule: what is known of tempo without a model.

References
----------
Friberg & Sundberg, Does music performance allude to locomotion?, JASA 105(3), 1999.
Friberg, Bresin & Sundberg, Overview of the KTH rule system for musical performance, Advances in
Cognitive Psychology 2(2-3), 2006 (*phrase arch*).
"""

from __future__ import annotations

import numpy as np

from humanize.notes import FloatColumn, NoteTable, starts

_MEASURES, _CURVE, _LAST_TEMPO = 4, 3.0, 0.5
_ARCH = 0.15  # log beat period at the ends of a phrase above that in its middle


def tempo_by_rule(notes: NoteTable) -> FloatColumn:
    """Return the log beat period of each onset by two rules: phrases of four measures as arches,
    and a final ritardando.

    Parameters
    ----------
    notes : NoteTable

    Returns
    -------
    (k,) FloatColumn
        Of the distinct onsets; 0 is as notated.
    """
    return phrase_arch(notes) + final_ritardando(notes)


def phrase_arch(notes: NoteTable) -> FloatColumn:
    """Return the log beat period of each onset where each four measures are a phrase.

    A parabola: quickest in the middle of the phrase, slowest at its ends, 0 on average.
    """
    new = starts(notes.onset_beat)
    onset, phrase = notes.onset_beat[new], (notes.measure[new] - 1) // _MEASURES
    first = np.flatnonzero(np.diff(phrase, prepend=phrase[0] - 1))
    begin, group = onset[first], np.searchsorted(first, np.arange(len(onset)), "right") - 1
    last = float((notes.onset_beat + notes.duration_beat).max())
    share = (onset - begin[group]) / np.maximum(np.append(begin[1:], last) - begin, 1e-9)[group]
    return np.asarray(_ARCH * ((2 * share - 1) ** 2 - 1 / 3))


def final_ritardando(notes: NoteTable) -> FloatColumn:
    """Return the log beat period of each onset of a piece that is steady but for its end.

    Tempo falls over the last four measures to a half, as a runner comes to a stand:
    ``v(x) = (1 + (w**q - 1) x) ** (1 / q)`` with ``w`` 0.5 and ``q`` 3.
    """
    new = starts(notes.onset_beat)
    onset, measure = notes.onset_beat[new], notes.measure[new]
    late = measure > measure[-1] - _MEASURES
    begin, end = float(onset[late][0]), float(onset[-1])
    share = np.clip((onset - begin) / max(end - begin, 1e-9), 0.0, 1.0)
    tempo = (1 + (_LAST_TEMPO**_CURVE - 1) * share) ** (1 / _CURVE)
    return np.asarray(-np.log(tempo))
