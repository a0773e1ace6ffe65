"""Note table in, feature table out; this package knows no model and no file format."""

from .registry import Feature, FeatureTable, all_features, feature_names, feature_table

__all__ = ["Feature", "FeatureTable", "all_features", "feature_names", "feature_table"]
