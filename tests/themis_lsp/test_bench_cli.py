from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.cli import progress
from themis_lsp.cli.bench import bench
from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError, ThemisError, UserError
from themis_lsp.scoring.fake import FakeScorer

FC, SH = Criterion.FUNCTIONAL_CORRECTNESS, Criterion.SECURITY_HARDNESS


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Puts the fake scorer in the place of a bundle; fills up with what was asked for."""
    arguments: dict[str, Any] = {}

    def open_scorer(**options: Any) -> SimpleNamespace:
        arguments.update(options)
        calibration = Calibration(None, (0.0,), {})
        bundle = SimpleNamespace(manifest=SimpleNamespace(calibration=calibration))
        return SimpleNamespace(scorer=FakeScorer((FC,)), bundle=bundle)

    module = SimpleNamespace(open_scorer=open_scorer)
    monkeypatch.setitem(sys.modules, "themis_lsp.cli.scorer", module)
    return arguments


def write_pairs(path: Path, count: int, criterion: Criterion = FC) -> Path:
    rows = [
        {
            "chosen": f"return {number} + 1",
            "rejected": f"return {number}",
            "aspect": criterion.value,
            "language": "Python",
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(bench, [str(argument) for argument in arguments])


@pytest.mark.usefixtures("asked")
def test_tables_are_printed(tmp_path: Path) -> None:
    result = run(write_pairs(tmp_path / "sums.jsonl", 12))
    assert result.exit_code == 0
    assert "functional correctness     12" in result.stdout
    assert result.stderr == ""


@pytest.mark.usefixtures("asked")
def test_json_on_the_screen_is_the_object_of_the_file(tmp_path: Path) -> None:
    pairs = write_pairs(tmp_path / "sums.jsonl", 12)
    result = run(pairs, "--format", "json", "--out", tmp_path / "run")
    assert json.loads(result.stdout) == json.loads((tmp_path / "run/results.json").read_text())
    assert (tmp_path / "run/scores.parquet").is_file()


@pytest.mark.usefixtures("asked")
def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    pairs = write_pairs(tmp_path / "sums.jsonl", 12)
    for folder in ("first", "second"):
        run(pairs, "--out", tmp_path / folder)
    for name in ("results.json", "scores.parquet"):
        first, second = tmp_path / "first" / name, tmp_path / "second" / name
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.usefixtures("asked")
def test_a_progress_bar_stays_out_of_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich, too, takes the stream for a terminal then
    monkeypatch.setattr(progress, "sys", terminal)
    monkeypatch.setattr(progress, "_PATIENCE_S", -1.0)
    result = run(write_pairs(tmp_path / "sums.jsonl", 12), "--format", "json")
    assert json.loads(result.stdout)["overall"]["count"] == 12
    assert "scoring 12 pairs" in result.stderr


@pytest.mark.usefixtures("asked")
def test_several_files_are_one_set_and_a_subset_each(tmp_path: Path) -> None:
    files = [write_pairs(tmp_path / f"{name}.jsonl", 5) for name in ("sums", "products")]
    results = json.loads(run(*files, "--format", "json", "--limit", "3").stdout)
    assert results["files"] == ["sums.jsonl", "products.jsonl"]
    assert results["overall"]["count"] == 6
    assert {name: group["count"] for name, group in results["by_subset"].items()} == {
        "products": 3,
        "sums": 3,
    }


def test_options_reach_the_scorer(tmp_path: Path, asked: dict[str, Any]) -> None:
    pairs = write_pairs(tmp_path / "sums.jsonl", 1)
    run(pairs)
    others = {"model": None, "provider": "auto", "threads": None, "cache": True}
    assert asked == {**others, "faithful": False}
    run(pairs, "--model", "nano", "--provider", "cpu", "--jobs", "2", "--no-cache", "--faithful")
    wanted = {"model": "nano", "provider": "cpu", "threads": 2, "cache": False, "faithful": True}
    assert asked == wanted


@pytest.mark.usefixtures("asked")
def test_skipped_pairs_are_warned_about(tmp_path: Path) -> None:
    judged = write_pairs(tmp_path / "sums.jsonl", 1)
    result = run(judged, write_pairs(tmp_path / "holes.jsonl", 2, SH), "--format", "json")
    assert result.exit_code == 0
    assert "2 pairs skipped: the bundle does not judge security hardness" in result.stderr
    assert json.loads(result.stdout)["skipped"] == {"Security_Hardness": 2}


@pytest.mark.usefixtures("asked")
def test_only_skipped_pairs_are_an_error(tmp_path: Path) -> None:
    result = run(write_pairs(tmp_path / "holes.jsonl", 2, SH))
    assert isinstance(result.exception, UserError)
    assert "none of the criteria" in str(result.exception)


def test_no_pairs_are_an_error(tmp_path: Path, asked: dict[str, Any]) -> None:
    result = run(write_pairs(tmp_path / "sums.jsonl", 0))
    assert isinstance(result.exception, UserError)
    assert "sums.jsonl" in str(result.exception)
    assert not asked


def test_a_bad_row_is_found_before_the_model_is_opened(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    pairs = write_pairs(tmp_path / "sums.jsonl", 3)
    with pairs.open("a") as file:
        file.write("{}\n")
    result = run(pairs)
    assert isinstance(result.exception, PairsError)
    assert "sums.jsonl:4" in str(result.exception)
    assert not asked


def test_a_missing_extra_is_found_before_the_model_is_opened(
    tmp_path: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def import_none_of_pyarrow(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    pairs = write_pairs(tmp_path / "sums.jsonl", 3)
    run(pairs)
    asked.clear()
    monkeypatch.setattr(importlib, "import_module", import_none_of_pyarrow)
    result = run(pairs, "--out", tmp_path / "run")
    assert isinstance(result.exception, ThemisError)
    assert "pip install 'themis-review[bench]'" in str(result.exception)
    assert not asked


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("arguments", [[], ["x", "--limit", "0"], ["x", "--provider", "abacus"]])
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
