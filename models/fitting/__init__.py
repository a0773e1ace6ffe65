"""What training needs and a plain run never imports: trees, nets, their graphs, when to stop.

torch, lightgbm, fastai and onnx are imported inside the functions that use them; the modules of
torch classes (``*_net``, ``*_nets``) import torch at once and are imported by those alone.
"""
