\version "2.22.0"

% L. van Beethoven, Bagatelle in A minor WoO 59, "Für Elise" (1810): its first section, bars 1-22.
% Public domain; engraved for this project. make -f lilypond.mk fuer_elise-humanized.mid

\header {
  title = "Für Elise"
  subtitle = "first section"
  composer = "L. van Beethoven, WoO 59"
  tagline = ##f
}

global = {
  \key a \minor
  \time 3/8
  \tempo "Poco moto" 8 = 140
  \tag #'print \partial 8
  \tag #'play s4
}

theme = {
  e''16 dis'' e'' b' d'' c'' |
  a'8 r16 c' e' a' |
  b'8 r16 e' gis' b' |
  c''8 r16 e' e'' dis'' |
  e''16 dis'' e'' b' d'' c'' |
  a'8 r16 c' e' a' |
  b'8 r16 e' c'' b' |
}

right = {
  \global
  \repeat volta 2 {
    e''16 dis'' |
    \theme
  }
  \alternative {
    { a'4 }
    { a'8 r16 b' c'' d'' }
  }
  \repeat volta 2 {
    e''8. g'16 f'' e'' |
    d''8. f'16 e'' d'' |
    c''8. e'16 d'' c'' |
    b'8 r16 e' e'' r |
    r16 e'' e''' r r dis'' |
    e''16 r r dis'' e'' dis'' |
    \theme
  }
  \alternative {
    { a'8 r16 b' c'' d'' }
    { a'8 r4 }
  }
  \bar "|."
}

aMinor = { a,16\sustainOn e a r8\sustainOff r16 | }
eMajor = { e,16\sustainOn e gis r8\sustainOff r16 | }

ground = {
  r4. |
  \aMinor
  \eMajor
  \aMinor
  r4. |
  \aMinor
  \eMajor
}

left = {
  \global
  \clef bass
  \repeat volta 2 {
    r8 |
    \ground
  }
  \alternative {
    { a,16\sustainOn e a r\sustainOff }
    { a,16\sustainOn e a r8\sustainOff r16 }
  }
  \repeat volta 2 {
    c16\sustainOn g c' r8\sustainOff r16 |
    g,16\sustainOn g b r8\sustainOff r16 |
    a,16\sustainOn e a r8\sustainOff r16 |
    e,16 e r r r \clef treble e' |
    e''16 r r dis'' e'' r |
    r16 dis'' e'' r r8 | \clef bass
    \ground
  }
  \alternative {
    { a,16\sustainOn e a r8\sustainOff r16 }
    { a,16\sustainOn e a r8\sustainOff r16 }
  }
}

dynamics = { s8\pp }

\score {
  \keepWithTag #'print \new PianoStaff <<
    \new Staff \right
    \new Dynamics \dynamics
    \new Staff \left
  >>
  \layout { }
}

% LilyPond plays a voice without dynamics at a level of its own, so both voices have them here; and its
% MIDI does not tell an upbeat from a downbeat, so a silence fills the first bar.
\score {
  \keepWithTag #'play \unfoldRepeats \new PianoStaff <<
    \new Staff = "right" \new Voice << \right \dynamics >>
    \new Staff = "left" \new Voice << \left \dynamics >>
  >>
  \midi { }
}
