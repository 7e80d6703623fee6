"""Themis Review: local code review by a reward model."""

from __future__ import annotations

__version__ = "0.1.0"
