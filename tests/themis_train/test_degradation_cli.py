from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from degradation_examples import EXTENSIONS, example_text
from themis_train.degradation.cli import degrade
from themis_train.degradation.registry import OPERATORS

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.pairs import read_pairs


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "src").mkdir(parents=True)
    for language in Language:
        file = folder / "src" / f"example{EXTENSIONS[language]}"
        file.write_text(example_text(language), encoding="utf-8")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        degrade, [*map(str, arguments), "--jobs", "1"], catch_exceptions=False
    )


def rows_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.zst", ".parquet"])
def test_the_pairs_are_read_by_the_reviewer(code: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"pairs{ending}"
    result = run(code, "--out", out)
    assert result.exit_code == 0
    pairs = list(read_pairs(out))
    assert len(pairs) > 100
    assert {pair.language for pair in pairs} == set(Language)
    assert {pair.criterion for pair in pairs} == set(Criterion)
    assert f"{len(pairs):,} pairs in {out}" in result.output


def test_lengths_are_balanced_in_every_criterion_and_language(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "pairs.jsonl")
    signs: Counter[tuple[object, object, int]] = Counter()
    for row in rows_of(tmp_path / "pairs.jsonl"):
        better, worse = len(str(row["chosen"])), len(str(row["rejected"]))
        signs[row["aspect"], row["language"], (better > worse) - (better < worse)] += 1
    assert all(signs[aspect, name, 1] == signs[aspect, name, -1] for aspect, name, _ in list(signs))


def test_a_row_says_where_it_comes_from(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "pairs.jsonl", "--license", "MIT", "--languages", "go")
    rows = rows_of(tmp_path / "pairs.jsonl")
    assert [row["idx"] for row in rows] == list(range(len(rows)))
    assert {row["path"] for row in rows} == {"code/src/example.go"}
    assert {row["license"] for row in rows} == {"MIT"}
    assert {row["language"] for row in rows} == {"Go"}
    by_name = {operator.name: operator.criterion for operator in OPERATORS}
    assert all(by_name[str(row["operator"])] == row["aspect"] for row in rows)
    assert all(str(row["input"]).startswith("Write `") for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_unit_gives_one_pair_for_each_operator(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "pairs.jsonl")
    seen = Counter(str(row["id"]) for row in rows_of(tmp_path / "pairs.jsonl"))
    assert max(seen.values()) == 1


def test_the_same_seed_makes_the_same_file(code: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(code, "--out", tmp_path / f"{name}.jsonl", "--seed", seed)
    first, again, other = ((tmp_path / f"{name}.jsonl").read_bytes() for name in "abc")
    assert first == again != other


def test_several_processes_make_the_same_file_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(18):
        text = f"def add_{number}(name, limit):\n    if limit < 3 and name:\n        limit += 1\n"
        (folder / f"f{number}.py").write_text(f"{text}    return limit\n", encoding="utf-8")
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.jsonl"
        arguments = [str(folder), "--out", str(out), "--jobs", str(jobs)]
        result = CliRunner().invoke(degrade, arguments, catch_exceptions=False)
        assert result.exit_code == 0
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()


def test_limits_hold(code: Path, tmp_path: Path) -> None:
    arguments = ("--limit", 40, "--per-operator", 1, "--per-file", 20)
    run(code, "--out", tmp_path / "pairs.jsonl", *arguments)
    rows = rows_of(tmp_path / "pairs.jsonl")
    assert 0 < len(rows) <= 40
    assert max(Counter((row["operator"], row["language"]) for row in rows).values()) == 1
    assert max(Counter(row["path"] for row in rows).values()) <= 20


def test_some_operators_of_each_criterion_can_be_held_out(code: Path, tmp_path: Path) -> None:
    result = run(code, "--out", tmp_path / "pairs.jsonl", "--dev-share", 0.3)
    learned, held_out = (
        {(row["aspect"], row["operator"]) for row in rows_of(tmp_path / name)}
        for name in ("pairs.jsonl", "pairs-dev.jsonl")
    )
    assert {aspect for aspect, _ in held_out} == {aspect for aspect, _ in learned} == set(Criterion)
    assert not learned & held_out
    assert len(held_out) < len(learned)
    assert "pairs-dev.jsonl" in result.output


def test_accuracy_can_be_told_by_operator(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "pairs.jsonl")
    operators = {operator.name for operator in OPERATORS}
    assert {pair.subset for pair in read_pairs(tmp_path / "pairs.jsonl")} <= operators


def test_criteria_can_be_chosen(code: Path, tmp_path: Path) -> None:
    run(code, "--out", tmp_path / "pairs.jsonl", "--criteria", "FC,runtime-efficiency")
    aspects = {row["aspect"] for row in rows_of(tmp_path / "pairs.jsonl")}
    assert aspects == {"Functional_Correctness", "Runtime_Efficiency"}


def test_the_list_names_every_operator() -> None:
    result = run("--list")
    assert result.exit_code == 0
    for operator in OPERATORS:
        assert f"{operator.name} " in result.output
        assert operator.summary in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--criteria", "beauty"), "unknown criterion 'beauty'"),
        (("--languages", "cobol"), "unknown language 'cobol'"),
        (("--limit", "0"), "0 is not in the range"),
    ],
)
def test_a_wrong_option_is_a_usage_error(
    code: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run(code, "--out", tmp_path / "pairs.jsonl", *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_what_cannot_be_done_is_said(code: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(UserError, match="no source files in"):
        run(empty, "--out", tmp_path / "pairs.jsonl")
    with pytest.raises(UserError, match="no such file or folder"):
        run(tmp_path / "missing", "--out", tmp_path / "pairs.jsonl")
    with pytest.raises(UserError, match="not a known format"):
        run(code, "--out", tmp_path / "pairs.txt")
    (empty / "tiny.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(UserError, match="no pairs could be made"):
        run(empty, "--out", tmp_path / "pairs.jsonl")
    assert not (tmp_path / "pairs.jsonl").exists()
