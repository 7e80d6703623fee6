"""The reference units behind percentiles: real code, scored at export."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from themis_lsp.bundle.percentiles import (
    DEFAULT_BANDS,
    ReferenceSample,
    ReferenceTables,
    band_of,
    build_tables,
)
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.score import Scorer, Snippet


def sample_units(
    pairs: Sequence[PreferencePair], units_per_band: int, seed: int = 0
) -> list[Snippet]:
    """Draw distinct units, as many of each language and length, from either side of the pairs."""
    chance = random.Random(seed)
    texts: dict[tuple[Language, int], set[str]] = defaultdict(set)
    for pair in pairs:
        text = chance.choice((pair.chosen, pair.rejected))
        texts[pair.language, band_of(len(text), DEFAULT_BANDS)].add(text)
    return [
        Snippet(language, text)
        for (language, _), own in sorted(texts.items())
        for text in chance.sample(sorted(own), min(units_per_band, len(own)))
    ]


def make_tables(scorer: Scorer, units: Sequence[Snippet]) -> ReferenceTables:
    """Score ``units`` and return the percentile tables of their rewards.

    Units too short to be judged are no reference either.
    """
    samples = [
        ReferenceSample(unit.language, len(unit.text), tuple(map(float, score.rewards)))
        for unit, score in zip(units, scorer.score(units), strict=True)
        if len(score.token_starts) >= MINIMUM_TOKENS
    ]
    return build_tables(samples, scorer.info.criteria)
