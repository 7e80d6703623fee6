"""What the tests of ``themis-train rm`` train: a tiny chat model, pairs, and short prompts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import torch
from click.testing import CliRunner
from themis_train.rm.cli import rm
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from themis_lsp.criteria import Criterion

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content | trim }}<|im_end|>\n{% endfor %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def make_chat_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, and the control tokens of the template."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate([*SPECIAL, *alphabet])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = TEMPLATE
    return fast


def make_base(folder: Path, *, tied: bool = True, dropout: float = 0.0) -> Path:
    """Write a random decoder of two layers, in the hub's layout."""
    tokenizer = make_chat_tokenizer()
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        attention_dropout=dropout,
        tie_word_embeddings=tied,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_prompts(file: Path) -> Path:
    """Write prompts of a few words, the criteria numbered in the one that names all."""
    points = {criterion: f"**{criterion.words}**: good code." for criterion in Criterion}
    texts = {key.value: f"Judge.\n\n1. Help.\n\n2. {point}" for key, point in points.items()}
    numbered = [f"{number}. {point}" for number, point in enumerate(points.values(), start=2)]
    texts["Full"] = "\n\n".join(["Judge.", "1. Help.", *numbered]) + "\n"
    file.write_text(json.dumps(texts), encoding="utf-8")
    return file


def write_pairs(file: Path, count: int) -> Path:
    """Write pairs whose better side has a check, whether that makes it longer or shorter."""
    rows = []
    for number in range(count):
        good, bad = f"if x: return {number}\n", f"return {number}\n"
        rows.append(
            {
                "id": f"p{number}",
                "prompt": f"Write f{number}.",
                "chosen": good,
                "rejected": bad + "pass\npass\npass\n" * (number % 2),
                "aspect": list(Criterion)[number // 2 % 5].value,
                "language": "Python",
            }
        )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def arguments(folder: Path, base: Path, **options: object) -> list[str]:
    """Return the arguments of a short run into ``folder``/run, with options changed."""
    given: dict[str, object] = {
        "base": base,
        "pairs": write_pairs(folder / "pairs.jsonl", 24),
        "dev": folder / "pairs.jsonl",
        "criterion_prompts": write_prompts(folder / "prompts.json"),
        "limit_tokens": 320,
        "batch": 4,
        "epochs": 1,
        "rate": 0.003,
        "micro_batch": 3,
        "save_every": 2,
        "evaluate_every": 3,
        # What the processor would choose differs from one to the next, and so would the figures.
        "precision": "fp32",
        **options,
    }
    words = [str(folder / "run")]
    for name, value in given.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def train(words: list[str]) -> str:
    """Run ``themis-train rm`` in this process; return what it printed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more only get in each other's way in a model this small
    try:
        return CliRunner().invoke(rm, words, catch_exceptions=False).output
    finally:
        torch.set_num_threads(threads)


def launch(command: list[str], words: list[str]) -> subprocess.Popen[str]:
    """Start ``themis-train rm`` in another process, with ``command`` before it."""
    program = [sys.executable, "-c", "from themis_train.rm.cli import rm; rm()"]
    return subprocess.Popen(
        [*command, *program, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def read_curve(run: Path, name: str = "train/loss") -> dict[int, float]:
    """Return a curve of a run by step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return {event.step: event.value for event in events.Scalars(name)}
