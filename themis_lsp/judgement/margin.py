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


def read_sides(
    before: ScoredText, after: ScoredText, empty_side: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each side of a change is worth, both [criteria]; the margin is their difference.

    A side is worth the mean token reward of its tokens outside the longest common subsequence of
    the two; one without such tokens is worth ``empty_side`` [criteria]. Equal texts are worth the
    same.
    """
    old, new = _tokens(before), _tokens(after)
    old_changed, new_changed = mark_changed(old, new)
    return (
        _mean_reward(before.score, old_changed, empty_side),
        _mean_reward(after.score, new_changed, empty_side),
    )


def _tokens(side: ScoredText) -> list[str]:
    bounds = [*side.score.token_starts.tolist(), len(side.text)]
    return [side.text[start:end] for start, end in pairwise(bounds)]


def _mean_reward(
    score: Score, changed: NDArray[np.bool_], empty_side: Sequence[float]
) -> NDArray[np.float64]:
    if not changed.any():
        return np.array(empty_side, dtype=np.float64)
    # A token adds its own reward over the number of tokens; undo that division.
    own = score.token_rewards.astype(np.float64) * len(score.token_rewards)
    return np.asarray(own[changed].mean(axis=0))
