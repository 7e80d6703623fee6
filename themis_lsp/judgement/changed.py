"""Which items of two sequences differ: one reading, for training and for review."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq


def count_shared(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """Return how many leading items the two sequences share."""
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))


def mark_changed(
    left: Sequence[Hashable], right: Sequence[Hashable]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the items of each side, [left] and [right], outside their longest common subsequence.

    Several subsequences may be longest; the one taken has all that the sides share at the start.
    """
    shared = count_shared(left, right)
    left_changed, right_changed = np.arange(len(left)) >= shared, np.arange(len(right)) >= shared
    for block in LCSseq.opcodes(left[shared:], right[shared:]):
        if block.tag == "equal":
            left_changed[shared + block.src_start : shared + block.src_end] = False
            right_changed[shared + block.dest_start : shared + block.dest_end] = False
    return left_changed, right_changed
