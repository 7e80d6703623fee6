"""Cutting source text into the units that get a reward, and telling its language."""

from __future__ import annotations

from themis_lsp.units.detect import detect_language, language_by_name, may_be_source
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit, UnitKind

__all__ = [
    "Unit",
    "UnitKind",
    "detect_language",
    "find_units",
    "language_by_name",
    "may_be_source",
]
