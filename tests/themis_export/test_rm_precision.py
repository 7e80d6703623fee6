from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rm_bundle import make_checkpoint, read_manifest, traced_once
from rm_models import write_pairs
from themis_export.cli import commands
from themis_export.rm.blocks import BLOCK, pack_blocks
from themis_export.rm.precision import Precision

from themis_lsp.bundle import load_bundle
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.score import Snippet

CODE = "def total(items):\n    return sum(items)\n"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("rm") / "Themis-Tiny")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs.jsonl", 12)


def _export(checkpoint: Path, out: Path, *options: str) -> str:
    with traced_once():
        result = CliRunner().invoke(
            commands, [str(checkpoint), str(out), *options], catch_exceptions=False
        )
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("precision", [p for p in Precision if p is not Precision.INT4])
def test_every_precision_is_compared_with_its_checkpoint(
    checkpoint: Path, pairs: Path, tmp_path: Path, precision: Precision
) -> None:
    out = tmp_path / "bundle"
    output = _export(checkpoint, out, "--precision", precision.value, "--parity", str(pairs))
    assert "parity on 24 snippets" in output
    assert "the bundle will take about" in output.splitlines()[0]
    manifest = read_manifest(out)
    assert manifest["precision"] == precision
    assert manifest["name"] == "Themis-Tiny"
    assert manifest["provenance"]["parity"]["snippets"] == 24
    assert set(manifest["provenance"]["weights_sha256"]) == {"model.safetensors"}


@pytest.mark.parametrize("precision", [p for p in Precision if p is not Precision.FP16])
def test_a_reward_does_not_depend_on_its_neighbours(
    checkpoint: Path, tmp_path: Path, precision: Precision
) -> None:
    out = tmp_path / "bundle"
    _export(checkpoint, out, "--precision", precision.value)
    scorer = ConversationScorer(load_bundle(out))
    snippets = [Snippet(Language.PYTHON, CODE), Snippet(Language.PYTHON, CODE * 2 + "!!" * 9)]
    together = scorer.score(snippets)
    for snippet, score in zip(snippets, together, strict=True):
        (alone,) = scorer.score([snippet])
        np.testing.assert_allclose(alone.rewards, score.rewards, atol=2e-6)


def test_quantized_bundles_are_smaller(checkpoint: Path, tmp_path: Path) -> None:
    sizes = {}
    for precision in Precision:
        _export(checkpoint, tmp_path / precision, "--precision", precision.value)
        sizes[precision] = (tmp_path / precision / "model.onnx.data").stat().st_size
    assert sizes[Precision.INT4] < sizes[Precision.INT8] < sizes[Precision.FP16]
    assert sizes[Precision.FP16] < 0.6 * sizes[Precision.FP32]


def test_a_bundle_that_strays_too_far_is_not_written(
    checkpoint: Path, pairs: Path, tmp_path: Path
) -> None:
    # Weights drawn at random have no redundancy: four bits are too few for them.
    with pytest.raises(BundleError, match="does not agree with its checkpoint"):
        _export(checkpoint, tmp_path / "b", "--precision", "int4", "--parity", str(pairs))
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=30)
@given(
    rows=st.integers(1, 5),
    columns=st.integers(1, 70),
    bits=st.sampled_from([4, 8]),
    seed=st.integers(0, 100),
)
def test_blocks_lose_at_most_a_step(rows: int, columns: int, bits: int, seed: int) -> None:
    matrix = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    matrix[0] = 0
    packed, scales = pack_blocks(matrix, bits)
    levels = packed if bits == 8 else np.stack([packed & 15, packed >> 4], axis=-1)
    values = levels.reshape(rows, -1, BLOCK).astype(np.float32) - (1 << (bits - 1))
    restored = (values * scales[..., None]).reshape(rows, -1)[:, :columns]
    step = np.abs(scales).repeat(BLOCK, axis=1)[:, :columns]
    assert (np.abs(restored - matrix) <= step * 1.001).all()
    assert not restored[0].any()


def test_a_bundle_is_the_same_each_time(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        _export(checkpoint, tmp_path / name)
    first, second = (json.loads((tmp_path / n / "themis.json").read_text()) for n in ("a", "b"))
    assert first == second
