"""Scoring preference pairs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.crop import crop_codes, crop_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.score import Progress, Scorer, Snippet

_CHUNK_PAIRS = 256  # token rewards of one chunk are alive at a time

PairReading = Callable[[ScoredText, ScoredText, Criterion, int], tuple[float, float]]
"""Takes chosen, rejected, the pair's criterion, and the column of that in their scores; returns the
scores of chosen and rejected whose difference is the margin."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair's two scores and what it is grouped by.

    ``length_difference`` is the length of chosen minus that of rejected, in characters.
    """

    id: str
    chosen_score: float
    rejected_score: float
    length_difference: int
    criterion: Criterion
    language: Language
    subset: str

    @property
    def margin(self) -> float:
        """By how much the better side scores higher; negative when the scorer is wrong."""
        return self.chosen_score - self.rejected_score


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Scored pairs in the order read, and how many had a criterion the bundle does not know."""

    pairs: tuple[ScoredPair, ...]
    skipped: Mapping[Criterion, int]


def read_changes(empty_side: Sequence[float]) -> PairReading:
    """Return the reading that compares two snippets where they differ; see ``read_difference``."""

    def read(
        chosen: ScoredText, rejected: ScoredText, criterion: Criterion, column: int
    ) -> tuple[float, float]:
        difference = read_difference(
            rejected, chosen, columns={criterion: column}, empty_side=empty_side
        )
        return float(difference.after[column]), float(difference.before[column])

    return read


def score_pairs(
    pairs: Iterable[PreferencePair],
    scorer: Scorer,
    *,
    reading: PairReading,
    progress: Progress | None = None,
) -> ScoredPairs:
    """Score both sides of each pair on the pair's criterion.

    ``pairs`` is read as it is scored; only the lines around what differs are. ``progress`` counts
    snippets, two to a pair, skipped ones included. Raises BundleError when a score is not a finite
    number.
    """
    columns = {criterion: column for column, criterion in enumerate(scorer.info.criteria)}
    skipped: Counter[Criterion] = Counter()
    scored: list[ScoredPair] = []
    for chunk in _split(pairs, _CHUNK_PAIRS):
        known = [pair for pair in chunk if pair.criterion in columns]
        if progress is not None and len(known) < len(chunk):
            progress(2 * (len(chunk) - len(known)))
        skipped.update(pair.criterion for pair in chunk if pair.criterion not in columns)
        cropped = [crop_pair(pair.chosen, pair.rejected) for pair in known]
        snippets = [
            Snippet(pair.language, text)
            for pair, sides in zip(known, cropped, strict=True)
            for text in (sides.left, sides.right)
        ]
        scores = scorer.score(snippets, progress)
        for index, pair in enumerate(known):
            sides = cropped[index]
            codes = crop_codes((pair.chosen, pair.rejected), pair.language, sides)
            chosen = ScoredText(sides.left, scores[2 * index], codes[0])
            rejected = ScoredText(sides.right, scores[2 * index + 1], codes[1])
            values = reading(chosen, rejected, pair.criterion, columns[pair.criterion])
            scored.append(_label(pair, *values))
    return ScoredPairs(tuple(scored), dict(skipped))


def _split(pairs: Iterable[PreferencePair], size: int) -> Iterator[list[PreferencePair]]:
    iterator = iter(pairs)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _label(pair: PreferencePair, chosen_score: float, rejected_score: float) -> ScoredPair:
    if not (math.isfinite(chosen_score) and math.isfinite(rejected_score)):
        raise BundleError(
            f"the model's score of pair {pair.id} is not a finite number; "
            "the bundle is damaged or badly quantized: export it again"
        )
    return ScoredPair(
        id=pair.id,
        chosen_score=chosen_score,
        rejected_score=rejected_score,
        length_difference=len(pair.chosen) - len(pair.rejected),
        criterion=pair.criterion,
        language=pair.language,
        subset=pair.subset,
    )
