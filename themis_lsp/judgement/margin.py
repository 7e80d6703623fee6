"""What a change is worth: the margin, read where the two sides differ.

A unit's reward is the mean over all its tokens, so a small edit in a long unit moves it little and
the tokens that stayed say nothing about the edit. An additive head lets both be left out: the
margin compares the mean token reward of the code that came with that of the code that went.
Comments have no say but on readability: they change nothing that the code does.

The mean over a handful of tokens is mostly chance, so it is drawn towards nought: as if as many
tokens worth nothing as the calibration of the criterion says stood beside those that changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.changed import mark_changed
from themis_lsp.judgement.prose import mark_prose
from themis_lsp.scoring.score import Score


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text, its score, and its ``code``: the text with blanks for comments and docstrings."""

    text: str
    score: Score
    code: str


@dataclass(frozen=True, slots=True)
class ChangedTokens:
    """Tokens of one side outside the longest common subsequence of both: marks, [tokens].

    ``code`` marks those of ``all`` that are part of no comment.
    """

    all: NDArray[np.bool_]
    code: NDArray[np.bool_]

    def on(self, criterion: Criterion) -> NDArray[np.bool_]:
        """Return the marks of the tokens that have a say on ``criterion``."""
        return self.all if criterion.reads_comments else self.code


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two texts differ and what each is worth there.

    ``before`` and ``after`` are [criteria]; the margin is ``after - before``. Both are means over
    the changed tokens times ``trust``, [criteria], 0..1, which grows with their number. ``went``
    are tokens of the text before, ``came`` of the one after.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    trust: NDArray[np.float64]
    went: ChangedTokens
    came: ChangedTokens

    def count(self, criterion: Criterion) -> int:
        """Return how many tokens, of both sides, have a say on ``criterion``."""
        return int(self.went.on(criterion).sum() + self.came.on(criterion).sum())


def read_difference(
    before: ScoredText,
    after: ScoredText,
    *,
    columns: Mapping[Criterion, int],
    empty_side: Sequence[float] | None,
    scales: Mapping[Criterion, MarginScale],
) -> Difference:
    """Return what each side of a change is worth.

    ``columns`` maps criteria to their places in the scores and in ``empty_side``, [criteria]; what
    is said of others is no reading. A side is worth the mean token reward of its tokens outside the
    longest common subsequence of the two; one without such tokens is worth ``empty_side``. Equal
    texts are worth the same. Where ``empty_side`` is None tokens have no rewards of their own, and
    a side is worth its whole reward, and all that changed has a say on it. What is read from n
    changed tokens counts n / (n + ``prior_tokens``), as the criterion's own of ``scales`` has it, 0
    for one that is not there.
    """
    marks = mark_changed(tokens_of(before), tokens_of(after))
    # A reward of the whole has comments in it, whatever it is on: there they have their say.
    went, came = (
        ChangedTokens(own, own if empty_side is None else own & ~_prose(side))
        for own, side in zip(marks, (before, after), strict=True)
    )
    worth_before, worth_after = (
        _worth(side.score, tokens, columns, empty_side)
        for side, tokens in ((before, went), (after, came))
    )
    raw = Difference(worth_before, worth_after, np.ones(len(worth_after)), went, came)
    trust = _trust(raw, columns, scales)
    return replace(raw, before=worth_before * trust, after=worth_after * trust, trust=trust)


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


def _prose(side: ScoredText) -> NDArray[np.bool_]:
    return mark_prose(side.text, side.code, side.score.token_starts)


def _trust(
    difference: Difference,
    columns: Mapping[Criterion, int],
    scales: Mapping[Criterion, MarginScale],
) -> NDArray[np.float64]:
    trust = difference.trust.copy()
    for criterion, column in columns.items():
        count = difference.count(criterion)
        if criterion in scales and count:
            trust[column] = count / (count + scales[criterion].prior_tokens)
    return trust


def _worth(
    score: Score,
    changed: ChangedTokens,
    columns: Mapping[Criterion, int],
    empty_side: Sequence[float] | None,
) -> NDArray[np.float64]:
    if empty_side is None:
        return score.rewards.astype(np.float64)
    worth = np.array(empty_side, dtype=np.float64)
    rewards = own_rewards(score)
    for criterion, column in columns.items():
        marks = changed.on(criterion)
        if marks.any():
            worth[column] = rewards[marks, column].mean()
    return worth
