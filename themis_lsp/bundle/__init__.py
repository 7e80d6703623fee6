"""Model bundles: a folder with everything needed to score."""

from __future__ import annotations

from themis_lsp.bundle.load import Bundle, load_bundle, read_bundle
from themis_lsp.bundle.locate import find_bundle
from themis_lsp.bundle.manifest import Calibration, FileEntry, Manifest, Pooling

__all__ = [
    "Bundle",
    "Calibration",
    "FileEntry",
    "Manifest",
    "Pooling",
    "find_bundle",
    "load_bundle",
    "read_bundle",
]
