"""The likely reason why a change lowers a reward, in words."""

from __future__ import annotations

from themis_lsp.concerns.catalogue import Concern, all_concerns, find_concern

__all__ = ["Concern", "all_concerns", "find_concern"]
