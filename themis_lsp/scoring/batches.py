"""Grouping token sequences of similar length, so that little time goes into padding."""

from __future__ import annotations

from collections.abc import Sequence

BUCKET_TOKENS = 16


def padded_length(tokens: int) -> int:
    """Return the length a sequence is padded to; it depends on that sequence alone."""
    return -(-tokens // BUCKET_TOKENS) * BUCKET_TOKENS


def group_by_length(lengths: Sequence[int], limit_tokens: int) -> list[list[int]]:
    """Return indices in groups of one padded length, each at most ``limit_tokens`` in all.

    One padded length per group means that no sequence is ever padded for another's sake: its
    reward cannot depend on its company.
    """
    groups: list[list[int]] = []
    current = 0
    for index in sorted(range(len(lengths)), key=lambda i: (padded_length(lengths[i]), i)):
        length = padded_length(lengths[index])
        full = bool(groups) and (len(groups[-1]) + 1) * length > limit_tokens
        if not groups or full or length != current:
            groups.append([])
            current = length
        groups[-1].append(index)
    return groups
