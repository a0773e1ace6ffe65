"""Note table in, feature table out; this package knows no model and no file format."""

from .feature import Feature, FeatureTable
from .registry import all_features, feature_names, feature_table

__all__ = ["Feature", "FeatureTable", "all_features", "feature_names", "feature_table"]
