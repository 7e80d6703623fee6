"""Whether ``themis-train rm`` computes the published loss: held against a plain computation.

    python benchmarks/rm_loss.py TOKENIZER PAIRS [--pairs-a-step 8]

TOKENIZER is a folder with the tokenizer of a chat model, such as Qwen3's. A small decoder with
random weights and that vocabulary is made, the real command takes its first step, and the loss on
its curve is compared with one computed answer by answer, without padding, by transformers alone.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from click.testing import CliRunner
from inputs import print_table
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from themis_train.order import DataOrder
from themis_train.rm.base import load_base
from themis_train.rm.cli import rm
from themis_train.rm.corpus import make_examples
from themis_train.rm.prompts import default_prompts
from themis_train.rm.recipe import PRESETS, RmRecipe, Stage
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

from themis_lsp.pairs import read_pairs

LN_2 = 0.6931471805599453
"""The Bradley-Terry loss of a score head of zeros, which tells nothing apart."""


def make_base(folder: Path, tokenizer: Path) -> Path:
    """Write a random decoder of two layers with the vocabulary of ``tokenizer``."""
    loaded = AutoTokenizer.from_pretrained(str(tokenizer))
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(loaded),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        tie_word_embeddings=True,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    loaded.save_pretrained(folder)
    return folder


def first_loss(run: Path) -> float:
    """Return the first point of the curve of a run."""
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return float(events.Scalars("train/loss")[0].value)


@torch.no_grad()
def plain_loss(base: Path, pairs: Path, pairs_a_step: int) -> float:
    """Return the loss of the first step, one answer at a time."""
    schedule = PRESETS[Stage.CODE]
    recipe = RmRecipe(base=str(base), pairs=[pairs], schedule=schedule)
    rows = list(read_pairs(pairs))
    examples = make_examples(rows, recipe, load_base(recipe).encoder, default_prompts())
    causal = AutoModelForCausalLM.from_pretrained(base).eval()
    total = 0.0
    for place in DataOrder(len(rows), pairs_a_step, 0).places(0):
        answer = examples.at(place).chosen
        ids = torch.tensor(answer.ids.tolist())
        logits = causal(ids[None]).logits[0]
        lm = cross_entropy(logits[answer.answer_start - 1 : -1], ids[answer.answer_start :])
        total += examples.weights[place.index] * (LN_2 + schedule.lm_weight * float(lm))
    return total / pairs_a_step


def main() -> None:
    """Read the arguments, take a step, compute, print."""
    parser = argparse.ArgumentParser(description="The loss of themis-train rm, checked.")
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--pairs-a-step", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = make_base(Path(folder) / "base", options.tokenizer)
        run = Path(folder) / "run"
        words = [run, "--base", base, "--pairs", options.pairs, "--batch", options.pairs_a_step]
        words += ["--micro-batch", 2, "--epochs", 1e-9, "--precision", "fp32"]
        CliRunner().invoke(rm, [str(word) for word in words], catch_exceptions=False)
        found = first_loss(run)
        plain = plain_loss(base, options.pairs, options.pairs_a_step)
    row = (f"{found:.7f}", f"{plain:.7f}", f"{abs(found - plain):.1e}")
    print_table(("themis-train rm", "plain", "difference"), [row])


if __name__ == "__main__":
    main()
