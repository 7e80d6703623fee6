"""From a reward model's checkpoint to a bundle, step by step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from themis_export.bundle_writer import hash_file, replace_folder, write_manifest
from themis_export.rm.checkpoint import CONFIG_FILE, RmCheckpoint, open_checkpoint
from themis_export.rm.conversation import TASK_TEMPLATE, Piece, conversation_pieces
from themis_export.rm.graph import trace_graph
from themis_export.rm.model_writer import write_graph
from themis_export.rm.precision import Precision
from themis_export.rm.prompts import SourcedPrompts, find_prompts
from themis_lsp import __version__
from themis_lsp.bundle.manifest import TOKENIZER_FILE
from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language

Log = Callable[[str], None]

LIMIT_TOKENS = 4096


def _say_nothing(_line: str) -> None: ...


@dataclass(frozen=True, slots=True)
class RmExportOptions:
    """How to export; see ``themis-export --help``."""

    precision: Precision = Precision.INT8
    criterion_prompts: Path | None = None
    limit_tokens: int = LIMIT_TOKENS
    name: str | None = None


def export_rm(
    checkpoint: Path, out: Path, options: RmExportOptions, *, log: Log = _say_nothing
) -> None:
    """Write the bundle of the reward model in ``checkpoint`` to ``out``.

    ``log`` gets one line per step. Raises UserError when the checkpoint or ``out`` cannot be used;
    ``out`` is then as it was.
    """
    opened = open_checkpoint(checkpoint)
    prompts = find_prompts(checkpoint, options.criterion_prompts)
    limit = opened.limit_tokens(options.limit_tokens)
    pieces = conversation_pieces(opened.tokenizer, prompts.texts, limit)
    fields = _manifest_fields(opened, options, prompts=prompts, pieces=pieces)

    def fill(folder: Path) -> None:
        _write_model(folder, opened, options.precision, log)
        _write_tokenizer(folder, opened)
        write_manifest(folder, fields)

    replace_folder(out, fill)
    size_bytes = sum(file.stat().st_size for file in out.iterdir())
    log(f"wrote {out}: {size_bytes / 1e6:.1f} MB, bundle {hash_file(out / 'themis.json')[:12]}")


def _write_model(folder: Path, opened: RmCheckpoint, precision: Precision, log: Log) -> None:
    log(f"tracing the graph of {opened.config.num_hidden_layers} layers")
    half = precision is Precision.FP16
    traced = trace_graph(opened.config, torch.float16 if half else torch.float32)
    write_graph(folder, traced, opened.weights, precision=precision)
    log(f"wrote the {precision} weights")


def _write_tokenizer(folder: Path, opened: RmCheckpoint) -> None:
    opened.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    (folder / CONFIG_FILE).write_text(json.dumps(opened.config_fields, indent=2), encoding="utf-8")


def _manifest_fields(
    opened: RmCheckpoint,
    options: RmExportOptions,
    *,
    prompts: SourcedPrompts,
    pieces: Mapping[Criterion, Sequence[Piece]],
) -> dict[str, Any]:
    template = str(opened.tokenizer.chat_template).encode()
    return {
        "name": options.name or opened.folder.name,
        "family": "rm",
        "precision": options.precision.value,
        "criteria": [criterion.value for criterion in pieces],
        "languages": [language.value for language in Language],
        "limit_tokens": opened.limit_tokens(options.limit_tokens),
        "pooling": "last",
        "prefix_ids": [],
        "conversation": {
            "task_template": TASK_TEMPLATE,
            "prompts": {key.value: text for key, text in prompts.texts.items()},
            "criteria": {key.value: list(value) for key, value in pieces.items()},
        },
        "calibration": {"empty_side": None},
        "quality": {},
        "provenance": {
            "checkpoint": opened.folder.name,
            "architecture": opened.config.model_type,
            "stored_as": opened.weights.stored_type,
            "chat_template_sha256": hashlib.sha256(template).hexdigest(),
            "criterion_prompts": prompts.describe(),
            "exported_by": f"themis-review {__version__}",
        },
        "licence": "Apache-2.0",
    }
