"""Scores as bytes, for the cache and for other processes."""

from __future__ import annotations

import struct

import numpy as np

from themis_lsp.scoring.score import Score

_HEADER = struct.Struct("<II")


def pack_score(score: Score) -> bytes:
    """Return all of a score, to the bit."""
    tokens, criteria = score.token_rewards.shape
    return b"".join(
        (
            _HEADER.pack(tokens, criteria),
            score.rewards.astype("<f4").tobytes(),
            score.token_rewards.astype("<f4").tobytes(),
            score.token_starts.astype("<i4").tobytes(),
        )
    )


def unpack_score(blob: bytes, criteria: int) -> Score | None:
    """Return the score, None when the blob is not one of ``criteria`` criteria."""
    if len(blob) < _HEADER.size:
        return None
    tokens, stored_criteria = _HEADER.unpack_from(blob)
    if stored_criteria != criteria or len(blob) != _HEADER.size + 4 * (
        criteria + tokens * criteria + tokens
    ):
        return None
    values = np.frombuffer(blob, "<f4", criteria * (1 + tokens), _HEADER.size)
    starts = np.frombuffer(blob, "<i4", tokens, _HEADER.size + values.nbytes)
    return Score(
        values[:criteria].astype(np.float32),
        values[criteria:].reshape(tokens, criteria).astype(np.float32),
        starts.astype(np.int32),
    )
