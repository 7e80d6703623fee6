"""What the concern head sees of a change: the short runs of tokens that went and that came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 14
"""Columns for each side: those of what came stand first, those of what went behind them."""

_LONGEST_RUN = 3


@dataclass(frozen=True, slots=True)
class MarkedTokens:
    """The tokens of one side of a change, and which of them the other side lacks, [tokens]."""

    tokens: Sequence[str]
    changed: NDArray[np.bool_]


def change_columns(went: MarkedTokens, came: MarkedTokens) -> NDArray[np.int64]:
    """Return the columns, sorted and each once, of a change.

    A run of one to three tokens counts where its last one is changed. Hashes are of the tokens'
    text, so that they do not depend on how a vocabulary numbers them.
    """
    columns = {crc32(run.encode()) % BUCKETS for run in _runs(came)}
    columns |= {BUCKETS + crc32(run.encode()) % BUCKETS for run in _runs(went)}
    return np.array(sorted(columns), dtype=np.int64)


def _runs(side: MarkedTokens) -> Iterator[str]:
    for place in np.flatnonzero(side.changed).tolist():
        for length in range(1, min(_LONGEST_RUN, place + 1) + 1):
            yield "\0".join(side.tokens[place + 1 - length : place + 1])
