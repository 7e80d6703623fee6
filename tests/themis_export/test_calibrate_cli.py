from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from themis_export.cli import commands

from themis_lsp.bundle import load_bundle
from themis_lsp.concerns.features import BUCKETS
from themis_lsp.concerns.head import ConcernHead, open_concern_head, save_concern_head
from themis_lsp.criteria import Criterion
from themis_lsp.errors import PairsError


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [
        {
            "id": f"p{number}",
            "prompt": "",
            "chosen": f"a b c {number % 7}",
            "rejected": "c b a",
            "aspect": "Runtime_Efficiency",
            "language": "Python",
        }
        for number in range(30)
    ]
    return _write(tmp_path / "pairs.jsonl", rows)


@pytest.fixture
def neutral(tmp_path: Path) -> Path:
    rows = [
        {
            "id": f"n{number}",
            "before": "a b",
            "after": f"b a {number}",
            "language": "Python",
            "operator": "swap",
            "stable": ["Runtime_Efficiency"],
        }
        for number in range(10)
    ]
    return _write(tmp_path / "neutral.jsonl", rows)


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(commands, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_bundle_gets_scales_and_keeps_its_graph(
    tiny_bundle: Path, pairs: Path, neutral: Path, tmp_path: Path
) -> None:
    out = tmp_path / "calibrated"
    output = run(tiny_bundle, out, "--calibrate", pairs, "--neutral", neutral)
    assert "| runtime efficiency | 30 |" in output
    assert "not claimed" in output
    before, after = load_bundle(tiny_bundle).manifest, load_bundle(out).manifest
    assert before.calibration.margins == {}
    assert set(after.calibration.margins) == {Criterion.RUNTIME_EFFICIENCY}
    assert after.calibration.margins[Criterion.RUNTIME_EFFICIENCY].warn_below is None
    assert after.files == before.files


def test_a_bundle_gets_a_concern_head(tiny_bundle: Path, tmp_path: Path) -> None:
    head = ConcernHead(
        ("weak-hash",),
        np.zeros((2 * BUCKETS, 2), dtype=np.int8),
        np.ones(2, dtype=np.float32),
        np.zeros(2, dtype=np.float32),
        np.ones(1, dtype=np.float32),
    )
    save_concern_head(head, tmp_path / "concerns.npz")
    assert open_concern_head(load_bundle(tiny_bundle)) is None
    run(tiny_bundle, tiny_bundle, "--concerns", tmp_path / "concerns.npz")
    opened = open_concern_head(load_bundle(tiny_bundle))
    assert opened is not None
    assert opened.names == ("weak-hash",)


def test_options_that_make_a_graph_are_refused_for_a_bundle(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        commands, [str(tiny_bundle), str(tmp_path / "out"), "--precision", "fp32"]
    )
    assert result.exit_code == 2
    assert "--precision needs a checkpoint" in result.output


def test_a_wrong_row_of_neutral_edits_is_named_and_nothing_is_written(
    tiny_bundle: Path, pairs: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "neutral.jsonl"
    wrong.write_text('{"before": "a", "after": "b"}\n')
    with pytest.raises(PairsError, match=r"neutral\.jsonl:1: 'language' is missing"):
        run(tiny_bundle, tmp_path / "out", "--calibrate", pairs, "--neutral", wrong)
    assert not (tmp_path / "out").exists()
