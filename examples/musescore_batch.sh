#!/bin/sh
# Humanise scores by way of MuseScore's MIDI export: musescore_batch.sh a.mscz b.mscx ...
# Each score leaves SCORE-humanized.mid beside itself. MUSESCORE and HUMANIZE name the programs.
set -eu
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for score in "$@"; do
    "${MUSESCORE:-musescore3}" -o "$folder/plain.mid" "$score"
    "${HUMANIZE:-humanize}" "$folder/plain.mid" -o "${score%.*}-humanized.mid"
    rm "$folder/plain.mid"
done
