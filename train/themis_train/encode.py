"""A preference pair as one packed sequence: shared beginning, then both endings.

A causal model gives both sides the same states up to their first difference, so that part is
computed once: ``[sink] shared… chosen-ending… rejected-ending…``, where the rejected ending
sees the shared part and itself, and its positions continue from the shared part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from themis_lsp.judgement.changed import count_shared, mark_changed
from themis_lsp.judgement.prose import mark_prose
from themis_lsp.languages import Language
from themis_lsp.units.comments import blank_prose

SHARED, CHOSEN, REJECTED, PADDING = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Window:
    """How much unchanged code is kept around a change, in tokens."""

    before: int
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """One packed pair; arrays are [tokens].

    ``segments`` holds SHARED, CHOSEN or REJECTED; ``changed`` marks the tokens outside the
    longest common subsequence of the two sides that have a say on the criterion. ``source`` tells
    pairs of one repository from those of another. ``offset`` is a margin that the pair already has
    from elsewhere.
    """

    ids: NDArray[np.int32]
    positions: NDArray[np.int32]
    segments: NDArray[np.int8]
    changed: NDArray[np.bool_]
    criterion: int
    chosen_is_longer: bool
    smoothing: float
    source: int = 0
    weight: float = 1.0
    offset: float = 0.0


def encode_text(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the token ids of ``text``; special tokens in it are read as plain text."""
    ids: list[int] = _encode(tokenizer, text).ids
    return ids


@dataclass(frozen=True, slots=True)
class EncodedSide:
    """Token ids, and which tokens have a say; both are [tokens]."""

    ids: list[int]
    counts: NDArray[np.bool_]


def encode_side(
    tokenizer: Tokenizer, text: str, language: Language, *, reads_comments: bool
) -> EncodedSide:
    """Return one side of a pair; comments have a say only on a criterion that reads them."""
    encoding = _encode(tokenizer, text)
    counts = np.ones(len(encoding.ids), dtype=np.bool_)
    if not reads_comments:
        starts = [start for start, _ in encoding.offsets]
        counts = ~mark_prose(text, blank_prose(text, language), starts)
    return EncodedSide(encoding.ids, counts)


def pack_pair(
    left: EncodedSide, right: EncodedSide, *, sink_id: int, window: Window
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.bool_]] | None:
    """Pack chosen (``left``) and rejected (``right``); None when nothing that counts differs, or
    it is too long.

    Returns ids, positions, segments and changed marks, each [tokens].
    """
    shared = count_shared(left.ids, right.ids)
    chosen, rejected = left.ids[shared:], right.ids[shared:]
    marks = mark_changed(left.ids, right.ids)
    chosen_changed, rejected_changed = (
        (own & side.counts)[shared:] for own, side in zip(marks, (left, right), strict=True)
    )
    if not chosen_changed.any() and not rejected_changed.any():
        return None
    chosen = chosen[: _last_true(chosen_changed) + 1 + window.after]
    rejected = rejected[: _last_true(rejected_changed) + 1 + window.after]
    prefix = left.ids[max(0, shared - window.before) : shared]
    total = 1 + len(prefix) + len(chosen) + len(rejected)
    if total > window.limit:
        return None
    start = 1 + len(prefix)
    ids = np.array([sink_id, *prefix, *chosen, *rejected], dtype=np.int32)
    positions = np.concatenate(
        [np.arange(start + len(chosen)), start + np.arange(len(rejected))]
    ).astype(np.int32)
    segments = np.repeat(
        np.array([SHARED, CHOSEN, REJECTED], dtype=np.int8), [start, len(chosen), len(rejected)]
    )
    changed = np.concatenate(
        [np.zeros(start, bool), chosen_changed[: len(chosen)], rejected_changed[: len(rejected)]]
    )
    return ids, positions, segments, changed


def _encode(tokenizer: Tokenizer, text: str) -> Encoding:
    tokenizer.encode_special_tokens = True
    return tokenizer.encode(text, add_special_tokens=False)


def neighbours(row: EncodedPair) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the token before each token and the one before that, on its side; both [tokens]."""
    left = np.maximum(np.arange(len(row.ids)) - 1, 0)
    rejected = np.flatnonzero(row.segments == REJECTED)
    if len(rejected):
        left[rejected[0]] = np.count_nonzero(row.segments != CHOSEN) - len(rejected) - 1
    ids = row.ids.astype(np.int64)
    return ids[left], ids[left[left]]


def _last_true(marks: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(marks).max(initial=-1))
