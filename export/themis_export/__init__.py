"""Turns checkpoints into bundles: ONNX graph, quantization, parity, calibration.

Everything here needs the ``train`` extra; the reviewer never imports this package.
"""

from __future__ import annotations
