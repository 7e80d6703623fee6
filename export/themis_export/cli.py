"""``themis-export``: the command line of the export package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from themis_lsp.errors import ThemisError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkpoint", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--precision", type=click.Choice(["fp32", "int8"]), default="int8", show_default=True)
@click.option(
    "--reference",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Code the percentiles are made from: folders of sources, or files of preference pairs.",
)
@click.option(
    "--units-per-band",
    default=120,
    show_default=True,
    help="Reference units of each language and band of lengths.",
)
@click.option(
    "--parity", "parity_pairs", type=_FILE, help="Pairs to compare bundle and checkpoint on."
)
@click.option("--quality", type=_FILE, help="results.json of `themis-review bench` to carry.")
@click.option(
    "--concerns", type=_FILE, help="What `themis-train concerns` wrote, to give reasons with."
)
@click.option("--model-card", type=_FILE, help="README.md to carry.")
@click.option(
    "--calibrate",
    "pairs",
    multiple=True,
    type=_FILE,
    help="Pairs never trained on, to fit what a margin means; each file has the same say.",
)
@click.option(
    "--neutral",
    multiple=True,
    type=_FILE,
    help="Edits of `themis-train pairs neutral`; without them no threshold is claimed.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Calibrate on N pairs or edits of each file, drawn at random.",
)
@click.pass_context
def commands(context: click.Context, /, checkpoint: Path, out: Path, **options: Any) -> None:
    """Turn the Nano CHECKPOINT into a model bundle in the folder OUT.

    CHECKPOINT may be a bundle: then its graph stays as it is, and what --calibrate, --concerns,
    --quality and --model-card give is put into OUT.
    """
    try:
        from themis_export.calibrate import CalibrateOptions, calibrate_bundle
        from themis_export.evidence import CalibrationFiles
        from themis_export.nano import ExportOptions, export_nano
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error
    files = CalibrationFiles(*(options.pop(name) for name in ("pairs", "neutral", "limit")))
    calibration = CalibrateOptions(
        files, options.pop("concerns"), options["quality"], options["model_card"]
    )
    is_bundle = (checkpoint / "themis.json").is_file()
    if is_bundle:
        _refuse_graph_options(context)
    else:
        export_nano(checkpoint, out, ExportOptions(**options), log=click.echo)
    if is_bundle or files.pairs or calibration.concerns is not None:
        source = checkpoint if is_bundle else out
        calibrate_bundle(source, out, calibration, log=click.echo)


def _refuse_graph_options(context: click.Context) -> None:
    for name in ("precision", "reference", "units_per_band", "parity_pairs"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(p.opts[0] for p in context.command.params if p.name == name)
            raise click.UsageError(f"{option} needs a checkpoint: a bundle's graph stays as it is")


def main() -> None:
    """Run the command; print what the user can fix and exit 2."""
    try:
        commands()
    except ThemisError as error:
        click.echo(f"themis-export: error: {error}", err=True)
        sys.exit(2)
