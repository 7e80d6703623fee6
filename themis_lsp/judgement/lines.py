"""What each line of a unit takes away: exact, because rewards are sums over tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from themis_lsp.scoring.score import Score
from themis_lsp.units.unit import Unit


def line_costs(
    unit: Unit, score: Score, *, criterion_index: int, reference_reward: float
) -> list[float]:
    """Return the cost of each line of ``unit.text``, split at ``\\n``, first line first.

    A line is owed its share of the tokens times ``reference_reward``, the reward of a middling
    unit; what its tokens add falls short of that by its cost. So the costs of all lines sum to
    ``reference_reward`` minus the unit's reward, and a negative cost is a line better than most.
    All are 0.0 for a unit without tokens.
    """
    lines = unit.text.count("\n") + 1
    if not len(score.token_starts):
        return [0.0] * lines
    owners = token_lines(unit.text, score.token_starts)
    rewards = score.token_rewards[:, criterion_index].astype(np.float64)
    shares = np.bincount(owners, minlength=lines) / len(owners)
    costs = shares * reference_reward - np.bincount(owners, weights=rewards, minlength=lines)
    return [float(cost) for cost in costs]


def token_lines(text: str, starts: NDArray[np.int32]) -> NDArray[np.intp]:
    """The 0-based line of each token: that of the first non-blank character at or after its start.

    A tokenizer often puts a newline and an indentation at the head of the token that follows, or in
    a token of their own; they belong to the line they introduce. Blanks at the very end belong to
    the last line with anything on it.
    """
    codes = code_points(text)
    solid = np.flatnonzero(codes > ord(" "))
    if not len(solid):
        return np.zeros(len(starts), dtype=np.intp)
    nearest = np.minimum(np.searchsorted(solid, starts), len(solid) - 1)
    return np.searchsorted(np.flatnonzero(codes == ord("\n")), solid[nearest])


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the numbers of the text's code points, [code points]."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
