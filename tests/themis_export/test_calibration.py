from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from themis_export.calibration import (
    LEAST_PAIRS,
    PRIOR_TOKENS,
    Floats,
    Sample,
    bin_reliability,
    find_prior,
    fit_scale,
    fit_temperature,
    measure_tail,
    weigh_pairs,
)


def draw_sample(seed: int, pairs: int, *, skill: float = 2.0, edits: int = 2000) -> Sample:
    """Margins whose spread is 1 and whose mean is ``skill`` for a third of the pairs, else 0."""
    draw = np.random.default_rng(seed)
    sure = draw.random(pairs) < 1 / 3
    margins = draw.normal(size=pairs) * 0.7 + np.where(sure, skill, 0.0)
    neutral = draw.normal(size=edits) * 0.4
    return make_sample(margins, neutral)


def make_sample(margins: Floats, neutral: Floats) -> Sample:
    """All read from thirty tokens."""
    return Sample(
        margins,
        np.full(margins.size, 1 / margins.size),
        neutral,
        np.full(margins.size, 30.0),
        np.full(neutral.size, 30.0),
    )


def test_claimed_precision_holds_on_fresh_changes() -> None:
    world = draw_sample(999, 200_000, edits=200_000)
    warned, gated = [], []
    for seed in range(40):
        scale = fit_scale(draw_sample(seed, 1500)).scale
        if scale.warn_below is not None:
            warned.append(measure_tail(world, scale.warn_below).precision)
        if scale.gate_below is not None:
            gated.append(measure_tail(world, scale.gate_below).precision)
    assert len(warned) > 30
    assert len(gated) > 10
    for found, claimed in ((warned, 0.90), (gated, 0.95)):
        assert np.mean(np.array(found) >= claimed) >= 0.75
        assert min(found) >= claimed - 0.04


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 30))
def test_margins_that_say_nothing_support_no_threshold(seed: int) -> None:
    scale = fit_scale(draw_sample(seed, 600, skill=0.0)).scale
    assert (scale.warn_below, scale.gate_below, scale.improved_above) == (None, None, None)
    assert scale.temperature > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 30), st.floats(0.5, 5.0))
def test_the_gate_never_closes_before_the_warning(seed: int, skill: float) -> None:
    scale = fit_scale(draw_sample(seed, 800, skill=skill)).scale
    if scale.gate_below is not None:
        assert scale.warn_below is not None
        assert scale.gate_below <= scale.warn_below <= 0
    if scale.improved_above is not None:
        assert scale.improved_above >= 0


def test_too_few_pairs_support_no_threshold_but_a_temperature() -> None:
    sample = draw_sample(0, LEAST_PAIRS - 1, skill=9.0)
    scale = fit_scale(sample).scale
    assert (scale.warn_below, scale.gate_below, scale.improved_above) == (None, None, None)
    assert scale.temperature == fit_temperature(sample)
    assert scale.pairs == LEAST_PAIRS - 1


def draw_by_tokens(seed: int, *, noise: float) -> Sample:
    """Margins of 1, of neutral edits 0, and noise that falls with the square root of the tokens."""
    draw = np.random.default_rng(seed)
    tokens, calm = draw.geometric(1 / 20, size=(2, 2000)).astype(float)
    margins = 1 + noise * draw.normal(size=2000) / np.sqrt(tokens)
    neutral = noise * draw.normal(size=2000) / np.sqrt(calm)
    return replace(make_sample(margins, neutral), tokens=tokens, neutral_tokens=calm)


@pytest.mark.parametrize("seed", range(5))
def test_margins_of_few_tokens_count_less_where_they_are_mostly_noise(seed: int) -> None:
    assert find_prior(draw_by_tokens(seed, noise=0.0)) == 0.0
    noisy = draw_by_tokens(seed, noise=6.0)
    assert find_prior(noisy) >= 10.0
    fit = fit_scale(noisy)
    shrunk = measure_tail(noisy.shrink(fit.scale.prior_tokens), -0.3)
    assert shrunk.precision > measure_tail(noisy, -0.3).precision


def test_without_neutral_edits_nothing_says_how_much_few_tokens_count() -> None:
    sample = replace(draw_by_tokens(0, noise=6.0), neutral=np.zeros(0), neutral_tokens=np.zeros(0))
    assert find_prior(sample) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from(PRIOR_TOKENS))
def test_no_prior_turns_a_margin_round(seed: int, prior: float) -> None:
    sample = draw_by_tokens(seed, noise=2.0)
    shrunk = sample.shrink(prior)
    assert np.array_equal(np.sign(shrunk.margins), np.sign(sample.margins))
    assert (np.abs(shrunk.margins) <= np.abs(sample.margins)).all()


def test_without_neutral_edits_no_threshold_is_claimed() -> None:
    fit = fit_scale(draw_sample(0, 1500, skill=5.0, edits=0))
    assert fit.scale.warn_below is None
    assert fit.warnings is None


def test_neutral_edits_with_wide_margins_take_the_warning_away() -> None:
    calm = draw_sample(0, 1500)
    wild = make_sample(calm.margins, calm.neutral * 20)
    assert fit_scale(calm).scale.warn_below is not None
    assert fit_scale(wild).scale.warn_below is None


@pytest.mark.parametrize("temperature", [0.05, 1.0, 30.0])
def test_the_temperature_that_made_the_margins_is_found(temperature: float) -> None:
    draw = np.random.default_rng(1)
    size = draw.exponential(2 * temperature, 20_000)
    right = draw.random(size.size) < 1 / (1 + np.exp(-size / temperature))
    margins = np.where(right, size, -size)
    sample = make_sample(margins, np.zeros(0))
    assert fit_temperature(sample) == pytest.approx(temperature, rel=0.1)
    for point in bin_reliability(sample, temperature):
        assert point.observed == pytest.approx(point.predicted, abs=0.05)


def test_margins_of_nothing_but_zero_have_a_temperature() -> None:
    scale = fit_scale(make_sample(np.zeros(300), np.zeros(300))).scale
    assert scale.temperature > 0
    assert scale.warn_below is None


def test_lengths_and_sources_have_equal_say() -> None:
    sources = np.repeat([0, 1], [100, 900])
    lengths = np.where(np.arange(1000) % 10 == 0, -5, 5)
    weights = weigh_pairs(sources, lengths)
    assert weights.sum() == pytest.approx(1)
    assert weights[sources == 0].sum() == pytest.approx(0.5)
    assert weights[lengths < 0].sum() == pytest.approx(0.5)


def test_a_source_of_few_pairs_has_little_say() -> None:
    weights = weigh_pairs(np.repeat([0, 1], [5, 900]), np.resize([1, -1], 905))
    assert weights[:5].sum() == pytest.approx(5 / 55)
