"""Rankings of alternatives: to read, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from themis_lsp.judgement.ranking import Alternative, Duel, Ranking
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import Layout, make_visible, style
from themis_lsp.report.fields import DIGITS
from themis_lsp.report.verdicts import margin_and_threshold
from themis_lsp.report.wording import signed, sure_words
from themis_lsp.scoring.score import ScorerInfo

_FORMAT_VERSION = 1


def ranking_lines(
    alternatives: Sequence[Alternative], rankings: Sequence[Ranking], layout: Layout
) -> Iterator[str]:
    """Yield, for each criterion, who wins if anybody does, and by how much each leads the next."""
    names = [make_visible(alternative.name, layout) for alternative in alternatives]
    for ranking in rankings:
        code = style(ranking.criterion.code, layout, bold=True)
        yield f"{code} {ranking.criterion.words}: {_outcome(ranking, names)}"
        duels = [*ranking.neighbours, None]
        for number, (place, duel) in enumerate(zip(ranking.order, duels, strict=True), 1):
            yield f"  {number}. {names[place]}{'' if duel is None else _lead(duel, place, names)}"
        yield ""


def format_rankings(
    alternatives: Sequence[Alternative], rankings: Sequence[Ranking], info: ScorerInfo
) -> str:
    """Return the rankings as the JSON text that docs/rank.md describes."""
    names = [alternative.name for alternative in alternatives]
    document = {
        "version": _FORMAT_VERSION,
        "model": info.model,
        "bundle_sha256": info.bundle_sha256,
        "provider": info.provider,
        "alternatives": names,
        "criteria": {
            ranking.criterion.value: {
                "winner": None if ranking.winner is None else names[ranking.winner],
                "order": [names[place] for place in ranking.order],
                "threshold": _threshold(ranking),
                "duels": [_duel(duel, names) for duel in ranking.duels],
            }
            for ranking in rankings
        },
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _outcome(ranking: Ranking, names: Sequence[str]) -> str:
    if ranking.winner is not None:
        return f"{names[ranking.winner]} wins"
    if _threshold(ranking) is None:
        return "no winner, the model claims no threshold to judge by"
    if not any(duel.margin for duel in ranking.duels):
        return "no winner, all are worth the same"
    return f"no winner, {names[ranking.order[0]]} does not lead every other by enough"


def _lead(duel: Duel, place: int, names: Sequence[str]) -> str:
    """What the alternative at ``place`` has over the next in the order, or that over it."""
    if not duel.margin:
        other = duel.worse if duel.better == place else duel.better
        return f"  as good as {names[other]}"
    if duel.better == place:
        words = f"  {signed(duel.margin)} over {names[duel.worse]}"
    else:
        words = f"  {signed(-duel.margin)} against {names[duel.better]}, but better against others"
    if duel.probability is None or duel.scale is None:
        return f"{words}: what this means is not known"
    likely = f"{sure_words(100 * duel.probability)} likely better"
    if duel.scale.warn_below is None:
        return f"{words}: {likely}, no threshold"
    figures = margin_and_threshold(duel.margin, -duel.scale.warn_below).replace("margin ", "")
    threshold = figures.partition(", ")[2]
    verdict = "" if duel.is_clear else "within the dead band, "
    return f"{words}: {verdict}{likely}, {threshold}"


def _threshold(ranking: Ranking) -> float | None:
    scale = ranking.scale
    return None if scale is None or scale.warn_below is None else -scale.warn_below


def _duel(duel: Duel, names: Sequence[str]) -> dict[str, object]:
    words = {Verdict.REGRESSED: "better", Verdict.STABLE: "within-dead-band"}
    probability = duel.probability
    return {
        "better": names[duel.better],
        "worse": names[duel.worse],
        "margin": round(duel.margin, DIGITS),
        "probability": None if probability is None else round(probability, DIGITS),
        "verdict": words.get(duel.verdict, "not-judged"),
    }
