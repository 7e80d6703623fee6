from __future__ import annotations

import numpy as np
import pytest
from themis_export.calibration import (
    Evidence,
    calibrate,
    find_threshold,
    fit_temperature,
    weigh,
)

from themis_lsp.criteria import Criterion

RUNTIME = Criterion.RUNTIME_EFFICIENCY


def evidence(
    *, seed: int, pairs: int = 2000, edits: int = 1000, skill: float = 1.5, noise: float = 0.3
) -> Evidence:
    """Margins of a scorer that is right the more often the larger ``skill`` is."""
    chance = np.random.default_rng(seed)
    margins = chance.normal(skill, 1.0, pairs)
    return Evidence(
        margins,
        np.full(pairs, 1 / max(pairs, 1)),
        chance.normal(0, noise, edits),
        np.arange(pairs) % 5,
        np.arange(edits) % 5,
    )


def precision(found: Evidence, threshold: float) -> float:
    """Of a mix of regressions, improvements and neutral edits 1:1:2."""
    caught = (-found.margins < threshold).mean()
    wrong = (found.margins < threshold).mean()
    loud = (np.abs(found.neutral) > -threshold).mean()
    return float(caught / (caught + wrong + loud))


def test_nine_of_ten_claims_of_a_precision_hold_on_fresh_data() -> None:
    held = []
    for noise in (0.3, 0.6, 1.0, 1.5):
        for skill in (0.7, 1.0, 1.5, 2.0):
            truth = evidence(seed=999, pairs=40_000, edits=40_000, skill=skill, noise=noise)
            for seed in range(4):
                found = evidence(seed=seed, skill=skill, noise=noise)
                threshold = find_threshold(found, 0.9)
                if threshold is not None:
                    held.append(precision(truth, threshold) >= 0.89)
    assert len(held) > 20
    assert np.mean(held) >= 0.9


def test_a_scorer_that_guesses_gets_no_threshold() -> None:
    assert find_threshold(evidence(seed=0, skill=0.0), 0.9) is None


def test_a_neutral_edit_that_looks_like_a_regression_costs_the_threshold() -> None:
    assert find_threshold(evidence(seed=0, noise=0.1), 0.9) is not None
    assert find_threshold(evidence(seed=0, noise=30.0), 0.9) is None


@pytest.mark.parametrize(("pairs", "edits"), [(150, 1000), (2000, 50)])
def test_too_little_data_claims_no_threshold_but_gives_a_temperature(
    pairs: int, edits: int
) -> None:
    (report,) = calibrate({RUNTIME: evidence(seed=0, pairs=pairs, edits=edits)})
    assert report.scale.warn_below is None
    assert report.scale.gate_below is None
    assert report.scale.improved_above is None
    assert report.scale.temperature > 0


def test_the_gate_closes_no_sooner_than_the_warning() -> None:
    (report,) = calibrate({RUNTIME: evidence(seed=1)})
    scale = report.scale
    assert scale.warn_below is not None
    assert scale.gate_below is not None
    assert scale.gate_below <= scale.warn_below < 0
    assert scale.improved_above == -scale.warn_below
    assert report.cross_validated is not None
    assert report.cross_validated.precision == pytest.approx(0.9, abs=0.06)


def test_the_temperature_makes_probabilities_true() -> None:
    chance = np.random.default_rng(0)
    size = chance.normal(0, 3, 20_000)
    is_right = chance.uniform(size=size.size) < 1 / (1 + np.exp(-np.abs(size) / 2.5))
    margins = np.where(is_right, np.abs(size), -np.abs(size))
    found = Evidence(
        margins, np.full(size.size, 1 / size.size), np.zeros(0), np.zeros(0), np.zeros(0)
    )
    assert fit_temperature(found) == pytest.approx(2.5, rel=0.1)


def test_files_have_the_same_say_and_so_have_both_lengths() -> None:
    weights = weigh([5, 5, 5, -5, 9, -9], [0, 0, 0, 0, 1, 1])
    assert weights == pytest.approx([1 / 12, 1 / 12, 1 / 12, 1 / 4, 1 / 4, 1 / 4])
    assert weigh([3, 4], [0, 0]) == pytest.approx([0.5, 0.5])


def test_a_criterion_without_pairs_gets_no_scale() -> None:
    assert calibrate({RUNTIME: evidence(seed=0, pairs=0)}) == []
