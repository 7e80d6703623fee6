from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from themis_lsp.bench.run import PairScores, read_changes, score_pairs
from themis_lsp.bundle.manifest import Calibration
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.margin import ScoredText
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

FC, SH = Criterion.FUNCTIONAL_CORRECTNESS, Criterion.SECURITY_HARDNESS
READING = read_changes(Calibration(None, (0.5,) * len(Criterion), {}))


def read_first_tokens(
    chosen: ScoredText, rejected: ScoredText, _criterion: Criterion, column: int
) -> PairScores:
    first, other = (float(side.score.token_rewards[0, column]) for side in (chosen, rejected))
    return PairScores(first, other, tokens=1)


def make_pair(number: int, criterion: Criterion = FC) -> PreferencePair:
    return PreferencePair(
        id=f"pair {number}",
        prompt="",
        chosen=f"return {number} + 1",
        rejected=f"return {number}",
        criterion=criterion,
        language=Language.PYTHON,
        subset="sums",
    )


class CountingScorer:
    """Notes how many snippets it is given at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    @property
    def info(self) -> ScorerInfo:
        return FakeScorer().info

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        self.sizes.append(len(snippets))
        return FakeScorer().score(snippets, progress)


class BrokenScorer(CountingScorer):
    """Gives rewards that are no numbers."""

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        scores = super().score(snippets, progress)
        nan = np.float32("nan")
        return [replace(score, token_rewards=score.token_rewards * nan) for score in scores]


def test_each_side_is_scored_on_the_criterion_of_the_pair() -> None:
    scorer = FakeScorer((SH, FC))
    pairs = [make_pair(0, FC), make_pair(1, SH)]
    scored = score_pairs(pairs, scorer, reading=read_first_tokens)
    for pair, result, column in zip(pairs, scored.pairs, (1, 0), strict=True):
        snippets = [Snippet(pair.language, pair.chosen), Snippet(pair.language, pair.rejected)]
        chosen, rejected = scorer.score(snippets)
        assert result.scores.chosen == float(chosen.token_rewards[0, column])
        assert result.scores.rejected == float(rejected.token_rewards[0, column])
        assert result.margin == result.scores.chosen - result.scores.rejected


def test_changes_are_read_on_what_differs() -> None:
    pair = replace(make_pair(0), chosen="check (x) return x", rejected="return x")
    [result] = score_pairs([pair], FakeScorer(), reading=READING).pairs
    [came] = FakeScorer().score([Snippet(pair.language, "check (x)")])
    assert result.scores.chosen == pytest.approx(float(came.rewards[0]))
    assert result.scores.rejected == 0.5  # nothing went


@pytest.mark.parametrize("criterion", [FC, SH])
def test_where_only_comments_differ_the_whole_sides_are_ordered(criterion: Criterion) -> None:
    pair = replace(make_pair(0, criterion), chosen="f()  # one", rejected="f()  # other words")
    [result] = score_pairs([pair], FakeScorer(), reading=READING).pairs
    assert result.scores.tokens == 0
    column = list(Criterion).index(criterion)
    sides = [Snippet(pair.language, text) for text in (pair.chosen, pair.rejected)]
    better, worse = (score.rewards[column] for score in FakeScorer().score(sides))
    assert (result.margin > 0) == (better > worse)
    assert 0 < abs(result.margin) < 1e-5


def test_a_scored_pair_keeps_what_it_is_grouped_by() -> None:
    [result] = score_pairs([make_pair(3)], FakeScorer(), reading=READING).pairs
    assert (result.id, result.criterion, result.language) == ("pair 3", FC, Language.PYTHON)
    assert (result.subset, result.length_difference) == ("sums", 4)


def test_pairs_are_scored_in_chunks_and_stay_in_order() -> None:
    scorer = CountingScorer()
    scored = score_pairs((make_pair(number) for number in range(600)), scorer, reading=READING)
    assert [result.id for result in scored.pairs] == [f"pair {number}" for number in range(600)]
    assert sum(scorer.sizes) == 1200
    assert max(scorer.sizes) <= 512


def test_pairs_are_read_as_they_are_scored() -> None:
    scorer = CountingScorer()

    def read() -> Iterator[PreferencePair]:
        for number in range(600):
            assert number < 256 or scorer.sizes
            yield make_pair(number)

    assert len(score_pairs(read(), scorer, reading=READING).pairs) == 600


def test_pairs_of_a_criterion_the_bundle_lacks_are_counted_as_skipped() -> None:
    pairs = [make_pair(0, FC), make_pair(1, SH), make_pair(2, SH)]
    scored = score_pairs(pairs, FakeScorer((FC,)), reading=READING)
    assert [result.id for result in scored.pairs] == ["pair 0"]
    assert scored.skipped == {SH: 2}


def test_progress_counts_two_snippets_for_each_pair() -> None:
    seen: list[int] = []
    pairs = [make_pair(number, criterion) for number in range(300) for criterion in (FC, SH)]
    score_pairs(pairs, FakeScorer((FC,)), reading=READING, progress=seen.append)
    assert sum(seen) == 2 * len(pairs)


def test_a_reading_is_given_the_texts_whose_scores_it_reads() -> None:
    def read_lengths(
        chosen: ScoredText, rejected: ScoredText, criterion: Criterion, column: int
    ) -> PairScores:
        assert (chosen.score.token_starts[-1], rejected.score.token_starts[-1]) == (11, 7)
        assert (criterion, column) == (FC, 0)
        return PairScores(len(chosen.text), len(rejected.code), tokens=1)

    [result] = score_pairs([make_pair(0)], FakeScorer(), reading=read_lengths).pairs
    assert result.scores == PairScores(12.0, 8.0, tokens=1)


def test_a_score_that_is_no_number_is_an_error() -> None:
    with pytest.raises(BundleError, match="pair 0 is not a finite number"):
        score_pairs([make_pair(0)], BrokenScorer(), reading=READING)
