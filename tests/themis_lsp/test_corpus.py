from __future__ import annotations

import errno
import importlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result

from themis_lsp.bench import corpus
from themis_lsp.bench.corpus import CorpusItem, CorpusOutcome, score_corpus
from themis_lsp.cli import scorer as opening
from themis_lsp.cli.score_corpus import score_corpus as command
from themis_lsp.errors import BundleError, UserError
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

pa = importlib.import_module("pyarrow")
pq = importlib.import_module("pyarrow.parquet")


class CountingScorer(FakeScorer):
    """The fake, which counts, and is killed before it has scored more than ``limit`` snippets."""

    def __init__(self, limit: int = 1000) -> None:
        super().__init__()
        self.limit, self.scored = limit, 0

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        if self.scored + len(snippets) > self.limit:
            raise KeyboardInterrupt
        self.scored += len(snippets)
        return super().score(snippets, progress)


def items(count: int) -> list[CorpusItem]:
    return [
        CorpusItem(f"row {n}", "", None, Snippet(Language.PYTHON, f"x = {n}")) for n in range(count)
    ]


def run(folder: Path, scorer: FakeScorer, rows: int = 10, size: int = 4) -> CorpusOutcome:
    return score_corpus(items(rows), scorer, folder=folder, tables=None, shard_rows=size)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_item_is_a_row_with_the_rewards_of_the_scorer(tmp_path: Path) -> None:
    assert run(tmp_path, FakeScorer()) == CorpusOutcome(scored=10, kept=0, shards=3)
    rows = [row for path in sorted(tmp_path.iterdir()) for row in pq.read_table(path).to_pylist()]
    assert [row["id"] for row in rows] == [item.id for item in items(10)]
    (score,) = FakeScorer().score([items(10)[7].snippet])
    found = [rows[7][f"reward.{criterion.value}"] for criterion in FakeScorer().info.criteria]
    assert found == [float(reward) for reward in score.rewards]
    assert rows[7]["bundle_sha256"] == "0" * 64


def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    run(tmp_path / "whole", FakeScorer())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", CountingScorer(limit=5))
    assert list(contents(tmp_path / "killed")) == ["part-00000.parquet"]
    scorer = CountingScorer()
    assert run(tmp_path / "killed", scorer) == CorpusOutcome(scored=6, kept=4, shards=3)
    assert scorer.scored == 6
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


@pytest.mark.parametrize(("rows", "size"), [(10, 3), (9, 4), (4, 4)])
def test_shards_of_something_else_are_refused_and_stay(
    tmp_path: Path, rows: int, size: int
) -> None:
    run(tmp_path, FakeScorer())
    before = contents(tmp_path)
    with pytest.raises(UserError, match="another folder"):
        run(tmp_path, FakeScorer(), rows, size)
    assert contents(tmp_path) == before


def test_shards_scored_elsewhere_are_not_mixed_with_these(tmp_path: Path) -> None:
    class OnCuda(FakeScorer):
        @property
        def info(self) -> ScorerInfo:
            return replace(super().info, provider="cuda")

    run(tmp_path, FakeScorer())
    with pytest.raises(UserError, match="provider"):
        run(tmp_path, OnCuda())


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(UserError, match=r"part-00000.parquet: not a readable parquet file"):
        run(tmp_path, FakeScorer())


def test_a_full_disk_leaves_no_half_of_a_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(corpus, "write_whole", full)
    with pytest.raises(UserError, match=r"No space left on device.*finished shards are kept"):
        run(tmp_path, FakeScorer())
    assert not contents(tmp_path)


def test_a_reward_that_is_no_number_is_never_written(tmp_path: Path) -> None:
    class Broken(FakeScorer):
        def score(
            self, snippets: Sequence[Snippet], progress: Progress | None = None
        ) -> list[Score]:
            scores = super().score(snippets, progress)
            return [
                Score(s.rewards * np.float32("nan"), s.token_rewards, s.token_starts)
                for s in scores
            ]

    with pytest.raises(BundleError, match="not a number to row 0"):
        run(tmp_path, Broken())
    assert not contents(tmp_path)


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    calibration = SimpleNamespace(percentiles=None)
    bundle = SimpleNamespace(manifest=SimpleNamespace(calibration=calibration))
    opened = SimpleNamespace(scorer=FakeScorer(), bundle=bundle)
    monkeypatch.setattr(opening, "open_scorer", lambda **_options: opened)


def score(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        command, [*arguments, "--out", str(folder / "out")], catch_exceptions=False
    )


def rows_of(folder: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(folder / "out/part-00000.parquet").to_pylist()
    return rows


@pytest.mark.usefixtures("faked")
def test_every_unit_of_a_folder_is_scored(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code/a.py").write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    assert "2 scored; shards: 1" in score(tmp_path, str(tmp_path / "code")).output
    found = [(row["name"], row["start_line"], row["language"]) for row in rows_of(tmp_path)]
    assert found == [("one", 1, "Python"), ("two", 5, "Python")]


@pytest.mark.usefixtures("faked")
def test_every_row_of_a_table_is_scored(tmp_path: Path) -> None:
    rows = [{"id": 7, "src": "x = 1", "language": "Python"}, {"src": "y", "language": "Cpp"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.table({"src": ["int x;"], "language": ["C"]}), tmp_path / "b.parquet")
    names = [str(tmp_path / name) for name in ("a.jsonl", "b.parquet")]
    assert "3 scored" in score(tmp_path, *names, "--code-column", "src").output
    found = [(row["id"], row["language"]) for row in rows_of(tmp_path)]
    assert found == [("7", "Python"), ("a.jsonl:2", "C++"), ("b.parquet:1", "C")]


@pytest.mark.usefixtures("faked")
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"language": "C"}, "a.jsonl:1: no column code; name yours with --code-column"),
        ({"code": "x", "language": "Cobol"}, "a.jsonl:1: unknown language 'Cobol'"),
        ({"code": 3, "language": "C"}, "a.jsonl:1: expected text"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: dict[str, object], message: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    with pytest.raises(UserError) as caught:
        score(tmp_path, str(tmp_path / "a.jsonl"))
    assert message in str(caught.value)


@pytest.mark.usefixtures("faked")
def test_a_bad_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match=r"a.parquet: not a readable parquet file"):
        score(tmp_path, str(tmp_path / "a.parquet"))
