from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.margin import Difference, ScoredText, read_difference
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Snippet
from themis_lsp.units.comments import blank_prose

EMPTY_SIDE = (0.1, 0.2, 0.3, 0.4, 0.5)
COLUMNS = {criterion: column for column, criterion in enumerate(Criterion)}


def _scored(text: str) -> ScoredText:
    (score,) = FakeScorer().score([Snippet(Language.C, text)])
    return ScoredText(text, score, blank_prose(text, Language.C))


def _difference(before: str, after: str, prior_tokens: float = 0.0) -> Difference:
    scale = MarginScale(1.0, None, None, None, 500, prior_tokens)
    return read_difference(
        _scored(before),
        _scored(after),
        columns=COLUMNS,
        empty_side=EMPTY_SIDE,
        scales=dict.fromkeys(Criterion, scale),
    )


def _sides(before: str, after: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    difference = _difference(before, after)
    return difference.before, difference.after


def test_the_tokens_that_went_and_came_are_marked() -> None:
    difference = _difference("a b c d", "a x y c d")
    assert difference.went.all.tolist() == [False, True, False, False]
    assert difference.came.all.tolist() == [False, True, True, False, False]


def test_only_the_code_that_differs_counts() -> None:
    before, after = _sides("a b c d", "a x c d")
    alone_before, alone_after = _sides("b ", "x ")
    np.testing.assert_allclose(before, alone_before, atol=1e-6)
    np.testing.assert_allclose(after, alone_after, atol=1e-6)


def test_a_side_that_only_lost_code_is_worth_the_empty_side() -> None:
    before, after = _sides("a b c d", "a c d")
    assert after.tolist() == list(EMPTY_SIDE)
    assert before.tolist() != list(EMPTY_SIDE)


@pytest.mark.parametrize("text", ["", "a b"])
def test_equal_texts_have_no_margin(text: str) -> None:
    before, after = _sides(text, text)
    assert before.tolist() == after.tolist()


def test_a_margin_of_few_tokens_is_drawn_to_nought() -> None:
    raw, drawn = (_difference("a b c d", "a x y c d", prior) for prior in (0.0, 9.0))
    assert drawn.trust.tolist() == [3 / 12] * 5
    np.testing.assert_allclose(drawn.after - drawn.before, (raw.after - raw.before) / 4)


def test_where_tokens_have_no_rewards_of_their_own_the_whole_sides_count() -> None:
    before, after = _scored("a b c"), _scored("a x c d")
    difference = read_difference(before, after, columns=COLUMNS, empty_side=None, scales={})
    np.testing.assert_allclose(difference.before, before.score.rewards)
    np.testing.assert_allclose(difference.after, after.score.rewards)


def test_a_criterion_without_a_scale_is_read_as_it_is() -> None:
    before, after = _scored("a b"), _scored("a c d")
    difference = read_difference(before, after, columns=COLUMNS, empty_side=EMPTY_SIDE, scales={})
    assert difference.trust.tolist() == [1.0] * 5


_TEXTS = st.lists(st.sampled_from("abcde"), max_size=12).map(" ".join)


@given(before=_TEXTS, after=_TEXTS)
def test_turning_a_change_round_turns_its_margin_round(before: str, after: str) -> None:
    old, new = _sides(before, after)
    turned_old, turned_new = _sides(after, before)
    assert set(old.shape) == {5}
    # Which of several longest common subsequences is found may depend on the order.
    if len(set(before.split())) == len(before.split()) and len(set(after.split())) == len(
        after.split()
    ):
        np.testing.assert_allclose(new - old, turned_old - turned_new, atol=1e-9)


def test_comments_have_a_say_on_readability_alone() -> None:
    before, after = _sides("int f(int a) { return a; }", "int f(int a) { /* b c */ return a; }")
    read = COLUMNS[Criterion.READABILITY_MAINTAINABILITY]
    assert before[read] != after[read]
    others = [column for column in COLUMNS.values() if column != read]
    assert (before[others] == after[others]).all()


def test_code_beside_a_comment_is_judged_as_it_is_without_one() -> None:
    bare = _sides("int f(int a) { return a; }", "int f(int a) { return b; }")
    told = _sides("int f(int a) { return a; }", "int f(int a) { /* why */ return b; }")
    others = [c for kind, c in COLUMNS.items() if not kind.reads_comments]
    np.testing.assert_allclose(bare[0][others], told[0][others], atol=1e-6)
    np.testing.assert_allclose(bare[1][others], told[1][others], atol=1e-6)


def test_comments_have_a_say_on_a_reward_of_the_whole() -> None:
    before, after = _scored("x = 1; /* one */"), _scored("x = 1; /* two */")
    parts = read_difference(before, after, columns=COLUMNS, empty_side=EMPTY_SIDE, scales={})
    whole = read_difference(before, after, columns=COLUMNS, empty_side=None, scales={})
    assert parts.count(Criterion.SECURITY_HARDNESS) == 0
    assert whole.count(Criterion.SECURITY_HARDNESS) == 2
