"""Cutting source text into the units that get a reward."""

from __future__ import annotations

from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit, UnitKind

__all__ = ["Unit", "UnitKind", "find_units"]
