"""``themis-train rm``: the published Themis-RM recipe on any Hugging Face decoder."""

from __future__ import annotations
