"""Scoring preference pairs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.brief import neutral_task
from themis_lsp.judgement.crop import crop_codes, cut_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.score import Progress, Scorer, ScorerInfo, Snippet

_CHUNK_PAIRS = 256  # token rewards of one chunk are alive at a time

_FAINT = 1e-6


@dataclass(frozen=True, slots=True)
class PairScores:
    """The scores of both sides, whose difference is the margin, and the ``tokens`` it is read from.

    ``tokens`` is 0 where nothing that has a say on the criterion changed.
    """

    chosen: float
    rejected: float
    tokens: int


PairReading = Callable[[ScoredText, ScoredText, Criterion, int], PairScores]
"""Takes chosen, rejected, the pair's criterion, and the column of that in their scores."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair's two scores and what it is grouped by.

    ``length_difference`` is the length of chosen minus that of rejected, in characters.
    """

    id: str
    scores: PairScores
    length_difference: int
    criterion: Criterion
    language: Language
    subset: str

    @property
    def margin(self) -> float:
        """By how much the better side scores higher; negative when the scorer is wrong."""
        return self.scores.chosen - self.scores.rejected


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Scored pairs in the order read, and how many had a criterion the bundle does not know."""

    pairs: tuple[ScoredPair, ...]
    skipped: Mapping[Criterion, int]


def read_changes(calibration: Calibration) -> PairReading:
    """Return the reading that compares two snippets where they differ; see ``read_difference``.

    A preference is asked for even where only comments differ, on a criterion that they have no say
    on. There the rewards of the whole snippets decide, less surely than anything else does.
    """

    def read(
        chosen: ScoredText, rejected: ScoredText, criterion: Criterion, column: int
    ) -> PairScores:
        difference = read_difference(
            rejected,
            chosen,
            columns={criterion: column},
            empty_side=calibration.empty_side,
            scales=calibration.margins,
        )
        tokens = difference.count(criterion)
        if not tokens:
            better, other = (float(side.score.rewards[column]) for side in (chosen, rejected))
            return PairScores(_FAINT * better, _FAINT * other, tokens)
        after, before = float(difference.after[column]), float(difference.before[column])
        return PairScores(after, before, tokens)

    return read


def score_pairs(
    pairs: Iterable[PreferencePair],
    scorer: Scorer,
    *,
    reading: PairReading,
    progress: Progress | None = None,
) -> ScoredPairs:
    """Score both sides of each pair on the pair's criterion.

    ``pairs`` is read as it is scored; only the lines around what differs are, unless the scorer
    reads tasks: then whole answers are, to the pair's prompt or, without one, to a neutral task.
    ``progress`` counts snippets, two to a pair, skipped ones included. Raises BundleError when a
    score is not a finite number.
    """
    columns = {criterion: column for column, criterion in enumerate(scorer.info.criteria)}
    skipped: Counter[Criterion] = Counter()
    scored: list[ScoredPair] = []
    for chunk in _split(pairs, _CHUNK_PAIRS):
        known = [pair for pair in chunk if pair.criterion in columns]
        if progress is not None and len(known) < len(chunk):
            progress(2 * (len(chunk) - len(known)))
        skipped.update(pair.criterion for pair in chunk if pair.criterion not in columns)
        is_whole = scorer.info.reads_tasks
        cropped = [cut_pair(p.chosen, p.rejected, whole=is_whole) for p in known]
        snippets = [
            Snippet(pair.language, text, task)
            for pair, sides in zip(known, cropped, strict=True)
            for task in (_task(pair, scorer.info) if is_whole else "",)
            for text in (sides.left, sides.right)
        ]
        scores = scorer.score(snippets, progress)
        for index, pair in enumerate(known):
            sides = cropped[index]
            codes = crop_codes((pair.chosen, pair.rejected), pair.language, sides)
            chosen = ScoredText(sides.left, scores[2 * index], codes[0])
            rejected = ScoredText(sides.right, scores[2 * index + 1], codes[1])
            found = reading(chosen, rejected, pair.criterion, columns[pair.criterion])
            scored.append(_label(pair, found))
    return ScoredPairs(tuple(scored), dict(skipped))


def _task(pair: PreferencePair, info: ScorerInfo) -> str:
    if info.is_faithful:
        return pair.prompt
    return pair.prompt or neutral_task(pair.language, (pair.chosen, pair.rejected))


def _split(pairs: Iterable[PreferencePair], size: int) -> Iterator[list[PreferencePair]]:
    iterator = iter(pairs)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _label(pair: PreferencePair, scores: PairScores) -> ScoredPair:
    if not (math.isfinite(scores.chosen) and math.isfinite(scores.rejected)):
        raise BundleError(
            f"the model's score of pair {pair.id} is not a finite number; "
            "the bundle is damaged or badly quantized: export it again"
        )
    return ScoredPair(
        id=pair.id,
        scores=scores,
        length_difference=len(pair.chosen) - len(pair.rejected),
        criterion=pair.criterion,
        language=pair.language,
        subset=pair.subset,
    )
