"""What a change is worth: the margin, read where the two sides differ.

A unit's reward is the mean over all its tokens, so a small edit in a long unit moves it little and
the tokens that stayed say nothing about the edit. An additive head lets both be left out: the
margin compares the mean token reward of the code that came with that of the code that went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from themis_lsp.judgement.changed import mark_changed
from themis_lsp.scoring.score import Score


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text and its score."""

    text: str
    score: Score


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two texts differ and what each is worth there.

    ``before`` and ``after`` are [criteria]; the margin is ``after - before``. ``went`` and ``came``
    mark the tokens, of the text before and of the one after, outside the longest common
    subsequence of the two.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    went: NDArray[np.bool_]
    came: NDArray[np.bool_]


def read_difference(
    before: ScoredText, after: ScoredText, empty_side: Sequence[float]
) -> Difference:
    """Return what each side of a change is worth.

    A side is worth the mean token reward of its tokens outside the longest common subsequence of
    the two; one without such tokens is worth ``empty_side`` [criteria]. Equal texts are worth the
    same.
    """
    went, came = mark_changed(tokens_of(before), tokens_of(after))
    return Difference(
        _mean_reward(before.score, went, empty_side),
        _mean_reward(after.score, came, empty_side),
        went,
        came,
    )


def own_rewards(score: Score) -> NDArray[np.float64]:
    """Return what each token is worth by itself, [tokens, criteria]; their mean is the reward."""
    # A token adds its own reward over the number of tokens; undo that division.
    return np.asarray(score.token_rewards.astype(np.float64) * len(score.token_rewards))


def tokens_of(side: ScoredText) -> list[str]:
    """Return the text cut into its tokens, [tokens]."""
    return cut_tokens(side.text, side.score.token_starts)


def cut_tokens(text: str, starts: NDArray[np.int32]) -> list[str]:
    """Return ``text`` cut into tokens, [tokens], from the code point that each starts at."""
    return [text[start:end] for start, end in pairwise([*starts.tolist(), len(text)])]


def _mean_reward(
    score: Score, changed: NDArray[np.bool_], empty_side: Sequence[float]
) -> NDArray[np.float64]:
    if not changed.any():
        return np.array(empty_side, dtype=np.float64)
    return np.asarray(own_rewards(score)[changed].mean(axis=0))
