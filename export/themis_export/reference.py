"""The reference units behind percentiles: real code, scored at export."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from themis_lsp.bundle.percentiles import (
    DEFAULT_BANDS,
    ReferenceSample,
    ReferenceTables,
    band_of,
    build_tables,
)
from themis_lsp.judgement.brief import PLAIN, Brief, neutral_task
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.languages import Language
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.score import Scorer, Snippet
from themis_lsp.sources.load import load_sources
from themis_lsp.units import find_units

LONGEST_CHARS = 12_000
"""Longer units are rare and would take most of the time."""


def sample_units(
    paths: Sequence[Path], units_per_band: int, seed: int = 0, *, brief: Brief = PLAIN
) -> list[Snippet]:
    """Draw distinct units of the code in ``paths``, as many of each language and length.

    They are put as a review puts them, as ``brief`` says.

    A folder gives the units of its files, cut as a review would; a file of preference pairs gives
    one side of each pair. Units of more than LONGEST_CHARS are passed over. Raises UserError when
    a file of pairs cannot be read.
    """
    chance = random.Random(seed)
    found: dict[tuple[Language, int], dict[str, Snippet]] = defaultdict(dict)
    for path in paths:
        for unit in _units_below(path, brief) if path.is_dir() else _sides(path, chance, brief):
            if len(unit.text) <= LONGEST_CHARS:
                own = found[unit.language, band_of(len(unit.text), DEFAULT_BANDS)]
                own.setdefault(unit.text, unit)
    return [
        own[text]
        for _, own in sorted(found.items())
        for text in chance.sample(sorted(own), min(units_per_band, len(own)))
    ]


def _units_below(folder: Path, brief: Brief) -> Iterator[Snippet]:
    for file in load_sources([str(folder)]).files:
        for unit in find_units(file.text, path=file.path, language=file.language):
            yield brief.ask_unit(unit)


def _sides(pairs: Path, chance: random.Random, brief: Brief) -> Iterator[Snippet]:
    for pair in read_pairs(pairs):
        text = chance.choice((pair.chosen, pair.rejected))
        task = neutral_task(pair.language, (text,)) if brief.in_conversation else ""
        yield Snippet(pair.language, text, task)


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
