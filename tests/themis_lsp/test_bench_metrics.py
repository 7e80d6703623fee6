from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.bench.metrics import (
    COVERAGE_PERCENTS,
    Margins,
    accuracy,
    length_balanced_accuracy,
    measure,
    select_surest,
)


def make_margins(values: list[tuple[float, int]]) -> Margins:
    """Margins and length differences, ranked by the width of the margin."""
    margins = np.array([margin for margin, _ in values], dtype=np.float64)
    lengths = np.array([length for _, length in values], dtype=np.int64)
    return Margins(margins, lengths, np.abs(margins))


margins_strategy = st.lists(
    st.tuples(st.floats(-9, 9, allow_subnormal=False), st.integers(-3, 3)), max_size=60
).map(make_margins)


def test_a_tie_is_wrong() -> None:
    assert accuracy(make_margins([(0.0, 1), (0.5, 1), (-0.5, 1), (2.0, 1)])) == 0.5


def test_both_halves_of_length_weigh_the_same() -> None:
    longer_is_better = [(1.0, 5), (1.0, 9), (1.0, 2), (-1.0, 1)]
    shorter_is_better = [(-1.0, -4), (1.0, -4)]
    margins = make_margins(longer_is_better + shorter_is_better)
    assert length_balanced_accuracy(margins) == pytest.approx((3 / 4 + 1 / 2) / 2)


def test_pairs_of_equal_length_are_in_neither_half() -> None:
    assert length_balanced_accuracy(make_margins([(1.0, 5), (1.0, -4), (-1.0, 0)])) == 1.0


@pytest.mark.parametrize("length", [-1, 0, 1])
def test_an_empty_half_leaves_no_length_balanced_accuracy(length: int) -> None:
    assert length_balanced_accuracy(make_margins([(1.0, length)])) is None


def test_the_surest_are_those_with_the_highest_confidence() -> None:
    margins = Margins(
        margins=np.array([3.0, -2.0, 1.0, 4.0]),
        length_differences=np.ones(4, dtype=np.int64),
        confidences=np.array([0.1, 0.9, 0.5, 0.2]),
    )
    assert select_surest(margins, 50).margins.tolist() == [-2.0, 1.0]


def test_of_equally_sure_pairs_the_first_come_first() -> None:
    margins = make_margins([(1.0, 1), (-1.0, 2), (1.0, 3), (-1.0, 4)])
    assert select_surest(margins, 50).length_differences.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("count", "percent", "taken"),
    [(140, 5, 7), (100, 20, 20), (7, 10, 1), (3, 50, 2), (3, 100, 3), (0, 5, 0)],
)
def test_a_share_of_the_pairs_is_rounded_up(count: int, percent: int, taken: int) -> None:
    assert select_surest(make_margins([(1.0, 1)] * count), percent).margins.size == taken


def test_every_figure_of_a_small_group() -> None:
    metrics = measure(make_margins([(4.0, 1), (-1.0, 2), (0.0, -1), (1.0, -2)]))
    assert (metrics.count, metrics.correct_predictions, metrics.accuracy) == (4, 2, 0.5)
    assert metrics.length_balanced_accuracy == 0.5
    assert metrics.mean_score_difference == 1.0
    assert metrics.median_score_difference == 0.5
    assert metrics.std_score_difference == pytest.approx((14 / 3) ** 0.5)
    assert metrics.coverage == {"0.05": 1, "0.1": 1, "0.2": 1, "0.5": 0.5, "1.0": 0.5}
    assert metrics.coverage_length_balanced == {
        "0.05": None,
        "0.1": None,
        "0.2": None,
        "0.5": None,
        "1.0": 0.5,
    }


def test_no_pairs_have_no_figures() -> None:
    metrics = measure(make_margins([]))
    assert (metrics.count, metrics.correct_predictions, metrics.accuracy) == (0, 0, None)
    assert metrics.mean_score_difference is None
    assert metrics.median_score_difference is None
    assert set(metrics.coverage.values()) == {None}


def test_one_pair_has_no_deviation() -> None:
    assert measure(make_margins([(1.0, 1)])).std_score_difference is None


@settings(max_examples=100, deadline=None)
@given(margins_strategy)
def test_full_coverage_is_plain_accuracy(margins: Margins) -> None:
    metrics = measure(margins)
    assert metrics.coverage["1.0"] == metrics.accuracy
    assert metrics.coverage_length_balanced["1.0"] == metrics.length_balanced_accuracy


@settings(max_examples=100, deadline=None)
@given(margins_strategy, st.sampled_from(COVERAGE_PERCENTS))
def test_no_pair_left_out_is_surer_than_one_taken(margins: Margins, percent: int) -> None:
    taken = np.sort(select_surest(margins, percent).confidences)
    ranked = np.sort(margins.confidences)
    assert taken.tolist() == ranked[ranked.size - taken.size :].tolist()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-50, 50).filter(bool), min_size=2).filter(lambda x: min(x) < 0 < max(x))
)
def test_a_length_meter_has_half(lengths: list[int]) -> None:
    assert length_balanced_accuracy(make_margins([(float(n), n) for n in lengths])) == 0.5
