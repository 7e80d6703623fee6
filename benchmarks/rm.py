"""A Themis-RM of the real 0.6B shape: export, load, memory, time per unit, against transformers.

    python benchmarks/rm.py TOKENIZER WORK [--precision int8-dynamic ...] [--units 8]

TOKENIZER is a folder with Qwen3's tokenizer. A checkpoint with random weights and the shape of
Qwen3-0.6B is made in the folder WORK, exported in each precision, and eight units of 200 tokens are
scored on five criteria: by the reviewer's scorer, which knows the keys and values of what its
conversations begin with; by the same bundle, without those; and by transformers in float32 and in
bfloat16 on the same ids, a conversation at a time. Each in a process of its own, one after the
other. Each rate is also given as a share of what this machine was seen to reach in a plain product
of matrices: of bytes for a bundle whose activations are bytes, else in float32.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from inputs import print_table
from numpy.typing import NDArray

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation import ConversationEncoder
from themis_lsp.scoring.score import Snippet

UNIT_TOKENS = 200
TASK = "Write the Python function work."
PASSES = 3
LAYERS = 28
HIDDEN = 1024
INTERMEDIATE = 3072
HEADS = 16
KEY_VALUE_HEADS = 8
HEAD_SIZE = 128


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
        hidden_size=HIDDEN,
        intermediate_size=INTERMEDIATE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_VALUE_HEADS,
        head_dim=HEAD_SIZE,
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


def time_bundle(bundle: Path, count: int) -> dict[str, float]:
    """Return what the reviewer's scorer takes, in seconds and bytes."""
    from themis_lsp.bundle import load_bundle
    from themis_lsp.scoring.conversation_scorer import ConversationScorer
    from themis_lsp.scoring.session import ProviderChoice

    loaded = load_bundle(bundle)
    started = time.perf_counter()
    scorer = ConversationScorer(loaded, ProviderChoice.CPU)
    load = time.perf_counter() - started
    units = make_units(bundle / "tokenizer.json", count)
    started = time.perf_counter()
    scorer.score(units[:1])
    first = time.perf_counter() - started
    times = []
    for _ in range(PASSES):
        started = time.perf_counter()
        scorer.score(units)
        times.append((time.perf_counter() - started) / count)
    encoder = open_encoder(bundle)
    known = sum(len(encoder.prefix(criterion)) for criterion in Criterion)
    tokens = sum(map(len, conversations(encoder, bundle, count))) / count - known
    return {
        "load": load,
        "first": first,
        "unit": min(times),
        "tokens": tokens,
        "memory": peak_memory(),
    }


def time_whole(bundle: Path, count: int) -> dict[str, float]:
    """Return what whole conversations take without the keys and values of their beginnings."""
    from themis_lsp.bundle import load_bundle
    from themis_lsp.scoring.prefix_session import PrefixSession
    from themis_lsp.scoring.session import ProviderChoice

    session = PrefixSession(load_bundle(bundle).model_file, ProviderChoice.CPU)
    rows = conversations(open_encoder(bundle), bundle, count)
    started = time.perf_counter()
    for ids in rows:
        session.rewards([np.array(ids)], session.nothing)
    seconds = (time.perf_counter() - started) / count
    return {"unit": seconds, "tokens": sum(map(len, rows)) / count, "memory": peak_memory()}


def time_transformers(
    checkpoint: Path, bundle: Path, count: int, precision: str
) -> dict[str, float]:
    """Return what transformers takes in a precision for the same conversations."""
    import torch
    from transformers import AutoModelForSequenceClassification

    rows = conversations(open_encoder(bundle), bundle, count)
    started = time.perf_counter()
    model = AutoModelForSequenceClassification.from_pretrained(
        checkpoint, dtype=getattr(torch, precision)
    )
    load = time.perf_counter() - started
    with torch.inference_mode():
        model(input_ids=torch.tensor([rows[0]]))
        started = time.perf_counter()
        for ids in rows:
            model(input_ids=torch.tensor([ids]))
    seconds = (time.perf_counter() - started) / count
    tokens = sum(map(len, rows)) / count
    return {"load": load, "unit": seconds, "tokens": tokens, "memory": peak_memory()}


def open_encoder(bundle: Path) -> ConversationEncoder:
    """Return what makes the conversations of a bundle."""
    from themis_lsp.bundle import load_bundle

    loaded = load_bundle(bundle)
    assert loaded.manifest.conversation is not None
    return ConversationEncoder(loaded.tokenizer_file, loaded.manifest.conversation)


def conversations(encoder: ConversationEncoder, bundle: Path, count: int) -> list[list[int]]:
    """Return the ids of every conversation, five to a unit."""
    rows = []
    for unit in make_units(bundle / "tokenizer.json", count):
        for criterion in Criterion:
            parts = encoder.encode(criterion, task=unit.task, code=unit.text)
            pieces = (encoder.prefix(criterion), parts.head, parts.code.ids, parts.tail)
            rows.append(np.concatenate(pieces).tolist())
    return rows


def matrix_peaks() -> dict[str, float]:
    """Return this machine's best rates in products of matrices, in operations a second."""
    import torch
    from onnx import TensorProto

    size = 2048
    left, right = torch.rand(size, size), torch.rand(size, size)
    low = torch.randint(0, 64, (size, size), dtype=torch.uint8).numpy()
    seconds = {
        "float32": min(
            shortest(lambda: left @ right),
            shortest(product("MatMul", TensorProto.FLOAT, left.numpy(), right.numpy())),
        ),
        "bytes": shortest(product("MatMulInteger", TensorProto.INT32, low, low.view(np.int8))),
    }
    return {kind: 2 * size**3 / found for kind, found in seconds.items()}


def product(
    operator: str, result: int, left: NDArray[Any], right: NDArray[Any]
) -> Callable[[], object]:
    """Return what multiplies two matrices in ONNX Runtime, the right one known beforehand."""
    import onnxruntime
    from onnx import helper, numpy_helper

    kind = helper.np_dtype_to_tensor_dtype(left.dtype)
    graph = helper.make_graph(
        [helper.make_node(operator, ["left", "right"], ["out"])],
        "product",
        [helper.make_tensor_value_info("left", kind, left.shape)],
        [helper.make_tensor_value_info("out", result, left.shape)],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"left": left})


def shortest(work: Callable[[], object]) -> float:
    """Return the seconds of the shortest of some runs."""
    times = []
    for _ in range(24):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def rate(found: dict[str, float]) -> float:
    """Return the operations a second in products with weights; attention is left out."""
    attention = 2 * HEAD_SIZE * (HEADS + KEY_VALUE_HEADS)
    weights = LAYERS * HIDDEN * (attention + 3 * INTERMEDIATE)
    return 2 * weights * found["tokens"] / found["unit"]


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
    elif part == "peaks":
        found = matrix_peaks()
    elif part == "make":
        make_checkpoint(Path(rest[0]), Path(rest[1]))
        found = {}
    else:
        found = time_transformers(Path(rest[0]), Path(rest[1]), int(rest[2]), rest[3])
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
    peaks = apart("peaks")
    table = []
    for precision in ("float32", "bfloat16"):
        found = apart("transformers", checkpoint, bundles[0], options.units, precision)
        table.append((f"transformers, {precision}", "float32", found))
    for bundle in bundles:
        kind = "float32" if bundle.name in ("fp32", "fp16") else "bytes"
        whole = apart("whole", bundle, options.units)
        table.append((f"{bundle.name}, whole conversations", kind, whole))
        known = apart("bundle", bundle, options.units)
        table.append((f"{bundle.name}, known beginnings", kind, known))
    plain = table[0][2]["unit"]
    print_table(
        (
            "what",
            "load",
            "first unit",
            "a unit, five criteria",
            "times as fast",
            "share of peak",
            "peak memory",
        ),
        [
            (
                name,
                f"{found['load']:.1f} s" if "load" in found else "",
                f"{found['first']:.1f} s" if "first" in found else "",
                f"{found['unit']:.2f} s",
                f"{plain / found['unit']:.1f}",
                f"{rate(found) / peaks[kind]:.0%}",
                f"{found['memory'] / 1e9:.2f} GB",
            )
            for name, kind, found in table
        ],
    )
    for kind, peak in peaks.items():
        print(f"best rate of a product of matrices in {kind}: {peak / 1e9:.0f} billion a second")


if __name__ == "__main__":
    main()
