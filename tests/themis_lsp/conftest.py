"""A bundle small enough to make for every test."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language

LIMIT_TOKENS = 64
CRITERIA = list(Criterion)


def make_tokenizer() -> Tokenizer:
    """One token a byte, and one special token that code may spell out."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(
        models.BPE({"<|end|>": 0, **{c: i + 1 for i, c in enumerate(alphabet)}}, [])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|end|>"])
    return tokenizer


def make_graph() -> onnx.ModelProto:
    """The graph contract at its smallest: a token's reward depends on the token alone."""
    table = np.random.default_rng(0).normal(size=(257, len(CRITERIA))).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rewards"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["counted"]),
        helper.make_node("Mul", ["rewards", "counted"], ["token_reward"]),
        helper.make_node("ReduceMean", ["token_reward", "middle"], ["reward"], keepdims=0),
    ]
    shape = ["batch", "length"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
        ],
        [
            helper.make_tensor_value_info("reward", TensorProto.FLOAT, ["batch", 5]),
            helper.make_tensor_value_info("token_reward", TensorProto.FLOAT, [*shape, 5]),
        ],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "middle"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def write_manifest(folder: Path, **changes: object) -> None:
    """Write a manifest that fits the files in ``folder``, with fields of it changed."""
    fields = {
        "format_version": 1,
        "name": "Tiny",
        "family": "nano",
        "precision": "fp32",
        "criteria": CRITERIA,
        "languages": list(Language),
        "limit_tokens": LIMIT_TOKENS,
        "pooling": "mean",
        "prefix_ids": [0],
        "files": {
            file.name: {
                "size_bytes": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
            for file in folder.iterdir()
            if file.name != "themis.json"
        },
        "calibration": {"empty_side": [0.0] * len(CRITERIA)},
        "quality": {},
        "provenance": {},
        "licence": "Apache-2.0",
    }
    (folder / "themis.json").write_text(json.dumps({**fields, **changes}), encoding="utf-8")


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    """The folder of a complete bundle."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    onnx.save(make_graph(), folder / "model.onnx")
    make_tokenizer().save(str(folder / "tokenizer.json"))
    write_manifest(folder)
    return folder


@pytest.fixture
def rewrite_manifest() -> Callable[..., None]:
    """The function that writes a fitting manifest: ``rewrite_manifest(folder, **changes)``."""
    return write_manifest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, out of reach of the repository and settings of whoever tests."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("THEMIS_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.delenv("THEMIS_MODEL", raising=False)
    return folder


@pytest.fixture
def no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
