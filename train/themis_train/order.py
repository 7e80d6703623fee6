"""Which pairs each step sees: a function of the seed alone, so that any step can be taken up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Place:
    """A pair in a run: its index in the data and how often it has been seen before."""

    epoch: int
    index: int

    def chance(self, seed: int) -> random.Random:
        """Return the source of this place's random choices."""
        return random.Random(f"{seed}:{self.epoch}:{self.index}")


@dataclass(frozen=True, slots=True)
class DataOrder:
    """The endless row of ``count`` pairs, shuffled anew each epoch, in batches of ``batch``."""

    count: int
    batch: int
    seed: int

    def steps(self, epochs: float) -> int:
        """Return how many batches come nearest to ``epochs``, at least one."""
        return max(1, round(epochs * self.count / self.batch))

    def places(self, step: int) -> list[Place]:
        """Return the batch of ``step``, counted from 0."""
        first = step * self.batch
        return [
            Place(epoch, int(_shuffle(self.count, self.seed, epoch)[index]))
            for epoch, index in (divmod(first + n, self.count) for n in range(self.batch))
        ]


def split_share(rows: Sequence[_Row], process: int, processes: int) -> Sequence[_Row]:
    """Return the part of a batch that belongs to one of several processes."""
    return rows[process::processes]


def split_micro(
    rows: Sequence[_Row], lengths: Sequence[int], size: int
) -> Iterator[tuple[_Row, ...]]:
    """Cut rows into groups of ``size`` and of similar length, the longest first.

    The longest come first so that a run that is going to exhaust the memory does so at once.
    """
    order = sorted(range(len(rows)), key=lambda index: -lengths[index])
    for start in range(0, len(order), size):
        yield tuple(rows[index] for index in order[start : start + size])


@lru_cache(maxsize=2)
def _shuffle(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(count)
