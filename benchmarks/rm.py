"""A Themis-RM of the real 0.6B shape: export, load, memory, time per unit, against transformers.

    python benchmarks/rm.py TOKENIZER WORK [--precision int8-dynamic ...] [--units 8]

TOKENIZER is a folder with Qwen3's tokenizer. A checkpoint with random weights and the shape of
Qwen3-0.6B is made in the folder WORK, exported in each precision, and eight units of 200 tokens are
scored on five criteria: by the reviewer's scorer, which knows the keys and values of what its
conversations begin with; by the same bundle, without those; and by transformers in float32 on the
same ids, a conversation at a time. Each in a process of its own, one after the other.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from inputs import print_table

from themis_lsp.languages import Language
from themis_lsp.scoring.score import Snippet

UNIT_TOKENS = 200
TASK = "Write the Python function work."
PASSES = 3


def make_checkpoint(folder: Path, tokenizer: Path) -> None:
    """Write a reward model with random weights and the shape of Qwen3-0.6B, unless it is there."""
    import torch
    from themis_train.rm.prompts import FILE_NAME, default_prompts
    from transformers import AutoTokenizer, Qwen3Config, Qwen3ForSequenceClassification

    if (folder / "config.json").is_file():
        return
    torch.manual_seed(0)
    loaded = AutoTokenizer.from_pretrained(str(tokenizer))
    config = Qwen3Config(
        vocab_size=151_936,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=28,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
        tie_word_embeddings=True,
        num_labels=1,
        pad_token_id=loaded.pad_token_id,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
    )
    model = Qwen3ForSequenceClassification(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    loaded.save_pretrained(folder)
    (folder / FILE_NAME).write_text(json.dumps(default_prompts().texts()), encoding="utf-8")


def make_units(tokenizer_file: Path, count: int) -> list[Snippet]:
    """Return units of ``UNIT_TOKENS`` tokens each."""
    from themis_lsp.scoring.encode import TextEncoder

    encoder = TextEncoder(tokenizer_file)
    units = []
    for number in range(count):
        text = "".join(f"    total_{number} = read(row[{line}])\n" for line in range(99))
        starts = encoder.encode(text).starts
        units.append(Snippet(Language.PYTHON, text[: starts[UNIT_TOKENS]], TASK))
    return units


def open_rm(bundle: Path) -> tuple[object, float]:
    """Return the scorer of a bundle and the seconds that opening it took."""
    from themis_lsp.bundle import load_bundle
    from themis_lsp.scoring.conversation_scorer import ConversationScorer
    from themis_lsp.scoring.session import ProviderChoice

    loaded = load_bundle(bundle)
    started = time.perf_counter()
    return ConversationScorer(loaded, ProviderChoice.CPU), time.perf_counter() - started


def time_bundle(bundle: Path, count: int) -> dict[str, float]:
    """Return what the reviewer's scorer takes, in seconds and bytes."""
    from themis_lsp.scoring.conversation_scorer import ConversationScorer

    scorer, load = open_rm(bundle)
    assert isinstance(scorer, ConversationScorer)
    units = make_units(bundle / "tokenizer.json", count)
    started = time.perf_counter()
    scorer.score(units[:1])
    first = time.perf_counter() - started
    times = []
    for _ in range(PASSES):
        started = time.perf_counter()
        scorer.score(units)
        times.append((time.perf_counter() - started) / count)
    return {"load": load, "first": first, "unit": min(times), "memory": peak_memory()}


def time_whole(bundle: Path, count: int) -> dict[str, float]:
    """Return what whole conversations take without the keys and values of their beginnings."""
    from themis_lsp.bundle import load_bundle
    from themis_lsp.scoring.conversation import ConversationEncoder
    from themis_lsp.scoring.prefix_session import PrefixSession
    from themis_lsp.scoring.session import ProviderChoice

    loaded = load_bundle(bundle)
    assert loaded.manifest.conversation is not None
    session = PrefixSession(loaded.model_file, ProviderChoice.CPU)
    rows = conversations(
        ConversationEncoder(loaded.tokenizer_file, loaded.manifest.conversation), bundle, count
    )
    started = time.perf_counter()
    for ids in rows:
        session.rewards([np.array(ids)], session.nothing)
    return {"unit": (time.perf_counter() - started) / count, "memory": peak_memory()}


def time_transformers(checkpoint: Path, bundle: Path, count: int) -> dict[str, float]:
    """Return what transformers takes in float32 for the same conversations."""
    import torch
    from transformers import AutoModelForSequenceClassification

    from themis_lsp.bundle import load_bundle
    from themis_lsp.scoring.conversation import ConversationEncoder

    loaded = load_bundle(bundle)
    assert loaded.manifest.conversation is not None
    encoder = ConversationEncoder(loaded.tokenizer_file, loaded.manifest.conversation)
    rows = conversations(encoder, bundle, count)
    started = time.perf_counter()
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint, dtype=torch.float32)
    load = time.perf_counter() - started
    with torch.inference_mode():
        model(input_ids=torch.tensor([rows[0]]))
        started = time.perf_counter()
        for ids in rows:
            model(input_ids=torch.tensor([ids]))
    seconds = (time.perf_counter() - started) / count
    return {"load": load, "unit": seconds, "memory": peak_memory()}


def conversations(encoder: object, bundle: Path, count: int) -> list[list[int]]:
    """Return the ids of every conversation, five to a unit."""
    from themis_lsp.criteria import Criterion
    from themis_lsp.scoring.conversation import ConversationEncoder

    assert isinstance(encoder, ConversationEncoder)
    rows = []
    for unit in make_units(bundle / "tokenizer.json", count):
        for criterion in Criterion:
            parts = encoder.encode(criterion, task=unit.task, code=unit.text)
            pieces = (encoder.prefix(criterion), parts.head, parts.code.ids, parts.tail)
            rows.append(np.concatenate(pieces).tolist())
    return rows


def matrix_peak() -> float:
    """Return this machine's best rate in float32, in operations a second."""
    import torch

    size = 2048
    left, right = torch.rand(size, size), torch.rand(size, size)
    best = float("inf")
    for _ in range(6):
        started = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def peak_memory() -> float:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def apart(part: str, *arguments: object) -> dict[str, float]:
    """Run a part of this benchmark in a process of its own and return its figures."""
    words = [sys.executable, __file__, "--part", part, *map(str, arguments)]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def export(checkpoint: Path, out: Path, precision: str) -> tuple[float, float]:
    """Export in a process of its own; return the seconds and the bytes of the bundle."""
    program = "from themis_export.cli import main; main()"
    words = [sys.executable, "-c", program, str(checkpoint), str(out), "--precision", precision]
    started = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    size = sum(file.stat().st_size for file in out.iterdir())
    return time.perf_counter() - started, float(size)


def run_part(words: list[str]) -> None:
    """Print the figures of one part as JSON."""
    part, *rest = words
    if part == "bundle":
        found = time_bundle(Path(rest[0]), int(rest[1]))
    elif part == "whole":
        found = time_whole(Path(rest[0]), int(rest[1]))
    elif part == "peak":
        found = {"peak": matrix_peak()}
    elif part == "make":
        make_checkpoint(Path(rest[0]), Path(rest[1]))
        found = {}
    else:
        found = time_transformers(Path(rest[0]), Path(rest[1]), int(rest[2]))
    print(json.dumps(found))


def main() -> None:
    """Read the arguments, make, export, time, print."""
    if sys.argv[1:2] == ["--part"]:
        run_part(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description="A Themis-RM of the 0.6B shape.")
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--precision", nargs="+", default=["int8-dynamic", "int8", "fp32"])
    parser.add_argument("--units", type=int, default=8)
    options = parser.parse_args()
    # A process inherits the peak of the one that starts it: nothing large is done in this one.
    checkpoint = options.work / "checkpoint"
    apart("make", checkpoint, options.tokenizer)
    bundles, rows = [], []
    for precision in options.precision:
        bundle = options.work / precision
        seconds, size = export(checkpoint, bundle, precision)
        bundles.append(bundle)
        rows.append((precision, f"{seconds:.0f} s", f"{size / 1e6:,.0f} MB"))
    print_table(("precision", "export", "bundle"), rows)
    plain = apart("transformers", checkpoint, bundles[0], options.units)
    peak = apart("peak")["peak"]
    table = [("transformers, float32", f"{plain['load']:.1f} s", "", plain)]
    for bundle in bundles:
        whole = apart("whole", bundle, options.units)
        table.append((f"{bundle.name}, whole conversations", "", "", whole))
        known = apart("bundle", bundle, options.units)
        load, first = f"{known['load']:.1f} s", f"{known['first']:.1f} s"
        table.append((f"{bundle.name}, known beginnings", load, first, known))
    print_table(
        ("what", "load", "first unit", "a unit, five criteria", "times as fast", "peak memory"),
        [
            (
                name,
                load,
                first,
                f"{found['unit']:.2f} s",
                f"{plain['unit'] / found['unit']:.1f}",
                f"{found['memory'] / 1e9:.2f} GB",
            )
            for name, load, first, found in table
        ],
    )
    print(f"\nbest rate of a product of matrices in float32: {peak / 1e9:.0f} GFLOP/s")


if __name__ == "__main__":
    main()
