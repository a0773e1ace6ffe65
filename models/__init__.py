"""Feature table in, velocity out; this package knows no music file and no corpus.

Running a model needs numpy and onnxruntime only. The modules that train (``lgbm``, ``tabular``,
``sequence``, ``pianoroll``) import their libraries inside the functions that use them.
"""

from .base import Model, Route
from .bundle import load_model, model_names

__all__ = ["Model", "Route", "load_model", "model_names"]
