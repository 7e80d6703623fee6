from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from themis_export.cli import commands
from themis_export.quantize import quantize_int8
from themis_export.reference import sample_units
from themis_train.model import NanoMeta, NanoModel, keep_tokens, load_base, save_nano

from themis_lsp.bundle import load_bundle
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.score import Snippet

CODE = "def f(items):\n    if not items:\n        return None\n    return sum(items)\n"


@pytest.fixture(scope="module")
def checkpoint(base_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Nano that was never trained, with rewards that are not all zero."""
    folder = tmp_path_factory.mktemp("nano") / "checkpoint"
    backbone, tokenizer = load_base(str(base_model), layers=2)
    keep_tokens(backbone, list(range(tokenizer.get_vocab_size())))
    model = NanoModel(backbone, len(Criterion))
    model.head.weight.data.normal_(std=0.3)
    model.grams.rows.weight.data.normal_(std=0.3)
    meta = NanoMeta("Tiny", "tiny", tuple(Criterion), 0, 256, (0.1, 0.2, 0.3, 0.4, 0.5), {})
    save_nano(folder, model, meta, tokenizer)
    return folder


def _export(checkpoint: Path, out: Path, *options: str) -> str:
    result = CliRunner().invoke(
        commands, [str(checkpoint), str(out), *options], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def bundle(checkpoint: Path, pairs_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "bundle"
    pairs = str(pairs_file)
    output = _export(
        checkpoint, out, "--precision", "fp32", "--reference", pairs, "--parity", pairs
    )
    assert "order kept 100.0%" in output
    return out


def test_a_bundle_carries_what_the_checkpoint_knew(bundle: Path) -> None:
    manifest = load_bundle(bundle).manifest
    assert manifest.name == "Tiny"
    assert manifest.criteria == tuple(Criterion)
    assert manifest.calibration.empty_side == pytest.approx((0.1, 0.2, 0.3, 0.4, 0.5))
    tables = manifest.calibration.percentiles
    assert tables is not None
    assert tables.median(Language.PYTHON, 100, Criterion.SECURITY_HARDNESS) is not None


def test_a_bundle_scores_through_the_reviewer(bundle: Path) -> None:
    (score,) = OnnxScorer(load_bundle(bundle)).score([Snippet(Language.PYTHON, CODE)])
    assert np.isfinite(score.rewards).all()
    assert score.rewards.any()


def test_a_graph_tells_nothing_of_where_it_was_made(bundle: Path) -> None:
    graph = (bundle / "model.onnx").read_bytes()
    assert b".py" not in graph
    assert str(Path(__file__).parent.parent).encode() not in graph


def test_the_reward_of_the_graph_is_the_mean_of_its_token_rewards(bundle: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(bundle / "model.onnx")
    ids = np.array([[0, 5, 6, 7], [0, 8, 9, 0]])
    mask = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
    reward, token_reward = session.run(None, {"input_ids": ids, "attention_mask": mask})
    assert not token_reward[0, 0].any()
    assert not token_reward[1, 3].any()
    np.testing.assert_allclose(reward[0], token_reward[0].sum(axis=0) / 3, atol=1e-6)
    np.testing.assert_allclose(reward[1], token_reward[1].sum(axis=0) / 2, atol=1e-6)


def test_eight_bits_stay_close_and_do_not_depend_on_the_batch() -> None:
    import onnxruntime

    generator = np.random.default_rng(0)
    weight = generator.normal(size=(256, 300)).astype(np.float32)
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
            "product",
            [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", 256])],
            [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["batch", 300])],
            [onnx.numpy_helper.from_array(weight, "w")],
        ),
        opset_imports=[onnx.helper.make_opsetid("", 23)],
        ir_version=10,
    )
    session = onnxruntime.InferenceSession(quantize_int8(model).SerializeToString())
    # One row a thousand times larger: with one scale for all, the others would vanish.
    rows = generator.normal(size=(8, 256)).astype(np.float32)
    rows[0] *= 1000
    rows[1] = 0
    (together,) = session.run(None, {"x": rows})
    for index, row in enumerate(rows):
        (alone,) = session.run(None, {"x": row[None]})
        np.testing.assert_array_equal(alone[0], together[index])
    wanted = rows @ weight
    error = np.abs(together - wanted).max(axis=1) / np.maximum(np.abs(wanted).max(axis=1), 1e-6)
    assert error.max() < 0.03


def test_a_folder_that_holds_something_else_is_left_alone(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds no bundle"):
        _export(checkpoint, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_new_export_takes_the_place_of_the_old(
    checkpoint: Path, tmp_path: Path, pairs_file: Path
) -> None:
    out = tmp_path / "bundle"
    _export(checkpoint, out)
    (out / "stray").write_text("left over")
    quality = tmp_path / "results.json"
    measured = {"files": ["dev.jsonl"], "overall": {"accuracy": 0.5}, "by_aspect": {}}
    quality.write_text(json.dumps({**measured, "by_language": {}}))
    _export(checkpoint, out, "--quality", str(quality), "--parity", str(pairs_file))
    manifest = load_bundle(out).manifest
    assert manifest.precision == "int8"
    assert manifest.quality == measured
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_reference_units_come_from_folders_of_code(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(f"{CODE}\n\n{CODE.replace('f(', 'g(')}")
    (tmp_path / "code.go").write_text("package a\n\nfunc F() int {\n\treturn 1\n}\n")
    units = sample_units([tmp_path], 120)
    assert CODE.rstrip() in [unit.text.rstrip() for unit in units]
    assert {unit.language for unit in units} == {Language.PYTHON, Language.GO}
    assert len(sample_units([tmp_path], 1)) == 2
