"""Preference pairs from git history.

commits -> messages, files -> cut units (shards on disk) -> criterion -> duplicates -> pairs
"""

from __future__ import annotations
