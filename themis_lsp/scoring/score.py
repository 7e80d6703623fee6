"""The seam between the reviewer and whatever computes rewards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language

Progress = Callable[[int], None]
"""Called with the number of snippets finished since the last call."""


class ScoringInterruptedError(Exception):
    """Scoring was ended from another thread before it was done."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code to score: all that a reward may depend on.

    ``task`` says what the code is for; a scorer that does not read tasks takes no notice of it.
    """

    language: Language
    text: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The rewards of one snippet and where they come from.

    ``rewards`` is [criteria], in the order of the scorer's ``criteria``. ``token_rewards`` is
    [tokens, criteria]: what each token adds, so its sum over tokens is ``rewards``.
    ``token_starts`` is [tokens]: the character (code point) of the snippet's text where each token
    begins, ascending. A snippet without tokens has zero rewards.
    """

    rewards: NDArray[np.float32]
    token_rewards: NDArray[np.float32]
    token_starts: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ScorerInfo:
    """What a reader must know to trust or repeat a score; ``reads_tasks`` if those count.

    One that ``is_faithful`` reads code as the evaluation of the Themis papers does, for benchmarks.
    One that ``fell_back`` runs on the CPU because CUDA, though onnxruntime lists it, does not work.
    """

    model: str
    bundle_sha256: str
    provider: str
    criteria: tuple[Criterion, ...]
    reads_tasks: bool = False
    is_faithful: bool = False
    fell_back: bool = False


class Scorer(Protocol):
    """Anything that turns snippets into scores."""

    @property
    def info(self) -> ScorerInfo:
        """Which model scores, and where it runs."""
        ...

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order; the same snippet always scores the same."""
        ...
