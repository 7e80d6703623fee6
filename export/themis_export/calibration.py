"""What the margins of one criterion mean: a temperature, and thresholds with a claimed precision.

The mix that precision is claimed on: regressions, improvements and neutral edits 1 : 1 : 2. A
preference pair of margin m (better minus worse) is a regression of change margin -m and, read the
other way, an improvement of change margin m.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import beta

from themis_lsp.bundle.scales import GATE_PRECISION, WARN_PRECISION, MarginScale

Floats = NDArray[np.float64]

LEAST_PAIRS = 200
LEAST_NEUTRAL = 200
LEAST_REGRESSIONS = 20.0
"""Effective regressions that must lie beyond a threshold."""

SURE_PAIRS = 50
"""Sources with at least as many pairs of a criterion have equal say."""

PRIOR_TOKENS = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
"""What to draw the margins of few tokens to nought with: one of these."""

_CANDIDATES = 40
_DOUBT = 0.2  # the lower limit of precision is one-sided, at 80 %
_FOLDS, _DRAWS = 5, 5


@dataclass(frozen=True, slots=True)
class Sample:
    """The margins of one criterion on changes of known worth.

    ``margins`` and ``weights`` are [pairs]; a margin is that of the better side minus that of the
    worse, weights sum to 1. ``neutral`` [edits] are change margins, after minus before. How many
    tokens each was read from is in ``tokens`` [pairs] and ``neutral_tokens`` [edits].
    """

    margins: Floats
    weights: Floats
    neutral: Floats
    tokens: Floats
    neutral_tokens: Floats

    def select(self, pairs: NDArray[np.bool_], edits: NDArray[np.bool_]) -> Sample:
        """Return the pairs and edits of two masks; the weights sum to 1 again."""
        weights = self.weights[pairs]
        return Sample(
            self.margins[pairs],
            weights / weights.sum(),
            self.neutral[edits],
            self.tokens[pairs],
            self.neutral_tokens[edits],
        )

    def mirror(self) -> Sample:
        """Return the same changes read backwards: its regressions are the improvements here."""
        return replace(self, neutral=-self.neutral)

    def shrink(self, prior_tokens: float) -> Sample:
        """Return the margins as they count where ``prior_tokens`` worth nothing stand beside."""
        return replace(
            self,
            margins=self.margins * _trust(self.tokens, prior_tokens),
            neutral=self.neutral * _trust(self.neutral_tokens, prior_tokens),
        )


@dataclass(frozen=True, slots=True)
class Tail:
    """The changes of the mix with a margin under a threshold.

    ``weight`` is theirs, where all regressions weigh 1. ``precision`` is the share of regressions
    among them, 0 where there is none; ``floor`` its lower limit. ``caught`` is the share of all
    regressions that lie there, ``spared`` that of neutral edits that do not.
    """

    weight: float
    precision: float
    floor: float
    effective_regressions: float
    caught: float
    spared: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A scale and what supports it; ``cross_fitted`` is the precision of the warnings measured on
    folds that their thresholds were not fitted on, None where no threshold is claimed."""

    scale: MarginScale
    warnings: Tail | None
    cross_fitted: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability plot: mean predicted and observed share of regressions."""

    predicted: float
    observed: float
    pairs: int


def weigh_pairs(sources: NDArray[np.intp], length_differences: NDArray[np.int64]) -> Floats:
    """Return weights [pairs] that sum to 1.

    Sources have equal say, those under ``SURE_PAIRS`` pairs in proportion. Within one, the pairs
    whose better side is longer weigh as much as those whose better side is shorter; those of equal
    length keep their share.
    """
    weights = np.zeros(len(sources))
    for source in np.unique(sources):
        members = sources == source
        signs = np.sign(length_differences[members])
        balanced = np.ones(signs.size)
        longer, shorter = int((signs > 0).sum()), int((signs < 0).sum())
        if longer and shorter:
            balanced[signs > 0] = (longer + shorter) / 2 / longer
            balanced[signs < 0] = (longer + shorter) / 2 / shorter
        weights[members] = balanced / signs.size * min(signs.size, SURE_PAIRS)
    return weights / weights.sum() if weights.size else weights


def fit_scale(sample: Sample) -> Fit:
    """Return what the margins of ``sample``, read with no prior tokens, mean.

    All else is fitted to the margins as ``find_prior`` has them. No threshold is claimed on fewer
    than ``LEAST_PAIRS`` pairs or ``LEAST_NEUTRAL`` neutral edits, nor where the data do not support
    one; the temperature is always given.
    """
    prior = find_prior(sample)
    sample = sample.shrink(prior)
    warn = _claim(sample, WARN_PRECISION)
    gate = None if warn is None else _claim(sample, GATE_PRECISION)
    improved = _claim(sample.mirror(), WARN_PRECISION)
    scale = MarginScale(
        temperature=fit_temperature(sample),
        warn_below=warn,
        gate_below=None if gate is None or warn is None else min(gate, warn),
        improved_above=None if improved is None else -improved,
        pairs=sample.margins.size,
        prior_tokens=prior,
    )
    if warn is None:
        return Fit(scale, None, None)
    return Fit(scale, measure_tail(sample, warn), cross_fit(sample, WARN_PRECISION))


def find_prior(sample: Sample) -> float:
    """Return those of ``PRIOR_TOKENS`` by which the margins tell most, at their best temperature.

    Pairs and neutral edits count alike; a neutral edit should look as much like a change to the
    better as like one to the worse. 0 where there are no neutral edits to tell.
    """
    if not (sample.margins.size and sample.neutral.size):
        return 0.0
    each = np.full(sample.neutral.size, 0.25 / sample.neutral.size)
    weights = np.concatenate([0.5 * sample.weights, each, each])

    def loss(prior: float) -> float:
        shrunk = sample.shrink(prior)
        margins = np.concatenate([shrunk.margins, shrunk.neutral, -shrunk.neutral])
        return round(_fit_temperature(margins, weights)[1], 6)  # of equals, the least

    return min(PRIOR_TOKENS, key=loss)


def fit_temperature(sample: Sample) -> float:
    """Return the T of most likelihood, where a change of margin m regresses with sigmoid(-m / T).

    It stays within a factor of 100 of the usual margin: margins that say nothing get the largest.
    """
    # Both readings of a pair give the same term.
    return _fit_temperature(sample.margins, sample.weights)[0]


def find_threshold(sample: Sample, precision: float) -> float | None:
    """Return the largest threshold, at most 0, under which ``precision`` of the mix regresses.

    The lower limit of the precision must reach it. None where there is no such threshold.
    """
    shares = np.linspace(1, 0, _CANDIDATES, endpoint=False)
    # A few candidates, not every margin: each further look is a further chance to be lucky.
    for threshold in np.quantile(-sample.margins, shares):
        if threshold > 0:
            continue
        tail = measure_tail(sample, float(threshold))
        if tail.effective_regressions < LEAST_REGRESSIONS:
            return None
        if tail.floor >= precision:
            return float(threshold)
    return None


def measure_tail(sample: Sample, threshold: float) -> Tail:
    """Return what lies under ``threshold``; a margin that equals it does not."""
    regressed, improved = -sample.margins < threshold, sample.margins < threshold
    changed = sample.neutral < threshold
    right = sample.weights[regressed]
    each = 2 / max(sample.neutral.size, 1)  # neutral edits weigh twice what regressions do
    wrong = np.concatenate([sample.weights[improved], np.full(int(changed.sum()), each)])
    caught, total = float(right.sum()), float(right.sum() + wrong.sum())
    spared = float(1 - changed.mean()) if changed.size else 1.0
    if not caught:
        return Tail(total, 0.0, 0.0, 0.0, 0.0, spared)
    count = total**2 / float((right**2).sum() + (wrong**2).sum())
    successes = count * caught / total
    return Tail(
        weight=total,
        precision=caught / total,
        # Clopper and Pearson, with the effective number of changes.
        floor=float(beta.ppf(_DOUBT, successes, count - successes + 1)),
        effective_regressions=caught**2 / float((right**2).sum()),
        caught=caught,
        spared=spared,
    )


def cross_fit(sample: Sample, precision: float) -> float | None:
    """Return the precision on each fifth of thresholds fitted on the others, all taken together.

    Fifths are drawn five times, as one draw may be lucky or not. None when none of them has a
    threshold with anything beyond it.
    """
    draw = np.random.default_rng(0)
    caught = total = 0.0
    for _ in range(_DRAWS):
        pair_folds = draw.permutation(sample.margins.size) % _FOLDS
        edit_folds = draw.permutation(sample.neutral.size) % _FOLDS
        for fold in range(_FOLDS):
            pairs, edits = pair_folds == fold, edit_folds == fold
            if not (pairs.any() and edits.any()) or pairs.all():
                continue
            threshold = find_threshold(sample.select(~pairs, ~edits), precision)
            if threshold is not None:
                tail = measure_tail(sample.select(pairs, edits), threshold)
                caught, total = caught + tail.caught, total + tail.weight
    return caught / total if total else None


def bin_reliability(sample: Sample, temperature: float, *, bins: int = 10) -> list[Bin]:
    """Return predicted against observed shares of regressions, in equal steps of probability.

    Both readings of each pair count, so the points mirror each other about one half.
    """
    margins = np.concatenate([-sample.margins, sample.margins])
    weights = np.concatenate([sample.weights, sample.weights])
    truth = np.arange(margins.size) < sample.margins.size
    predicted = (1 + np.tanh(-margins / temperature / 2)) / 2
    places = np.minimum((predicted * bins).astype(int), bins - 1)
    points = []
    for place in range(bins):
        chosen = places == place
        if chosen.any() and weights[chosen].sum() > 0:
            share = weights[chosen] / weights[chosen].sum()
            observed = float(share @ truth[chosen])
            points.append(Bin(float(share @ predicted[chosen]), observed, int(chosen.sum())))
    return points


def _fit_temperature(margins: Floats, weights: Floats) -> tuple[float, float]:
    """Return the temperature of most likelihood and minus the logarithm of that."""
    usual = float(np.median(np.abs(margins))) if margins.size else 0.0
    usual = usual or 1.0

    def loss(log_ratio: float) -> float:
        odds = margins / (usual * np.exp(log_ratio))
        return float(weights @ np.logaddexp(0, -odds))

    limit = float(np.log(100))
    found = minimize_scalar(loss, bounds=(-limit, limit), method="bounded")
    return usual * float(np.exp(found.x)), float(found.fun)


def _trust(tokens: Floats, prior_tokens: float) -> Floats:
    """Return how much margins of ``tokens`` count; of no tokens they are nought anyway."""
    trust: Floats = tokens / np.maximum(tokens + prior_tokens, 1.0)
    return trust


def _claim(sample: Sample, precision: float) -> float | None:
    if sample.margins.size < LEAST_PAIRS or sample.neutral.size < LEAST_NEUTRAL:
        return None
    threshold = find_threshold(sample, precision)
    if threshold is None:
        return None
    # The threshold was picked for its luck, too: it must hold where it was not picked.
    fitted = cross_fit(sample, precision)
    return threshold if fitted is not None and fitted >= precision else None
