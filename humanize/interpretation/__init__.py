"""From a note table to what is written: prediction, written dynamics, shaping."""
