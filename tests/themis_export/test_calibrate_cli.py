from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from prompted_bundle import make_prompted_bundle
from themis_export.cli import commands

from themis_lsp.bundle import find_bundle, load_bundle
from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError, UserError

RM = Criterion.READABILITY_MAINTAINABILITY


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMIS_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(find_bundle("nano"), tmp_path / "bundle"))


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [
        {
            "chosen": f"total = {number}",
            "rejected": f"x = {number}" if number else "total = 0",
            "aspect": RM.value,
            "language": "Python",
        }
        for number in range(6)
    ]
    return write_rows(tmp_path / "pairs.jsonl", rows)


@pytest.fixture
def neutral(tmp_path: Path) -> Path:
    row = {
        "id": "1",
        "before": "a = 1",
        "after": "a = 0x1",
        "language": "Python",
        "operator": "hexadecimal",
        "family": "spelling",
        "stable": [RM.value, "Security_Hardness"],
    }
    return write_rows(tmp_path / "neutral.jsonl", [row])


def write_rows(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands, ["calibrate", *map(str, arguments)])


def test_only_the_manifest_changes(bundle: Path, pairs: Path, neutral: Path) -> None:
    before = load_bundle(bundle)
    graph = hashlib.sha256(before.model_file.read_bytes()).hexdigest()
    out = bundle.with_name("calibrated")
    result = run(bundle, "--pairs", pairs, "--neutral", neutral, "--out", out)
    assert result.exit_code == 0, result.output
    after = load_bundle(out)
    assert hashlib.sha256(after.model_file.read_bytes()).hexdigest() == graph
    assert after.manifest.files == before.manifest.files
    assert after.manifest.calibration.percentiles == before.manifest.calibration.percentiles
    scale = after.manifest.calibration.margins[RM]
    assert (scale.pairs, scale.warn_below) == (5, None)  # the equal texts are no pair
    assert "| readability and maintainability | 5 | 1 |" in result.stdout


def test_a_bundle_can_be_calibrated_in_place(bundle: Path, pairs: Path) -> None:
    report = bundle.with_name("report.json")
    result = run(bundle, "--pairs", pairs, "--out", bundle, "--report", report, "--limit", "3")
    assert result.exit_code == 0, result.output
    [entry] = json.loads(report.read_text())
    assert entry["criterion"] == RM
    assert entry["fit"]["scale"]["pairs"] <= 3
    assert entry["reliability"]
    assert set(load_bundle(bundle).manifest.calibration.margins) == {RM}


def test_a_bad_neutral_row_is_named_and_the_bundle_stays(bundle: Path, pairs: Path) -> None:
    bad = write_rows(bundle.with_name("bad.jsonl"), [{"id": "1"}])
    before = load_bundle(bundle).sha256
    result = run(bundle, "--pairs", pairs, "--neutral", bad, "--out", bundle)
    assert isinstance(result.exception, PairsError)
    assert "bad.jsonl:1" in str(result.exception)
    assert load_bundle(bundle).sha256 == before


def test_no_pairs_are_an_error(bundle: Path) -> None:
    empty = write_rows(bundle.with_name("empty.jsonl"), [])
    result = run(bundle, "--pairs", empty, "--out", bundle)
    assert isinstance(result.exception, UserError)


def test_percentiles_are_made_of_reference_code(bundle: Path, pairs: Path, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    for number in range(40):
        text = f"def f{number}(a):\n    b = a + {number}\n    return b * {number}\n"
        (code / f"f{number}.py").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    result = run(bundle, "--pairs", pairs, "--reference", code, "--out", out)
    assert result.exit_code == 0, result.output
    assert load_bundle(out).manifest.calibration.percentiles is not None
    (tmp_path / "nothing").mkdir()
    result = run(bundle, "--pairs", pairs, "--reference", tmp_path / "nothing", "--out", out)
    assert isinstance(result.exception, UserError)


def test_a_model_that_reads_tasks_is_calibrated_on_them(tmp_path: Path, pairs: Path) -> None:
    prompted = make_prompted_bundle(tmp_path / "prompted")
    out = tmp_path / "out"
    result = run(prompted, "--pairs", pairs, "--out", out)
    assert result.exit_code == 0, result.output
    calibration = load_bundle(out).manifest.calibration
    assert calibration.empty_side is None
    assert set(calibration.margins) == {RM}
