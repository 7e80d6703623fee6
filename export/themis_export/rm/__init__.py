"""Turns checkpoints of Themis-RM, and of decoders like it, into bundles."""

from __future__ import annotations
