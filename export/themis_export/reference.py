"""The reference units behind percentiles: real code, scored at export."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from themis_lsp.bundle.percentiles import ReferenceSample, ReferenceTables, build_tables
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.score import Scorer, Snippet


def sample_units(
    pairs: Sequence[PreferencePair], units_per_language: int, seed: int = 0
) -> list[Snippet]:
    """Draw distinct units, as many of each language, from either side of the pairs alike."""
    chance = random.Random(seed)
    texts: dict[Language, set[str]] = defaultdict(set)
    for pair in pairs:
        texts[pair.language].add(chance.choice((pair.chosen, pair.rejected)))
    return [
        Snippet(language, text)
        for language in sorted(texts)
        for text in chance.sample(
            sorted(texts[language]), min(units_per_language, len(texts[language]))
        )
    ]


def make_tables(scorer: Scorer, units: Sequence[Snippet]) -> ReferenceTables:
    """Score ``units`` and return the percentile tables of their rewards."""
    samples = [
        ReferenceSample(unit.language, len(unit.text), tuple(map(float, score.rewards)))
        for unit, score in zip(units, scorer.score(units), strict=True)
    ]
    return build_tables(samples, scorer.info.criteria)
