"""Pairing the units of code before and after an edit."""

from __future__ import annotations

from themis_lsp.changes.change import Change, ChangeKind, FileUnits, Pairing
from themis_lsp.changes.pair import pair_units

__all__ = ["Change", "ChangeKind", "FileUnits", "Pairing", "pair_units"]
