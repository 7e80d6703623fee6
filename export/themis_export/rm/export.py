"""From a reward model's checkpoint to a bundle, step by step."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from themis_export.bundle_writer import hash_file, read_quality, replace_folder, write_manifest
from themis_export.rm.checkpoint import CONFIG_FILE, RmCheckpoint, open_checkpoint
from themis_export.rm.conversation import TASK_TEMPLATE, Piece, conversation_pieces
from themis_export.rm.estimate import (
    Estimate,
    available_memory,
    check_room,
    estimate_export,
    lack_of_memory,
)
from themis_export.rm.graph import trace_graph
from themis_export.rm.hub import Located, locate_checkpoint
from themis_export.rm.model_writer import write_graph
from themis_export.rm.parity import check_rm_parity, measure_rm_parity
from themis_export.rm.precision import Precision
from themis_export.rm.prompts import SourcedPrompts, find_prompts
from themis_lsp import __version__
from themis_lsp.bundle import load_bundle
from themis_lsp.bundle.manifest import TOKENIZER_FILE
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.pairs import read_pairs

Log = Callable[[str], None]

LIMIT_TOKENS = 4096
_TOLD_WEIGHTS = 50


def _say_nothing(_line: str) -> None: ...


@dataclass(frozen=True, slots=True)
class RmExportOptions:
    """How to export; see ``themis-export --help``."""

    precision: Precision = Precision.INT8
    criterion_prompts: Path | None = None
    limit_tokens: int = LIMIT_TOKENS
    name: str | None = None
    revision: str | None = None
    parity_pairs: Path | None = None
    quality: Path | None = None
    model_card: Path | None = None


def export_rm(
    checkpoint: Path | str, out: Path, options: RmExportOptions, *, log: Log = _say_nothing
) -> None:
    """Write the bundle of the reward model ``checkpoint``, a folder or a hub id, to ``out``.

    ``log`` gets one line per step. Raises UserError when the checkpoint or ``out`` cannot be used,
    and BundleError when the bundle does not agree with the checkpoint; ``out`` is then as it was.
    """
    plan = _make_plan(str(checkpoint), options)
    estimate = estimate_export(plan.opened.weights, options.precision)
    log(estimate.describe())
    check_room(estimate, out)
    with _explained(out, estimate):
        replace_folder(out, lambda folder: _fill(folder, plan, log))
    bundle = load_bundle(out)
    log(f"wrote {out}: {bundle.size_bytes / 1e6:.1f} MB, bundle {bundle.sha256[:12]}")


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is known before anything is written."""

    options: RmExportOptions
    located: Located
    opened: RmCheckpoint
    prompts: SourcedPrompts
    pieces: Mapping[Criterion, Sequence[Piece]]
    limit_tokens: int


def _make_plan(checkpoint: str, options: RmExportOptions) -> _Plan:
    located = locate_checkpoint(checkpoint, options.revision)
    opened = open_checkpoint(located.folder)
    prompts = find_prompts(located.folder, options.criterion_prompts)
    limit = opened.limit_tokens(options.limit_tokens)
    pieces = conversation_pieces(opened.tokenizer, prompts.texts, limit)
    return _Plan(options, located, opened, prompts, pieces, limit)


@contextmanager
def _explained(out: Path, estimate: Estimate) -> Iterator[None]:
    try:
        yield
    except MemoryError as error:
        raise lack_of_memory(estimate, available_memory()) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise UserError(
            f"{out}: the disk is full; {estimate.describe()}; make room and start again"
        ) from error


def _fill(folder: Path, plan: _Plan, log: Log) -> None:
    _write_model(folder, plan, log)
    plan.opened.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    config = json.dumps(plan.opened.config_fields, indent=2) + "\n"
    (folder / CONFIG_FILE).write_text(config, encoding="utf-8")
    if plan.options.model_card is not None:
        (folder / "README.md").write_bytes(plan.options.model_card.read_bytes())
    fields = _manifest_fields(plan)
    write_manifest(folder, fields)
    if plan.options.parity_pairs is not None:
        pairs = read_pairs(plan.options.parity_pairs)
        parity = measure_rm_parity(folder, plan.opened, plan.pieces, pairs)
        log(parity.describe())
        check_rm_parity(parity, plan.options.precision)
        fields["provenance"]["parity"] = asdict(parity)
        write_manifest(folder, fields)


def _write_model(folder: Path, plan: _Plan, log: Log) -> None:
    config, precision = plan.opened.config, plan.options.precision
    log(f"tracing the graph of {config.num_hidden_layers} layers")
    half = precision is Precision.FP16
    traced = trace_graph(config, torch.float16 if half else torch.float32)

    def tell(done: int, total: int) -> None:
        if done % _TOLD_WEIGHTS == 0 or done == total:
            log(f"wrote {done} of {total} weights as {precision}")

    write_graph(folder, traced, plan.opened.weights, precision=precision, progress=tell)


def _manifest_fields(plan: _Plan) -> dict[str, Any]:
    options, opened = plan.options, plan.opened
    return {
        "name": options.name or plan.located.name,
        "family": "rm",
        "precision": options.precision.value,
        "criteria": [criterion.value for criterion in plan.pieces],
        "languages": [language.value for language in Language],
        "limit_tokens": plan.limit_tokens,
        "pooling": "last",
        "prefix_ids": [],
        "conversation": {
            "task_template": TASK_TEMPLATE,
            "prompts": {key.value: text for key, text in plan.prompts.texts.items()},
            "criteria": {key.value: list(value) for key, value in plan.pieces.items()},
        },
        "calibration": {"empty_side": None},
        "quality": read_quality(options.quality),
        "provenance": {
            **_describe_checkpoint(plan),
            "architecture": opened.config.model_type,
            "stored_as": opened.weights.stored_type,
            "criterion_prompts": plan.prompts.describe(),
            "exported_by": f"themis-review {__version__}",
        },
        "licence": "Apache-2.0",
    }


def _describe_checkpoint(plan: _Plan) -> dict[str, object]:
    """Return what tells this checkpoint from every other."""
    template = str(plan.opened.tokenizer.chat_template).encode()
    files = sorted({tensor.file for tensor in plan.opened.weights.tensors.values()})
    return {
        "checkpoint": plan.located.name,
        "commit": plan.located.commit,
        "weights_sha256": {file.name: hash_file(file) for file in files},
        "chat_template_sha256": hashlib.sha256(template).hexdigest(),
    }
