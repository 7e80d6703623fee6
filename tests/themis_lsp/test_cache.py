from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from themis_lsp.languages import Language
from themis_lsp.scoring.cache import CACHE_FILE, CachedScorer, ScoreCache
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

SNIPPETS = [Snippet(Language.GO, f"func f{n}() {{ return {n} }}") for n in range(20)]


class CountingScorer:
    """A scorer that remembers what it was asked."""

    def __init__(self, model: str = "a", *, reads_tasks: bool = False) -> None:
        self._scorer = FakeScorer()
        self._model = model
        self._reads_tasks = reads_tasks
        self.asked: list[Snippet] = []

    @property
    def info(self) -> ScorerInfo:
        criteria = self._scorer.info.criteria
        return ScorerInfo(self._model, self._model * 64, "cpu", criteria, self._reads_tasks)

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        self.asked.extend(snippets)
        return self._scorer.score(snippets, progress)


def test_nothing_is_scored_twice(tmp_path: Path) -> None:
    scorer = CountingScorer()
    first = CachedScorer(scorer, ScoreCache(tmp_path)).score(SNIPPETS)
    second = CachedScorer(scorer, ScoreCache(tmp_path)).score(SNIPPETS)
    assert scorer.asked == SNIPPETS
    for left, right in zip(first, second, strict=True):
        np.testing.assert_array_equal(left.rewards, right.rewards)
        np.testing.assert_array_equal(left.token_rewards, right.token_rewards)
        np.testing.assert_array_equal(left.token_starts, right.token_starts)


def test_equal_snippets_in_one_call_are_scored_once(tmp_path: Path) -> None:
    scorer = CountingScorer()
    finished: list[int] = []
    scores = CachedScorer(scorer, ScoreCache(tmp_path)).score([SNIPPETS[0]] * 3, finished.append)
    assert scorer.asked == [SNIPPETS[0]]
    assert len(scores) == sum(finished) == 3


def test_another_bundle_language_or_text_is_scored_again(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path)
    snippet = SNIPPETS[0]
    CachedScorer(CountingScorer("a"), cache).score([snippet])
    other_model = CountingScorer("b")
    CachedScorer(other_model, cache).score([snippet])
    assert other_model.asked == [snippet]
    same_model = CountingScorer("a")
    other_language = Snippet(Language.C, snippet.text)
    CachedScorer(same_model, cache).score([snippet, other_language])
    assert same_model.asked == [other_language]


@pytest.mark.parametrize(("reads_tasks", "times"), [(False, 1), (True, 2)])
def test_a_task_counts_where_it_is_read(tmp_path: Path, reads_tasks: bool, times: int) -> None:
    scorer = CountingScorer(reads_tasks=reads_tasks)
    tasks = [Snippet(Language.GO, "f()", task) for task in ("Call f.", "Call f twice.")]
    for _ in range(2):
        assert len(CachedScorer(scorer, ScoreCache(tmp_path)).score(tasks)) == 2
    assert len(scorer.asked) == times


@pytest.mark.parametrize(
    "damage", [b"", b"not a database at all, but long enough to be read as one" * 99]
)
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / CACHE_FILE).write_bytes(damage)
    CachedScorer(CountingScorer(), ScoreCache(tmp_path)).score(SNIPPETS)
    again = CountingScorer()
    CachedScorer(again, ScoreCache(tmp_path)).score(SNIPPETS)
    assert again.asked == []


def test_a_cache_past_its_limit_loses_a_quarter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CachedScorer(CountingScorer(), ScoreCache(tmp_path)).score(SNIPPETS)
    monkeypatch.setattr("themis_lsp.scoring.cache.LIMIT_BYTES", 1)
    scorer = CountingScorer()
    CachedScorer(scorer, ScoreCache(tmp_path)).score(SNIPPETS)
    assert len(scorer.asked) == len(SNIPPETS) // 4


def test_a_damaged_entry_is_scored_again(tmp_path: Path) -> None:
    CachedScorer(CountingScorer(), ScoreCache(tmp_path)).score(SNIPPETS)
    with sqlite3.connect(tmp_path / CACHE_FILE) as connection:
        connection.execute("UPDATE scores SET score = x'00'")
    connection.close()
    again = CountingScorer()
    CachedScorer(again, ScoreCache(tmp_path)).score(SNIPPETS)
    assert again.asked == SNIPPETS


def test_a_folder_that_cannot_be_made_leaves_scoring_working(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    scorer = CountingScorer()
    scores = CachedScorer(scorer, ScoreCache(tmp_path / "file" / "cache")).score(SNIPPETS)
    assert len(scores) == len(SNIPPETS)


def test_a_table_dropped_under_a_running_review_leaves_scoring_working(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path)
    with sqlite3.connect(tmp_path / CACHE_FILE) as connection:
        connection.execute("DROP TABLE scores")
    connection.close()
    assert len(CachedScorer(CountingScorer(), cache).score(SNIPPETS)) == len(SNIPPETS)


def _score_many(folder: Path, start: int) -> None:
    snippets = [Snippet(Language.RUBY, f"def f{n}; {n}; end") for n in range(start, start + 300)]
    CachedScorer(CountingScorer(), ScoreCache(folder)).score(snippets)


def test_concurrent_reviews_share_one_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_score_many, args=(tmp_path, start)) for start in (0, 150, 300)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with sqlite3.connect(tmp_path / CACHE_FILE) as connection:
        ((count,),) = connection.execute("SELECT COUNT(*) FROM scores")
    connection.close()
    assert count == 600
