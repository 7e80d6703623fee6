"""Fits reward models: preference pairs in, checkpoints out.

Everything here needs the ``train`` extra; the reviewer never imports this package.
"""

from __future__ import annotations
