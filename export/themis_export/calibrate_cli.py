"""``themis-export calibrate``: fit what the margins of a bundle mean."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from themis_lsp.errors import UserError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--pairs",
    "pair_files",
    multiple=True,
    required=True,
    type=_FILE,
    help="Preference pairs never trained on; several files have equal say.",
)
@click.option(
    "--neutral",
    "neutral_files",
    multiple=True,
    type=_FILE,
    help="Neutral edits; without them no threshold is claimed.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the calibrated bundle; may be BUNDLE itself.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all figures and the reliability curve as JSON.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Use only N rows of each file, drawn at random."
)
@click.option(
    "--reference",
    "reference_paths",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Code to make percentiles of: folders of sources, or files of pairs.  [default: the "
    "percentiles that BUNDLE has, if any]",
)
@click.option(
    "--units-per-band",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    help="Most units of --reference of one language and length.",
)
@click.option("--seed", default=0, show_default=True, help="For --limit.")
def calibrate(  # noqa: PLR0913 - click hands each option over as an argument
    *,
    bundle: Path,
    pair_files: tuple[Path, ...],
    neutral_files: tuple[Path, ...],
    out: Path,
    report: Path | None,
    limit: int | None,
    reference_paths: tuple[Path, ...],
    units_per_band: int,
    seed: int,
) -> None:
    """Fit temperature and thresholds of BUNDLE for each criterion; write the bundle to OUT.

    Only themis.json changes. A threshold is claimed where the lower limit of its precision, on
    regressions, improvements and neutral edits 1 : 1 : 2, reaches 90 % (warn) or 95 % (gate).
    """
    try:
        from themis_export.calibrate import (
            CalibrationFiles,
            Reference,
            calibrate_bundle,
            format_table,
        )
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error
    files = CalibrationFiles(pair_files, neutral_files, limit=limit, seed=seed)
    reference = Reference(reference_paths, units_per_band) if reference_paths else None
    calibrated = calibrate_bundle(bundle, out, files, reference)
    click.echo(format_table(calibrated))
    if report is not None:
        text = json.dumps([asdict(entry) for entry in calibrated], indent=1, allow_nan=False)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(text + "\n", encoding="utf-8")
