from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from themis_lsp.bundle.scales import MarginScale, scales_from_json, scales_to_json
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.verdict import (
    Verdict,
    judge_margin,
    regression_probability,
    sum_up,
)

SCALE = MarginScale(0.5, -1.0, -2.0, 1.5, 400)


@pytest.mark.parametrize(
    ("margin", "verdict"),
    [
        (-1.01, Verdict.REGRESSED),
        (-1.0, Verdict.STABLE),
        (0.0, Verdict.STABLE),
        (1.5, Verdict.STABLE),
        (1.51, Verdict.IMPROVED),
    ],
)
def test_a_margin_that_equals_a_threshold_is_stable(margin: float, verdict: Verdict) -> None:
    assert judge_margin(margin, SCALE) is verdict


def test_without_a_threshold_there_is_no_verdict_only_a_probability() -> None:
    scale = MarginScale(0.5, None, None, None, 30)
    assert judge_margin(-9, scale) is Verdict.SKIPPED
    assert judge_margin(-9, None) is Verdict.SKIPPED
    assert regression_probability(-9, scale) > 0.99


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-6, 1e6))
def test_probabilities_mirror_each_other_and_never_overflow(margin: float, t: float) -> None:
    scale = MarginScale(t, None, None, None, 1)
    probability = regression_probability(margin, scale)
    assert 0 <= probability <= 1
    assert probability + regression_probability(-margin, scale) == pytest.approx(1)


def test_one_regression_outweighs_improvements() -> None:
    assert sum_up([Verdict.IMPROVED, Verdict.REGRESSED, Verdict.STABLE]) is Verdict.REGRESSED
    assert sum_up([Verdict.STABLE, Verdict.IMPROVED, Verdict.SKIPPED]) is Verdict.IMPROVED
    assert sum_up([Verdict.SKIPPED, Verdict.STABLE]) is Verdict.STABLE
    assert sum_up([]) is Verdict.SKIPPED


def test_scales_come_back_from_json_as_they_went() -> None:
    scales = {
        Criterion.RUNTIME_EFFICIENCY: SCALE,
        Criterion.SECURITY_HARDNESS: MarginScale(0.1, None, None, None, 3),
    }
    assert scales_from_json(json.loads(json.dumps(scales_to_json(scales)))) == scales


def test_a_scale_without_prior_tokens_has_none() -> None:
    entries = scales_to_json({Criterion.RUNTIME_EFFICIENCY: SCALE})
    entry = entries["Runtime_Efficiency"]
    assert isinstance(entry, dict)
    del entry["prior_tokens"]
    assert scales_from_json(entries) == {Criterion.RUNTIME_EFFICIENCY: SCALE}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"temperature": 0}, "not positive"),
        ({"warn_below": "low"}, "warn_below that is not a number"),
        ({"warn_below": True}, "warn_below that is not a number"),
        ({"warn_below": None}, "gate that closes"),
        ({"gate_below": -0.5}, "gate that closes"),
        ({"improved_above": -1.5}, "improved and regressed"),
        ({"pairs": -1}, "number of pairs"),
        ({"prior_tokens": -1}, "prior_tokens below 0"),
        ({"extra": 1}, "needs temperature"),
    ],
)
def test_a_wrong_scale_is_named(wrong: dict[str, object], words: str) -> None:
    entries = scales_to_json({Criterion.RUNTIME_EFFICIENCY: SCALE})
    entry = entries["Runtime_Efficiency"]
    assert isinstance(entry, dict)
    with pytest.raises(ValueError, match=f"Runtime_Efficiency .*{words}"):
        scales_from_json({"Runtime_Efficiency": {**entry, **wrong}})
