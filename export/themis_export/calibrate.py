"""Calibrating a bundle that exists: only what its manifest says of margins changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_export.bundle_writer import replace_folder, write_manifest
from themis_export.calibration import CalibrationReport, Catch, calibrate
from themis_export.evidence import CalibrationFiles, gather_evidence
from themis_export.nano import read_quality
from themis_lsp.bundle import Bundle, load_bundle
from themis_lsp.bundle.manifest import MANIFEST_FILE
from themis_lsp.bundle.scales import scales_to_json
from themis_lsp.concerns.head import CONCERNS_FILE, load_concern_head, save_concern_head
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.session import ProviderChoice

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What to put into the bundle besides what it has."""

    files: CalibrationFiles
    concerns: Path | None = None
    quality: Path | None = None
    model_card: Path | None = None


def calibrate_bundle(path: Path, out: Path, options: CalibrateOptions, *, log: Log) -> None:
    """Write the bundle at ``path``, calibrated, to ``out``, which may be the same folder.

    Raises BundleError when the bundle or the concern head cannot be used, PairsError when a file
    of pairs cannot be, and UserError when ``out`` holds something else; ``out`` then stays as it
    was.
    """
    bundle = load_bundle(path)
    scales = None
    if options.files.pairs:
        log("scoring pairs and neutral edits")
        scorer = OnnxScorer(bundle, ProviderChoice.CPU)
        reports = calibrate(gather_evidence(bundle, scorer, options.files))
        for line in format_reports(reports):
            log(line)
        scales = scales_to_json({report.criterion: report.scale for report in reports})
    replace_folder(out, lambda folder: _fill(folder, bundle, options, scales))
    log(f"wrote {out}: bundle {load_bundle(out).sha256[:12]}")


def format_reports(reports: Sequence[CalibrationReport]) -> list[str]:
    """Return a Markdown table, a criterion a line."""
    lines = [
        "| criterion | pairs | temperature | warns below | gates below | regressions caught "
        "| neutral edits stable | precision | cross-validated |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for report in reports:
        scale, fitted = report.scale, report.fitted or Catch(0.0, None, None)
        crossed = report.cross_validated
        cells = [
            report.criterion.words,
            f"{scale.pairs:,}",
            f"{scale.temperature:.3f}",
            _figure(scale.warn_below, ".3f"),
            _figure(scale.gate_below, ".3f"),
            _figure(None if report.fitted is None else fitted.regressions_caught, ".1%"),
            _figure(fitted.neutral_stable, ".1%"),
            _figure(fitted.precision, ".1%"),
            _figure(None if crossed is None else crossed.precision, ".1%"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _figure(value: float | None, form: str) -> str:
    return "not claimed" if value is None else format(value, form)


def _fill(
    folder: Path, bundle: Bundle, options: CalibrateOptions, scales: dict[str, object] | None
) -> None:
    for name in bundle.manifest.files:
        shutil.copy2(bundle.path / name, folder / name)
    if options.concerns is not None:
        save_concern_head(load_concern_head(options.concerns), folder / CONCERNS_FILE)
    if options.model_card is not None:
        shutil.copy2(options.model_card, folder / "README.md")
    fields = json.loads((bundle.path / MANIFEST_FILE).read_bytes())
    if scales is not None:
        fields["calibration"]["margins"] = scales
    if options.quality is not None:
        fields["quality"] = read_quality(options.quality)
    write_manifest(folder, fields)
