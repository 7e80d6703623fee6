from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import external_data_helper

from themis_lsp.bundle import find_bundle, load_bundle
from themis_lsp.errors import BundleError
from themis_lsp.scoring.onnx_scorer import OnnxScorer

Rewrite = Callable[..., None]


def test_a_complete_bundle_loads_with_its_size_and_hash(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    assert bundle.manifest.name == "Tiny"
    assert bundle.size_bytes == sum(file.stat().st_size for file in tiny_bundle.iterdir())
    assert re.fullmatch("[0-9a-f]{64}", bundle.sha256)


def test_another_manifest_is_another_bundle(tiny_bundle: Path, rewrite_manifest: Rewrite) -> None:
    before = load_bundle(tiny_bundle).sha256
    rewrite_manifest(tiny_bundle, limit_tokens=100)
    assert load_bundle(tiny_bundle).sha256 != before


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "themis.json"])
def test_a_missing_file_is_named(tiny_bundle: Path, name: str) -> None:
    (tiny_bundle / name).unlink()
    with pytest.raises(BundleError, match=re.escape(name)):
        load_bundle(tiny_bundle)


def test_a_truncated_file_is_named_with_both_sizes(tiny_bundle: Path) -> None:
    model = tiny_bundle / "model.onnx"
    model.write_bytes(model.read_bytes()[:-10])
    with pytest.raises(BundleError, match=r"model\.onnx has \d+ bytes, not \d+"):
        load_bundle(tiny_bundle)


def test_a_changed_byte_is_noticed(tiny_bundle: Path) -> None:
    model = tiny_bundle / "model.onnx"
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    model.write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.onnx was changed"):
        load_bundle(tiny_bundle)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "a/b", "..", r"..\secret"])
def test_a_file_out_of_the_folder_is_refused(
    tiny_bundle: Path, rewrite_manifest: Rewrite, name: str
) -> None:
    manifest = json.loads((tiny_bundle / "themis.json").read_text())
    entry = {"size_bytes": 1, "sha256": "0" * 64}
    rewrite_manifest(tiny_bundle, files={**manifest["files"], name: entry})
    with pytest.raises(BundleError, match="leads out of the bundle's folder"):
        load_bundle(tiny_bundle)


def test_a_link_out_of_the_folder_is_refused(
    tiny_bundle: Path, tmp_path: Path, rewrite_manifest: Rewrite
) -> None:
    model = tiny_bundle / "model.onnx"
    outside = tmp_path / "elsewhere.onnx"
    model.rename(outside)
    model.symlink_to(outside)
    rewrite_manifest(tiny_bundle)
    with pytest.raises(BundleError, match="leads out of the bundle's folder"):
        load_bundle(tiny_bundle)


def test_a_file_the_manifest_does_not_list_is_refused(tiny_bundle: Path) -> None:
    (tiny_bundle / "weights.bin").write_bytes(b"?")
    with pytest.raises(BundleError, match=r"weights\.bin is not listed"):
        load_bundle(tiny_bundle)


def test_external_data_out_of_the_folder_is_refused(
    tiny_bundle: Path, tmp_path: Path, rewrite_manifest: Rewrite
) -> None:
    model = onnx.load(tiny_bundle / "model.onnx")
    table = next(t for t in model.graph.initializer if t.name == "table")
    (tmp_path / "outside.data").write_bytes(table.raw_data)
    external_data_helper.set_external_data(table, "../outside.data")
    table.ClearField("raw_data")
    (tiny_bundle / "model.onnx").write_bytes(model.SerializeToString())
    rewrite_manifest(tiny_bundle)
    with pytest.raises(BundleError, match="cannot be loaded"):
        OnnxScorer(load_bundle(tiny_bundle))


def test_a_graph_that_is_not_onnx_is_explained(
    tiny_bundle: Path, rewrite_manifest: Rewrite
) -> None:
    (tiny_bundle / "model.onnx").write_bytes(b"not a graph")
    rewrite_manifest(tiny_bundle)
    with pytest.raises(BundleError, match=r"model\.onnx cannot be loaded by onnxruntime"):
        OnnxScorer(load_bundle(tiny_bundle))


def test_a_tokenizer_that_is_none_is_explained(
    tiny_bundle: Path, rewrite_manifest: Rewrite
) -> None:
    (tiny_bundle / "tokenizer.json").write_text("{}")
    rewrite_manifest(tiny_bundle)
    with pytest.raises(BundleError, match="is not a tokenizer"):
        OnnxScorer(load_bundle(tiny_bundle))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format_version": 2}, "format 2"),
        ({"criteria": ["Beauty"]}, "Beauty"),
        ({"criteria": []}, "criteria"),
        ({"languages": ["COBOL"]}, "COBOL"),
        ({"limit_tokens": "many"}, "limit_tokens"),
        ({"limit_tokens": 3}, "too small"),
        ({"pooling": "median"}, "median"),
        ({"files": {}}, "does not list model.onnx"),
        ({"files": {"model.onnx": {"size_bytes": 1, "sha256": "xyz"}}}, "hexadecimal"),
        ({"calibration": {"empty_side": [1.0]}}, "empty_side"),
        ({"calibration": {"empty_side": [0.0] * 5, "percentiles": []}}, "percentile tables"),
        ({"calibration": {"empty_side": [0.0] * 5, "margins": {"Beauty": {}}}}, "Beauty"),
        ({"prefix_ids": [True]}, "prefix_ids"),
    ],
)
def test_a_wrong_field_is_named(
    tiny_bundle: Path, rewrite_manifest: Rewrite, changes: dict[str, object], words: str
) -> None:
    rewrite_manifest(tiny_bundle, **changes)
    with pytest.raises(BundleError, match=words):
        load_bundle(tiny_bundle)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_manifest_that_is_no_json_object_is_refused(tiny_bundle: Path, text: str) -> None:
    (tiny_bundle / "themis.json").write_text(text)
    with pytest.raises(BundleError, match=r"themis\.json"):
        load_bundle(tiny_bundle)


def test_the_option_wins_over_the_environment(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEMIS_MODEL", str(tmp_path))
    assert find_bundle(str(tiny_bundle)) == tiny_bundle
    assert find_bundle(None) == tmp_path
    assert find_bundle("nano").name == "nano"


def test_a_folder_that_does_not_exist_names_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BundleError, match="--model"):
        find_bundle("/nowhere")
    monkeypatch.setenv("THEMIS_MODEL", "/nowhere")
    with pytest.raises(BundleError, match="THEMIS_MODEL"):
        find_bundle(None)
