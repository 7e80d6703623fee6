"""``themis-export``: the command line of the export package."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from themis_lsp.cli.group import CommandEntry, LazyGroup
from themis_lsp.errors import ThemisError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


commands = LazyGroup(
    "themis-export",
    entries={
        "nano": CommandEntry("themis_export.cli:nano", "Turn a Nano checkpoint into a bundle."),
        "calibrate": CommandEntry(
            "themis_export.calibrate_cli:calibrate", "Fit what the margins of a bundle mean."
        ),
    },
    default="nano",
    help="Make model bundles. Without a command: nano.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
def nano(checkpoint: Path, out: Path, **options: object) -> None:
    """Turn the Nano CHECKPOINT into a model bundle in the folder OUT."""
    try:
        from themis_export.nano import ExportOptions, export_nano
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error
    export_nano(checkpoint, out, ExportOptions(**options), log=click.echo)  # type: ignore[arg-type]  # click's types


def main() -> None:
    """Run the command; print what the user can fix and exit 2."""
    try:
        commands()
    except ThemisError as error:
        click.echo(f"themis-export: error: {error}", err=True)
        sys.exit(2)
