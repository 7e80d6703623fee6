"""From a Nano checkpoint to a bundle, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx
from themis_train.model import NanoMeta, NanoModel, load_nano
from tokenizers import Tokenizer

from themis_export.bundle_writer import read_quality, replace_folder, write_manifest
from themis_export.graph import export_graph
from themis_export.parity import Parity, measure_parity
from themis_export.quantize import quantize_int8
from themis_export.reference import make_tables, sample_units
from themis_lsp import __version__
from themis_lsp.bundle import load_bundle
from themis_lsp.bundle.manifest import MODEL_FILE, TOKENIZER_FILE
from themis_lsp.concerns.head import CONCERNS_FILE, load_concern_head, save_concern_head
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.session import ProviderChoice

Log = Callable[[str], None]

PARITY_PAIRS = 200
LOWEST_CORRELATION = {"fp32": 0.9999, "int8": 0.98}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export; see ``themis-export --help``."""

    precision: str = "int8"
    reference: Sequence[Path] = ()
    units_per_band: int = 120
    parity_pairs: Path | None = None
    quality: Path | None = None
    concerns: Path | None = None
    model_card: Path | None = None


def export_nano(checkpoint: Path, out: Path, options: ExportOptions, *, log: Log) -> None:
    """Write the bundle of ``checkpoint`` to ``out``; ``log`` gets one line per step.

    Raises UserError when the checkpoint or ``out`` cannot be used, and BundleError, leaving
    ``out`` as it was, when the bundle does not agree with the checkpoint.
    """
    model, meta, tokenizer = load_nano(checkpoint)
    replace_folder(out, lambda folder: _fill(folder, model, meta, tokenizer, options, log))
    bundle = load_bundle(out)
    log(f"wrote {out}: {bundle.size_bytes / 1e6:.1f} MB, bundle {bundle.sha256[:12]}")


def _fill(
    folder: Path,
    model: NanoModel,
    meta: NanoMeta,
    tokenizer: Tokenizer,
    options: ExportOptions,
    log: Log,
) -> None:
    graph = folder / MODEL_FILE
    export_graph(model, graph)
    if options.precision == "int8":
        onnx.save(quantize_int8(onnx.load(graph)), graph)
    log(f"exported the {options.precision} graph: {graph.stat().st_size / 1e6:.1f} MB")
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    if options.concerns is not None:
        save_concern_head(load_concern_head(options.concerns), folder / CONCERNS_FILE)
    if options.model_card is not None:
        (folder / "README.md").write_bytes(options.model_card.read_bytes())

    fields = _manifest_fields(meta, options)
    write_manifest(folder, fields)
    scorer = OnnxScorer(load_bundle(folder), ProviderChoice.CPU)
    if options.parity_pairs is not None:
        pairs = list(read_pairs(options.parity_pairs))[:PARITY_PAIRS]
        parity = measure_parity(model, meta, tokenizer, scorer, pairs)
        _check_parity(parity, options.precision, log)
        fields["provenance"]["parity"] = asdict(parity)
    if options.reference:
        fields["calibration"]["percentiles"] = _tables(scorer, options, log)
    write_manifest(folder, fields)


def _tables(scorer: OnnxScorer, options: ExportOptions, log: Log) -> dict[str, object]:
    units = sample_units(options.reference, options.units_per_band)
    log(f"scoring {len(units)} reference units")
    return make_tables(scorer, units).to_json()


def _check_parity(parity: Parity, precision: str, log: Log) -> None:
    log(parity.describe())
    limit = LOWEST_CORRELATION[precision]
    if not parity.correlation >= limit:
        raise BundleError(
            f"the {precision} bundle does not agree with its checkpoint: correlation "
            f"{parity.correlation:.5f}, at least {limit} is needed; nothing was written"
        )


def _manifest_fields(meta: NanoMeta, options: ExportOptions) -> dict[str, Any]:
    return {
        "name": meta.name,
        "family": "nano",
        "precision": options.precision,
        "criteria": list(meta.criteria),
        "languages": [language.value for language in Language],
        "limit_tokens": meta.limit_tokens,
        "pooling": "mean",
        "prefix_ids": [meta.sink_id],
        "calibration": {"empty_side": list(meta.baselines)},
        "quality": read_quality(options.quality),
        "provenance": {
            "base": meta.base,
            "training": meta.training,
            "exported_by": f"themis-review {__version__}",
        },
        "licence": "Apache-2.0",
    }
