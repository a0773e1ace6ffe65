"""Feature table in, expression out; this package knows no music file and no corpus.

Running a model needs numpy and onnxruntime only. What trains them is in ``fitting``.
"""

from .base import Head, Model, Route
from .bundle import load_model, model_names

__all__ = ["Head", "Model", "Route", "load_model", "model_names"]
