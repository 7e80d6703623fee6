"""``themis-export``: the command line of the export package."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from themis_lsp.cli.group import CommandEntry, LazyGroup
from themis_lsp.errors import ThemisError, UserError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PRECISIONS = ("fp32", "fp16", "int8", "int8-dynamic", "int4")
_NANO_PRECISIONS = ("fp32", "int8")
_NANO_ONLY = ("reference", "units_per_band", "concerns")
_RM_ONLY = ("criterion_prompts", "revision", "limit_tokens", "name")

commands = LazyGroup(
    "themis-export",
    entries={
        "export": CommandEntry("themis_export.cli:export", "Turn a checkpoint into a bundle."),
        "calibrate": CommandEntry(
            "themis_export.calibrate_cli:calibrate", "Fit what the margins of a bundle mean."
        ),
    },
    default="export",
    help="Make model bundles. Without a command: export.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkpoint")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--precision",
    type=click.Choice(_PRECISIONS),
    default="int8",
    show_default=True,
    help="How weights are stored; fp16, int8-dynamic and int4 for reward models only.",
)
@click.option(
    "--parity", "parity_pairs", type=_FILE, help="Pairs to compare bundle and checkpoint on."
)
@click.option("--quality", type=_FILE, help="results.json of `themis-review bench` to carry.")
@click.option("--model-card", type=_FILE, help="README.md to carry.")
@click.option(
    "--reference",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Nano: code the percentiles are made from, folders of sources or files of pairs.",
)
@click.option(
    "--units-per-band",
    type=int,
    help="Nano: reference units of each language and band of lengths. [default: 120]",
)
@click.option(
    "--concerns", type=_FILE, help="Nano: what `themis-train concerns` wrote, to give reasons with."
)
@click.option(
    "--criterion-prompts",
    type=_FILE,
    help="Reward model: its prompts, JSON of criterion and text or the authors' script. "
    "[default: those in the checkpoint, else the authors']",
)
@click.option("--revision", help="Reward model on the hub: branch, tag or commit.")
@click.option(
    "--limit-tokens",
    type=click.IntRange(min=256),
    help="Reward model: the longest conversation. [default: 4096]",
)
@click.option("--name", help="Reward model: what the bundle is called. [default: the checkpoint]")
def export(checkpoint: str, out: Path, **options: object) -> None:
    """Turn CHECKPOINT into a model bundle in the folder OUT.

    CHECKPOINT is a folder that `themis-train` wrote, or any reward model in the hub's layout: a
    folder, or an id like project-themis/Themis-RM-0.6B.
    """
    try:
        if (Path(checkpoint) / "nano.json").is_file():
            _export_nano(Path(checkpoint), out, options)
        else:
            _export_rm(checkpoint, out, options)
    except ImportError as error:
        raise click.UsageError(
            f"{error.name} is not installed; pip install 'themis-review[cpu,train]'"
        ) from error


def _export_nano(checkpoint: Path, out: Path, options: Mapping[str, object]) -> None:
    from themis_export.nano import ExportOptions, export_nano

    if options["precision"] not in _NANO_PRECISIONS:
        raise UserError(
            f"a Nano can be exported as {' or '.join(_NANO_PRECISIONS)}, not as "
            f"{options['precision']}"
        )
    given = _choose(options, _RM_ONLY, f"{checkpoint} is a Nano")
    export_nano(checkpoint, out, ExportOptions(**given), log=click.echo)  # type: ignore[arg-type]  # click's types


def _export_rm(checkpoint: str, out: Path, options: Mapping[str, object]) -> None:
    from themis_export.rm.export import RmExportOptions, export_rm
    from themis_export.rm.precision import Precision

    given = _choose(options, _NANO_ONLY, f"{checkpoint} is no Nano (it has no nano.json)")
    given["precision"] = Precision(str(given["precision"]))
    export_rm(checkpoint, out, RmExportOptions(**given), log=click.echo)  # type: ignore[arg-type]  # click's types


def _choose(
    options: Mapping[str, object], foreign: tuple[str, ...], reason: str
) -> dict[str, object]:
    """Return the options that were given. Raises UserError for one of another kind of model."""
    given = {name: value for name, value in options.items() if value not in (None, ())}
    for name in foreign:
        if name in given:
            raise UserError(f"{reason}: --{name.replace('_', '-')} does not apply")
    return given


def main() -> None:
    """Run the command; print what the user can fix and exit 2."""
    try:
        commands()
    except ThemisError as error:
        click.echo(f"themis-export: error: {error}", err=True)
        sys.exit(2)
