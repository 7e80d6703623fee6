"""The reference units behind percentiles: real code, scored at export."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from themis_lsp.bundle.percentiles import (
    DEFAULT_BANDS,
    ReferenceSample,
    ReferenceTables,
    band_of,
    build_tables,
)
from themis_lsp.judgement.brief import neutral_task
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.languages import Language
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.score import Scorer, Snippet
from themis_lsp.sources.load import load_sources
from themis_lsp.units import find_units

LONGEST_CHARS = 12_000
"""Longer units are rare and would take most of the time."""


def sample_units(paths: Sequence[Path], units_per_band: int, seed: int = 0) -> list[Snippet]:
    """Draw distinct units of the code in ``paths``, as many of each language and length.

    A folder gives the units of its files, cut as a review would; a file of preference pairs gives
    one side of each pair. Units of more than LONGEST_CHARS are passed over. Raises UserError when
    a file of pairs cannot be read.
    """
    chance = random.Random(seed)
    texts: dict[tuple[Language, int], set[str]] = defaultdict(set)
    for path in paths:
        for unit in _units_below(path) if path.is_dir() else _sides(path, chance):
            if len(unit.text) <= LONGEST_CHARS:
                texts[unit.language, band_of(len(unit.text), DEFAULT_BANDS)].add(unit.text)
    return [
        Snippet(language, text)
        for (language, _), own in sorted(texts.items())
        for text in chance.sample(sorted(own), min(units_per_band, len(own)))
    ]


def _units_below(folder: Path) -> Iterator[Snippet]:
    for file in load_sources([str(folder)]).files:
        for unit in find_units(file.text, path=file.path, language=file.language):
            yield Snippet(unit.language, unit.text)


def _sides(pairs: Path, chance: random.Random) -> Iterator[Snippet]:
    for pair in read_pairs(pairs):
        yield Snippet(pair.language, chance.choice((pair.chosen, pair.rejected)))


def make_tables(scorer: Scorer, units: Sequence[Snippet]) -> ReferenceTables:
    """Score ``units`` and return the percentile tables of their rewards.

    Units too short to be judged are no reference either. A scorer that reads tasks is told what a
    review would tell it.
    """
    if scorer.info.reads_tasks:
        units = [replace(u, task=neutral_task(u.language, [u.text])) for u in units]
    samples = [
        ReferenceSample(unit.language, len(unit.text), tuple(map(float, score.rewards)))
        for unit, score in zip(units, scorer.score(units), strict=True)
        if len(score.token_starts) >= MINIMUM_TOKENS
    ]
    return build_tables(samples, scorer.info.criteria)
