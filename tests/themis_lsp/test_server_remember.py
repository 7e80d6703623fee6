from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_scorer import STRONG, WEAK, PlantedScorer, reference_tables

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.readings import read_units
from themis_lsp.languages import Language
from themis_lsp.scoring.score import (
    Progress,
    Score,
    ScorerInfo,
    ScoringInterruptedError,
    Snippet,
)
from themis_lsp.server.remember import (
    RememberingReader,
    RememberingScorer,
    SupersededError,
    Watch,
    Yardstick,
)
from themis_lsp.units.find import find_units

COLUMNS = {criterion: column for column, criterion in enumerate(Criterion)}
YARDSTICK = Yardstick(reference_tables(), COLUMNS)
PIECES = st.sampled_from([STRONG, WEAK, "x = 1\n", "\n", "class A:\n    def f(self): return 1\n"])


@dataclass
class InterruptedScorer:
    """Is interrupted a few times before it answers."""

    times: int
    asked: list[int] = field(default_factory=list)
    info: ScorerInfo = PlantedScorer.info

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        self.asked.append(len(snippets))
        if len(self.asked) <= self.times:
            raise ScoringInterruptedError
        return PlantedScorer().score(snippets, progress)


@settings(max_examples=40)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=1, max_size=4))
def test_readings_are_those_of_reading_anew(texts: list[str]) -> None:
    reader = RememberingReader()
    for text in texts:
        units = find_units(text, path="a.py", language=Language.PYTHON)
        scores = PlantedScorer().score([Snippet(unit.language, unit.text) for unit in units])
        fresh = read_units(
            units, scores, texts={"a.py": text}, tables=YARDSTICK.tables, columns=COLUMNS
        )
        assert reader.read(units, scores, text, YARDSTICK) == fresh


def test_no_snippet_is_scored_twice() -> None:
    scorer = InterruptedScorer(0)
    remembering = RememberingScorer(scorer)
    snippets = [Snippet(Language.PYTHON, text) for text in (STRONG, WEAK, STRONG)]
    first = remembering.score(snippets, Watch())
    assert remembering.score(snippets, Watch()) == first
    assert scorer.asked == [2]


def test_an_interruption_that_changed_nothing_is_overcome() -> None:
    scorer = InterruptedScorer(2)
    RememberingScorer(scorer).score([Snippet(Language.PYTHON, WEAK)], Watch())
    assert scorer.asked == [1, 1, 1]


def test_an_interruption_of_what_is_stale_ends_it() -> None:
    answers = iter([False, True])
    scorer = RememberingScorer(InterruptedScorer(1))
    with pytest.raises(SupersededError):
        scorer.score([Snippet(Language.PYTHON, WEAK)], Watch(lambda: next(answers)))


def test_the_share_that_is_done_is_told() -> None:
    told: list[float] = []
    snippets = [Snippet(Language.PYTHON, f"x = {number}") for number in range(100)]
    RememberingScorer(PlantedScorer()).score(snippets, Watch(tell=told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
