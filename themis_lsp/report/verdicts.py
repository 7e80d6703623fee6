"""The words for verdicts: what got worse, how surely, and what got better for it."""

from __future__ import annotations

from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin, Reversal
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.wording import signed, sure_words

_MOST_DECIMALS = 17


def likely_words(probability: float) -> str:
    """Return ``87 % likely worse``, rounded down, and never a certainty."""
    return f"{sure_words(100 * probability)} likely worse"


def margin_and_threshold(margin: float, threshold: float) -> str:
    """Return both figures with as many decimals as it takes to tell them apart."""
    if margin == threshold:
        return f"margin {signed(margin)}, threshold {signed(threshold)}"
    decimals = 2
    while f"{margin:.{decimals}f}" == f"{threshold:.{decimals}f}" and decimals < _MOST_DECIMALS:
        decimals += 1
    shown = [signed(value, decimals=decimals) for value in (margin, threshold)]
    return f"margin {shown[0]}, threshold {shown[1]}"


def regression_words(margin: CriterionMargin) -> str:
    """Return what a regression on one criterion is called, without the criterion."""
    assert margin.probability is not None
    assert margin.scale is not None
    assert margin.scale.warn_below is not None
    figures = margin_and_threshold(margin.margin, margin.scale.warn_below)
    return f"{likely_words(margin.probability)}, {figures}"


def reason_words(margin: CriterionMargin) -> str:
    """Return why it regressed, as far as the bundle can tell."""
    if margin.concern is None:
        return "only the score says so: no cause is sure enough to be named"
    concern = margin.concern.concern
    return f"likely {concern.name}: {concern.title}"


def improvement_words(margin: CriterionMargin) -> str:
    """Return the figures of an improvement."""
    assert margin.scale is not None
    assert margin.scale.improved_above is not None
    return margin_and_threshold(margin.margin, margin.scale.improved_above)


def trade_off(reading: ChangeReading) -> str:
    """Return what a change gained and lost in a sentence; nothing unless it did both."""
    gained, lost = reading.judged(Verdict.IMPROVED)[::-1], reading.judged(Verdict.REGRESSED)
    if not gained or not lost:
        return ""
    return f"{_join(gained)} improved, {_join(lost)} regressed"


def reversal_words(reversal: Reversal) -> str:
    """Return which place did most of the harm, and what undoing it would leave."""
    first, last = reversal.first_line, reversal.last_line
    if last < first:
        undoing = f"putting back what stood before line {first}"
    else:
        undoing = f"undoing line{f' {first}' if first == last else f's {first}-{last}'}"
    return (
        f"of {reversal.places} places, {undoing} restores most: "
        f"{reversal.criterion.code} {signed(reversal.margin)}"
    )


def _join(margins: list[CriterionMargin]) -> str:
    words = [margin.criterion.words for margin in margins]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
