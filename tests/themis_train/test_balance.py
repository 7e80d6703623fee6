from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from themis_train.balance import MOST_WEIGHT, length_weights

CELLS = st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=30)


def test_longer_and_shorter_count_alike() -> None:
    weights = length_weights([("a", True)] * 3 + [("a", False)])
    assert weights[:3].sum() == pytest.approx(weights[3])


def test_a_pair_counts_by_its_share_within_its_cell() -> None:
    cells = [("a", True)] * 2 + [("a", False)] * 2
    weights = length_weights(cells, shares=[1.0, 0.25, 1.0, 1.0])
    assert weights[1] == pytest.approx(weights[0] / 4)
    assert weights[:2].sum() == pytest.approx(weights[2:].sum())


@given(cells=CELLS, share=st.floats(0.1, 5.0))
def test_equal_shares_change_nothing(cells: list[tuple[str, bool]], share: float) -> None:
    np.testing.assert_allclose(
        length_weights(cells), length_weights(cells, shares=[share] * len(cells))
    )


@given(cells=CELLS)
def test_no_pair_outweighs_four_average_ones(cells: list[tuple[str, bool]]) -> None:
    assert length_weights(cells).max() <= MOST_WEIGHT
