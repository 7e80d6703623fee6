"""A deterministic scorer for tests, ours and our users'."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from themis_lsp.criteria import Criterion
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

_WORD = re.compile(r"\S+")


class FakeScorer:
    """Rewards made from hashes: no model, no onnxruntime, the same on every machine.

    A token is a run of non-blank characters; what it adds depends on its spelling and the
    language alone, and lies in [-1, 1) divided by the number of tokens.
    """

    def __init__(self, criteria: Sequence[Criterion] = tuple(Criterion)) -> None:
        self._criteria = tuple(criteria)

    @property
    def info(self) -> ScorerInfo:
        """A name no real bundle has, and an all-zero hash."""
        return ScorerInfo("fake", "0" * 64, "fake", self._criteria)

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order."""
        scores = []
        for snippet in snippets:
            scores.append(self._score_one(snippet))
            if progress is not None:
                progress(1)
        return scores

    def _score_one(self, snippet: Snippet) -> Score:
        words = list(_WORD.finditer(snippet.text))
        rewards = np.zeros((len(words), len(self._criteria)), dtype=np.float32)
        for row, word in enumerate(words):
            for column, criterion in enumerate(self._criteria):
                seed = f"{criterion}\0{snippet.language}\0{word.group()}".encode()
                digest = hashlib.sha256(seed).digest()
                rewards[row, column] = int.from_bytes(digest[:2]) / 32768 - 1
        rewards /= max(len(words), 1)
        starts = np.array([word.start() for word in words], dtype=np.int32)
        return Score(rewards.sum(axis=0, dtype=np.float32), rewards, starts)
