"""Drums: maps, the grid, features, a model of velocity and micro-timing, and feels."""
