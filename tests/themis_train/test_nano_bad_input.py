"""What ``themis-train nano`` says of input that it cannot use: the command itself, from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from rm_models import make_chat_tokenizer
from safetensors.torch import load_file, save_file
from themis_train.model import load_nano
from transformers import BertConfig, BertLMHeadModel

PROGRAM = [sys.executable, "-c", "from themis_train.cli import main; main()"]
LIMIT_KIB = 1000
"""More than any part of a run, less than the checkpoint of the tiny base."""


def run(
    out: Path, base: Path, pairs: Path, *, before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command under a shell that does ``before`` first."""
    words = ["nano", str(out), "--base", str(base), "--pairs", str(pairs), "--dev", str(pairs)]
    return subprocess.run(
        ["bash", "-c", f'{before}\nexec "$@"', "-", *PROGRAM, *words, "--vocabulary", "260"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the message of a run that was refused in the house's way."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.partition("themis-train: error: ")[2]


def test_a_corrupt_pair_file_is_named_with_its_line(
    base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    lines = pairs_file.read_text(encoding="utf-8").splitlines(keepends=True)
    corrupt = tmp_path / "corrupt.jsonl"
    corrupt.write_text("".join([*lines[:6], '{"chosen": "x"', *lines[6:]]), encoding="utf-8")
    assert f"{corrupt}:7: " in refusal(run(tmp_path / "out", base_model, corrupt))


def test_a_base_that_looks_ahead_is_refused(pairs_file: Path, tmp_path: Path) -> None:
    base, tokenizer = tmp_path / "base", make_chat_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=16,
        tie_word_embeddings=False,
    )
    BertLMHeadModel(config).save_pretrained(base)
    tokenizer.save_pretrained(base)
    assert refusal(run(tmp_path / "out", base, pairs_file)).startswith("the base is not a decoder")


@pytest.mark.parametrize("damage", ["tokenizer", "weights"])
def test_a_tokenizer_or_weights_of_another_model_are_refused(
    damage: str, base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(base_model, base)
    if damage == "tokenizer":
        tokenizer = make_chat_tokenizer()
        tokenizer.add_tokens([f"<{number}>" for number in range(40)])
        tokenizer.save_pretrained(base)
        message = "the tokenizer has 299 tokens and the weights 263: they do not belong together"
    else:
        file = base / "model.safetensors"
        weights = load_file(file)
        del weights["model.layers.1.mlp.up_proj.weight"]
        save_file(weights, file, {"format": "pt"})
        message = "1 weights are missing or of another shape than config.json says"
    assert message in refusal(run(tmp_path / "out", base, pairs_file))


def test_a_full_disk_leaves_the_last_good_checkpoint(
    base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "checkpoint"
    assert run(out, base_model, pairs_file).returncode == 0
    good = load_nano(out)[0].state_dict()
    # A file that may not grow any more fails like one on a full disk.
    full = run(out, base_model, pairs_file, before=f"ulimit -f {LIMIT_KIB}")
    assert f"{out}: cannot be written" in refusal(full)
    assert not out.with_name("checkpoint.partial").exists()
    left = load_nano(out)[0].state_dict()
    assert all(torch.equal(left[name], tensor) for name, tensor in good.items())
