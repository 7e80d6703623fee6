"""Which items of two sequences differ: one reading, for training and for review."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of items that differ: 0-based, ends exclusive; one side may be empty."""

    left_start: int
    left_end: int
    right_start: int
    right_end: int


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


def find_hunks(left: Sequence[Hashable], right: Sequence[Hashable], *, gap: int = 1) -> list[Hunk]:
    """Return where the two sequences differ, in order.

    Differences with no more than ``gap`` equal items between them are one hunk.
    """
    hunks: list[Hunk] = []
    for block in LCSseq.opcodes(left, right):
        if block.tag == "equal":
            continue
        start = block.src_start, block.dest_start
        if hunks and block.src_start - hunks[-1].left_end <= gap:
            start = hunks[-1].left_start, hunks[-1].right_start
            hunks.pop()
        hunks.append(Hunk(start[0], block.src_end, start[1], block.dest_end))
    return hunks
