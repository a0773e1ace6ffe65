"""Fit a model on a corpus, choose by cross-validation over compositions, save a bundle."""
