"""From files of preference pairs to weighted, packed batches."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from tokenizers import Tokenizer

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_train.balance import length_weights
from themis_train.encode import (
    PADDING,
    EncodedPair,
    EncodedSide,
    Window,
    encode_side,
    neighbours,
    pack_pair,
)
from themis_train.objective import Batch


def repository_of(pair: PreferencePair) -> str:
    """Return where a pair of a commit comes from: it is called repository@commit."""
    return pair.id.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Labels:
    """What is believed of the labels of some pairs.

    ``smoothing`` is the share believed wrong; ``share`` how much a pair counts beside others;
    ``source`` names what a pair has in common with those that would give it away.
    """

    smoothing: float
    share: float = 1.0
    source: Callable[[PreferencePair], str] = repository_of


def encode_pairs(
    pairs: Sequence[PreferencePair],
    tokenizer: Tokenizer,
    *,
    criteria: Sequence[Criterion],
    sink_id: int,
    window: Window,
    labels: Labels,
) -> list[EncodedPair]:
    """Pack every pair that fits the window; the others are left out."""

    # A neutral edit is two pairs on each criterion, one after the other: of the same two texts.
    @lru_cache(maxsize=8)
    def encode(text: str, language: Language, reads_comments: bool) -> EncodedSide:
        return encode_side(tokenizer, text, language, reads_comments=reads_comments)

    rows = []
    for pair in pairs:
        if pair.criterion not in criteria:
            continue
        left, right = (
            encode(side, pair.language, pair.criterion.reads_comments)
            for side in (pair.chosen, pair.rejected)
        )
        packed = pack_pair(left, right, sink_id=sink_id, window=window)
        if packed is not None:
            longer = len(pair.chosen) > len(pair.rejected)
            criterion = criteria.index(pair.criterion)
            source = zlib.crc32(labels.source(pair).encode())
            rows.append(
                EncodedPair(*packed, criterion, longer, labels.smoothing, source, labels.share)
            )
    return rows


def balance_lengths(rows: Sequence[EncodedPair], temper: float = 0.5) -> list[EncodedPair]:
    """Weigh pairs so that in each criterion longer-is-better and shorter-is-better count alike.

    What a pair weighs from before is its share among those. A criterion with n pairs weighs
    n ** ``temper`` in all; weights average one.
    """
    cells = [(row.criterion, row.chosen_is_longer) for row in rows]
    weights = length_weights(cells, temper, [row.weight for row in rows])
    return [replace(row, weight=float(weight)) for row, weight in zip(rows, weights, strict=True)]


def group_rows(
    rows: Sequence[EncodedPair], limit_tokens: int, generator: np.random.Generator | None = None
) -> list[list[EncodedPair]]:
    """Return every row once, in groups of similar length of at most ``limit_tokens`` padded.

    With a generator the order is shuffled: rows of about one length, groups at random.
    """
    lengths = np.array([len(row.ids) for row in rows], dtype=np.float64)
    if generator is not None:
        lengths *= generator.uniform(0.9, 1.1, len(rows))
    groups: list[list[EncodedPair]] = []
    longest = 0
    for index in np.argsort(lengths, kind="stable"):
        row = rows[index]
        longest = max(longest, len(row.ids))
        if not groups or (len(groups[-1]) + 1) * longest > limit_tokens:
            groups.append([])
            longest = len(row.ids)
        groups[-1].append(row)
    if generator is not None:
        generator.shuffle(groups)
    return groups


def collate(rows: Sequence[EncodedPair]) -> Batch:
    """Pad rows to their longest."""
    size = (len(rows), max(len(row.ids) for row in rows))
    ids = torch.zeros(size, dtype=torch.long)
    before, before_that = torch.zeros_like(ids), torch.zeros_like(ids)
    positions = torch.zeros(size, dtype=torch.long)
    segments = torch.full(size, PADDING, dtype=torch.int8)
    changed = torch.zeros(size, dtype=torch.bool)
    for index, row in enumerate(rows):
        end = len(row.ids)
        ids[index, :end] = torch.from_numpy(row.ids)
        left, left_of_left = neighbours(row)
        before[index, :end] = torch.from_numpy(left)
        before_that[index, :end] = torch.from_numpy(left_of_left)
        positions[index, :end] = torch.from_numpy(row.positions)
        segments[index, :end] = torch.from_numpy(row.segments)
        changed[index, :end] = torch.from_numpy(row.changed)
    return Batch(
        ids,
        before,
        before_that,
        positions,
        segments,
        changed,
        torch.tensor([row.criterion for row in rows]),
        torch.tensor([row.weight for row in rows]),
        torch.tensor([row.smoothing for row in rows]),
        torch.tensor([row.offset for row in rows]),
    )
